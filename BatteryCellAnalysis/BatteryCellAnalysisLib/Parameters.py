"""The module's parameter node: what the panel shows, kept in the scene."""

from typing import Annotated

from batterycell.recipe import AnalyzeRecipe
from slicer import (
    vtkMRMLLinearTransformNode,
    vtkMRMLMarkupsFiducialNode,
    vtkMRMLScalarVolumeNode,
    vtkMRMLTableNode,
)
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper


@parameterNodeWrapper
class Parameters:
    """Nodes and settings of one cell.

    Args:
        volume: The cell's CT volume.
        upright: The transform that stands it upright, while it does.
        overhangTable: One row per end, angle, winding and side.
        cathodeEnds: Found cathode ends.
        anodeEnds: Found anode ends.
        angles: Number of half-planes around the axis.
        exportFolder: The result folder to write.
        overwrite: Whether an older result there may be replaced.
    """

    volume: vtkMRMLScalarVolumeNode
    upright: vtkMRMLLinearTransformNode
    overhangTable: vtkMRMLTableNode
    cathodeEnds: vtkMRMLMarkupsFiducialNode
    anodeEnds: vtkMRMLMarkupsFiducialNode
    angles: Annotated[int, WithinRange(4, 720)] = AnalyzeRecipe().angles
    exportFolder: str = ""
    overwrite: bool = False
