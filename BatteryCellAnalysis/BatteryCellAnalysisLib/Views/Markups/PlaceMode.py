"""Slicer's own place mode, for one point list."""

from typing import Any

import slicer


def startPlacing(node: Any, several: bool) -> None:
    """Let the next click in a view, or each until it is ended, add a point to a list."""
    selection = node.GetScene().GetNodeByID("vtkMRMLSelectionNodeSingleton")
    selection.SetReferenceActivePlaceNodeClassName(node.GetClassName())
    selection.SetActivePlaceNodeID(node.GetID())
    interaction = interactionNode(node.GetScene())
    interaction.SetPlaceModePersistence(several)
    interaction.SetCurrentInteractionMode(interaction.Place)


def stopPlacing(scene: Any) -> None:
    """Let clicks do what they do else."""
    interaction = interactionNode(scene)
    interaction.SetCurrentInteractionMode(interaction.ViewTransform)


def placingInto(scene: Any) -> Any:
    """The node into which clicks place points; None while they do not."""
    interaction = interactionNode(scene)
    if interaction is None or interaction.GetCurrentInteractionMode() != interaction.Place:
        return None
    return scene.GetNodeByID(scene.GetNodeByID("vtkMRMLSelectionNodeSingleton").GetActivePlaceNodeID() or "")


def isViewing(scene: Any) -> bool:
    """Whether clicks do nothing but look: they neither place points nor adjust the window."""
    interaction = interactionNode(scene)
    return interaction is None or interaction.GetCurrentInteractionMode() == interaction.ViewTransform


def interactionNode(scene: Any) -> Any:
    """The node that says what clicks do."""
    return scene.GetNodeByID("vtkMRMLInteractionNodeSingleton")


MODE_CHANGED = slicer.vtkMRMLInteractionNode.InteractionModeChangedEvent
