"""What can be done now, and what is missing where something cannot."""

from typing import Any

from batterycell.mrml.loaded import is_voxel_size_known
from BatteryCellAnalysisLib.I18n import _

from .Situation import Situation


def missingImage(now: Situation) -> str:
    """What is wrong with the image; empty where it can be painted in."""
    return now.imageProblem if now.hasImage else _("Load an image and choose it.")


def missingClasses(now: Situation) -> str:
    """What is missing before anything can be painted; empty where nothing is."""
    return "" if now.classCount > 1 else _("Choose a preset, or add two classes at least.")


def whyNotChangeClass(row: int) -> str:
    """Why no class can be changed; empty where one can."""
    return "" if row >= 0 else _("Choose a class first.")


def whyNotMoveClass(row: int, isAtEnd: bool) -> str:
    """Why the class cannot be moved; empty where it can."""
    return whyNotChangeClass(row) or (_("It is at the end already.") if isAtEnd else "")


def missingFrames(now: Situation) -> str:
    """Which frames are missing before a training; empty where none are."""
    if not now.roles:
        return _("Add a frame where you painted, or want to.")
    if not {"training", "mixed"} & set(now.roles):
        return _("No frame trains: give one the role training or mixed.")
    return ""


def whyNotAddFrame(now: Situation) -> str:
    """Why no frame can be added; empty where one can."""
    return missingImage(now)


def whyNotUseFrames(chosen: int) -> str:
    """Why no frame can be shown or removed; empty where one can."""
    return "" if chosen else _("Choose a row first.")


def whyNotUndo(canUndo: bool) -> str:
    """Why nothing can be taken back; empty where something can."""
    return "" if canUndo else _("Nothing was changed.")


def whyNotRedo(canRedo: bool) -> str:
    """Why no undo can be taken back; empty where one can."""
    return "" if canRedo else _("Nothing was undone.")


def whyNotStart(now: Situation) -> str:
    """Why no other work can be started; empty where it can."""
    return _("Wait until the work in progress is done.") if now.isBusy else ""


def whyNotTrain(now: Situation, problem: str) -> str:
    """Why nothing can be trained; empty where something can."""
    return whyNotStart(now) or now.packagesProblem or missingClasses(now) or missingFrames(now) or problem


def whyNotSteerTraining(isRunning: bool) -> str:
    """Why there is no training to pause or to end; empty where there is."""
    return "" if isRunning else _("Nothing is being trained.")


def whyNotApply(now: Situation, image: Any, model: Any) -> str:
    """Why the model cannot be applied to the image; empty where it can."""
    missing = whyNotStart(now) or now.applyProblem or missingImage(now)
    if missing:
        return missing
    if model is None:
        return _("Choose a model, or train one.")
    if not is_voxel_size_known(image):
        return _("The voxel size of the image is unknown: set it in Battery Cell Analysis, section Cell.")
    return ""


def whyNotApplyToFolder(now: Situation, hasModel: bool, hasFolders: bool) -> str:
    """Why the model cannot be applied to a folder; empty where it can."""
    missing = whyNotStart(now) or now.applyProblem or ("" if hasModel else _("Choose a model, or train one."))
    return missing or ("" if hasFolders else _("Choose the folder of the images and one for the results."))


def whyNotShowUncertainty(hasMap: bool) -> str:
    """Why there is no uncertainty to show; empty where there is."""
    return "" if hasMap else _("Segment with an uncertainty map first.")


def whyNotEvaluate(now: Situation, needsPackages: bool, missing: str) -> str:
    """Why nothing can be compared; empty where something can."""
    return whyNotStart(now) or missingImage(now) or (now.applyProblem if needsPackages else "") or missing


def missingLabels(hasLabels: bool) -> str:
    """Why there is nothing of which objects can be made; empty where there is."""
    return "" if hasLabels else _("Paint, or segment the image first.")


def whyNotSaveObjects(hasObjects: bool) -> str:
    """Why there is no table of objects to save; empty where there is."""
    return "" if hasObjects else _("Measure objects first.")


def whyNotSaveTable(hasTable: bool) -> str:
    """Why there is no table to save; empty where there is."""
    return "" if hasTable else _("Evaluate first.")


def whyNotUseModel(isChosen: bool) -> str:
    """Why no model can be used, exported or published; empty where one can."""
    return "" if isChosen else _("Choose a model in the list first.")


def whyNotRemoveModel(isChosen: bool, isOwn: bool) -> str:
    """Why no model can be removed; empty where one can."""
    return whyNotUseModel(isChosen) or ("" if isOwn else _("Only drafts and your own models can be removed."))


def whyNotPublish(isChosen: bool, hasLicence: bool) -> str:
    """Why no model can be published; empty where one can."""
    missing = whyNotUseModel(isChosen)
    return missing or ("" if hasLicence else _("Choose a licence: nobody may use what nobody permitted."))


def whyNotPredict(now: Situation) -> str:
    """Why no frame can be predicted; empty where one can."""
    if not now.hasModel:
        return _("There is no model yet.")
    return (
        whyNotStart(now) or now.applyProblem or ("" if now.roles else _("Add a frame where you painted, or want to."))
    )


def whyNotAdvise(now: Situation) -> str:
    """Why it cannot be said what to label next; empty where it can."""
    return (
        ("" if now.hasModel else _("There is no model yet."))
        or whyNotStart(now)
        or now.applyProblem
        or missingImage(now)
    )


def whyNotCompare(hasFound: bool) -> str:
    """Why there is nothing to compare; empty where there is."""
    return "" if hasFound else _("Predict the frames first.")


def whyNotFill(now: Situation, chosen: int, hasFound: bool) -> str:
    """Why no frame can be filled; empty where one can."""
    return whyNotCompare(hasFound) or whyNotUseFrames(chosen) or whyNotStart(now)


def whyNotTakeOver(now: Situation, isChosen: bool, isOwn: bool) -> str:
    """Why no labels can be taken over; empty where they can."""
    if isOwn:
        return _("These are labels of the project already.")
    return missingImage(now) or ("" if isChosen else _("Choose a segmentation first."))


def whyNotOpenProject(now: Situation, isTaken: bool) -> str:
    """Why no project folder can be opened; empty where one can."""
    return whyNotStart(now) or (_("There is a project in the scene: close the scene first.") if isTaken else "")
