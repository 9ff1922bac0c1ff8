"""Marked defects as CSV, out and back in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError, OutputError
from batterycell.output import replace_file
from batterycell.tables import Table, write_csv
from batterycell.volume import UM_PER_MM

from .defect_columns import DEFECT_COLUMNS, DEFECT_DTYPES, IJK, XYZ_MM, XYZ_UM
from .defects import SEVERITIES
from .sheet import Row, Sheet, read_sheet

_NAMES = tuple(column.name for column in DEFECT_COLUMNS)
_PLACES = (IJK, XYZ_MM, XYZ_UM)
_AXIS_IN_UNIT = re.compile(r"(?:[xyz]|pos(?:ition)?[ _]?[xyz])[ _]*[(\[]?[ _]*([a-zµμ]*)[)\]]?")
# People round to 0.01 mm; a unit taken for another is wrong by far more.
_SAME_UM = 10.0


def write_defects(table: Table, path: Path) -> None:
    """Write defects as CSV: one header row, UTF-8, full precision; an older file is replaced whole or not at all.

    Raises:
        OutputError: if the file cannot be written.
    """
    try:
        replace_file(path, lambda unfinished: write_csv(table, unfinished))
    except OutputError as error:
        raise OutputError("csv-unwritable", error.message, "Choose another place; is it open elsewhere?") from error


def read_defects(path: Path) -> tuple[Table, list[str]]:
    """Read defects from CSV, as `write_defects` wrote them or as people made them.

    A place is needed in every row: i, j, k (voxels), or x_mm, y_mm, z_mm, or x_um, y_um, z_um (RAS as in the views).
    Everything else may be missing.

    Returns:
        A table with `DEFECT_COLUMNS`, NaN or empty where the file says nothing, and sentences on what was left out.

    Raises:
        InputError: if columns are missing, units are foreign, or a row cannot be understood. All or nothing is read.
    """
    sheet = read_sheet(path, _NAMES)
    _check_columns(sheet)
    if not sheet.rows:
        raise InputError("csv-empty", f"{path.name} holds no defects.", "Choose another file.")
    for row in sheet.rows:
        _check_place(row)
    data = {name: _column(sheet.rows, name) for name in _NAMES}
    return Table(DEFECT_COLUMNS, _with_both_units(data)), _left_out(sheet)


def _check_columns(sheet: Sheet) -> None:
    if any(set(place) <= set(sheet.columns) for place in _PLACES):
        return
    foreign = [name for name in sheet.columns if name not in _NAMES and _AXIS_IN_UNIT.fullmatch(name)]
    started = next((place for place in _PLACES if set(place) & set(sheet.columns)), IJK)
    hint = "Known are i, j, k (voxels), x_mm, y_mm, z_mm and x_um, y_um, z_um."
    if foreign and started == IJK:
        message = f"{sheet.name} gives the places as {', '.join(foreign)}: a foreign or unknown unit."
        raise InputError("csv-units", message, f"{hint} Convert or rename the columns.")
    missing = ", ".join(name for name in started if name not in sheet.columns)
    raise InputError("csv-columns", f"{sheet.name} has no column {missing}.", hint)


def _check_place(row: Row) -> None:
    ijk, mm, um = (np.array([row.number(name) for name in place]) for place in _PLACES)
    if not any(np.isfinite(place).all() for place in (ijk, mm, um)):
        raise row.error("the place is missing", "Fill i, j, k or x_mm, y_mm, z_mm.")
    if np.nanmax([0.0, *np.abs(mm * UM_PER_MM - um)]) > _SAME_UM:
        raise row.error("x_mm, y_mm, z_mm and x_um, y_um, z_um are not the same place", "Are the units mixed up?")


def _column(rows: Iterable[Row], name: str) -> NDArray[Any]:
    if name not in DEFECT_DTYPES:
        return np.array([row.number(name) for row in rows], float)
    return np.array([_word(row, name) for row in rows], str)


def _word(row: Row, name: str) -> str:
    if name == "severity":
        return _severity(row)
    return row.text(name) if name == "note" else row.text(name).strip()


def _severity(row: Row) -> str:
    severity = row.text("severity").strip().lower()
    if severity and severity not in SEVERITIES:
        raise row.error(f"“{severity}” is no severity", f"Known are {', '.join(SEVERITIES)}.")
    return severity


def _with_both_units(data: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    for mm, um in zip(XYZ_MM, XYZ_UM, strict=True):
        filled = np.where(np.isnan(data[mm]), data[um] / UM_PER_MM, data[mm])
        data[mm], data[um] = filled, np.where(np.isnan(data[um]), filled * UM_PER_MM, data[um])
    return data


def _left_out(sheet: Sheet) -> list[str]:
    names = [name for name in sheet.columns if name and name not in _NAMES]
    return [f"Columns left out: {', '.join(names)}."] if names else []
