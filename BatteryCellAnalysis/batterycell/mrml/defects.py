"""Marked defects as Slicer's own points: one point list a class, label = number, description = severity and note."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.annotate.defects import (
    SEVERITIES,
    Defect,
    describe,
    is_described,
    make_table,
    number_of,
    severity_and_note,
)
from batterycell.errors import InputError
from batterycell.tables import Table
from batterycell.volume import Volume

from .cell import cell_of
from .defect_classes import class_of, defect_list, defect_lists
from .defect_points import in_cell, next_id, points, put_point, share_last_number, world_of
from .places import from_world, is_inside
from .volumes import volume_from_node
from .windings import winding_at


def add_defect(
    volume_node: Any, defect_class: str, ras_world: ArrayLike, severity: str = SEVERITIES[0], note: str = ""
) -> str:
    """Mark a defect.

    Args:
        volume_node: The volume.
        defect_class: One of the volume's classes.
        ras_world: Place as the views show it, RAS mm, shape (3,); also one in the cell's unrolled picture.
        severity: minor, major or critical.
        note: Any text.

    Returns:
        Its running number, ``"D3"``.

    Raises:
        InputError: if the place lies outside the volume, or class or severity are not known.
    """
    point, description = check_place(volume_node, ras_world), describe(severity, note)
    node = defect_list(volume_node, defect_class)
    label = next_id(volume_node)
    put_point(node, label, point, description)
    return label


def check_place(volume_node: Any, ras_world: ArrayLike) -> NDArray[np.float64]:
    """Check that a place, RAS mm as the views show it, lies in the volume, or in the cell's unrolled picture.

    Returns:
        The place in the cell, RAS mm as the views show it, shape (3,).

    Raises:
        InputError: if it lies in neither.
    """
    place = in_cell(volume_node, np.asarray(ras_world, float))
    if not is_inside(volume_node, volume_from_node(volume_node).to_ijk(from_world(volume_node, place))):
        raise InputError(
            "defect-outside", "That place lies outside the volume: nothing was marked.", "Click inside the volume."
        )  # fmt: skip
    return place


def defects_of(volume_node: Any) -> list[Defect]:
    """All marked defects of a volume, in the order of their numbers."""
    if not defect_lists(volume_node):
        return []
    volume = volume_from_node(volume_node)
    found = [_defect(volume_node, volume, node, index) for node, index in points(volume_node)]
    return sorted(found, key=lambda defect: (number_of(defect.id), defect.id))


def defects_table(volume_node: Any) -> Table:
    """The table of the marked defects of a volume: ``DEFECT_COLUMNS`` of `batterycell.annotate.defect_columns`.

    Angle and height are filled where the cell's axis is known, the winding where the windings are.
    """
    cell, defects = cell_of(volume_node), defects_of(volume_node)
    windings = winding_at(volume_node, np.array([defect.ras for defect in defects]).reshape(-1, 3))
    return make_table(defects, cell.frame if cell else None, windings)


def outside_volume(volume_node: Any, defect_ids: Collection[str]) -> list[str]:
    """Which of some defects lie outside the volume."""
    found = [defect for defect in defects_of(volume_node) if defect.id in defect_ids]
    return [defect.id for defect in found if not is_inside(volume_node, np.array(defect.ijk))]


def find_defect(volume_node: Any, defect_id: str) -> tuple[Any, int]:
    """The point list that holds a defect, and the point's index in it.

    Raises:
        InputError: if there is no such defect, for example because its list was deleted.
    """
    for node, index in points(volume_node):
        if node.GetNthControlPointLabel(index) == defect_id:
            return node, index
    raise InputError("defect-missing", f"There is no defect {defect_id} any more.", "Was its list deleted? Undo.")


def remove_defect(volume_node: Any, defect_id: str) -> None:
    """Remove a defect; the others keep their numbers."""
    node, index = find_defect(volume_node, defect_id)
    node.RemoveNthControlPoint(index)


def set_defect_class(volume_node: Any, defect_id: str, defect_class: str) -> None:
    """Move a defect to the list of another class; it keeps its number, place, severity and note."""
    target = defect_list(volume_node, defect_class)
    node, index = find_defect(volume_node, defect_id)
    if node is target:
        return
    put_point(target, defect_id, world_of(node, index), node.GetNthControlPointDescription(index))
    node.RemoveNthControlPoint(index)


def set_severity(volume_node: Any, defect_id: str, severity: str) -> None:
    """Change a defect's severity."""
    node, index = find_defect(volume_node, defect_id)
    _, note = severity_and_note(node.GetNthControlPointDescription(index))
    node.SetNthControlPointDescription(index, describe(severity, note))


def set_note(volume_node: Any, defect_id: str, note: str) -> None:
    """Change a defect's note."""
    node, index = find_defect(volume_node, defect_id)
    severity, _ = severity_and_note(node.GetNthControlPointDescription(index))
    node.SetNthControlPointDescription(index, describe(severity, note))


def adopt_points(volume_node: Any, severity: str = SEVERITIES[0], note: str = "") -> list[str]:
    """Make defects of points that were placed with Slicer's own tools: a number, and a severity where none is stated.

    Returns:
        The numbers of the points that were changed.
    """
    taken: set[str] = set()
    changed = []
    for node, index in list(points(volume_node)):
        label = node.GetNthControlPointLabel(index)
        if not label or label in taken:
            label = next_id(volume_node)
            node.SetNthControlPointLabel(index, label)
            changed.append(label)
        if not is_described(text := node.GetNthControlPointDescription(index)):
            node.SetNthControlPointDescription(index, describe(severity, text or note))
            changed.append(label)
        taken.add(label)
        if label in changed:
            _bring_into_cell(volume_node, node, index)
    share_last_number(volume_node)
    return sorted(set(changed), key=number_of)


def _bring_into_cell(volume_node: Any, node: Any, index: int) -> None:
    world = world_of(node, index)
    place = in_cell(volume_node, world)
    if place is not world and np.isfinite(place).all():
        node.SetNthControlPointPositionWorld(index, *place.tolist())


def _defect(volume_node: Any, volume: Volume, node: Any, index: int) -> Defect:
    world = world_of(node, index)
    own = from_world(volume_node, world)
    severity, note = severity_and_note(node.GetNthControlPointDescription(index))
    places = (tuple(point.tolist()) for point in (volume.to_ijk(own), world, own))
    return Defect(node.GetNthControlPointLabel(index), class_of(node), severity, note, *places)
