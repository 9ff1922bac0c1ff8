"""Overhang from a segmentation of a longitudinal plane: what a trained network sees, measured like the cell itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Column, Table
from batterycell.volume import UM_PER_MM, Volume

Floats = NDArray[np.float64]

LABELLED_COLUMNS: tuple[Column, ...] = (
    Column("winding", "Winding", "", "Cathode turn in this plane, 1 is the outermost."),
    Column("side", "Side", "", "Whether the anode lies on the outer or the inner face of the cathode."),
    Column("overhang_um", "Overhang", "µm", "Length along the anode from the level at which the cathode ends to the "
           "anode's end; empty where no anode overhang was found on this side."),
    Column("overhang_axial_um", "Overhang along axis", "µm", "Distance of the two ends along the plane's rows."),
    *(Column(f"cathode_{axis}_mm", f"Cathode end {axis.upper()}", "mm", f"Where the cathode ends: {axis.upper()} of "
             "the volume's own RAS.") for axis in "ras"),
    *(Column(f"anode_{axis}_mm", f"Anode end {axis.upper()}", "mm", f"Where the anode ends: {axis.upper()} of the "
             "volume's own RAS.") for axis in "ras"),
)  # fmt: skip

_SIDES = ("outer", "inner")
_LEAST_PIXELS = 6
_CORE = 0.5  # of a sheet's width: its corners are rounded by blur and brush
_FARTHEST = 1.6  # pitches from a cathode to the anodes on its faces: more than one, less than to the next but one


@dataclass(frozen=True)
class Sheet:
    """One object of a plane.

    Args:
        end: Row (sub-pixel) and column of its end.
        rows: Rows of its midline, increasing, from the end on, shape (n,).
        columns: Columns of its midline, shape (n,).
    """

    end: tuple[float, float]
    rows: Floats
    columns: Floats


def measure_labelled_overhang(
    labels: Volume, cathode: int, overhang: int, uncertainty: NDArray[Any] | None = None
) -> Table:
    """Measure the overhang on both faces of every cathode in a segmented longitudinal plane.

    Ends lie where the object's probability falls through one half along the rows, linearly between pixels; without
    uncertainties, halfway between pixels.

    Args:
        labels: Shape (1, rows, columns); the sheets' ends up, outward to the right, as `reslice.cut_half_plane` lies.
        cathode: Value of the cathode.
        overhang: Value of the anode overhang.
        uncertainty: Shape (1, rows, columns) in percent: 100 (1 - (p - q)), p and q the probabilities of the likeliest
            and the next class.

    Returns:
        A table with `LABELLED_COLUMNS`, two rows a cathode, from the outermost inward.
    """
    margin = _margins(labels.array[0], None if uncertainty is None else uncertainty[0])
    found = [_find_sheets(labels.array[0] == value, margin) for value in (cathode, overhang)]
    cathodes = sorted(found[0], key=lambda sheet: -sheet.end[1])
    rows = [_Row(n + 1, side, one, _beside(one, side, cathodes, found[1]))
            for n, one in enumerate(cathodes) for side in _SIDES]  # fmt: skip
    return _table(labels, rows)


def _margins(labels: NDArray[Any], uncertainty: NDArray[Any] | None) -> Floats:
    """How far each pixel's class leads over the next one, 0..1."""
    if uncertainty is None:
        return np.ones(labels.shape)
    return np.asarray(np.clip(1.0 - np.asarray(uncertainty, float) / 100.0, 1e-3, 1.0))


def _find_sheets(mask: NDArray[np.bool_], margin: Floats) -> list[Sheet]:
    from scipy import ndimage

    objects, count = ndimage.label(mask)
    sizes = np.bincount(objects.ravel(), minlength=count + 1)
    return [_sheet(objects == n, margin) for n in range(1, count + 1) if sizes[n] >= _LEAST_PIXELS]


def _sheet(mask: NDArray[np.bool_], margin: Floats) -> Sheet:
    """The midline of an object, and where its core, about the first row that is no stray pixel, begins."""
    rows = np.flatnonzero(mask.any(axis=1))
    columns = np.array([np.average(np.flatnonzero(mask[row]), weights=margin[row, mask[row]]) for row in rows])
    widths = mask[rows].sum(axis=1)
    width = np.median(widths)
    top = int(np.argmax(widths >= _CORE * width))
    core = np.flatnonzero(np.abs(np.arange(mask.shape[1]) - columns[top]) <= max(1.0, _CORE * width / 2))
    ends = [_crossing(mask[:, column], margin[:, column]) for column in core if mask[:, column].any()]
    end = float(np.median(ends)) if ends else float(rows[0]) - 0.5
    return Sheet((end, float(columns[top])), rows.astype(float), columns)


def _crossing(mask: NDArray[np.bool_], margin: Floats) -> float:
    """The row at which a column of an object begins: where its lead over what lies before changes its sign."""
    first = int(mask.argmax())
    if first == 0:
        return -0.5
    inside, outside = margin[first], margin[first - 1]
    return float(first - inside / (inside + outside))


@dataclass(frozen=True)
class _Row:
    winding: int
    side: str
    cathode: Sheet
    anode: Sheet | None


def _beside(cathode: Sheet, side: str, cathodes: Sequence[Sheet], anodes: Sequence[Sheet]) -> Sheet | None:
    """The nearest anode on a face of a cathode, before the next cathode."""
    level, column = cathode.end
    sign = 1.0 if side == "outer" else -1.0
    reach = _pitch(cathodes) * _FARTHEST / 2
    apart = [sign * (_column_at(anode, level) - column) for anode in anodes]
    near = [(distance, n) for n, distance in enumerate(apart) if 0 < distance < reach]
    return anodes[min(near)[1]] if near else None


def _pitch(cathodes: Sequence[Sheet]) -> float:
    if len(cathodes) < 2:
        return float("inf")
    return float(np.median(-np.diff([sheet.end[1] for sheet in cathodes])))


def _column_at(sheet: Sheet, row: float) -> float:
    """Column of a midline at a row, beyond its ends as at them."""
    return float(np.interp(row, sheet.rows, sheet.columns))


def _length(anode: Sheet, level: float, spacing_mm: Floats) -> float:
    """Length in mm along an anode's midline from its end down to a level, by a straight line fitted to it."""
    across, along = spacing_mm[0], spacing_mm[1]
    high = (level - anode.end[0]) * along
    inside = anode.rows <= level
    if inside.sum() < 3:
        return float(high)
    slope = np.polyfit(anode.rows[inside] * along, anode.columns[inside] * across, 1)[0]
    return float(high * np.hypot(1.0, slope))


def _table(labels: Volume, rows: Sequence[_Row]) -> Table:
    nothing = (float("nan"), float("nan"))
    cathode = np.array([row.cathode.end for row in rows]).reshape(-1, 2)
    anode = np.array([row.anode.end if row.anode else nothing for row in rows]).reshape(-1, 2)
    lengths = [_length(row.anode, row.cathode.end[0], labels.spacing_mm) if row.anode else np.nan for row in rows]
    data: dict[str, NDArray[Any]] = {
        "winding": np.array([row.winding for row in rows], np.int64),
        "side": np.array([row.side for row in rows], str),
        "overhang_um": UM_PER_MM * np.array(lengths, float),
        "overhang_axial_um": UM_PER_MM * labels.spacing_mm[1] * (cathode[:, 0] - anode[:, 0]),
    }
    for part, ends in (("cathode", cathode), ("anode", anode)):
        places = labels.to_ras(np.column_stack([ends[:, 1], ends[:, 0], np.zeros(len(rows))]))
        data |= {f"{part}_{axis}_mm": places[:, n] for n, axis in enumerate("ras")}
    return Table(LABELLED_COLUMNS, data)
