"""Match measured overhangs with true ones, or with reference marks, by where their cathodes end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from batterycell.overhang import READABLE_FLAGS
from batterycell.tables import Table
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Matches:
    """Rows of a measured and of a true table that speak of the same overhang.

    Args:
        measured: Rows of the measured table, shape (n,); -1 where there is none that was read.
        true: Rows of the true table, shape (n,): all that have an overhang.
        flags: Flag of the measured row nearest to each true one, shape (n,); "" where there is none.
        false: Rows that were read where the truth has no anode.
    """

    measured: NDArray[np.int64]
    true: NDArray[np.int64]
    flags: NDArray[np.str_]
    false: NDArray[np.int64]

    @property
    def found(self) -> NDArray[np.bool_]:
        """Which of the true overhangs were read."""
        return self.measured >= 0


def cathode_places(table: Table) -> Floats:
    """RAS mm of the cathode ends, shape (n, 3)."""
    return np.column_stack([table[f"cathode_{axis}_mm"] for axis in "ras"])


def match(measured: Table, truth: Table, reach_mm: float = 0.15) -> Matches:
    """Match rows of equal end, angle and side whose cathodes end within reach of each other."""
    read = np.isin(measured["flag"], READABLE_FLAGS)
    there = np.isin(truth["flag"], READABLE_FLAGS)
    nearest = np.full(len(truth), -1)
    for rows, others in _same_plane(truth, measured):
        distance = np.linalg.norm(cathode_places(truth)[rows, None] - cathode_places(measured)[None, others], axis=2)
        distance = np.where(np.isfinite(distance), distance, np.inf)
        close = distance.min(axis=1) < reach_mm
        nearest[rows[close]] = others[distance[close].argmin(axis=1)]
    hit = (nearest >= 0) & read[nearest]
    true = np.flatnonzero(there)
    flags = np.where(nearest >= 0, measured["flag"][nearest], "")
    return Matches(np.where(hit, nearest, -1)[true], true, flags[true], nearest[hit & ~there])


def _same_plane(first: Table, second: Table) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    groups: dict[tuple[str, float, str], list[int]] = {}
    for row, key in enumerate(zip(second["end"], np.round(second["angle_deg"], 3), second["side"], strict=True)):
        groups.setdefault(key, []).append(row)
    wanted: dict[tuple[str, float, str], list[int]] = {}
    for row, key in enumerate(zip(first["end"], np.round(first["angle_deg"], 3), first["side"], strict=True)):
        wanted.setdefault(key, []).append(row)
    return [(np.array(rows), np.array(groups[key])) for key, rows in wanted.items() if key in groups]
