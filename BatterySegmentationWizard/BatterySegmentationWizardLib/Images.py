"""Volumes of the scene that can be images of the project."""

from typing import Any

import slicer
from batterycell.mrml.cell import role_of
from batterycell.mrml.nodes import nodes_of
from batterycell.mrml.wizard.images import channel_nodes, image_nodes


def firstImage(scene: Any) -> Any:
    """The first volume that can be painted in: no labels, nothing that belongs to another volume; None without one."""
    return next((node for node in nodes_of(scene, "vtkMRMLScalarVolumeNode") if _canBeImage(node)), None)


def shownImage(sliceNode: Any) -> Any:
    """The image that a slice view shows, also where it shows another channel of it; None where it shows none."""
    logic = slicer.app.applicationLogic().GetSliceLogic(sliceNode)
    shown = logic.GetBackgroundLayer().GetVolumeNode() if logic and logic.GetBackgroundLayer() else None
    if shown is None or not _canBeImage(shown):
        return None
    images = image_nodes(sliceNode.GetScene())
    return next((image for image in images if shown in channel_nodes(image)), shown)


def openAnalysis(image: Any) -> None:
    """Open the module Battery Cell Analysis at an image, where its voxel size can be typed."""
    widget = slicer.modules.batterycellanalysis.widgetRepresentation().self()
    widget.logic.getParameterNode().volume = image
    slicer.util.selectModule("BatteryCellAnalysis")


def _canBeImage(node: Any) -> bool:
    return node.IsA("vtkMRMLScalarVolumeNode") and not node.IsA("vtkMRMLLabelMapVolumeNode") and not role_of(node)
