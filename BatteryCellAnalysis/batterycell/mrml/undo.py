"""Undo, as Slicer's scene offers it, for the nodes of a cell (those attached to a volume) and for how volumes lie.

Slicer's undo would copy every voxel of a volume, so volumes stay out of it. What edits change in them, their geometry
(by hardening) and their transform, is noted in a small hidden node that takes part in it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .batch import in_one_go
from .cell import CELL, CELL_HOLDS_FOR, ORIENTATION, attached, follows, put_under, role_of, volume_node_of
from .geometry import HOLDS_FOR, UNDER, apply_matrix, geometry_text, mapped, restore_geometry, same_voxels
from .nodes import nodes_of

_STEPS = 30
_NOTES = "BatteryCellUndo"
_NOTE = "BatteryCell.Volumes"
# What is kept on a volume and holds for one geometry of it.
_PLACES = (CELL, CELL_HOLDS_FOR, HOLDS_FOR, UNDER)


def remember(scene: Any) -> None:
    """Remember how the cell's nodes are now, before they are edited, for `undo` to come back to."""
    scene.SetMaximumNumberOfSavedUndoStates(_STEPS)
    _note_volumes(scene)
    _include_displays(scene)
    # Only meanwhile: Slicer's views would else remember a step at every pan, zoom and click, and forget the redo.
    scene.SetUndoOn()
    scene.SaveStateForUndo()
    scene.SetUndoOff()


def undo(scene: Any) -> bool:
    """Go back to what was remembered last; False where nothing was."""
    return can_undo(scene) and _step(scene, scene.Undo)


def redo(scene: Any) -> bool:
    """Take the last undo back; False where there was none."""
    return can_redo(scene) and _step(scene, scene.Redo)


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


def _step(scene: Any, step: Callable[[], None]) -> bool:
    _note_volumes(scene)
    with in_one_go(scene):
        scene.SetUndoOn()
        step()
        scene.SetUndoOff()
        for note in json.loads(_notes(scene).GetAttribute(_NOTE)):
            _restore(scene, note)
        _place_again(scene)
    return True


def _include_displays(scene: Any) -> None:
    """Let marks that were deleted come back with their colours, and not unseen."""
    for node in nodes_of(scene, "vtkMRMLMarkupsNode"):
        if role_of(node) and node.GetDisplayNode():
            node.GetDisplayNode().SetUndoEnabled(True)


def _note_volumes(scene: Any) -> None:
    notes = [_note(node) for node in nodes_of(scene, "vtkMRMLScalarVolumeNode")]
    _notes(scene).SetAttribute(_NOTE, json.dumps(notes))


def _notes(scene: Any) -> Any:
    """The hidden node of the notes, made where it is missing."""
    node = scene.GetSingletonNode(_NOTES, "vtkMRMLScriptedModuleNode")
    if node is None:
        node = scene.CreateNodeByClass("vtkMRMLScriptedModuleNode")
        node.UnRegister(None)
        node.SetSingletonTag(_NOTES)
        node.SetName(_NOTES)
        node.SetHideFromEditors(True)
        node.SetSaveWithScene(False)
        node = scene.AddNode(node)
    node.SetUndoEnabled(True)
    return node


def _note(volume_node: Any) -> dict[str, Any]:
    attributes = {name: volume_node.GetAttribute(name) for name in _PLACES}
    geometry, transform = geometry_text(volume_node), volume_node.GetTransformNodeID()
    return {"id": volume_node.GetID(), "geometry": geometry, "attributes": attributes, "transform": transform}


def _restore(scene: Any, note: dict[str, Any]) -> None:
    volume_node = scene.GetNodeByID(note["id"])
    if volume_node is None:
        return
    now = geometry_text(volume_node)
    if not same_voxels(now, note["geometry"]):
        _bring_to_voxels(volume_node, mapped(note["geometry"], now))
    elif now != note["geometry"]:
        _move_what_undo_does_not_know(volume_node, mapped(now, note["geometry"]))
        restore_geometry(volume_node, note["geometry"])
        for name, text in note["attributes"].items():
            volume_node.SetAttribute(name, text)
    _restore_transform(scene, volume_node, note["transform"])


def _bring_to_voxels(volume_node: Any, matrix: NDArray[np.float64]) -> None:
    """Another voxel size is a correction, not a turn: it stays, and what came back from before it keeps its voxels."""
    for node in filter(follows, attached(volume_node)):
        if node.GetUndoEnabled():
            apply_matrix(node, matrix)


def _move_what_undo_does_not_know(volume_node: Any, matrix: NDArray[np.float64]) -> None:
    for node in filter(follows, attached(volume_node)):
        # Volumes have a note of their own.
        if not (node.GetUndoEnabled() or node.IsA("vtkMRMLScalarVolumeNode")):
            apply_matrix(node, matrix)


def _place_again(scene: Any) -> None:
    """Let every box know under which transform it stands: undo restores that, but not what a box derived from it."""
    for box in nodes_of(scene, "vtkMRMLMarkupsROINode"):
        transform_id = box.GetTransformNodeID()
        box.SetAndObserveTransformNodeID(None)
        box.SetAndObserveTransformNodeID(transform_id)


def _restore_transform(scene: Any, volume_node: Any, transform_id: str | None) -> None:
    """Put a volume under its orientation, or out of it; a transform of someone else stays."""
    transform = volume_node.GetParentTransformNode()
    if transform is None or (role_of(transform) == ORIENTATION and volume_node_of(transform) is volume_node):
        known = transform_id if transform_id and scene.GetNodeByID(transform_id) else None
        put_under(volume_node, scene.GetNodeByID(known) if known else None)
