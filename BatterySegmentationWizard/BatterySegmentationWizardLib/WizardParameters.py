"""The wizard's parameter node: what its pages show, kept in the scene."""

from typing import Annotated, get_args

from batterycell.segment import EFFORTS, ROLES, TrainSettings
from batterycell.segment.settings import Augmentation, Dimension, Loss
from slicer import vtkMRMLScalarVolumeNode
from slicer.parameterNodeWrapper import Choice, WithinRange, parameterNodeWrapper

from .TrainChoices import BY_EFFORT, PRECISIONS


@parameterNodeWrapper
class WizardParameters:
    """The chosen image and the settings of the pages; classes, labels and frames are nodes of their own.

    Args:
        step: Which step is shown, by its place in ``Steps.STEPS``.
        image: The image that is painted in.
        frameSize: Longest edge of the next frame in voxels; 0 for all that the view shows.
        frameRole: Its role.
        trainStart: Folder of the model to go on from; empty to learn from scratch.
        trainStartChosen: Whether somebody chose it; else a shipped model that fits the classes is.
        trainEffort: How long a training may take.
        trainDimension: As of `batterycell.segment.TrainSettings`, like all that follow; 0 leaves it open.
        trainPatch: Edge of a patch in pixels.
        trainBatch: Patches a step.
        trainEpochs: At most so many epochs.
        trainSteps: Steps an epoch.
        trainRate: The highest learning rate.
        trainLoss: What is minimised.
        trainAugmentation: How far training images are varied.
        trainWidth: Features of the first level.
        trainDepth: Levels of the network.
        trainPatience: Epochs without progress after which training ends.
        trainMinutes: The most minutes.
        trainValidation: Part of a mixed frame that validates.
        trainDevice: What computes.
        trainPrecision: Whether to compute in 16 bits.
        trainSeed: Everything random follows from it.
        applyRegion: Whether only the box is segmented.
        applyUncertainty: Whether an uncertainty map is made.
        applyFlips: Whether the mean over mirrored images is taken.
        applyDevice: What computes.
        measureTolerance: Pixels within which edges agree; 0 for none.
        objectsMinSizeUm: Least equivalent diameter of objects in µm.
        objectsSeparate: Whether touching objects are parted.
        fillOver: Whether a fill replaces what is painted.
        model: Folder of the current model: the one that was trained or chosen last.
    """

    step: Annotated[int, WithinRange(0, 6)] = 0
    image: vtkMRMLScalarVolumeNode
    frameSize: Annotated[int, WithinRange(0, 4096)] = 256
    frameRole: Annotated[str, Choice(list(ROLES))] = ROLES[0]
    trainStart: str = ""
    trainStartChosen: bool = False
    trainEffort: Annotated[str, Choice(list(EFFORTS))] = EFFORTS[0]
    trainDimension: Annotated[str, Choice(list(get_args(Dimension)))] = TrainSettings().dimension
    trainPatch: Annotated[int, WithinRange(0, 1024)] = 0
    trainBatch: Annotated[int, WithinRange(0, 256)] = 0
    trainEpochs: Annotated[int, WithinRange(0, 10_000)] = 0
    trainSteps: Annotated[int, WithinRange(0, 10_000)] = 0
    trainRate: Annotated[float, WithinRange(0, 1)] = 0.0
    trainLoss: Annotated[str, Choice(list(get_args(Loss)))] = TrainSettings().loss
    trainAugmentation: Annotated[str, Choice([BY_EFFORT, *get_args(Augmentation)])] = BY_EFFORT
    trainWidth: Annotated[int, WithinRange(0, 128)] = 0
    trainDepth: Annotated[int, WithinRange(0, 8)] = 0
    trainPatience: Annotated[int, WithinRange(0, 10_000)] = 0
    trainMinutes: Annotated[float, WithinRange(0, 10_000)] = 0.0
    trainValidation: Annotated[float, WithinRange(0.05, 0.5)] = TrainSettings().validation_part
    trainDevice: Annotated[str, Choice(["auto", "cpu", "cuda"])] = "auto"
    trainPrecision: Annotated[str, Choice(list(PRECISIONS))] = "auto"
    trainSeed: Annotated[int, WithinRange(0, 1_000_000)] = 0
    applyRegion: bool = False
    applyUncertainty: bool = False
    applyFlips: bool = False
    applyDevice: Annotated[str, Choice(["auto", "cpu", "cuda"])] = "auto"
    measureTolerance: Annotated[float, WithinRange(0, 50)] = 0.0
    objectsMinSizeUm: Annotated[float, WithinRange(0, 1e6)] = 0.0
    objectsSeparate: bool = False
    model: str = ""
    fillOver: bool = False
