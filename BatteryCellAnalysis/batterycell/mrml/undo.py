"""Undo, as Slicer's scene offers it, for the nodes of a cell (those attached to a volume)."""

from __future__ import annotations

from typing import Any

from .cell import ORIENTATION, role_of, volume_node_of

_STEPS = 30


def remember(scene: Any) -> None:
    """Remember how the cell's nodes are now, before they are edited, for `undo` to come back to.

    Volumes are left out: Slicer would copy every voxel.
    """
    scene.SetUndoOn()
    scene.SetMaximumNumberOfSavedUndoStates(_STEPS)
    scene.SaveStateForUndo()


def undo(scene: Any) -> bool:
    """Go back to what was remembered last; False where nothing was."""
    if not can_undo(scene):
        return False
    scene.Undo()
    _stand_volumes(scene)
    return True


def redo(scene: Any) -> bool:
    """Take the last undo back; False where there was none."""
    if not can_redo(scene):
        return False
    scene.Redo()
    _stand_volumes(scene)
    return True


def can_undo(scene: Any) -> bool:
    """Whether there is something to go back to."""
    return bool(scene.GetNumberOfUndoLevels())


def can_redo(scene: Any) -> bool:
    """Whether there is an undo to take back."""
    return bool(scene.GetNumberOfRedoLevels())


def forget(scene: Any) -> None:
    """Forget all steps: for after a change that cannot be taken back."""
    scene.ClearUndoStack()
    scene.ClearRedoStack()


def _stand_volumes(scene: Any) -> None:
    """Put volumes, which undo does not know, under their orientation again where it came back."""
    nodes = scene.GetNodesByClass("vtkMRMLLinearTransformNode")
    for transform in (nodes.GetItemAsObject(index) for index in range(nodes.GetNumberOfItems())):
        volume = volume_node_of(transform)
        if volume is not None and role_of(transform) == ORIENTATION:
            volume.SetAndObserveTransformNodeID(transform.GetID())
