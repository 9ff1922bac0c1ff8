"""One row a winding: where it lies, how far from the next, how far off the ideal spiral."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Column, Table
from batterycell.volume import UM_PER_MM

from .stage_maps import Findings

Floats = NDArray[np.float64]

TURN_COLUMNS = (
    Column("winding", "Winding", "", "Cathode turn, 1 is the outermost."),
    Column("radius_mm", "Radius", "mm", "Mean radius of the cathode's middle."),
    Column("pitch_um", "Pitch", "µm", "Mean distance to the next turn inside."),
    Column("deviation_um", "Deviation", "µm", "Mean distance from the ideal spiral, inward and outward alike."),
    Column("deviation_max_um", "Greatest deviation", "µm", "Greatest distance from the ideal spiral."),
    Column("gap_max_um", "Greatest opening", "µm", "Greatest free width to the next turn inside beyond the usual."),
    Column("seen_percent", "Seen", "%", "Share of the turn on which the cathode is seen."),
)


def turn_table(found: Findings) -> Table:
    """One row a winding, over all heights and angles, with `TURN_COLUMNS`."""
    middle, size = found.faces.middle_mm, np.abs(found.shape.deviation_mm)
    values = {
        "radius_mm": _by_turn(found, middle, np.mean),
        "pitch_um": UM_PER_MM * _by_turn(found, found.shape.pitches_mm, np.mean),
        "deviation_um": UM_PER_MM * _by_turn(found, size, np.mean),
        "deviation_max_um": UM_PER_MM * _by_turn(found, size, np.max),
        "gap_max_um": UM_PER_MM * _by_turn(found, found.gaps.opening_mm, np.max),
        "seen_percent": 100 * _by_turn(found, np.isfinite(middle).astype(float), np.mean),
    }
    return Table(TURN_COLUMNS, {"winding": np.arange(1, found.faces.windings.count + 1), **values})


def _by_turn(found: Findings, values: Floats, how: Callable[[Floats], float]) -> Floats:
    """A statistic of values (h, m) for each turn, shape (count,); NaN where a turn has none."""
    per_turn, count = found.faces.windings.per_turn, found.faces.windings.count
    pieces = [values[:, turn * per_turn : (turn + 1) * per_turn] for turn in range(count)]
    known = [piece[np.isfinite(piece)] for piece in pieces]
    return np.array([float(how(piece)) if piece.size else np.nan for piece in known])
