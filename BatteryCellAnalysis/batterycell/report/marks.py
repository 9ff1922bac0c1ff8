"""What people marked and measured, as tables of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from batterycell.tables import Column, Table

from .findings import Findings
from .words import number

_DIGITS = {"µm": 0, "mm": 3, "deg": 1, "voxel": 1, "%": 1}
_DEFECTS = (
    "id",
    "class",
    "severity",
    "note",
    "x_mm",
    "y_mm",
    "z_mm",
    "i",
    "j",
    "k",
    "angle_deg",
    "winding",
    "height_um",
)
_RULERS = ("name", "kind", "length_um", "uncertainty_um", "angle_deg", "uncertainty_deg", "view")
_UNCERTAINTIES = {"µm": "uncertainty_um", "deg": "uncertainty_deg"}
_MOST_ROWS = 400


@dataclass(frozen=True)
class Marks:
    """A table of the page.

    Args:
        title: Its heading.
        file: The file that holds it in full.
        heads: Heading of each column, with its unit.
        rows: Texts of each row.
        numeric: Which columns hold numbers.
        count: Number of rows in the file.
    """

    title: str
    file: str
    heads: list[str]
    rows: list[tuple[str, ...]]
    numeric: list[bool]
    count: int


def marks(findings: Findings) -> dict[str, Marks]:
    """The tables of defects and rulers, as far as there are any."""
    tables = {
        "defects": ("Marked defects", findings.defects, _DEFECTS),
        "rulers": ("Rulers and angles", findings.rulers, _RULERS),
    }
    return {
        name: _marks(title, f"{name}.csv", table, names)
        for name, (title, table, names) in tables.items()
        if table is not None
    }


def _marks(title: str, file: str, table: Table, names: Sequence[str]) -> Marks:
    return table_marks(title, file, table.where(np.arange(len(table)) < _MOST_ROWS), names, len(table))


def table_marks(title: str, file: str, table: Table, names: Sequence[str], count: int) -> Marks:
    """The named columns of a table for the page.

    Args:
        title: Its heading.
        file: The file that holds it in full.
        table: The rows to show.
        names: The columns to show.
        count: Number of rows in the file.
    """
    columns = [column for column in table.columns if column.name in names]
    digits = _digits(table)
    texts = [[_text(value, digits.get(column.units)) for value in table[column.name].tolist()] for column in columns]
    numeric = [table[column.name].dtype.kind in "iuf" for column in columns]
    rows = list(zip(*texts, strict=True))
    return Marks(title, file, [_head(column) for column in columns], rows, numeric, count)


def _digits(table: Table) -> dict[str, int]:
    """Digits behind the point of each unit: rulers show the second digit of their least uncertainty (GUM 7.2.6)."""
    digits = dict(_DIGITS)
    for unit, name in _UNCERTAINTIES.items():
        known = table[name][table[name] > 0] if name in table.data else ()
        if len(known):
            digits[unit] = int(np.clip(1 - np.floor(np.log10(min(known))), 0, 3))
    return digits


def _head(column: Column) -> str:
    unit = {"deg": "°"}.get(column.units, column.units)
    return f"{column.title}, {unit}" if unit and unit != column.title else column.title


def _text(value: Any, digits: int | None) -> str:
    if not isinstance(value, float):
        return str(value)
    if digits is None and np.isfinite(value):
        return f"{value:.4g}".replace("-", "−")
    return number(value, digits or 0)
