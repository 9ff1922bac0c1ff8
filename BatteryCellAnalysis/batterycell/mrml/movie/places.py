"""Where the particles of a movie lie, and which one a place in a view belongs to."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from batterycell.mrml.object_place import object_at
from batterycell.mrml.volumes import matrix_of, volume_from_node
from batterycell.tables import Table


def particle_at(owner: Any, world: ArrayLike) -> int:
    """Number of the particle under a place, RAS mm as the views show it; 0 where there is none."""
    return object_at(owner, world)


def place_in_particle(owner: Any, number: int) -> tuple[float, float, float] | None:
    """The pixel of a particle nearest to its middle, in the label volume's own RAS mm; None where it has none."""
    labels = volume_from_node(owner).array
    inside = np.argwhere(labels == number)
    if not len(inside):
        return None
    nearest = inside[np.argmin(np.square(inside - inside.mean(axis=0)).sum(axis=1))]
    r, a, s = (matrix_of(owner) @ [*nearest[::-1], 1.0])[:3].tolist()
    return r, a, s


def place_of_row(table: Table, row: int) -> tuple[int, float]:
    """Particle and time in s of a row; 0 and NaN where the table does not say them."""
    number = int(table["particle"][row]) if "particle" in table.data else 0
    name = next((one for one in ("time_s", "start_s") if one in table.data), "")
    return number, float(table[name][row]) if name else float("nan")


def row_of(table: Table, number: int, time_s: float) -> int | None:
    """The row of a particle nearest to a time; None where the table has none of it."""
    if "particle" not in table.data:
        return None
    rows = np.flatnonzero(table["particle"] == number)
    if not len(rows):
        return None
    times = np.array([place_of_row(table, int(row))[1] for row in rows])
    known = np.isfinite(times) & np.isfinite(time_s)
    return int(rows[np.argmin(np.where(known, np.abs(times - time_s), 0 if not known.any() else np.inf))])
