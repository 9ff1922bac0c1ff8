"""Unrolled cells in a scene: volumes in a straight space of their own, with the exact way to the cell and back."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.reslice import Unrolled, UnrolledMap

from .cell import UNROLLED, attach, attached, volume_node_of
from .places import from_world, to_world
from .volumes import add_volume, to_vtk_matrix, volume_from_node

Floats = NDArray[np.float64]

_MAP = "BatteryCell.UnrolledMap"
_WINDINGS = "BatteryCell.UnrolledWindings"
_GEOMETRY = "BatteryCell.UnrolledFrom"
_SPACE = "unrolled-space"
# Of the slice view that shows unrolled cells.
_SLICE_VIEW = "vtkMRMLSliceNodeUnrolled"
# Cells are some centimetres large: what belongs to the cell never shows in the unrolled picture, nor the reverse.
_FAR_MM = 1000.0


def add_unrolled(volume_node: Any, unrolled: Unrolled, windings: tuple[int, int] | None = None) -> Any:
    """Add an unrolled cell, in place of an older one of the same volume.

    It does not follow when the cell is turned: it lies in a straight space of its own, 1 m above the cell, under a
    transform of its own. In its own RAS, R is the length along the curve, A the distance outward from it, S the height.

    Args:
        volume_node: The cell's volume.
        unrolled: As of `reslice.unroll_around` or `winding.unroll_winding`.
        windings: The first and the last winding along which it was unrolled; None for a circle.

    Returns:
        The new ``vtkMRMLScalarVolumeNode``, with the window of the cell's volume.
    """
    remove_unrolled(volume_node)
    name, window = _name(volume_node, unrolled, windings), _window(volume_node)
    node = add_volume(volume_node.GetScene(), unrolled.volume, name, window)
    node.SetAttribute(_MAP, unrolled.map.to_json())
    node.SetAttribute(_WINDINGS, json.dumps(windings))
    node.SetAttribute(_GEOMETRY, json.dumps(volume_from_node(volume_node).ijk_to_ras.tolist()))
    attach(volume_node, node, UNROLLED)
    node.SetAndObserveTransformNodeID(_space(volume_node).GetID())
    # Else the box of the 3D view would reach from the cell to this far space.
    node.GetDisplayNode().SetViewNodeIDs([_SLICE_VIEW])
    return node


def unrolled_of(volume_node: Any) -> Any:
    """The unrolled volume of a cell; None where there is none."""
    return next(iter(attached(volume_node, UNROLLED)), None)


def remove_unrolled(volume_node: Any) -> None:
    """Remove the unrolled volume of a cell, and its space."""
    for role in (UNROLLED, _SPACE):
        for node in attached(volume_node, role):
            volume_node.GetScene().RemoveNode(node)


def span_of(unrolled_node: Any) -> tuple[int, int] | None:
    """The first and the last winding along which a cell was unrolled; None for a circle."""
    windings = json.loads(unrolled_node.GetAttribute(_WINDINGS) or "null")
    return tuple(windings) if windings else None


def map_of(unrolled_node: Any) -> UnrolledMap:
    """The way between a cell, as it was when it was unrolled, and its unrolled picture.

    Raises:
        InputError: if it cannot be read.
    """
    return _read_map(unrolled_node.GetAttribute(_MAP) or "")


def is_unrolled_place(unrolled_node: Any, world: ArrayLike) -> bool:
    """Whether a place, RAS mm as the views show it, lies in the space of an unrolled cell and not in the cell's."""
    return bool(abs(from_world(unrolled_node, world)[2]) < _FAR_MM / 2)


def to_cell_world(unrolled_node: Any, world: ArrayLike) -> Floats:
    """Places in the cell of places in its unrolled picture; both RAS mm as the views show it, shape (..., 3).

    Right also after the cell was turned, hardened, or its voxel size corrected.

    Returns:
        NaN where a place lies outside the picture.
    """
    cell = map_of(unrolled_node).to_cell(from_world(unrolled_node, world))
    volume_node = volume_node_of(unrolled_node)
    return to_world(volume_node, _moved(cell, _now(volume_node) @ np.linalg.inv(_then(unrolled_node))))


def to_unrolled(unrolled_node: Any, world: ArrayLike) -> Floats:
    """Places in the unrolled picture of places in the cell; both RAS mm as the views show it, shape (..., 3).

    Returns:
        NaN where the picture does not show a place.
    """
    volume_node = volume_node_of(unrolled_node)
    own = from_world(volume_node, world)
    cell = _moved(own, _then(unrolled_node) @ np.linalg.inv(_now(volume_node)))
    return to_world(unrolled_node, map_of(unrolled_node).to_unrolled(cell))


@lru_cache(maxsize=4)
def _read_map(text: str) -> UnrolledMap:
    return UnrolledMap.from_json(text)


def _then(unrolled_node: Any) -> Floats:
    return np.array(json.loads(unrolled_node.GetAttribute(_GEOMETRY)))


def _now(volume_node: Any) -> Floats:
    return volume_from_node(volume_node).ijk_to_ras


def _moved(points: Floats, matrix: Floats) -> Floats:
    return np.asarray(points @ matrix[:3, :3].T + matrix[:3, 3])


def _space(volume_node: Any) -> Any:
    node = volume_node.GetScene().AddNewNodeByClass(
        "vtkMRMLLinearTransformNode", f"{volume_node.GetName()} unrolled space"
    )
    matrix = np.eye(4)
    # Scanners may count from a point half a metre away.
    matrix[2, 3] = _FAR_MM + _middle(volume_node)[2]
    node.SetMatrixTransformToParent(to_vtk_matrix(matrix))
    node.SetHideFromEditors(True)
    attach(volume_node, node, _SPACE)
    node.SetUndoEnabled(False)
    return node


def _middle(volume_node: Any) -> Floats:
    """The middle of a volume, RAS mm as the views show it."""
    volume = volume_from_node(volume_node)
    return to_world(volume_node, volume.to_ras((np.array(volume.array.shape[::-1]) - 1) / 2))


def _window(volume_node: Any) -> tuple[float, float] | None:
    shown = volume_node.GetDisplayNode()
    return (shown.GetWindowLevelMin(), shown.GetWindowLevelMax()) if shown is not None else None


def _name(volume_node: Any, unrolled: Unrolled, windings: tuple[int, int] | None) -> str:
    if windings is None:
        radius_mm = float(unrolled.map.curve.radii_mm.mean())
        return f"{volume_node.GetName()} unrolled at {radius_mm:.2f} mm"
    first, last = windings
    words = f"winding {first}" if first == last else f"windings {first} to {last}"
    return f"{volume_node.GetName()} unrolled, {words}"
