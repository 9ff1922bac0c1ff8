"""The nodes of a scene as XML, each with its data in a file of the snapshot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

# No XML may hold these characters (XML 1.0, 2.2), but Slicer writes them as they are.
_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Stored:
    """Where the data of a node went.

    Args:
        node_id: The node.
        name: Its name.
        storage: A storage node of the right kind, of no scene; None where the data could not be written.
        file: Relative to the snapshot.
    """

    node_id: str
    name: str
    storage: Any
    file: str


def write_xml(scene: Any, stored: list[Stored], path: Path) -> None:
    """Write the scene's nodes, each stored one with a storage node that points into the snapshot."""
    root = ElementTree.fromstring(_NO_XML.sub("", _xml(scene)))
    elements = {element.get("id", ""): element for element in root}
    for number, item in enumerate(stored):
        if item.node_id in elements:
            _store(root, elements, item, number)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def _store(root: ElementTree.Element, elements: dict[str, ElementTree.Element], item: Stored, number: int) -> None:
    element = elements[item.node_id]
    for old in _references(element).get("storage", "").split():
        if old in elements:
            root.remove(elements.pop(old))
    storage_id = f"{item.storage.GetClassName()}Snapshot{number}" if item.storage else ""
    _set_reference(element, "storage", storage_id)
    if item.storage:
        tag = item.storage.GetNodeTagName()
        ElementTree.SubElement(root, tag, id=storage_id, name=tag, fileName=item.file, useCompression="1")


def _xml(scene: Any) -> str:
    before, unsaved = scene.GetSaveToXMLString(), scene.GetModifiedSinceRead()
    scene.SetSaveToXMLString(1)
    try:
        scene.Commit()
        return str(scene.GetSceneXMLString())
    finally:
        scene.SetSaveToXMLString(before)
        if unsaved:
            _note_unsaved(scene)


def _note_unsaved(scene: Any) -> None:
    """Let the application ask for saving still: Slicer takes a scene for saved now, by the times of its nodes."""
    node = scene.GetNodeByID("vtkMRMLInteractionNodeSingleton") or scene.GetNthNode(0)
    node.Modified()


def _references(element: ElementTree.Element) -> dict[str, str]:
    pairs = (part.partition(":") for part in element.get("references", "").split(";") if part)
    return {role: ids for role, _, ids in pairs}


def _set_reference(element: ElementTree.Element, role: str, node_id: str) -> None:
    references = {**_references(element), role: node_id}
    element.set("references", "".join(f"{name}:{ids};" for name, ids in references.items() if ids))
    element.attrib.pop("storageNodeRef", None)
