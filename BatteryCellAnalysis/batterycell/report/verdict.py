"""The verdict by the tolerances that were given, as the page shows it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from batterycell.told import rounded
from batterycell.tolerance import Verdict
from batterycell.tolerance.entries import Entry

_KINDS = {"pass": "clear", "fail": "alarm", "cannot tell": "unclear"}


@dataclass(frozen=True)
class JudgedRow:
    """A limit, nominal and actual.

    Args:
        title: Of the quantity, for people.
        name: Its machine name.
        nominal: What it should be.
        limits: What is allowed.
        actual: What was measured, with its uncertainty.
        deviation: Actual less nominal.
        units: Of all numbers.
        severity: "critical", "major" or "minor".
        verdict: "pass", "fail" or "cannot tell".
        kind: The look of the verdict.
        why: The reason.
    """

    title: str
    name: str
    nominal: str
    limits: str
    actual: str
    deviation: str
    units: str
    severity: str
    verdict: str
    kind: str
    why: str


@dataclass(frozen=True)
class Judged:
    """The verdict on a cell.

    Args:
        outcome: "pass", "fail" or "cannot tell".
        kind: Its look.
        text: The outcome and its reasons.
        title: What the tolerances say about themselves.
        rows: Nominal and actual values.
    """

    outcome: str
    kind: str
    text: str
    title: str
    rows: Sequence[JudgedRow]


def judged(verdict: Verdict | None) -> Judged | None:
    """The verdict for the page; None where no tolerances were given."""
    if verdict is None or verdict.tolerances is None:
        return None
    asked, text = verdict.tolerances, verdict.text.partition(": ")[2] or verdict.text
    title = " · ".join(part for part in (asked.title, asked.source) if part)
    return Judged(verdict.outcome, _KINDS[verdict.outcome], text, title, [_row(entry) for entry in verdict.entries])


def _row(entry: Entry) -> JudgedRow:
    limit = entry.limit
    return JudgedRow(
        entry.title,
        limit.quantity,
        _number(limit.nominal),
        _limits(limit.lower, limit.upper),
        rounded(entry.actual, entry.uncertainty),
        rounded(entry.actual - limit.nominal, entry.uncertainty).partition(" ±")[0].strip("–"),
        {"deg": "°"}.get(entry.units, entry.units),
        limit.severity,
        entry.verdict,
        _KINDS[entry.verdict],
        entry.why,
    )


def _limits(lower: float, upper: float) -> str:
    if math.isfinite(lower) and math.isfinite(upper):
        return f"{_number(lower)} to {_number(upper)}"
    return f"≥ {_number(lower)}" if math.isfinite(lower) else f"≤ {_number(upper)}" if math.isfinite(upper) else ""


def _number(value: float) -> str:
    return f"{value:.5g}".replace("-", "−") if math.isfinite(value) else ""
