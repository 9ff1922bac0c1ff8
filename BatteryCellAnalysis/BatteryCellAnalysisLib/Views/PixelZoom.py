"""Slice views so near that voxels are squares, at one end of a ruler after the other."""

from typing import Any

import slicer
from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.pixels import zoom_to_points
from batterycell.mrml.rulers import read_ruler

from .SliceViews import CELL_VIEWS


class PixelZoom:
    """Shows a ruler that fits into the views whole, else its points in turn."""

    def __init__(self) -> None:
        self._nodeId, self._turn = "", 0

    def show(self, ruler: Any) -> None:
        """Zoom all slice views of the cell to the next place of a ruler."""
        self._turn = self._turn + 1 if self._nodeId == ruler.GetID() else 0
        self._nodeId = ruler.GetID()
        zoom_to_points(sliceViews(), volume_node_of(ruler), read_ruler(ruler).world, self._turn)


def sliceViews() -> list[Any]:
    """The slice nodes of the cell's views that the layout shows."""
    layout = slicer.app.layoutManager()
    nodes = (layout.sliceWidget(name).mrmlSliceNode() for name in layout.sliceViewNames())
    return [node for node in nodes if node.GetViewGroup() == CELL_VIEWS]


def viewName(scene: Any) -> str:
    """Layout name of the slice view under the mouse: ``Red``; empty where there is none."""
    crosshair = scene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
    view = crosshair.GetCursorPositionXYZ([0.0, 0.0, 0.0]) if crosshair else None
    return str(view.GetLayoutName()) if view else ""
