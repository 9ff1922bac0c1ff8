"""What can run now, and what is missing where something cannot."""

from dataclasses import dataclass

from BatteryCellAnalysisLib.I18n import _


@dataclass(frozen=True)
class Situation:
    """What the panel's buttons depend on.

    Args:
        hasVolume: A volume is chosen.
        volumeProblem: What is wrong with it: colours, vectors, axes that are not at right angles.
        voxelSizeKnown: Its voxel size is not the 1 mm of files that state none.
        voxelSizeTyped: The typed voxel size differs from the volume's.
        isTurned: It is turned from how it was scanned or hardened.
        isUpright: The views show its cell upright.
        underOtherTransform: It stands under a transform of someone else.
        hasCell: It is known where its cell stands.
        isMeasured: Something of it was measured.
        hasFolder: A folder to export to is named.
        isBusy: A worker is running.
        canUndo: There is an edit to take back.
        canRedo: There is an undo to take back.
    """

    hasVolume: bool = False
    volumeProblem: str = ""
    voxelSizeKnown: bool = False
    voxelSizeTyped: bool = False
    isTurned: bool = False
    isUpright: bool = False
    underOtherTransform: bool = False
    hasCell: bool = False
    isMeasured: bool = False
    hasFolder: bool = False
    isBusy: bool = False
    canUndo: bool = False
    canRedo: bool = False


def whyNotLoad(now: Situation) -> str:
    """Why no volume can be loaded; empty where one can."""
    return _("Wait until the work in progress is done.") if now.isBusy else ""


def whyNotUndo(now: Situation) -> str:
    """Why nothing can be taken back; empty where something can."""
    return whyNotLoad(now) or ("" if now.canUndo else _("Nothing was changed."))


def whyNotRedo(now: Situation) -> str:
    """Why no undo can be taken back; empty where one can."""
    return whyNotLoad(now) or ("" if now.canRedo else _("Nothing was undone."))


def whyNotTypeVoxelSize(now: Situation) -> str:
    """Why the voxel size cannot be changed; empty where it can."""
    if now.isTurned or now.isMeasured:
        return _("Results depend on the voxel size: go Back in Upright and Clear in Overhang first.")
    return whyNotLoad(now) or _missingVolume(now)


def whyNotSetVoxelSize(now: Situation) -> str:
    """Why the typed voxel size cannot be given to the volume; empty where it can."""
    return whyNotTypeVoxelSize(now) or ("" if now.voxelSizeTyped else _("Type another voxel size above."))


def whyNotSetUpright(now: Situation) -> str:
    """Why the cell cannot be set upright; empty where it can."""
    return (_("The cell stands upright.") if now.isUpright else "") or whyNotTurn(now) or _missing(now)


def whyNotTurn(now: Situation) -> str:
    """Why the cell cannot be turned; empty where it can."""
    if now.underOtherTransform:
        return _("The volume stands under another transform: take it out or harden it in the module Transforms.")
    return whyNotLoad(now) or _missingVolume(now)


def whyNotHarden(now: Situation) -> str:
    """Why there is nothing to harden; empty where there is."""
    return whyNotTurn(now) or ("" if now.isTurned else _("The cell is not turned."))


def whyNotGoBack(now: Situation) -> str:
    """Why there is no way back to how the cell was scanned; empty where there is."""
    return whyNotTurn(now) or ("" if now.isTurned else _("The cell is not turned."))


def whyNotShow(now: Situation) -> str:
    """Why the volume cannot be shown in 3D; empty where it can."""
    return _missingVolume(now)


def whyNotShowFull(now: Situation, isLarge: bool) -> str:
    """Why it makes no difference to show the volume in full; empty where it does."""
    return _missingVolume(now) or ("" if isLarge else _("The volume is small: it is shown in full."))


def whyNotCut(now: Situation) -> str:
    """Why the cell cannot be cut open; empty where it can."""
    return _missing(now) or ("" if now.hasCell else whyNotLoad(now))


def whyNotChangeCut(now: Situation, isCut: bool) -> str:
    """Why there is no cut to change; empty where there is."""
    return _missingVolume(now) or ("" if isCut else _("Cut the cell open first."))


def whyNotLook(now: Situation) -> str:
    """Why the cell cannot be looked at along its planes; empty where it can."""
    return _missing(now) or ("" if now.hasCell else whyNotLoad(now))


def whyNotUnroll(now: Situation) -> str:
    """Why the cell cannot be unrolled; empty where it can."""
    return whyNotLoad(now) or _missing(now)


def whyNotShowUnrolled(isUnrolled: bool) -> str:
    """Why the unrolled cell cannot be shown; empty where it can."""
    return "" if isUnrolled else _("Unroll the cell first.")


def whyNotMark(now: Situation) -> str:
    """Why no defect can be marked; empty where one can."""
    return _missing(now)


def whyNotUseMarks(now: Situation, count: int) -> str:
    """Why there are no defects to remove or to write; empty where there are."""
    return _missing(now) or ("" if count else _("No defect is marked."))


def whyNotUseRulers(now: Situation, count: int) -> str:
    """Why there are no rulers to show, to remove or to write; empty where there are."""
    return _missing(now) or ("" if count else _("Nothing was measured with a ruler."))


def whyNotMeasure(now: Situation) -> str:
    """Why the overhang cannot be measured; empty where it can."""
    return whyNotLoad(now) or _missing(now)


def whyNotClear(now: Situation) -> str:
    """Why there is nothing to clear; empty where there is."""
    return whyNotLoad(now) or ("" if now.isMeasured else _("Nothing was measured."))


def whyNotClearStages(now: Situation, hasStages: bool) -> str:
    """Why there is nothing to clear of can and winding; empty where there is."""
    return whyNotLoad(now) or ("" if hasStages else _("Can and winding were not measured."))


def whyNotMeasureObjects(now: Situation, problem: str) -> str:
    """Why no objects can be measured; empty where they can. ``problem`` is what is wrong with the labels."""
    return whyNotLoad(now) or problem


def whyNotUseObjects(now: Situation, hasObjects: bool) -> str:
    """Why there are no objects to clear or to save; empty where there are."""
    return whyNotLoad(now) or ("" if hasObjects else _("No objects were measured."))


def whyNotEditObjects(now: Situation, selected: int, least: int, hasSource: bool) -> str:
    """Why selected objects cannot be merged, split or removed; empty where they can."""
    if not hasSource:
        return _("The labels in which the objects were found are gone.")
    few = _("Select an object in the table or in a view.") if least == 1 else _("Select two objects or more.")
    return whyNotLoad(now) or ("" if selected >= least else few)


def whyNotUndoObjects(now: Situation, hasEdits: bool, hasSource: bool) -> str:
    """Why no edit of objects can be taken back; empty where one can."""
    return whyNotEditObjects(now, 1, 1, hasSource) or ("" if hasEdits else _("Nothing was edited."))


def whyNotSplitObject(now: Situation, selected: int, hasSource: bool) -> str:
    """Why no object can be split; empty where one can."""
    reason = whyNotEditObjects(now, selected, 1, hasSource)
    return reason or (_("Select one object only.") if selected > 1 else "")


def whyNotReadMovie(now: Situation, hasSource: bool) -> str:
    """Why the frames of a movie cannot be read again; empty where they can."""
    return whyNotLoad(now) or ("" if hasSource else _("Load a movie from a file first."))


def whyNotMeasureMovie(now: Situation, hasMovie: bool, problem: str) -> str:
    """Why a movie cannot be measured; empty where it can. ``problem`` is what is missing for how far it goes."""
    return whyNotLoad(now) or ("" if hasMovie else _("Load or choose a movie first.")) or problem


def whyNotUseMovie(now: Situation, isMeasured: bool) -> str:
    """Why there is nothing of a movie to show, to clear or to save; empty where there is."""
    return whyNotLoad(now) or ("" if isMeasured else _("Nothing was found in a movie."))


def whyNotExportMovie(now: Situation, isMeasured: bool, hasFiles: bool) -> str:
    """Why the files of a movie's result cannot be exported; empty where they can."""
    gone = _("The files were not kept with the scene: measure again, then export.")
    return whyNotUseMovie(now, isMeasured) or ("" if hasFiles else gone)


def whyNotForgetTolerances(hasTolerances: bool) -> str:
    """Why there are no tolerances to forget; empty where there are."""
    return "" if hasTolerances else _("No tolerances are chosen.")


def whyNotExport(now: Situation) -> str:
    """Why nothing can be exported; empty where it can."""
    return whyNotLoad(now) or _missing(now) or ("" if now.hasFolder else _("Choose a folder first."))


def whyNotSavePictures(now: Situation, noneChosen: bool) -> str:
    """Why no pictures can be saved; empty where they can."""
    return whyNotExport(now) or (_("Choose above what to draw.") if noneChosen else "")


def _missing(now: Situation) -> str:
    if now.hasVolume and not now.volumeProblem and not now.voxelSizeKnown:
        return _("Set the voxel size of the volume first.")
    return _missingVolume(now)


def _missingVolume(now: Situation) -> str:
    return now.volumeProblem if now.hasVolume else _("Choose or load a volume first.")
