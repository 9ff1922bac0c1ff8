"""Volume renderings of a cell, drawn by Slicer's own volume rendering."""

from __future__ import annotations

from itertools import product
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from batterycell.clip import grey_steps
from batterycell.volume import Volume

from .cell import attach, attached
from .looks import Look, add_look, natural_look, parts_look, set_look
from .volumes import add_volume, to_vtk_matrix, volume_from_node, window_range

LookName = Literal["parts", "natural"]
PREVIEW = "preview"
_STAMP = "BatteryCell.PreviewOf"
_LOOK = "BatteryCell.Look"
_PREVIEW_VOXELS = 6_000_000


def show_rendering(volume_node: Any, look: LookName = "parts", full: bool = False) -> Any:
    """Show a volume in the 3D views.

    Large volumes are shown by a preview, an attached volume of fewer voxels that follows the same transform.

    Args:
        volume_node: The cell's volume.
        look: "parts" tells can, cathode and anode apart by colour, "natural" leaves colours to other things.
        full: Whether every voxel is drawn, however many there are.

    Returns:
        The ``vtkMRMLVolumeRenderingDisplayNode``.

    Raises:
        InputError: if the volume holds no grey values.
    """
    volume = volume_from_node(volume_node)
    shown = _preview_node(volume_node, volume) if needs_preview(volume_node) and not full else volume_node
    for other in rendered_nodes(volume_node):
        if other is not shown:
            hide(other)
    display = rendering_of(shown) or _add_display(shown)
    set_look(display.GetVolumePropertyNode(), look_of(volume, look), _size_mm(volume))
    display.SetAttribute(_LOOK, look)
    display.SetVisibility(True)
    return display


def hide_rendering(volume_node: Any) -> None:
    """Take a volume out of the 3D views; its rendering's settings stay."""
    for node in rendered_nodes(volume_node):
        hide(node)


def shown_look(volume_node: Any) -> tuple[str, bool] | None:
    """With which look a volume is shown in the 3D views, and whether in full; None where it is not."""
    for node in rendered_nodes(volume_node):
        display = rendering_of(node)
        if display is not None and display.GetVisibility():
            return display.GetAttribute(_LOOK) or "", node is volume_node
    return None


def needs_preview(volume_node: Any) -> bool:
    """Whether a volume has more voxels than are drawn unless all are asked for."""
    image = volume_node.GetImageData()
    return image is not None and image.GetNumberOfPoints() > _PREVIEW_VOXELS


def renderings(volume_node: Any) -> list[Any]:
    """The volume rendering display nodes of a volume and of its preview."""
    found = (rendering_of(node) for node in rendered_nodes(volume_node))
    return [display for display in found if display is not None]


def rendered_nodes(volume_node: Any) -> list[Any]:
    """The volume nodes that may stand for a cell in the 3D views: its own, and its preview."""
    return [volume_node, *attached(volume_node, PREVIEW)]


def rendering_of(node: Any) -> Any:
    """The volume rendering display node of exactly this volume node; None where it has none."""
    displays = (node.GetNthDisplayNode(index) for index in range(node.GetNumberOfDisplayNodes()))
    return next((one for one in displays if one is not None and one.IsA("vtkMRMLVolumeRenderingDisplayNode")), None)


def hide(node: Any) -> None:
    """Switch off the volume rendering of exactly this volume node."""
    display = rendering_of(node)
    if display is not None:
        display.SetVisibility(False)


def look_of(volume: Volume, look: LookName) -> Look:
    """A look that fits the grey values of a volume."""
    return parts_look(grey_steps(volume.array)) if look == "parts" else natural_look(window_range(volume.array))


def preview(volume: Volume) -> Volume:
    """A coarser volume with spacings close to each other, that draws fast as a whole.

    Each voxel is the mean of up to eight voxels in its place: enough against noise and jagged edges, and as quick for
    a large volume as for a small one.
    """
    steps = _steps(volume)
    return Volume(_thinned(volume.array, steps), _thinned_matrix(volume, steps), "", volume.name)


def _steps(volume: Volume) -> list[int]:
    """Voxels that become one, along (k, j, i)."""
    size = volume.spacing_mm
    target = max(float(np.cbrt(np.prod(size) * volume.array.size / _PREVIEW_VOXELS)), float(size.max()))
    # Three tenths over is let pass: the next whole step would lose more than it saves.
    steps: list[int] = np.clip(np.ceil(target / size - 0.3), 1, volume.array.shape[::-1]).astype(int)[::-1].tolist()
    return steps


def _thinned_matrix(volume: Volume, steps: list[int]) -> NDArray[np.float64]:
    to_fine = np.diag([*(float(step) for step in reversed(steps)), 1.0])
    to_fine[:3, 3] = [step // 2 / 2 for step in reversed(steps)]
    return np.asarray(volume.ijk_to_ras @ to_fine)


def _thinned(array: NDArray[Any], steps: list[int]) -> NDArray[Any]:
    """Means of the first and the middle voxel of every ``steps`` voxels along each axis."""
    counts = [length // step for length, step in zip(array.shape, steps, strict=True)]
    offsets = list(product(*(sorted({0, step // 2}) for step in steps)))
    total = np.zeros(counts, np.float32)
    for starts in offsets:
        total += array[tuple(slice(a, a + n * s, s) for a, n, s in zip(starts, counts, steps, strict=True))]
    return (total / len(offsets)).astype(array.dtype)


def _preview_node(volume_node: Any, volume: Volume) -> Any:
    """The attached preview of a volume; made anew where the voxels changed, put right where only their size did."""
    steps = _steps(volume)
    stamp = f"{volume_node.GetImageData().GetPointData().GetScalars().GetMTime()} {steps}"
    for node in attached(volume_node, PREVIEW):
        if node.GetAttribute(_STAMP) == stamp:
            node.SetIJKToRASMatrix(to_vtk_matrix(_thinned_matrix(volume, steps)))
            return node
        remove_rendered(node)
    node = add_volume(volume_node.GetScene(), preview(volume), f"{volume_node.GetName()} preview")
    node.SetAttribute(_STAMP, stamp)
    # It is no volume to choose.
    node.SetHideFromEditors(True)
    attach(volume_node, node, PREVIEW)
    return node


def remove_rendered(node: Any) -> None:
    """Remove a volume node, and what it is drawn with."""
    display = rendering_of(node)
    drawn_with = [display.GetVolumePropertyNode(), display.GetShaderPropertyNode(), display] if display else []
    for other in (*drawn_with, node.GetDisplayNode(), node):
        node.GetScene().RemoveNode(other)


def _add_display(node: Any) -> Any:
    scene = node.GetScene()
    display = scene.AddNewNodeByClass("vtkMRMLGPURayCastVolumeRenderingDisplayNode", f"{node.GetName()} rendering")
    look = add_look(scene, natural_look((0.0, 1.0)), 1.0, f"{node.GetName()} look")
    display.SetAndObserveVolumePropertyNodeID(look.GetID())
    node.AddAndObserveDisplayNodeID(display.GetID())
    return display


def _size_mm(volume: Volume) -> float:
    """Half of the middle one of a volume's three lengths: about the radius of the cell in it."""
    lengths: NDArray[np.float64] = volume.spacing_mm * volume.array.shape[::-1]
    return float(np.median(lengths)) / 2
