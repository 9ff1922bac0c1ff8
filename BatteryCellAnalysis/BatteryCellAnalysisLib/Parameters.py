"""The module's parameter node: what the panel shows, kept in the scene."""

from typing import Annotated

from batterycell.annotate.defects import CLASSES, SEVERITIES
from batterycell.export.settings import NARROWEST_PX, WIDEST_PX, ExportSettings
from batterycell.recipe import AnalyzeRecipe
from slicer import vtkMRMLDisplayableNode, vtkMRMLScalarVolumeNode
from slicer.parameterNodeWrapper import Choice, WithinRange, parameterNodeWrapper

# Along what a cell is unrolled.
ALONG_CIRCLE, ALONG_WINDING = "a circle", "the winding"
# How objects are found, in the words of the panel, and the recipe's for them.
REGIONS = {"in 3D": 3, "slice by slice": 2}
BORDERS = {"flagged at the border": "flag", "left out at the border": "exclude", "kept at the border": "keep"}
# Neighbours of a voxel by dimension; 0 for all.
NEIGHBOURS = {"all that touch": {2: 0, 3: 0}, "faces and edges": {2: 8, 3: 18}, "faces": {2: 4, 3: 6}}
# How they lie over the image.
FILLED, OUTLINES, HIDDEN = "filled", "outlines", "hidden"
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
        endsFrom: Where the sheets' ends are read: empty for the edges, else a model or a segmentation.
        endsFrom: str = ""
    voxelSizePercent: Half width of the voxel size's 95 % interval in percent.
        objectsLabels: The segmentation or label volume in which objects are found.
        objectsImage: Grey values for their intensities.
        objectsDoubt: How unsure each label is, for the microstructure.
        objectsClasses: What the labels' values mean, in the words of the command line.
        objectsOf: Name of the class of which objects are made; empty for all.
        objectsPore: Name of the class of pores; empty for the one that is called so.
        objectsDimension: Whether objects are regions of the volume, or of each slice.
        objectsNeighbours: Where voxels touch that belong together.
        objectsSeparate: Whether touching ones are parted.
        objectsMinSizeUm: Least equivalent diameter in µm.
        objectsCrackUm: Width up to which a gap in a particle is a crack, in µm; 0 is chosen to suit.
        objectsBorder: What becomes of objects that the border cuts.
        objectsMeasures: Names of measures with commas; empty for the common ones.
        objectsShow: How they lie over the image.
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
    endsFrom: str = ""
    voxelSizePercent: Annotated[float, WithinRange(0, 50)] = 0.0
    objectsLabels: vtkMRMLDisplayableNode
    objectsImage: vtkMRMLScalarVolumeNode
    objectsDoubt: vtkMRMLScalarVolumeNode
    objectsClasses: str = ""
    objectsOf: str = ""
    objectsPore: str = ""
    objectsDimension: Annotated[str, Choice(list(REGIONS))] = next(iter(REGIONS))
    objectsNeighbours: Annotated[str, Choice(list(NEIGHBOURS))] = next(iter(NEIGHBOURS))
    objectsSeparate: bool = False
    objectsMinSizeUm: Annotated[float, WithinRange(0, 1e6)] = 0.0
    objectsCrackUm: Annotated[float, WithinRange(0, 1e6)] = 0.0
    objectsBorder: Annotated[str, Choice(list(BORDERS))] = next(iter(BORDERS))
    objectsMeasures: str = ""
    objectsShow: Annotated[str, Choice([FILLED, OUTLINES, HIDDEN])] = FILLED
    exportFolder: str = ""
    pictureWidth: Annotated[int, WithinRange(NARROWEST_PX, WIDEST_PX)] = ExportSettings().width
    drawViews: bool = True
    drawLayout: bool = True
    drawRulers: bool = True
    overwrite: bool = False
