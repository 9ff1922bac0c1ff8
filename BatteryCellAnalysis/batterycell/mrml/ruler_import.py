"""Put a table of rulers, for example one that was read from CSV, into a scene."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.annotate.ruler_columns import POINTS, voxel_names, world_names
from batterycell.annotate.rulers import ANGLE, Ruler, length_um
from batterycell.errors import InputError
from batterycell.tables import Table

from .places import from_world, is_inside, to_world
from .ruler_snaps import keep_snaps
from .rulers import is_finished, put_ruler, read_ruler, refresh_ruler, rulers_of
from .volumes import volume_from_node

# The same ruler where no point is off by more than this many voxels.
_SAME_PLACE = 1e-3
# Of a length: what differs by more comes from another voxel size.
_SAME_LENGTH = 1e-3
# A micrometre, in mm: what is off by more was not rounded.
_SAME_MM = 1e-3
_SHOWN = 5


def add_rulers_from_table(volume_node: Any, table: Table) -> list[str]:
    """Add the rulers and angles of a table; those that are there already, by name and place, are left alone.

    Where a row says both IJK and XYZ, IJK counts: it stays when the cell is turned.

    Args:
        volume_node: The volume.
        table: Columns ``RULER_COLUMNS``, NaN where nothing is known.

    Returns:
        What was done, in sentences for people.

    Raises:
        InputError: if none of the places lies in the volume; nothing is added then.
    """
    ijk = [_voxels(volume_node, table, row) for row in range(len(table))]
    inside = [bool(is_inside(volume_node, points).all()) for points in ijk]
    if not any(inside):
        raise InputError(
            "rulers-outside",
            "None of the rulers lies in the volume: nothing was added.",
            "Is it the table of another cell, or are its columns in mm not in mm?",
        )
    known = _known(volume_node)
    fresh = [row for row in range(len(table)) if not _is_known(known, str(table["name"][row]), ijk[row])]
    nodes = {row: _put(volume_node, table, row, ijk[row]) for row in fresh}
    return [*_counted(len(fresh), len(table) - len(fresh)), *_notes(table, nodes, inside)]


def _voxels(volume_node: Any, table: Table, row: int) -> NDArray[np.float64]:
    """Voxel indices of a row's points, shape (2 or 3, 3): those in the table, else those of its XYZ in the views."""
    points, volume = _points(table, row), volume_from_node(volume_node)
    ijk = np.array([[table[name][row] for name in voxel_names(point)] for point in points])
    world = np.array([[table[name][row] for name in world_names(point)] for point in points])
    return np.where(np.isfinite(ijk).all(axis=1, keepdims=True), ijk, volume.to_ijk(from_world(volume_node, world)))


def _put(volume_node: Any, table: Table, row: int, ijk: NDArray[np.float64]) -> Any:
    world = to_world(volume_node, volume_from_node(volume_node).to_ras(ijk))
    node = put_ruler(volume_node, world, str(table["name"][row]), str(table["view"][row]))
    if len(ijk) == 2:
        stated = float(table["length_um"][row])
        length = stated if stated > 0 else length_um(world)
        keep_snaps(node, ijk, [_snap(table, row, point) for point in POINTS[::2]], length)
        refresh_ruler(node)
    return node


def _snap(table: Table, row: int, point: str) -> float | None:
    um = float(table[f"{point}_uncertainty_um"][row])
    return um if table[f"{point}_snapped"][row] == "yes" and np.isfinite(um) else None


def _known(volume_node: Any) -> dict[str, NDArray[np.float64]]:
    rulers = (read_ruler(node) for node in rulers_of(volume_node) if is_finished(node))
    return {ruler.name: ruler.ijk for ruler in rulers}


def _is_known(known: dict[str, NDArray[np.float64]], name: str, ijk: NDArray[np.float64]) -> bool:
    there = known.get(name)
    return there is not None and there.shape == ijk.shape and bool(np.abs(there - ijk).max() < _SAME_PLACE)


def _counted(added: int, there: int) -> list[str]:
    words = [f"{number} {word}" for number, word in ((added, "added"), (there, "there already")) if number]
    return [", ".join(words) + "."]


def _notes(table: Table, nodes: dict[int, Any], inside: list[bool]) -> list[str]:
    rulers = {row: read_ruler(node) for row, node in nodes.items()}
    names = {row: str(table["name"][row]) for row in rulers}
    notes = {
        "Names that were taken: {}.": [
            f"{names[row]} is now {ruler.name}" for row, ruler in rulers.items() if names[row] not in ("", ruler.name)
        ],
        "Outside the volume, but kept: {}.": [ruler.name for row, ruler in rulers.items() if not inside[row]],
        "Their length is not that of the table, which may be of another voxel size: {}.": [
            ruler.name for row, ruler in rulers.items() if _differs(table["length_um"][row], ruler.value)
        ],
        "The cell stands otherwise than in the table, so that I, J, K count and not X, Y, Z: {}.": [
            ruler.name for row, ruler in rulers.items() if _is_elsewhere(table, row, ruler)
        ],
    }
    return [note.format(_some(words)) for note, words in notes.items() if words]


def _is_elsewhere(table: Table, row: int, ruler: Ruler) -> bool:
    world = np.array([[table[name][row] for name in world_names(point)] for point in _points(table, row)])
    return bool(np.nanmax(np.abs(world - ruler.world), initial=0.0) > _SAME_MM)


def _points(table: Table, row: int) -> tuple[str, ...]:
    return POINTS if table["kind"][row] == ANGLE else POINTS[::2]


def _differs(stated: float, value: float) -> bool:
    return bool(np.isfinite(stated) and abs(stated - value) > max(_SAME_LENGTH * abs(stated), 1e-6))


def _some(words: list[str]) -> str:
    more = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
