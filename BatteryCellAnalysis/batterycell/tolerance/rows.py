"""Limits that hold for every single overhang, and the hard rule: no anode ends before its cathode."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.overhang.columns import NEGATIVE_FLAGS, READABLE_FLAGS
from batterycell.tables import Table

from .columns import ROW_COLUMNS
from .entries import Entry, number
from .known import ENDS
from .limits import Limit
from .rule import Outcome, decide

HARD_RULE = "overhang_negative"
_HARD = Limit(HARD_RULE, lower=0.0, severity="critical")
_OUTSIDE = "outside-volume"
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class JudgedRows:
    """What one limit says of every row of the overhang table.

    Args:
        entry: All rows together.
        limit: The limit.
        verdicts: Of each row, shape (n,): "fail", "cannot tell", or "" for those that pass or are not concerned.
    """

    entry: Entry
    limit: Limit
    verdicts: NDArray[np.str_]


def judge_negative(overhang: Table) -> JudgedRows:
    """The hard rule, whatever the tolerances say: one negative overhang fails the cell.

    A measured value under zero fails, also where its interval reaches above zero, and so does an anode that is not
    above its cathode and whose end cannot be read: with safety at stake the doubt counts against the cell (JCGM
    106:2012, 8.3: the guard band is chosen by what a wrong acceptance costs). A positive value whose interval
    reaches below zero leaves doubt, and so do overhangs of which more than half cannot be read.
    """
    alarm, value, half = np.isin(overhang["flag"], NEGATIVE_FLAGS), *_measured(overhang)
    read = np.isfinite(value)
    doubt = read & ~alarm & ~(value - half >= 0)
    verdicts = np.where(alarm, "fail", np.where(doubt, "cannot tell", ""))
    count, doubts = int(alarm.sum()), int(doubt.sum())
    inside = int((overhang["flag"] != _OUTSIDE).sum())
    enough = read.any() and 100 * int(read.sum()) >= _HARD.read_percent * inside
    verdict: Outcome = "fail" if count else "pass" if enough and not doubts else "cannot tell"
    limit = Limit(HARD_RULE, upper=0.0, nominal=0.0, severity="critical")
    why = (
        _negative_why(overhang, alarm, doubts)
        + ("" if enough or not read.any() else _few(read, inside))
        + _unseen(overhang)
    )
    return JudgedRows(Entry(limit, "Negative overhangs", count, 0.0, "", verdict, why), _HARD, verdicts)


def judge_every_overhang(limit: Limit, overhang: Table) -> JudgedRows:
    """Judge every overhang, of one end or of all, against the same limits.

    All together pass where every value that could be read passes, enough could be read, and no end that is asked for
    lies outside the volume.
    """
    asked = np.full(len(overhang), True) if not limit.end else np.asarray(_ends(overhang) == ENDS[limit.end])
    value, half = _measured(overhang)
    value = np.where(asked, value, np.nan)
    read = np.isfinite(value)
    found = np.where(read, decide(value, half, limit.lower, limit.upper), "")
    worst_row = _worst_row(limit, value, half)
    verdict, why = _together(limit, overhang.where(asked), found, int(read.sum()))
    if worst_row is not None and verdict != "pass":
        why += f" The worst: {_place(overhang, worst_row)}." if (found != "pass")[read].any() else ""
    actual, u = (math.nan, math.nan) if worst_row is None else (float(value[worst_row]), float(half[worst_row]))
    title = f"Every overhang{f', {ENDS[limit.end]}' if limit.end else ''}"
    return JudgedRows(Entry(limit, title, actual, u, "µm", verdict, why), limit, np.where(found == "pass", "", found))


def row_table(overhang: Table, judged: Sequence[JudgedRows]) -> Table:
    """The single overhangs that do not pass, with the limits they do not pass: the worst first."""
    parts = [_failing(overhang, one) for one in judged]
    columns = (*overhang.columns, *ROW_COLUMNS)
    data = {column.name: np.concatenate([part[column.name] for part in parts]) for column in columns}
    table = Table(columns, data)
    order = np.lexsort((table["overhang_um"], table["verdict"] != "fail"))
    return Table(columns, {name: values[order] for name, values in data.items()})


def _failing(overhang: Table, judged: JudgedRows) -> Table:
    rows = overhang.where(judged.verdicts != "")
    limits = {"lower_um": judged.limit.lower, "upper_um": judged.limit.upper}
    own = {name: np.full(len(rows), value if math.isfinite(value) else math.nan) for name, value in limits.items()}
    words = {"verdict": judged.verdicts[judged.verdicts != ""]}
    return Table((*overhang.columns, *ROW_COLUMNS), {**rows.data, **own, **words})


def _measured(overhang: Table) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Overhang and uncertainty, NaN where it could not be read."""
    read = np.isin(overhang["flag"], READABLE_FLAGS)
    return np.where(read, overhang["overhang_um"], np.nan), np.where(read, overhang["uncertainty_um"], np.nan)


def _together(limit: Limit, rows: Table, found: NDArray[np.str_], read: int) -> tuple[Outcome, str]:
    inside = int((rows["flag"] != _OUTSIDE).sum())
    failing, doubts = int((found == "fail").sum()), int((found == "cannot tell").sum())
    share = 100 * read / inside if inside else 0.0
    told = f"{read:,} of {inside:,} could be read ({share:.0f} %)"
    if failing:
        return "fail", f"Beyond the limits: {failing:,}; with intervals that straddle them: {doubts:,}; {told}."
    if doubts:
        return "cannot tell", f"With intervals that straddle the limits: {doubts:,}; {told}."
    if not read:
        return "cannot tell", f"None could be read.{_unseen(rows)}"
    if share < limit.read_percent:
        return "cannot tell", f"Only {told}, {number(limit.read_percent)} % are asked for."
    unseen = _unseen(rows)
    return "cannot tell" if unseen else "pass", f"All that could be read lie within the limits; {told}.{unseen}"


def _worst_row(limit: Limit, value: NDArray[np.float64], half: NDArray[np.float64]) -> int | None:
    """The row that lies farthest beyond a limit, or nearest to one, uncertainty included."""
    if not np.isfinite(value).any():
        return None
    return int(np.nanargmax(np.maximum(limit.lower - value, value - limit.upper) + np.nan_to_num(half)))


def _negative_why(overhang: Table, alarm: Mask, doubts: int) -> str:
    if alarm.any():
        value = overhang["overhang_um"][alarm]
        row = int(np.flatnonzero(alarm)[int(np.nanargmin(value)) if np.isfinite(value).any() else 0])
        return f"{int(alarm.sum()):,} negative; the worst: {_place(overhang, row)}."
    if doubts:
        return f"None is negative, but the intervals of {doubts:,} reach below zero."
    read = int(np.isin(overhang["flag"], READABLE_FLAGS).sum())
    return f"None of {read:,} is negative." if read else "None could be read."


def _few(read: Mask, inside: int) -> str:
    return f" Only {int(read.sum()):,} of {inside:,} could be read, {number(_HARD.read_percent)} % are asked for."


def _unseen(overhang: Table) -> str:
    """Which ends lie outside the volume, as a sentence."""
    outside, places = overhang["flag"] == _OUTSIDE, _ends(overhang)
    ends = [end for end in dict.fromkeys(places.tolist()) if outside[places == end].all()]
    return "".join(f" The {end} end lies outside the volume." for end in ends)


def _ends(overhang: Table) -> NDArray[np.str_]:
    """Which end of a wound cell, or which edge of a stack, each row is about."""
    return np.asarray(overhang["end" if "end" in overhang.data else "edge"])


def _place(overhang: Table, row: int) -> str:
    """Value and place of one overhang for people."""
    value, half = (float(overhang[name][row]) for name in ("overhang_um", "uncertainty_um"))
    told = f"{number(round(value))} ± {half:.0f} µm" if math.isfinite(value) else "of unknown length"
    if "edge" in overhang.data:
        layer, face, edge, place = (overhang[name][row].item() for name in ("layer", "face", "edge", "position_mm"))
        return f"{told} at the edge {edge}, layer {layer}, {face}, {place:.2f} mm"
    words = {name: overhang[name][row].item() for name in ("end", "winding", "side", "angle_deg")}
    return f"{told} at the {words['end']}, winding {words['winding']}, {words['side']}, {words['angle_deg']:g}°"
