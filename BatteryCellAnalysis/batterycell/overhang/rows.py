"""Rows of the overhang table from what was read at each end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95
from batterycell.orient import Cell
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM, Volume
from batterycell.winding import RollEnd, Windings

from .columns import OVERHANG_COLUMNS, READABLE_FLAGS
from .neighbours import doubt_amid_alarms

Floats = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]

_SIDES = ("outer", "inner")
_NO_ANODE = ("no-anode", "anode-unclear", "negative-unclear")


@dataclass(frozen=True)
class EndRows:
    """What was read at one end: n turns, in mm, by (outer, inner) side.

    Args:
        end: Which end.
        angle_deg: Shape (n,).
        winding: Shape (n,).
        lengths: Overhang along the sheet and along the axis, and its standard uncertainty, shape (n, 2) each.
        tilt_deg: Lean of the overhang, shape (n, 2).
        flag: Shape (n, 2).
        cathode: Radius and outward height of the cathode's end, shape (n,) each.
        anode: Radius and outward height of the anode's end, shape (n, 2) each.
    """

    end: RollEnd
    angle_deg: Floats
    winding: NDArray[np.int64]
    lengths: tuple[Floats, Floats, Floats]
    tilt_deg: Floats
    flag: NDArray[Any]
    cathode: tuple[Floats, Floats]
    anode: tuple[Floats, Floats]


def unread_rows(like: EndRows, end: RollEnd) -> EndRows:
    """Flagged rows for an end that was not measured: the turns of the end that was."""
    empty = np.full(like.flag.shape, np.nan)
    flag = np.full(empty.shape, "cathode-unclear" if end.in_volume else "outside-volume")
    line = empty[:, 0]
    return EndRows(end, like.angle_deg, like.winding, (empty, empty, empty), empty, flag, (line, line), (empty, empty))


def table_of(volume: Volume, cell: Cell, ends: Sequence[EndRows], windings: Windings | None) -> Table:
    """The table with `OVERHANG_COLUMNS`, top before bottom, by angle, from the outermost winding inward."""
    parts = [_columns(volume, cell, rows) | _along_cathode(rows, windings) for rows in ends]
    data = {c.name: np.concatenate([part[c.name] for part in parts]) for c in OVERHANG_COLUMNS}
    data["base_deviation_um"] = _from_median(data["base_deviation_um"], data["end"])
    order = np.lexsort((data["angle_deg"], data["end"] == "bottom"))
    return doubt_amid_alarms(Table(OVERHANG_COLUMNS, {name: values[order] for name, values in data.items()}))


def _columns(volume: Volume, cell: Cell, rows: EndRows) -> Columns:
    flags, angle = rows.flag.ravel(), np.repeat(rows.angle_deg, 2)
    cathode = [np.where(flags == "cathode-unclear", np.nan, np.repeat(value, 2)) for value in rows.cathode]
    anode = [np.where(np.isin(flags, _NO_ANODE), np.nan, value.ravel()) for value in rows.anode]
    return {
        "end": np.full(len(flags), rows.end.name),
        "angle_deg": angle,
        "winding": np.repeat(rows.winding, 2),
        "side": np.tile(_SIDES, len(rows.winding)),
        **_lengths(rows),
        "base_deviation_um": UM_PER_MM * cathode[1],
        "flag": flags,
        "source": np.full(len(flags), "edges"),
        **_places(volume, cell, "cathode", (angle, cathode[0], rows.end.sign * cathode[1])),
        **_places(volume, cell, "anode", (angle, anode[0], rows.end.sign * anode[1])),
    }


def _lengths(rows: EndRows) -> Columns:
    read = np.isin(rows.flag.ravel(), READABLE_FLAGS)
    overhang, axial, u = rows.lengths
    values = {"overhang_um": UM_PER_MM * overhang, "overhang_axial_um": UM_PER_MM * axial,
              "uncertainty_um": UM_PER_MM * K95 * u, "tilt_deg": rows.tilt_deg}  # fmt: skip
    return {name: np.where(read, value.ravel(), np.nan) for name, value in values.items()}


def _along_cathode(rows: EndRows, windings: Windings | None) -> Columns:
    """Where along the cathode's spiral each row lies."""
    if windings is None:
        unknown = np.full(2 * len(rows.winding), np.nan)
        return {"turn": unknown, "arc_mm": unknown}
    turn = np.repeat(windings.turn(rows.winding, rows.angle_deg), 2)
    return {"turn": turn, "arc_mm": windings.arc_mm(turn, rows.end.sign * rows.end.level_mm)}


def _from_median(height_um: Floats, end: NDArray[Any]) -> Floats:
    """Heights counted from the median one of their end."""
    deviation = np.full(len(height_um), np.nan)
    for name in np.unique(end):
        here = (end == name) & np.isfinite(height_um)
        if here.any():
            deviation[here] = height_um[here] - np.median(height_um[here])
    return deviation


def _places(volume: Volume, cell: Cell, part: str, cylindrical: tuple[Floats, Floats, Floats]) -> dict[str, Floats]:
    """Columns of one end's place, in voxels of the input and in RAS."""
    ras = cell.frame.from_cylindrical(*cylindrical)
    ijk = volume.to_ijk(ras)
    places = {f"{part}_{axis}": ijk[:, n] for n, axis in enumerate("ijk")}
    return places | {f"{part}_{axis}_mm": ras[:, n] for n, axis in enumerate("ras")}
