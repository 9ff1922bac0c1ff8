"""The classes of defects of a cell: one point list a class, its name is the class, its colour the class's colour."""

from __future__ import annotations

from collections import Counter
from typing import Any

from batterycell import palette
from batterycell.annotate.defects import CLASSES
from batterycell.errors import InputError

from .cell import attach, attached
from .names import name_of, plain, set_name

ROLE = "defects"
# Of the view, in percent: seen in a whole cell, and not over the sheets when one zooms in.
_GLYPH_PERCENT = 1.5
_TEXT_PERCENT = 2.5


def defect_lists(volume_node: Any) -> list[Any]:
    """The point lists (``vtkMRMLMarkupsFiducialNode``) of a volume, one a class."""
    return attached(volume_node, ROLE)


def defect_classes(volume_node: Any) -> list[str]:
    """The classes in order; those of `CLASSES` while the volume has no list yet."""
    return [class_of(node) for node in defect_lists(volume_node)] or list(CLASSES)


def class_of(node: Any) -> str:
    """The class whose defects a point list holds."""
    return name_of(node)


def defect_list(volume_node: Any, defect_class: str) -> Any:
    """The point list of a class; lists of all known classes are made before the first one is used.

    Raises:
        InputError: if there is no such class.
    """
    ensure_defect_lists(volume_node)
    for node in defect_lists(volume_node):
        if _key(class_of(node)) == _key(defect_class):
            return node
    raise InputError("defect-class", f"There is no class “{defect_class}”.", "Add it to the classes first.")


def add_defect_class(volume_node: Any, name: str) -> Any:
    """Add a class, which is a point list in a colour of its own.

    Returns:
        The new list.

    Raises:
        InputError: if the name is empty or taken.
    """
    ensure_defect_lists(volume_node)
    return _add_list(volume_node, check_class_name(volume_node, name))


def rename_defect_class(volume_node: Any, old: str, new: str) -> None:
    """Rename a class; its points keep their numbers.

    Raises:
        InputError: if there is no such class, or the new name is empty or taken.
    """
    node = defect_list(volume_node, old)
    if _key(old) != _key(new):
        new = check_class_name(volume_node, new)
    set_name(node, plain(new))


def remove_defect_class(volume_node: Any, name: str) -> None:
    """Remove a class that holds no defect.

    Raises:
        InputError: if there is no such class, it holds defects, or it is the last one.
    """
    volume_node.GetScene().RemoveNode(check_removable(volume_node, name))


def check_removable(volume_node: Any, name: str) -> Any:
    """Check that a class can be removed.

    Returns:
        Its list.

    Raises:
        InputError: if it cannot: there is no such class, it holds defects, or it is the last one.
    """
    node = defect_list(volume_node, name)
    count = node.GetNumberOfDefinedControlPoints()
    if count:
        raise InputError(
            "defect-class-used", f"The class “{name}” holds {count} defects.", "Give them another class first."
        )  # fmt: skip
    if len(defect_lists(volume_node)) == 1:
        raise InputError("defect-class-last", "One class must stay.", "Rename it instead.")
    return node


def check_class_name(volume_node: Any, name: str) -> str:
    """Check that a new class can have a name.

    Returns:
        The name without line breaks and needless spaces.

    Raises:
        InputError: if it is empty or taken.
    """
    name = plain(name)
    if not name:
        raise InputError("defect-class-name", "A class needs a name.", "Type one.")
    if _key(name) in map(_key, defect_classes(volume_node)):
        raise InputError("defect-class-name", f"There is a class “{name}” already.", "Choose another name.")
    return name


def class_colors(volume_node: Any) -> dict[str, str]:
    """The colour (#RRGGBB) of every class, in order, as the views show it."""
    nodes = defect_lists(volume_node)
    if not nodes:
        return dict(zip(CLASSES, palette.DEFECTS, strict=True))
    return {class_of(node): _hex(node.GetDisplayNode()) for node in nodes}


def ensure_defect_lists(volume_node: Any) -> None:
    """Make the lists of all known classes where a volume has none yet."""
    if not defect_lists(volume_node):
        for name in CLASSES:
            _add_list(volume_node, name)


def _add_list(volume_node: Any, name: str) -> Any:
    color = _color(volume_node, name)
    node = volume_node.GetScene().AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", name)
    # The scene would call the list of a second cell "fold_1".
    set_name(node, name)
    node.SetControlPointLabelFormat("D%d")
    _style(node, color)
    attach(volume_node, node, ROLE)
    return node


def _color(volume_node: Any, name: str) -> str:
    """A class keeps its colour; a new one gets the colour that is used least."""
    if name in CLASSES:
        return palette.DEFECTS[CLASSES.index(name)]
    displays = (node.GetDisplayNode() for node in defect_lists(volume_node))
    used = Counter(display.GetSelectedColor() for display in displays if display)
    return min(palette.DEFECTS, key=lambda color: used[palette.to_rgb(color)])


def _style(node: Any, color: str) -> None:
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetColor(*palette.to_rgb(color))
    display.SetSelectedColor(*palette.to_rgb(color))
    display.SetUseGlyphScale(True)
    display.SetGlyphScale(_GLYPH_PERCENT)
    display.SetTextScale(_TEXT_PERCENT)
    display.SetPointLabelsVisibility(True)
    display.SetPropertiesLabelVisibility(False)


def _hex(display: Any) -> str:
    color = display.GetSelectedColor() if display else palette.to_rgb(palette.FOREGROUND)
    return "#{:02X}{:02X}{:02X}".format(*(round(255 * part) for part in color))


def _key(name: str) -> str:
    return plain(name).casefold()
