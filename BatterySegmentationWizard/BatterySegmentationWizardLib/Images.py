"""Volumes of the scene that can be images of the project."""

from typing import Any

from batterycell.mrml.cell import role_of
from batterycell.mrml.nodes import nodes_of


def firstImage(scene: Any) -> Any:
    """The first volume that can be painted in: no labels, nothing that belongs to another volume; None without one."""
    volumes = nodes_of(scene, "vtkMRMLScalarVolumeNode")
    return next((node for node in volumes if not node.IsA("vtkMRMLLabelMapVolumeNode") and not role_of(node)), None)
