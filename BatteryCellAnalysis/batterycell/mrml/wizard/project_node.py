"""What a project knows beside its volumes, segments and frames: one hidden node that is saved with the scene."""

from __future__ import annotations

import json
from typing import Any

_TAG = "BatteryCellProject"
_PREFIX = "BatteryCell."


def get_note(scene: Any, name: str) -> Any:
    """What was noted in the project under a name; None where nothing was, or another program spoiled it."""
    node = scene.GetSingletonNode(_TAG, "vtkMRMLScriptedModuleNode")
    try:
        return json.loads(node.GetAttribute(_PREFIX + name) or "null") if node else None
    except ValueError:
        return None


def set_note(scene: Any, name: str, value: Any) -> None:
    """Note something, of JSON's types, in the project under a name."""
    project_node(scene).SetAttribute(_PREFIX + name, json.dumps(value, ensure_ascii=False))


def all_notes(scene: Any) -> dict[str, Any]:
    """Everything that was noted in the project, by name."""
    node = scene.GetSingletonNode(_TAG, "vtkMRMLScriptedModuleNode")
    names = [name for name in node.GetAttributeNames() if name.startswith(_PREFIX)] if node else []
    return {name.removeprefix(_PREFIX): get_note(scene, name.removeprefix(_PREFIX)) for name in names}


def project_node(scene: Any) -> Any:
    """The hidden ``vtkMRMLScriptedModuleNode`` of the scene's one project, made where it is missing."""
    node = scene.GetSingletonNode(_TAG, "vtkMRMLScriptedModuleNode")
    return node or _add_node(scene)


def _add_node(scene: Any) -> Any:
    node = scene.CreateNodeByClass("vtkMRMLScriptedModuleNode")
    node.UnRegister(None)
    node.SetSingletonTag(_TAG)
    node.SetName(_TAG)
    node.SetHideFromEditors(True)
    node.SetUndoEnabled(False)
    return scene.AddNode(node)
