"""The module's parameter node: what the panel shows, kept in the scene."""

from typing import Annotated

from batterycell.annotate.defects import CLASSES, SEVERITIES
from batterycell.export.settings import NARROWEST_PX, WIDEST_PX, ExportSettings
from batterycell.recipe import AnalyzeRecipe
from slicer import vtkMRMLScalarVolumeNode
from slicer.parameterNodeWrapper import Choice, WithinRange, parameterNodeWrapper

# Along what a cell is unrolled.
ALONG_CIRCLE, ALONG_WINDING = "a circle", "the winding"
# What a volume rendering shows, and the core's name for it.
LOOKS = {"can, cathode, anode": "parts", "grey": "natural"}


@parameterNodeWrapper
class Parameters:
    """The chosen cell and the settings of the sections; results are found by the volume they are attached to.

    Args:
        volume: The cell's CT volume.
        cutLook: How the volume is shown in 3D.
        cutFull: Whether all its voxels are, however many there are.
        cutSlabHeightUm: Height of a slab's middle above that of the volume, in µm.
        cutSlabThicknessUm: Thickness of a slab in µm.
        unrollAlong: Along what the cell is unrolled.
        unrollRadiusUm: Radius of the circle in µm; 0 is chosen to suit.
        unrollFirst: First winding.
        unrollLast: Last winding.
        unrollDepthUm: Thickness of the unrolled volume in µm; 0 is chosen to suit.
        lookLinked: Whether the cross-hair links the cell, its half-plane and the unrolled cell.
        markClass: Class of the next defect.
        markSeverity: Its severity.
        markNote: Its note.
        markByClick: Whether Ctrl+click in a view marks a defect.
        placeSeveral: Whether place mode goes on after the first defect.
        snapEnds: Whether the ends of rulers snap to edges.
        angles: Number of half-planes around the axis.
        voxelSizePercent: Half width of the voxel size's 95 % interval in percent.
        exportFolder: The result folder to write.
        pictureWidth: Width of pictures in pixels.
        drawViews: Whether to draw each view.
        drawLayout: Whether to draw the layout.
        drawRulers: Whether to draw each ruler on its own.
        overwrite: Whether an older result there may be replaced.
    """

    volume: vtkMRMLScalarVolumeNode
    cutLook: Annotated[str, Choice(list(LOOKS))] = next(iter(LOOKS))
    cutFull: bool = False
    cutSlabHeightUm: Annotated[float, WithinRange(-1e6, 1e6)] = 0.0
    cutSlabThicknessUm: Annotated[float, WithinRange(1, 1e6)] = 1000.0
    unrollAlong: Annotated[str, Choice([ALONG_CIRCLE, ALONG_WINDING])] = ALONG_CIRCLE
    unrollRadiusUm: Annotated[float, WithinRange(0, 1e6)] = 0.0
    unrollFirst: Annotated[int, WithinRange(1, 999)] = 1
    unrollLast: Annotated[int, WithinRange(1, 999)] = 1
    unrollDepthUm: Annotated[float, WithinRange(0, 1e6)] = 0.0
    lookLinked: bool = True
    markClass: str = CLASSES[0]
    markSeverity: Annotated[str, Choice(list(SEVERITIES))] = SEVERITIES[0]
    markNote: str = ""
    markByClick: bool = True
    placeSeveral: bool = True
    snapEnds: bool = True
    angles: Annotated[int, WithinRange(4, 720)] = AnalyzeRecipe().angles
    voxelSizePercent: Annotated[float, WithinRange(0, 50)] = 0.0
    exportFolder: str = ""
    pictureWidth: Annotated[int, WithinRange(NARROWEST_PX, WIDEST_PX)] = ExportSettings().width
    drawViews: bool = True
    drawLayout: bool = True
    drawRulers: bool = True
    overwrite: bool = False
