"""Where the ends of cathode and anode lie, from the overhang table."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.orient import CellFrame
from batterycell.overhang.columns import READABLE_FLAGS
from batterycell.tables import Table

# A cathode's end is found even where its anode is not.
_RELIABLE = {"cathode": (*READABLE_FLAGS, "negative-unclear", "no-anode", "anode-unclear"), "anode": READABLE_FLAGS}


def end_points(overhang: Table, part: str) -> NDArray[np.float64]:
    """Ends of ``part`` ("cathode" or "anode") in RAS mm, shape (rows, 3); NaN where none can be relied on."""
    points = np.column_stack([overhang[f"{part}_{axis}_mm"] for axis in "ras"])
    return np.where(np.isin(overhang["flag"], _RELIABLE[part])[:, None], points, np.nan)


def overhang_lines(overhang: Table, frame: CellFrame) -> NDArray[np.float64]:
    """From the level of each cathode's end up to the anode's end, in RAS mm, shape (rows, 2, 3).

    The line runs along the cell's axis through the anode's end, where the eye looks for the overhang.
    """
    anode, cathode = end_points(overhang, "anode"), end_points(overhang, "cathode")
    drop = ((anode - cathode) @ frame.up)[:, None] * frame.up
    return np.stack([anode - drop, anode], axis=1)


def nearest_row(overhang: Table, ras: ArrayLike, reach_mm: float) -> int | None:
    """The row whose anode's or cathode's end lies nearest to a place in RAS mm; None where none lies within reach."""
    distances = [np.linalg.norm(end_points(overhang, part) - np.asarray(ras, float), axis=1) for part in _RELIABLE]
    nearest = np.fmin(*distances) if len(overhang) else np.array([np.inf])
    row = int(np.argmin(np.nan_to_num(nearest, nan=np.inf)))
    return row if nearest[row] <= reach_mm else None


def row_name(overhang: Table, row: int) -> str:
    """Short name of a row: ``top w3 outer 45°``."""
    end, winding, side = (overhang[name][row] for name in ("end", "winding", "side"))
    return f"{end} w{winding} {side} {overhang['angle_deg'][row]:g}°"


def place_of_row(table: Table, row: int) -> tuple[float, float, float] | None:
    """Where the thing of a row lies, RAS mm: the first place that its columns ``…r_mm, …a_mm, …s_mm`` give.

    An anode's end is preferred to a cathode's. None where the table has no places, or the row none.
    """
    prefixes = [column.name.removesuffix("r_mm") for column in table.columns if column.name.endswith("r_mm")]
    for prefix in sorted(prefixes, key=lambda name: not name.startswith("anode")):
        names = [f"{prefix}{axis}_mm" for axis in "ras"]
        if set(names) <= set(table.data):
            r, a, s = (float(table[name][row]) for name in names)
            if np.isfinite([r, a, s]).all():
                return r, a, s
    return None
