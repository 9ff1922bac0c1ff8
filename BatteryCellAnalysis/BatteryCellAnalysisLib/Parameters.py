"""The module's parameter node: what the panel shows, kept in the scene."""

from typing import Annotated

from batterycell.recipe import AnalyzeRecipe
from slicer import vtkMRMLScalarVolumeNode
from slicer.parameterNodeWrapper import WithinRange, parameterNodeWrapper


@parameterNodeWrapper
class Parameters:
    """The chosen cell and the settings of the sections; results are found by the volume they are attached to.

    Args:
        volume: The cell's CT volume.
        angles: Number of half-planes around the axis.
        exportFolder: The result folder to write.
        overwrite: Whether an older result there may be replaced.
    """

    volume: vtkMRMLScalarVolumeNode
    angles: Annotated[int, WithinRange(4, 720)] = AnalyzeRecipe().angles
    exportFolder: str = ""
    overwrite: bool = False
