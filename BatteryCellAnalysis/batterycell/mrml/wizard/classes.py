"""The classes of a project: segments of the same id, name, colour and order in the labels of every image.

A segmentation has one reference geometry, so each image has labels of its own: a ``vtkMRMLSegmentationNode``
attached to its volume. A class's id is the id of its segments; the project notes the classes, so that what somebody
renames, recolours, adds, moves or removes in the Segment Editor can be told from what is merely older elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from batterycell.errors import InputError
from batterycell.mrml.cell import attach, attached, role_of, volume_node_of
from batterycell.mrml.names import name_of, plain
from batterycell.mrml.nodes import nodes_of
from batterycell.segment import PRESETS, SegmentClass

from .layers import count_voxels
from .project_node import get_note, set_note
from .segments import look_of, put_order, put_segment, segment_ids

ROLE = "classes"
_NOTE, _COUNT = "Classes", "ClassCount"
# Of new classes, in turn: told apart by colour-blind eyes (Okabe and Ito, 2008).
_COLORS = ("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#999999")


class ClassEntry(NamedTuple):
    """A class as the project notes it."""

    id: str
    name: str
    color: str


def classes_of(scene: Any) -> tuple[SegmentClass, ...]:
    """The project's classes in order; class n has the value n + 1 in labels."""
    return tuple(SegmentClass(entry.name, entry.color) for entry in entries_of(scene))


def class_ids(scene: Any) -> list[str]:
    """The ids of the project's classes, which are those of their segments, in order."""
    return [entry.id for entry in entries_of(scene)]


def entries_of(scene: Any) -> list[ClassEntry]:
    """The project's classes with their ids, in order."""
    return [ClassEntry(*entry) for entry in get_note(scene, _NOTE) or []]


def set_classes(scene: Any, classes: Sequence[SegmentClass], lose_paint: bool = False) -> None:
    """Give the project classes, e.g. a preset; a class of a name that is there already keeps its paint.

    Args:
        scene: The scene.
        classes: The classes in order.
        lose_paint: Whether classes that are not among them may go with what was painted for them.

    Raises:
        InputError: if a name is missing or twice there, or paint would be lost.
    """
    known = {_key(entry.name): entry for entry in entries_of(scene)}
    _check_names([one.name for one in classes])
    entries = []
    for one in classes:
        old = known.pop(_key(one.name), None)
        entries.append(ClassEntry(old.id if old else _new_id(scene), plain(one.name), one.color.upper()))
    if not lose_paint:
        _check_unpainted(scene, list(known.values()))
    _put(scene, entries)


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
    name = plain(name) or _free_name(entries)
    _check_names([*(entry.name for entry in entries), name])
    _put(scene, [*entries, ClassEntry(_new_id(scene), name, (color or _free_color(entries)).upper())])
    return name


def rename_class(scene: Any, old: str, new: str) -> None:
    """Rename a class; its paint stays.

    Raises:
        InputError: if there is no such class, or the new name is empty or taken.
    """
    entries, index = entries_of(scene), _index(scene, old)
    entries[index] = entries[index]._replace(name=plain(new))
    _check_names([entry.name for entry in entries])
    _put(scene, entries)


def recolor_class(scene: Any, name: str, color: str) -> None:
    """Give a class another colour, ``"#RRGGBB"``.

    Raises:
        InputError: if there is no such class.
    """
    entries, index = entries_of(scene), _index(scene, name)
    entries[index] = entries[index]._replace(color=color.upper())
    _put(scene, entries)


def move_class(scene: Any, name: str, place: int) -> None:
    """Move a class to a place in the order, 0 for the first; it takes its paint along.

    Raises:
        InputError: if there is no such class.
    """
    entries = entries_of(scene)
    entries.insert(place, entries.pop(_index(scene, name)))
    _put(scene, entries)


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
    entry = entries.pop(_index(scene, name))
    if not lose_paint:
        _check_unpainted(scene, [entry])
    _put(scene, entries)


def paint_of(scene: Any, name: str) -> dict[str, int]:
    """Painted voxels of a class in each image that has any.

    Raises:
        InputError: if there is no such class.
    """
    return _paint(scene, entries_of(scene)[_index(scene, name)].id)


def ensure_labels(volume_node: Any) -> Any:
    """The labels of an image, on its grid and with the project's classes, made where they are missing.

    Args:
        volume_node: The image; it may stand under a transform.

    Returns:
        The ``vtkMRMLSegmentationNode``, attached to the volume.
    """
    node = labels_of(volume_node) or _add_labels(volume_node)
    _put_entries(node, entries_of(volume_node.GetScene()))
    return node


def labels_of(volume_node: Any) -> Any:
    """The labels (``vtkMRMLSegmentationNode``) of an image; None where it has none."""
    return next(iter(attached(volume_node, ROLE)), None)


def all_labels(scene: Any) -> list[Any]:
    """The labels of all images, in the order of the scene."""
    nodes = nodes_of(scene, "vtkMRMLSegmentationNode")
    return [node for node in nodes if role_of(node) == ROLE and volume_node_of(node) is not None]


def sync_classes(scene: Any) -> bool:
    """Take over what was changed by hand in segments, and bring it to the labels of all images.

    A class that was removed from one image, but is painted in another, comes back.

    Returns:
        Whether anything had been changed.
    """
    before = entries_of(scene)
    entries = before
    for node in all_labels(scene):
        entries = _taken_over(scene, node, before, entries)
    unsettled = [node for node in all_labels(scene) if _read(node) != entries]
    if entries != before or unsettled:
        _put(scene, entries)
    return entries != before or bool(unsettled)


def _taken_over(scene: Any, node: Any, before: list[ClassEntry], entries: list[ClassEntry]) -> list[ClassEntry]:
    """The entries with what differs between a node's segments and what the project noted of them."""
    shown = _read(node)
    if shown == before or (not before and not shown):
        return entries
    old, now = {entry.id: entry for entry in before}, {entry.id: entry for entry in shown}
    merged = {entry.id: entry for entry in entries}
    merged |= {key: entry for key, entry in now.items() if entry != old.get(key)}
    gone = [key for key in old if key not in now and not _paint(scene, key)]
    order = list(now) + [key for key in merged if key not in now]
    if [key for key in now if key in old] == [key for key in old if key in now]:
        order = list(merged)
    return _with_own_names([merged[key] for key in order if key in merged and key not in gone])


def _with_own_names(entries: list[ClassEntry]) -> list[ClassEntry]:
    taken: set[str] = set()
    result = []
    for entry in entries:
        name, number = entry.name, 2
        while _key(name) in taken:
            name, number = f"{entry.name} ({number})", number + 1
        taken.add(_key(name))
        result.append(entry._replace(name=name))
    return result


def _read(node: Any) -> list[ClassEntry]:
    looks = ((segment_id, *look_of(node, segment_id)) for segment_id in segment_ids(node))
    return [ClassEntry(segment_id, plain(name), color) for segment_id, name, color in looks]


def _put(scene: Any, entries: list[ClassEntry]) -> None:
    set_note(scene, _NOTE, entries)
    for node in all_labels(scene):
        _put_entries(node, entries)


def _put_entries(node: Any, entries: list[ClassEntry]) -> None:
    ids = [entry.id for entry in entries]
    changing = node.StartModify()
    for gone in [segment_id for segment_id in segment_ids(node) if segment_id not in ids]:
        node.GetSegmentation().RemoveSegment(gone)
    for entry in entries:
        put_segment(node, *entry)
    put_order(node, ids)
    node.EndModify(changing)


def _add_labels(volume_node: Any) -> Any:
    node = volume_node.GetScene().AddNewNodeByClass("vtkMRMLSegmentationNode", f"{volume_node.GetName()} labels")
    # Under the volume's transform first: the reference geometry is kept in the node's own space.
    attach(volume_node, node, ROLE)
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume_node)
    node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().SetOpacity2DFill(0.4)
    return node


def _paint(scene: Any, segment_id: str) -> dict[str, int]:
    counts = {name_of(volume_node_of(node)): count_voxels(node, segment_id) for node in all_labels(scene)}
    return {image: count for image, count in counts.items() if count}


def _check_unpainted(scene: Any, entries: Sequence[ClassEntry]) -> None:
    for entry in entries:
        painted = _paint(scene, entry.id)
        if painted:
            where = ", ".join(f"{count} pixels in {image}" for image, count in painted.items())
            message = f"The class {entry.name} is painted: {where} would be lost."
            raise InputError("class-painted", message, "Confirm that they may go, or rename the class instead.")


def _check_names(names: Sequence[str]) -> None:
    keys = [_key(name) for name in names]
    if not all(keys):
        raise InputError("classes-names", "A class has no name.", "Give every class a name of its own.")
    twice = next((name for name, key in zip(names, keys, strict=True) if keys.count(key) > 1), None)
    if twice is not None:
        message = f"Two classes are called {plain(twice)!r}."
        raise InputError("classes-names", message, "Give every class a name of its own.")


def _index(scene: Any, name: str) -> int:
    keys = [_key(entry.name) for entry in entries_of(scene)]
    if _key(name) not in keys:
        raise InputError("class-missing", f"There is no class {name!r}.", "Was it renamed or removed?")
    return keys.index(_key(name))


def _key(name: str) -> str:
    return plain(name).casefold()


def _new_id(scene: Any) -> str:
    count = int(get_note(scene, _COUNT) or 0) + 1
    set_note(scene, _COUNT, count)
    return f"class_{count}"


def _free_name(entries: Sequence[ClassEntry]) -> str:
    taken = {_key(entry.name) for entry in entries}
    return next(name for number in range(1, 10_000) if (name := f"class {number}") not in taken)


def _free_color(entries: Sequence[ClassEntry]) -> str:
    used = [entry.color for entry in entries]
    return min(_COLORS, key=used.count)
