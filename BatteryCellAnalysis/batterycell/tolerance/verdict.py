"""The verdict on a cell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from batterycell.measured import Stage
from batterycell.tables import Table

from .entries import Entry, entry_table, judge_quantity, unmeasured
from .limits import Tolerances
from .rows import HARD_RULE, judge_every_overhang, judge_negative, row_table

__all__ = ["HARD_RULE", "Verdict", "judge"]

CellOutcome = Literal["pass", "fail", "cannot tell", "not judged"]
_MOST_TOLD = 3


@dataclass(frozen=True)
class Verdict:
    """Whether a cell keeps to its tolerances.

    Args:
        outcome: "pass", "fail" or "cannot tell"; "not judged" where there were no tolerances, and nothing that fails
            a cell without them.
        text: The outcome and its reasons in one or two sentences.
        entries: Nominal and actual values, one a limit.
        rows: The single overhangs that do not pass, with the columns of the overhang table; None without one.
        tolerances: What it was judged by; None for the hard rule alone.
    """

    outcome: CellOutcome
    text: str
    entries: tuple[Entry, ...]
    rows: Table | None
    tolerances: Tolerances | None

    @property
    def table(self) -> Table:
        """Nominal and actual values with `TOLERANCE_COLUMNS`."""
        return entry_table(self.entries)

    @property
    def exit_code(self) -> int:
        """4 where tolerances were given and the cell fails, else 0."""
        return 4 if self.tolerances is not None and self.outcome == "fail" else 0

    def to_stage(self) -> Stage:
        """The verdict as a stage of the road, with the tables ``verdict`` and ``verdict_overhang``."""
        tables = {"verdict": self.table}
        if self.rows is not None and len(self.rows):
            tables["verdict_overhang"] = self.rows
        return Stage("verdict", "Verdict", tables=tables, notes=(self.text,))

    def to_json(self) -> dict[str, Any]:
        """The verdict in JSON's types: outcome, text, what was asked, and the rows of the table."""
        table = self.table
        rows = [{name: _plain(table[name][n].item()) for name in table.data} for n in range(len(table))]
        asked = None if self.tolerances is None else self.tolerances.to_json()
        return {"outcome": self.outcome, "text": self.text, "tolerances": asked, "quantities": rows}


def judge(quantities: Table, overhang: Table | None, tolerances: Tolerances | None) -> Verdict:
    """Judge a measured cell.

    Every limit of the tolerances is held against what was measured by the rule of `decide`; what was not measured is
    never a pass. The hard rule on negative overhang holds always, also without tolerances.

    Args:
        quantities: The cell's numbers, `QUANTITY_COLUMNS`.
        overhang: Every overhang; None where the overhang was not measured.
        tolerances: The limits; None for the hard rule alone.

    Returns:
        The verdict.
    """
    limits = tolerances.limits if tolerances else ()
    judged = [judge_negative(overhang)] if overhang is not None else []
    single = []
    for limit in limits:
        if limit.is_row and overhang is not None:
            judged.append(judge_every_overhang(limit, overhang))
        elif limit.is_row:
            single.append(unmeasured(limit, "Every overhang", "µm"))
        else:
            single.append(judge_quantity(limit, quantities))
    entries = (*(one.entry for one in judged), *single)
    outcome = _outcome(entries, tolerances)
    rows = row_table(overhang, judged) if overhang is not None else None
    return Verdict(outcome, _text(outcome, entries), entries, rows, tolerances)


def _outcome(entries: tuple[Entry, ...], tolerances: Tolerances | None) -> CellOutcome:
    if any(entry.fails_cell for entry in entries):
        return "fail"
    if tolerances is None:
        return "not judged"
    return "cannot tell" if any(entry.leaves_doubt for entry in entries) or not entries else "pass"


def _text(outcome: CellOutcome, entries: tuple[Entry, ...]) -> str:
    if outcome == "not judged":
        told = " ".join(entry.why for entry in entries if entry.limit.quantity == HARD_RULE)
        return f"No tolerances were given. Negative overhang: {told}" if told else "No tolerances were given."
    if not entries:
        return "Cannot tell: none of the limits concerns what was measured."
    if outcome == "pass":
        passed = sum(entry.verdict == "pass" for entry in entries)
        return f"Pass: {passed} of {_limits(len(entries))} kept.{_minor(entries)}"
    what = [entry for entry in entries if (entry.fails_cell if outcome == "fail" else entry.leaves_doubt)]
    more = f" And {len(what) - _MOST_TOLD} more." if len(what) > _MOST_TOLD else ""
    reasons = " ".join(f"{entry.title}: {entry.why}" for entry in what[:_MOST_TOLD])
    kept = "not kept" if outcome == "fail" else "in doubt"
    return f"{outcome.capitalize()}: {len(what)} of {_limits(len(entries))} {kept}. {reasons}{more}"


def _limits(count: int) -> str:
    return f"{count} limit{'s' if count != 1 else ''}"


def _minor(entries: tuple[Entry, ...]) -> str:
    """Minor limits that are not kept, as a sentence."""
    names = [entry.title for entry in entries if entry.verdict != "pass"]
    return f" Minor, and not kept for certain: {', '.join(names)}." if names else ""


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
