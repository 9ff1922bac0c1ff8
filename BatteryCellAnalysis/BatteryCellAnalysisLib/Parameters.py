"""The module's parameter node: what the panel shows, kept in the scene."""

from typing import Annotated

from batterycell.annotate.defects import CLASSES, SEVERITIES
from batterycell.export.settings import NARROWEST_PX, WIDEST_PX, ExportSettings
from batterycell.movie.kinetics.settings import KineticsSettings
from batterycell.movie.law.settings import LawSettings
from batterycell.movie.settings import PrepareSettings
from batterycell.movies import Beside
from batterycell.recipe import AnalyzeRecipe
from slicer import vtkMRMLDisplayableNode, vtkMRMLScalarVolumeNode, vtkMRMLSequenceNode
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
# How far a movie is measured, in the words of the panel, and the verbs of the command line.
REACHES = {"Optical density": "prepare", "Lithium": "chemistry", "Kinetics": "kinetics", "The reaction's law": "invert"}
BACKGROUNDS = {
    "background as energies allow": "auto",
    "no background": "none",
    "the same at every energy": "constant",
    "a line over energy": "linear",
}
REACTIONS = {
    "Butler-Volmer": "butler-volmer",
    "Marcus-Hush-Chidsey": "marcus-hush-chidsey",
    "linear": "linear",
}
RESERVOIRS = {"each particle": "each particle", "all of the movie": "movie"}
UNCERTAINTIES = {"normal intervals": "laplace", "intervals by searching again": "ensemble", "no intervals": "none"}
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
        movieSequence: The movie: its frames, or a map that was found in it.
        moviePixelYUm: Height of a pixel in µm; 0 as the file says.
        moviePixelXUm: Width of a pixel in µm; 0 as high as wide.
        movieTimes: Seconds from frame to frame, or a file; empty as the file says.
        movieEnergies: Energies in eV with commas, or a file; empty as the file says.
        movieMembers: End members: lists of name, lithium per metal (null for none) and file, as JSON.
        movieEdgeJump: Whether end members are scaled to equal absorption behind the edge.
        movieBeam: Where no sample is, in the words of the command line.
        movieCounts: Photons of a value of 1; 0 finds it.
        movieI0: File of the beam; empty for none.
        movieDrift: Whether drift is corrected.
        movieMostDriftPx: The longest way between frames in pixels.
        movieThresholdOd: Optical density above which a pixel belongs to a particle; 0 finds it.
        movieMinAreaUm2: Least area of a particle in µm².
        movieMask: File with particles; empty to find them.
        movieBackground: What absorbs beside the end members.
        movieSigma: Standard uncertainty of a pixel; 0 finds it.
        movieWindow: Points in time of the local fit whose slope is the rate.
        movieSmoothUm: Standard deviation of smoothing rates in µm; 0 for none.
        movieReaction: How the rate depends on what drives the reaction.
        movieReservoir: What holds a potential of its own.
        movieHoldOut: Points in time that are left out and predicted, a share below 1 or a number.
        movieOthers: Folders of other movies for the same law, with semicolons.
        movieVoltages: Files of voltages over time, one a movie, with semicolons.
        movieVoltageSigmaV: Standard uncertainty of these in V.
        movieIterations: Most steps of a round of the search for the law.
        movieUncertainty: How the intervals of the law are found.
        movieSameParticles: Whether all movies of the law show the same particles.
        movieReach: How far to go.
        movieLeft: What the left view shows.
        movieRight: What the right view shows.
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
    movieSequence: vtkMRMLSequenceNode
    moviePixelYUm: Annotated[float, WithinRange(0, 1e4)] = 0.0
    moviePixelXUm: Annotated[float, WithinRange(0, 1e4)] = 0.0
    movieTimes: str = ""
    movieEnergies: str = ""
    movieMembers: str = ""
    movieEdgeJump: bool = False
    movieBeam: str = PrepareSettings().beam
    movieCounts: Annotated[float, WithinRange(0, 1e9)] = 0.0
    movieI0: str = ""
    movieDrift: bool = True
    movieMostDriftPx: Annotated[float, WithinRange(0.5, 1000)] = PrepareSettings().most_drift_px
    movieThresholdOd: Annotated[float, WithinRange(0, 100)] = 0.0
    movieMinAreaUm2: Annotated[float, WithinRange(0, 1e6)] = PrepareSettings().min_area_um2
    movieMask: str = ""
    movieBackground: Annotated[str, Choice(list(BACKGROUNDS))] = next(iter(BACKGROUNDS))
    movieSigma: Annotated[float, WithinRange(0, 100)] = 0.0
    movieWindow: Annotated[int, WithinRange(3, 999)] = KineticsSettings().window
    movieSmoothUm: Annotated[float, WithinRange(0, 100)] = 0.0
    movieReaction: Annotated[str, Choice(list(REACTIONS))] = next(iter(REACTIONS))
    movieReservoir: Annotated[str, Choice(list(RESERVOIRS))] = next(iter(RESERVOIRS))
    movieHoldOut: Annotated[float, WithinRange(0, 1000)] = LawSettings().hold_out
    movieOthers: str = ""
    movieVoltages: str = ""
    movieVoltageSigmaV: Annotated[float, WithinRange(0, 0.9999)] = Beside().voltage_sigma_v
    movieIterations: Annotated[int, WithinRange(1, 500)] = LawSettings().iterations
    movieUncertainty: Annotated[str, Choice(list(UNCERTAINTIES))] = next(iter(UNCERTAINTIES))
    movieSameParticles: bool = False
    movieReach: Annotated[str, Choice(list(REACHES))] = "Lithium"
    movieLeft: str = ""
    movieRight: str = ""
    exportFolder: str = ""
    pictureWidth: Annotated[int, WithinRange(NARROWEST_PX, WIDEST_PX)] = ExportSettings().width
    drawViews: bool = True
    drawLayout: bool = True
    drawRulers: bool = True
    overwrite: bool = False
