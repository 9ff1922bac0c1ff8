"""Put a table of defects, for example one that was read from CSV, into a scene."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.annotate.defect_columns import IJK, XYZ_MM
from batterycell.annotate.defects import CLASSES, SEVERITIES, describe, number_of
from batterycell.annotate.import_notes import ImportNotes
from batterycell.errors import InputError
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM

from .defect_classes import add_defect_class, defect_classes, defect_list
from .defect_points import put_point
from .defects import defects_of, set_defect_class, set_note, set_severity
from .places import from_world, is_inside, to_world
from .volumes import volume_from_node

# The same defect where it moved by less than this many voxels.
_SAME_PLACE = 0.5
# A micrometre, in mm: what is off by more was not rounded.
_SAME_MM = 1e-3


def add_defects(volume_node: Any, table: Table) -> list[str]:
    """Add the defects of a table.

    A row of a defect that is there already, with the same number at the same place, updates class, severity and note;
    where the row says nothing, they stay. A new defect without a class is "other", without a severity minor.
    Where a row says both IJK and XYZ, IJK counts: it stays when the cell is turned.

    Args:
        volume_node: The volume.
        table: Columns ``DEFECT_COLUMNS``, NaN where nothing is known.

    Returns:
        What was done, in sentences for people.

    Raises:
        InputError: if none of the places lies in the volume; nothing is added then.
    """
    check_places(volume_node, table)
    ijk = _voxels(volume_node, table)
    world = to_world(volume_node, volume_from_node(volume_node).to_ras(ijk))
    known = _there_already(volume_node, table, ijk)
    _update_all(volume_node, table, known)
    notes = ImportNotes(updated=len(known))
    _add_all(volume_node, table, world, np.flatnonzero(~np.isin(np.arange(len(table)), known)), notes)
    notes.outside = _names(table, ~is_inside(volume_node, ijk))
    notes.moved = _names(table, np.nanmax(np.abs(_columns(table, XYZ_MM) - world), axis=1, initial=0.0) > _SAME_MM)
    return notes.sentences()


def check_places(volume_node: Any, table: Table) -> None:
    """Check that the defects of a table belong into a volume.

    Raises:
        InputError: if none of the places lies in it: another cell, or another unit.
    """
    if not is_inside(volume_node, _voxels(volume_node, table)).any():
        raise _all_outside(volume_node, table)


def _voxels(volume_node: Any, table: Table) -> NDArray[np.float64]:
    """Voxel indices of each row, shape (n, 3): those in the table, else those of its XYZ in the views."""
    ijk, world = _columns(table, IJK), _columns(table, XYZ_MM)
    return np.where(np.isfinite(ijk).all(axis=1, keepdims=True), ijk, _ijk_of(volume_node, world))


def _ijk_of(volume_node: Any, world: NDArray[np.float64]) -> NDArray[np.float64]:
    return volume_from_node(volume_node).to_ijk(from_world(volume_node, world))


def _columns(table: Table, names: tuple[str, ...]) -> NDArray[np.float64]:
    return np.column_stack([table[name] for name in names])


def _all_outside(volume_node: Any, table: Table) -> InputError:
    world = _columns(table, XYZ_MM)
    message = "None of the places lies in the volume: nothing was added."
    for factor, unit in ((UM_PER_MM, "millimetres in columns of µm"), (1 / UM_PER_MM, "µm in columns of millimetres")):
        if is_inside(volume_node, _ijk_of(volume_node, world * factor)).any():
            return InputError("defects-units", message, f"These look like {unit}: correct the columns' names.")
    return InputError(
        "defects-outside", message, "Is it the table of another cell, or of the cell before it was turned?"
    )


def _there_already(volume_node: Any, table: Table, ijk: NDArray[np.float64]) -> list[int]:
    """The rows of defects that are there already: the same number at the same place."""
    places = {defect.id: np.array(defect.ijk) for defect in defects_of(volume_node)}
    labels = table["id"].tolist()
    return [
        row
        for row, label in enumerate(labels)
        if label in places and np.abs(places[label] - ijk[row]).max() < _SAME_PLACE
    ]


def _update_all(volume_node: Any, table: Table, rows: list[int]) -> None:
    """Change class, severity and note; where the table says nothing, they stay."""
    for row in rows:
        label, name, severity, note = (str(table[column][row]) for column in ("id", "class", "severity", "note"))
        if name:
            _ensure_class(volume_node, name)
            set_defect_class(volume_node, label, name)
        if severity:
            set_severity(volume_node, label, severity)
        if note:
            set_note(volume_node, label, note)


def _add_all(
    volume_node: Any, table: Table, world: NDArray[np.float64], rows: NDArray[np.intp], notes: ImportNotes
) -> None:
    """Add rows as new defects, and note it."""
    classes = [str(name) or CLASSES[-1] for name in table["class"]]
    lists = {classes[row]: _ensure_class(volume_node, classes[row]) for row in rows.tolist()}
    wanted = [str(table["id"][row]) for row in rows]
    numbers = _free_numbers({defect.id for defect in defects_of(volume_node)}, wanted)
    with _modifying(lists.values()):
        for row, number in zip(rows.tolist(), numbers, strict=True):
            severity = str(table["severity"][row]) or SEVERITIES[0]
            put_point(lists[classes[row]], number, world[row], describe(severity, str(table["note"][row])))
    notes.added = len(numbers)
    notes.renumbered = [(old, new) for old, new in zip(wanted, numbers, strict=True) if old and old != new]


def _ensure_class(volume_node: Any, name: str) -> Any:
    """The point list of a class, made where it is missing."""
    if " ".join(name.split()).casefold() not in {known.casefold() for known in defect_classes(volume_node)}:
        add_defect_class(volume_node, name)
    return defect_list(volume_node, name)


def _free_numbers(taken: set[str], wanted: list[str]) -> list[str]:
    """Numbers for new defects: those wanted as far as they are free."""
    fresh = count(1 + max(map(number_of, [*taken, *wanted]), default=0))
    numbers: list[str] = []
    for label in wanted:
        numbers.append(label if label and label not in taken else f"D{next(fresh)}")
        taken.add(numbers[-1])
    return numbers


@contextmanager
def _modifying(nodes: Iterable[Any]) -> Iterator[None]:
    """Tell observers once, at the end."""
    changing = [(node, node.StartModify()) for node in nodes]
    try:
        yield
    finally:
        for node, state in changing:
            node.EndModify(state)


def _names(table: Table, rows: NDArray[np.bool_]) -> list[str]:
    """How to call chosen rows: by their number, or by their row."""
    return [str(table["id"][row]) or f"row {row + 1}" for row in np.flatnonzero(rows).tolist()]
