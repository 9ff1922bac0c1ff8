"""What can be done now, and what is missing where something cannot."""

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
