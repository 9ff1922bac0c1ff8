"""The module's parameter node: what the panel shows, kept in the scene."""

from typing import Annotated

from batterycell.annotate.defects import CLASSES, SEVERITIES
from batterycell.recipe import AnalyzeRecipe
from slicer import vtkMRMLScalarVolumeNode
from slicer.parameterNodeWrapper import Choice, WithinRange, parameterNodeWrapper


@parameterNodeWrapper
class Parameters:
    """The chosen cell and the settings of the sections; results are found by the volume they are attached to.

    Args:
        volume: The cell's CT volume.
        markClass: Class of the next defect.
        markSeverity: Its severity.
        markNote: Its note.
        markByClick: Whether Ctrl+click in a view marks a defect.
        placeSeveral: Whether place mode goes on after the first defect.
        angles: Number of half-planes around the axis.
        exportFolder: The result folder to write.
        overwrite: Whether an older result there may be replaced.
    """

    volume: vtkMRMLScalarVolumeNode
    markClass: str = CLASSES[0]
    markSeverity: Annotated[str, Choice(list(SEVERITIES))] = SEVERITIES[0]
    markNote: str = ""
    markByClick: bool = True
    placeSeveral: bool = True
    angles: Annotated[int, WithinRange(4, 720)] = AnalyzeRecipe().angles
    exportFolder: str = ""
    overwrite: bool = False
