"""Names of nodes that people choose: any letters, and still there when the scene is loaded again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

# Slicer cannot load a scene again in which a stored node's name has an ampersand; its full-width twin looks the same.
_AMPERSAND, _TWIN = "&", "＆"


def name_of(node: Any) -> str:
    """The name that people gave a node with `set_name`."""
    return str(node.GetName() or "").replace(_TWIN, _AMPERSAND)


def set_name(node: Any, name: str) -> None:
    """Name a node; line breaks and runs of spaces become one space."""
    node.SetName(plain(name).replace(_AMPERSAND, _TWIN))


def keep_loadable(node: Any) -> None:
    """Rename a node that someone gave a name with which Slicer could not load the saved scene again."""
    if _AMPERSAND in (node.GetName() or ""):
        set_name(node, node.GetName())


def plain(name: str) -> str:
    """A name on one line."""
    return " ".join(name.split())


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, with a number behind it where it is taken: ``gap (2)``."""
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free
