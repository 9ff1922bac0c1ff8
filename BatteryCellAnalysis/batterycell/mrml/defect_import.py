"""Put a table of defects, for example one that was read from CSV, into a scene."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.annotate.defect_columns import IJK, XYZ_MM
from batterycell.annotate.defects import Defect, describe, number_of
from batterycell.errors import InputError
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM

from .defect_classes import add_defect_class, defect_classes, defect_list
from .defects import defects_of, find_defect, put_point, set_defect_class
from .places import from_world, is_inside, to_world
from .volumes import volume_from_node

# The same defect where it moved by less than this many voxels.
_SAME_PLACE = 0.5
# A micrometre, in mm: what is off by more was not rounded.
_SAME_MM = 1e-3
_SHOWN = 5


def add_defects(volume_node: Any, table: Table) -> list[str]:
    """Add the defects of a table.

    A row of a defect that is there already, with the same number at the same place, updates class, severity and note.
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
    _add_classes(volume_node, table)
    done = _put_all(volume_node, table, ijk, world)
    return [_counted(done), *_renumbered(done), *_about_places(table, is_inside(volume_node, ijk), world)]


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


def _add_classes(volume_node: Any, table: Table) -> None:
    known = {name.casefold() for name in defect_classes(volume_node)}
    for name in dict.fromkeys(table["class"].tolist()):
        plain = " ".join(name.split()).casefold()
        if plain not in known:
            add_defect_class(volume_node, name)
            known.add(plain)


@dataclass
class _Done:
    """What became of the rows: how many are new or updated, and which got another number (old, new)."""

    added: int = 0
    updated: int = 0
    renumbered: list[tuple[str, str]] = field(default_factory=list)


def _put_all(volume_node: Any, table: Table, ijk: NDArray[np.float64], world: NDArray[np.float64]) -> _Done:
    known, done = {defect.id: defect for defect in defects_of(volume_node)}, _Done()
    numbers, lists = _free_numbers(known, table), {name: defect_list(volume_node, name) for name in set(table["class"])}
    with _modifying(lists.values()):
        for row, (label, name) in enumerate(zip(table["id"].tolist(), table["class"].tolist(), strict=True)):
            if label in known and np.abs(np.subtract(known[label].ijk, ijk[row])).max() < _SAME_PLACE:
                _update(volume_node, known[label], table, row)
                done.updated += 1
                continue
            put_point(lists[name], numbers[row], world[row], _description(table, row))
            done.added += 1
            if label and numbers[row] != label:
                done.renumbered.append((label, numbers[row]))
    return done


def _free_numbers(known: Collection[str], table: Table) -> list[str]:
    """The number of each row as a new defect: its own where that is free."""
    taken, labels = set(known), table["id"].tolist()
    fresh = count(1 + max(map(number_of, [*taken, *labels])))
    numbers = []
    for label in labels:
        numbers.append(label if label and label not in taken else f"D{next(fresh)}")
        taken.add(numbers[-1])
    return numbers


def _update(volume_node: Any, defect: Defect, table: Table, row: int) -> None:
    set_defect_class(volume_node, defect.id, str(table["class"][row]))
    node, index = find_defect(volume_node, defect.id)
    node.SetNthControlPointDescription(index, _description(table, row))


def _description(table: Table, row: int) -> str:
    return describe(str(table["severity"][row]), str(table["note"][row]))


@contextmanager
def _modifying(nodes: Iterable[Any]) -> Iterator[None]:
    """Tell observers once, at the end."""
    changing = [(node, node.StartModify()) for node in nodes]
    try:
        yield
    finally:
        for node, state in changing:
            node.EndModify(state)


def _counted(done: _Done) -> str:
    return ", ".join(
        f"{number} {word}" for number, word in ((done.added, "added"), (done.updated, "updated")) if number
    ) + "."  # fmt: skip


def _renumbered(done: _Done) -> list[str]:
    if not done.renumbered:
        return []
    pairs = [f"{old} is now {new}" for old, new in done.renumbered]
    return [f"Numbers that were taken: {_some(pairs)}."]


def _about_places(table: Table, inside: NDArray[np.bool_], world: NDArray[np.float64]) -> list[str]:
    distance = np.nanmax(np.abs(_columns(table, XYZ_MM) - world), axis=1, initial=0.0)
    notes = {
        "Outside the volume, but kept: {}.": ~inside,
        "The cell stands otherwise than in the table, so that I, J, K count and not X, Y, Z: {}.": distance > _SAME_MM,
    }
    return [note.format(_some(_names(table, rows))) for note, rows in notes.items() if rows.any()]


def _names(table: Table, rows: NDArray[np.bool_]) -> list[str]:
    return [
        label or f"row {row + 1}"
        for row, label in zip(np.flatnonzero(rows).tolist(), table["id"][rows].tolist(), strict=True)
    ]


def _some(words: list[str]) -> str:
    more = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
