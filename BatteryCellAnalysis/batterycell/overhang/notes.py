"""What must be told of an overhang table: what could not be read, and where."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Table

from .columns import FLAGS, NEGATIVE_FLAGS
from .spread import is_read

_ENOUGH = 0.5  # of the rows must be read for an end to be called measured
_WIDE_DEG = 20.0  # a stretch without a readable cathode is worth telling from here on
_MOST = 3  # stretches told of one end


def overhang_notes(table: Table) -> tuple[str, ...]:
    """Sentences on ends outside the volume, places that could not be read, negative overhang, and uncounted turns."""
    notes = []
    for end in ("top", "bottom"):
        rows = table.where(table["end"] == end)
        outside = bool(np.all(rows["flag"] == "outside-volume"))
        notes += [f"The {end} lies outside the volume: not measured."] if outside else _of_end(end, rows)
    if len(table) and not np.isfinite(table["turn"]).any():
        notes.append("The windings could not be traced: turns are counted at each angle, and may jump at a tab.")
    return tuple(notes)


def _of_end(end: str, rows: Table) -> list[str]:
    return [*_unread(end, rows), *_gaps(end, rows), *_negative(end, rows)]


def _unread(end: str, rows: Table) -> list[str]:
    """Shares of rows that carry no value though the cell may have one there, by reason."""
    share = is_read(rows).mean()
    reasons = [flag for flag in ("cathode-unclear", "anode-unclear", "no-anode") if (rows["flag"] == flag).any()]
    told = "; ".join(f"{FLAGS[flag]}: {(rows['flag'] == flag).sum():,} rows" for flag in reasons)
    notes = [f"{100 * share:.1f} % of the {end}'s overhangs were read ({told})."] if reasons else []
    if share < _ENOUGH:
        notes.append(f"Too few edges of the {end} can be read to speak of all its windings: check contrast, noise and "
                     "metal artefacts.")  # fmt: skip
    return notes


def _gaps(end: str, rows: Table) -> list[str]:
    """Windings without a readable cathode over a wide stretch, the widest first."""
    found = []
    angles = np.unique(rows["angle_deg"])
    for winding in np.unique(rows["winding"]).tolist():
        blind = (rows["winding"] == winding) & (rows["side"] == "outer") & (rows["flag"] == "cathode-unclear")
        found += [(width, winding, start) for start, width in _stretches(angles, rows["angle_deg"][blind])]
    found.sort(reverse=True)
    return [
        f"Winding {winding} shows no readable cathode at the {end} from {start:.0f}° over {width:.0f}°: a tab, or a "
        "missing layer."
        for width, winding, start in found[:_MOST]
    ]


def _stretches(angles: NDArray[np.float64], chosen: NDArray[np.float64]) -> list[tuple[float, float]]:
    """(start, width) in degrees of wide runs of chosen angles around the circle."""
    marked = np.isin(angles, chosen)
    if len(angles) < 2 or not marked.any() or marked.all():
        return [(0.0, 360.0)] if marked.any() and len(angles) > 1 else []
    step, turn = 360.0 / len(angles), int(np.argmin(marked))
    rolled = np.roll(marked, -turn)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], rolled, [False]]).astype(int)))
    runs = [(float(angles[(first + turn) % len(angles)]), (last - first) * step)
            for first, last in edges.reshape(-1, 2).tolist()]  # fmt: skip
    return [run for run in runs if run[1] >= _WIDE_DEG]


def _negative(end: str, rows: Table) -> list[str]:
    negative = rows.where(np.isin(rows["flag"], NEGATIVE_FLAGS))
    if len(negative) == 0:
        return []
    places = ", ".join(str(winding) for winding in np.unique(negative["winding"]))
    return [f"Negative overhang at the {end} in {len(negative)} rows, windings {places}."]
