"""Slice views so near that voxels are squares, at one end of a ruler after the other."""

from typing import Any

import slicer
from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.pixels import zoom_to_pixels
from batterycell.mrml.rulers import read_ruler

# The group of Slicer's standard views; the unrolled cell, which lies elsewhere, has another.
_CELL_VIEWS = 0


class PixelZoom:
    """Shows the middle of a ruler that fits into the views, else its points in turn."""

    def __init__(self) -> None:
        self._last: tuple[str, int] = ("", -1)

    def show(self, ruler: Any) -> None:
        """Zoom all slice views of the cell to the next place of a ruler."""
        volume, world = volume_node_of(ruler), read_ruler(ruler).world
        nodeId, index = self._last
        index = (index + 1) % len(world) if nodeId == ruler.GetID() else 0
        self._last = (ruler.GetID(), index)
        views = sliceViews()
        for view in views:
            zoom_to_pixels(view, volume, world.mean(axis=0))
        if views and not all(_holds(view, world) for view in views):
            for view in views:
                zoom_to_pixels(view, volume, world[index])


def sliceViews() -> list[Any]:
    """The slice nodes of the cell's views that the layout shows."""
    layout = slicer.app.layoutManager()
    nodes = (layout.sliceWidget(name).mrmlSliceNode() for name in layout.sliceViewNames())
    return [node for node in nodes if node.GetViewGroup() == _CELL_VIEWS]


def viewWords(scene: Any) -> str:
    """The view under the mouse: ``Red, Axial``; empty where there is none."""
    crosshair = scene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
    view = crosshair.GetCursorPositionXYZ([0.0, 0.0, 0.0]) if crosshair else None
    return f"{view.GetLayoutName()}, {view.GetOrientation()}" if view else ""


def _holds(view: Any, world: Any) -> bool:
    """Whether all places lie within the width and the height of a slice view."""
    matrix = slicer.util.arrayFromVTKMatrix(view.GetSliceToRAS())
    half = [size / 2 for size in view.GetFieldOfView()[:2]]
    across = (world - matrix[:3, 3]) @ matrix[:3, :2]
    return bool((abs(across) <= half).all())
