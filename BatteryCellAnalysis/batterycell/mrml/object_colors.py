"""Colours of objects: one for each number, told apart from its neighbours', and those that are selected stand out."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette

from .cell import attach, attached
from .names import name_of, set_name

ROLE = "objects-colors"
# Slicer keeps only colours with a name, and naming more of them would hold the window: those are made anew.
_NAMED = 20_000
# Steps of the golden ratio never come back to a hue; yellow is that of what is selected.
_HUE_STEP, _FIRST_HUE, _HUES = 0.618034, 0.24, 0.84
_VALUES = (0.95, 0.7, 0.85)
_SATURATIONS = (0.85, 0.6, 0.45)
_DIMMED = 110
# A multiple of the nine pairs of value and saturation.
_COLORS = 4095


def object_colors(count: int) -> NDArray[np.uint8]:
    """Red, green, blue and opacity of the numbers 0..count, shape (count + 1, 4); 0 is not seen."""
    colors = np.resize(_cycle(), (count + 1, 4))
    colors[0] = 0
    return colors


@cache
def _cycle() -> NDArray[np.uint8]:
    """So many colours that those of numbers next to each other differ, shape (n, 4)."""
    n = np.arange(_COLORS)
    hue = 6.0 * ((_FIRST_HUE + _HUES * (n * _HUE_STEP % 1.0)) % 1.0)
    value, saturation = np.array(_VALUES)[n % 3], np.array(_SATURATIONS)[n // 3 % 3]
    # Smith 1978, Color gamut transform pairs, in the form without branches.
    ramps = [np.asarray((shift + hue) % 6.0) for shift in (5, 3, 1)]
    rgb = [value * (1 - saturation * np.clip(np.minimum(k, 4.0 - k), 0, 1)) for k in ramps]
    return np.asarray(np.rint(255 * np.column_stack([*rgb, np.ones(len(n))])), np.uint8)


def ensure_colors(objects_node: Any, count: int) -> Any:
    """The colour table of objects, made anew where it is missing or has another number of colours.

    Args:
        objects_node: The label volume, with a display node.
        count: Number of objects.

    Returns:
        The ``vtkMRMLColorTableNode``; colour n is that of object n.
    """
    node = next(iter(attached(objects_node, ROLE)), None)
    if node is None or node.GetNumberOfColors() != count + 1:
        if node is not None:
            objects_node.GetScene().RemoveNode(node)
        node = _add(objects_node, count)
    display = objects_node.GetDisplayNode()
    if display.GetColorNodeID() != node.GetID():
        display.SetAndObserveColorNodeID(node.GetID())
    return node


def highlight(objects_node: Any, numbers: Iterable[int]) -> None:
    """Let objects stand out, and the others stand back; none lets all be as they are."""
    node = next(iter(attached(objects_node, ROLE)), None)
    if node is None:
        return
    count, chosen = node.GetNumberOfColors() - 1, np.fromiter(numbers, np.int64)
    chosen = chosen[(chosen > 0) & (chosen <= count)]
    colors = object_colors(count)
    if chosen.size:
        colors[1:, 3] = _DIMMED
        colors[chosen] = [*palette.to_bytes(palette.OVERHANG), 255]
    _put(node, colors)
    node.Modified()


def _add(objects_node: Any, count: int) -> Any:
    scene = objects_node.GetScene()
    node = scene.CreateNodeByClass("vtkMRMLColorTableNode")
    node.UnRegister(None)
    set_name(node, f"{name_of(objects_node)} colours")
    node.SetTypeToUser()
    node.SetHideFromEditors(True)
    node.SetNumberOfColors(count + 1)
    for number in range(count + 1) if count <= _NAMED else ():
        node.SetColorName(number, str(number) if number else "none")
    node.SetSaveWithScene(count <= _NAMED)
    _put(node, object_colors(count))
    scene.AddNode(node)
    attach(objects_node, node, ROLE)
    return node


def _put(node: Any, colors: NDArray[np.uint8]) -> None:
    from vtkmodules.util.numpy_support import numpy_to_vtk

    table = node.GetLookupTable()
    table.SetTableRange(0, max(1, len(colors) - 1))
    table.SetTable(numpy_to_vtk(colors, deep=True))
    table.Modified()
