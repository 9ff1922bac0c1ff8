"""Rows of the table of nominal and actual values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Table

from .columns import TOLERANCE_COLUMNS, TOLERANCE_DTYPES
from .limits import Limit
from .rule import Outcome, decide, worst

# Digits of a distance to a limit, and of an interval's ends.
_FEW, _SOME = 3, 5


@dataclass(frozen=True)
class Entry:
    """One row: a limit, what was measured, and what follows.

    Args:
        limit: The limit.
        title: Name for people.
        actual: What was measured, NaN if nothing.
        uncertainty: Half width of its 95 % interval.
        units: Of all its numbers.
        verdict: What follows.
        why: The reason in one sentence.
    """

    limit: Limit
    title: str
    actual: float
    uncertainty: float
    units: str
    verdict: Outcome
    why: str

    @property
    def fails_cell(self) -> bool:
        """Whether the cell fails with it."""
        return self.verdict == "fail" and self.limit.severity != "minor"

    @property
    def leaves_doubt(self) -> bool:
        """Whether it keeps the cell from passing without failing it."""
        return self.verdict == "cannot tell" and self.limit.severity != "minor"


def judge_quantity(limit: Limit, quantities: Table) -> Entry:
    """Judge one number of the cell; one that was not measured is never a pass."""
    rows = np.flatnonzero(quantities["quantity"] == limit.quantity)
    if not len(rows):
        return unmeasured(limit, limit.quantity, "")
    title, units = (str(quantities[name][rows[0]]) for name in ("title", "units"))
    value, half = (float(quantities[name][rows[0]]) for name in ("value", "uncertainty"))
    verdict = worst(decide(value, half, limit.lower, limit.upper))
    return Entry(limit, title, value, half, units, verdict, explain(limit, value, half, units))


def unmeasured(limit: Limit, title: str, units: str, hint: str = "") -> Entry:
    """The row of what is limited but was not measured."""
    return Entry(limit, title, math.nan, math.nan, units, "cannot tell", f"It was not measured.{hint}")


def explain(limit: Limit, value: float, half: float, units: str) -> str:
    """Why a value passes, fails, or cannot be judged, in one sentence."""
    if math.isnan(value):
        return "It could not be measured."
    if math.isnan(half):
        return "Its uncertainty is unknown."
    for bound, name, beyond in (
        (limit.lower, "lower", limit.lower - value),
        (limit.upper, "upper", value - limit.upper),
    ):
        told = f"the {name} limit {number(bound)}{_unit(units)}"
        if beyond > half:
            return f"It lies {number(beyond, _FEW)}{_unit(units)} beyond {told}."
        if beyond > -half:
            ends = f"{number(value - half, _SOME)} to {number(value + half, _SOME)}"
            return f"Its interval {ends}{_unit(units)} straddles {told}."
    return "Its interval lies within the limits."


def entry_table(entries: Sequence[Entry]) -> Table:
    """The rows as a table with `TOLERANCE_COLUMNS`."""
    rows = [_row(entry) for entry in entries]
    data: dict[str, NDArray[Any]] = {
        column.name: np.array([row[column.name] for row in rows], TOLERANCE_DTYPES.get(column.name, float))
        for column in TOLERANCE_COLUMNS
    }
    return Table(TOLERANCE_COLUMNS, data)


def number(value: float, digits: int = 6) -> str:
    """A number for people, to so many digits."""
    return f"{value:.{digits}g}".replace("-", "−")


def _unit(units: str) -> str:
    return f" {units}" if units else ""


def _row(entry: Entry) -> dict[str, object]:
    limit = entry.limit
    known = {name: value if math.isfinite(value) else math.nan
             for name, value in (("lower", limit.lower), ("upper", limit.upper))}  # fmt: skip
    return {
        "quantity": limit.quantity,
        "title": entry.title,
        "nominal": limit.nominal,
        "actual": entry.actual,
        "uncertainty": entry.uncertainty,
        "deviation": entry.actual - limit.nominal,
        **known,
        "units": entry.units,
        "severity": limit.severity,
        "verdict": entry.verdict,
        "why": entry.why,
    }
