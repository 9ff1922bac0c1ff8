"""Folders of the Data module, in which nodes that belong together are kept together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def put_into_folder(scene: Any, nodes: Sequence[Any], name: str) -> None:
    """Put nodes into a closed folder of the scene, made where there is none of that name."""
    import slicer

    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    if hierarchy is None or not nodes:
        return
    root, none = hierarchy.GetSceneItemID(), hierarchy.GetInvalidItemID()
    folder = hierarchy.GetItemChildWithName(root, name)
    if folder == none:
        folder = hierarchy.CreateFolderItem(root, name)
        hierarchy.SetItemExpanded(folder, False)
    for node in nodes:
        item = hierarchy.GetItemByDataNode(node)
        # The desktop makes an item for every node; a scene without the application does not.
        if item == none:
            hierarchy.CreateItem(folder, node)
        else:
            hierarchy.SetItemParent(item, folder)
