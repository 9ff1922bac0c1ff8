"""What the cells of a lot are together: a row a quantity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Table
from batterycell.tolerance import Limit, Tolerances

from .capability import NONE, ODD_Z, find_cp, find_cpk, robust_z
from .columns import STATISTICS_COLUMNS, STATISTICS_WORDS

Floats = NDArray[np.float64]

# Directions against the scanner, which a cell's turn in its holder decides: they have no mean over a lot.
DIRECTIONS = ("can_dent_angle_deg",)


@dataclass(frozen=True)
class Series:
    """One quantity over the cells of a lot.

    Args:
        name: Machine name.
        title: Name for people.
        units: Its units.
        values: One a cell, NaN where it was not measured, shape (n,).
        uncertainty: Half widths of the 95 % intervals, shape (n,).
        limit: What is allowed; without limits where nothing is said.
    """

    name: str
    title: str
    units: str
    values: Floats
    uncertainty: Floats
    limit: Limit

    @property
    def odd(self) -> NDArray[np.bool_]:
        """Which cells lie far from the others, shape (n,)."""
        known = np.isfinite(self.values)
        odd = np.zeros(len(self.values), bool)
        odd[known] = np.abs(robust_z(self.values[known])) > ODD_Z
        return odd


def collect(quantities: Sequence[Table | None], tolerances: Tolerances | None) -> list[Series]:
    """Every quantity that any cell has, in the order of the cells' tables.

    Args:
        quantities: Of each cell; None where nothing was measured.
        tolerances: The limits.
    """
    found: dict[str, tuple[str, str]] = {}
    for table in filter(None, quantities):
        for name, title, units in zip(table["quantity"], table["title"], table["units"], strict=True):
            found.setdefault(str(name), (str(title), str(units)))
    return [_series(name, words, quantities, tolerances) for name, words in found.items() if name not in DIRECTIONS]


def statistics_table(series: Sequence[Series], cells: Sequence[str]) -> Table:
    """Statistics of every quantity, with `STATISTICS_COLUMNS`.

    Args:
        series: The quantities.
        cells: Names of the cells.
    """
    rows = [_row(one, cells) for one in series]
    data: dict[str, NDArray[Any]] = {
        column.name: np.array([row[column.name] for row in rows], str if column.name in STATISTICS_WORDS else float)
        for column in STATISTICS_COLUMNS
    }
    return Table(STATISTICS_COLUMNS, data)


def _series(
    name: str, words: tuple[str, str], quantities: Sequence[Table | None], tolerances: Tolerances | None
) -> Series:
    values, uncertainty = (
        np.array([_of(table, name, column) for table in quantities]) for column in ("value", "uncertainty")
    )
    limit = tolerances.limit_of(name) if tolerances else None
    return Series(name, *words, values, uncertainty, limit or Limit(name))


def _of(table: Table | None, name: str, column: str) -> float:
    if table is None:
        return float("nan")
    rows = np.flatnonzero(table["quantity"] == name)
    return float(table[column][rows[0]]) if len(rows) else float("nan")


def _row(one: Series, cells: Sequence[str]) -> dict[str, Any]:
    values, limit = one.values[np.isfinite(one.values)], one.limit
    n = len(values)
    middle, median, low, high = (
        (values.mean(), np.median(values), values.min(), values.max()) if n else [np.nan] * 4
    )  # fmt: skip
    # Counts follow no normal distribution: no index tells anything about them.
    indices = (
        (NONE, NONE) if not one.units else [find(values, limit.lower, limit.upper) for find in (find_cp, find_cpk)]
    )
    cp, cpk = indices
    return {
        "quantity": one.name,
        "title": one.title,
        "units": one.units,
        "n": n,
        "mean": middle,
        "sd": values.std(ddof=1) if n > 1 else np.nan,
        "min": low,
        "median": median,
        "max": high,
        "lower": limit.lower if np.isfinite(limit.lower) else np.nan,
        "upper": limit.upper if np.isfinite(limit.upper) else np.nan,
        **{"cp": cp.value, "cp_low": cp.low, "cp_high": cp.high},
        **{"cpk": cpk.value, "cpk_low": cpk.low, "cpk_high": cpk.high},
        "odd": "; ".join(cell for cell, odd in zip(cells, one.odd, strict=True) if odd),
    }
