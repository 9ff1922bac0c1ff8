"""The classes of a project: segments of the same id, name, colour and order in the labels of every image.

A segmentation has one reference geometry, so each image has labels of its own: a ``vtkMRMLSegmentationNode``
attached to its volume. A class's id is the id of its segments; the project notes the classes, so that what somebody
renames, recolours, adds, moves or removes in the Segment Editor can be told from what is merely older elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from batterycell.mrml.names import plain
from batterycell.segment import PRESETS, SegmentClass

from .class_entries import (
    ClassEntry,
    check_names,
    entries_of,
    find_entry,
    new_color,
    new_id,
    new_name,
    same_name,
    with_own_names,
)
from .class_segments import (
    ROLE,
    all_labels,
    check_unpainted,
    ensure_labels,
    labels_of,
    painted,
    put_entries,
    read_entries,
)

__all__ = [
    "ROLE",
    "add_class",
    "all_labels",
    "class_ids",
    "classes_of",
    "ensure_labels",
    "labels_of",
    "move_class",
    "paint_of",
    "recolor_class",
    "remove_class",
    "rename_class",
    "set_classes",
    "sync_classes",
    "use_preset",
]


def classes_of(scene: Any) -> tuple[SegmentClass, ...]:
    """The project's classes in order; class n has the value n + 1 in labels."""
    return tuple(SegmentClass(entry.name, entry.color) for entry in entries_of(scene))


def class_ids(scene: Any) -> list[str]:
    """The ids of the project's classes, which are those of their segments, in order."""
    return [entry.id for entry in entries_of(scene)]


def set_classes(scene: Any, classes: Sequence[SegmentClass], lose_paint: bool = False) -> None:
    """Give the project classes, e.g. those of a model; a class of a name that is there already keeps its paint.

    Args:
        scene: The scene.
        classes: The classes in order.
        lose_paint: Whether classes that are not among them may go with what was painted for them.

    Raises:
        InputError: if a name is missing or twice there, or paint would be lost.
    """
    known = {same_name(entry.name): entry for entry in entries_of(scene)}
    check_names([one.name for one in classes])
    entries = []
    for one in classes:
        old = known.pop(same_name(one.name), None)
        entries.append(ClassEntry(old.id if old else new_id(scene), plain(one.name), one.color.upper()))
    if not lose_paint:
        check_unpainted(scene, list(known.values()))
    put_entries(scene, entries)


def use_preset(scene: Any, name: str, lose_paint: bool = False) -> None:
    """Give the project the classes of one of `segment.PRESETS`; errors as of `set_classes`."""
    set_classes(scene, PRESETS[name], lose_paint)


def add_class(scene: Any, name: str = "", color: str | None = None) -> str:
    """Add a class behind the others.

    Args:
        scene: The scene.
        name: Its name; ``class 3`` where empty.
        color: ``"#RRGGBB"``; None for one that is not used yet.

    Returns:
        Its name.

    Raises:
        InputError: if the name is taken.
    """
    entries = entries_of(scene)
    name = plain(name) or new_name(entries)
    check_names([*(entry.name for entry in entries), name])
    put_entries(scene, [*entries, ClassEntry(new_id(scene), name, (color or new_color(entries)).upper())])
    return name


def rename_class(scene: Any, old: str, new: str) -> None:
    """Rename a class; its paint stays.

    Raises:
        InputError: if there is no such class, or the new name is empty or taken.
    """
    entries = entries_of(scene)
    index = find_entry(entries, old)
    entries[index] = entries[index]._replace(name=plain(new))
    check_names([entry.name for entry in entries])
    put_entries(scene, entries)


def recolor_class(scene: Any, name: str, color: str) -> None:
    """Give a class another colour, ``"#RRGGBB"``.

    Raises:
        InputError: if there is no such class.
    """
    entries = entries_of(scene)
    index = find_entry(entries, name)
    entries[index] = entries[index]._replace(color=color.upper())
    put_entries(scene, entries)


def move_class(scene: Any, name: str, place: int) -> None:
    """Move a class to a place in the order, 0 for the first; it takes its paint along.

    Raises:
        InputError: if there is no such class.
    """
    entries = entries_of(scene)
    entries.insert(place, entries.pop(find_entry(entries, name)))
    put_entries(scene, entries)


def remove_class(scene: Any, name: str, lose_paint: bool = False) -> None:
    """Remove a class from the project, with its segments.

    Args:
        scene: The scene.
        name: The class.
        lose_paint: Whether what was painted for it may go too.

    Raises:
        InputError: if there is no such class, or it was painted; the message says how much would be lost.
    """
    entries = entries_of(scene)
    entry = entries.pop(find_entry(entries, name))
    if not lose_paint:
        check_unpainted(scene, [entry])
    put_entries(scene, entries)


def paint_of(scene: Any, name: str) -> dict[str, int]:
    """Painted voxels of a class in each image that has any, by the image's name.

    Raises:
        InputError: if there is no such class.
    """
    entries = entries_of(scene)
    return painted(scene, entries[find_entry(entries, name)].id)


def sync_classes(scene: Any) -> bool:
    """Take over what was changed by hand in segments, and bring it to the labels of all images.

    A class that was removed from one image, but is painted in another, comes back.

    Returns:
        Whether anything had been changed.
    """
    before = entries_of(scene)
    shown = [read_entries(node) for node in all_labels(scene)]
    if all(one == before for one in shown):
        return False
    entries = before
    for one in shown:
        entries = _merged(entries, before, one)
    gone = {entry.id for entry in before for one in shown if entry.id not in [now.id for now in one]}
    lost = {class_id for class_id in gone if not painted(scene, class_id)}
    put_entries(scene, with_own_names(entry for entry in entries if entry.id not in lost))
    return True


def _merged(entries: list[ClassEntry], before: list[ClassEntry], shown: list[ClassEntry]) -> list[ClassEntry]:
    """The classes with what differs between an image's segments and what the project noted before."""
    old, now = {entry.id: entry for entry in before}, {entry.id: entry for entry in shown}
    merged = {entry.id: entry for entry in entries}
    merged |= {key: entry for key, entry in now.items() if entry != old.get(key)}
    was_moved = [key for key in now if key in old] != [key for key in old if key in now]
    order = [*now, *(key for key in merged if key not in now)] if was_moved else list(merged)
    return [merged[key] for key in order]
