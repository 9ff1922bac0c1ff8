"""The nodes of a scene as a list."""

from __future__ import annotations

from typing import Any


def nodes_of(scene: Any, kind: str = "vtkMRMLNode") -> list[Any]:
    """All nodes of a scene that are of a class, in the order of the scene.

    One by one: the collection that ``GetNodesByClass`` gives comes with a reference too many, and keeps its nodes.
    """
    every = (scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes()))
    return [node for node in every if node.IsA(kind)]
