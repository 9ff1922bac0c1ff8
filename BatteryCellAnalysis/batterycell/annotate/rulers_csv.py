"""Rulers and angles as CSV, out and back in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError, OutputError
from batterycell.output import replace_file
from batterycell.tables import Table, write_csv

from .ruler_columns import POINTS, RULER_COLUMNS, RULER_DTYPES, voxel_names, world_names
from .rulers import ANGLE, LENGTH
from .sheet import Row, Sheet, read_sheet

_NAMES = tuple(column.name for column in RULER_COLUMNS)
_UNIT = re.compile(r"[ _(\[]*(?:[mµμnck]?m|um|mil|in|inch|px|pixels?|vox|voxels?|rad|deg|°)[)\]]*$")
_PLAIN = {_UNIT.sub("", name): name for name in reversed(_NAMES) if _UNIT.search(name)}
_YES = {"yes": "yes", "true": "yes", "1": "yes", "no": "", "false": "", "0": "", "": ""}


def write_rulers(table: Table, path: Path) -> None:
    """Write rulers as CSV: one header row, UTF-8, full precision; an older file is replaced whole or not at all.

    Raises:
        OutputError: if the file cannot be written.
    """
    try:
        replace_file(path, lambda unfinished: write_csv(table, unfinished))
    except OutputError as error:
        raise OutputError("csv-unwritable", error.message, "Choose another place; is it open elsewhere?") from error


def read_rulers(path: Path) -> tuple[Table, list[str]]:
    """Read rulers and angles from CSV, as `write_rulers` wrote them or as people made them.

    Every row needs start and end, an angle its vertex too: as IJK (start_i, start_j, start_k …) or as XYZ in mm as the
    views show them (start_x_mm …). Everything else may be missing.

    Returns:
        A table with `RULER_COLUMNS`, NaN where the file says nothing, and sentences on what was left out.

    Raises:
        InputError: if columns are missing, units are foreign, or a row cannot be understood. All or nothing is read.
    """
    sheet = read_sheet(path, _NAMES)
    _check_units(sheet)
    _check_columns(sheet)
    if not sheet.rows:
        raise InputError("csv-empty", f"{path.name} holds no rulers.", "Choose another file.")
    kinds = [_kind(row) for row in sheet.rows]
    for row, kind in zip(sheet.rows, kinds, strict=True):
        _check_row(row, kind)
    data = {name: _column(sheet, name) for name in _NAMES}
    data["kind"] = np.array(kinds, str)
    return Table(RULER_COLUMNS, data), _left_out(sheet)


def _check_units(sheet: Sheet) -> None:
    for name in sheet.columns:
        expected = _PLAIN.get(_UNIT.sub("", name))
        if name not in _NAMES and expected:
            message = f"{sheet.name} has the column {name}: a foreign unit or none."
            raise InputError("csv-units", message, f"Convert it and name it {expected}.")


def _check_columns(sheet: Sheet) -> None:
    for point in POINTS[::2]:
        voxels, world = voxel_names(point), world_names(point)
        if set(voxels) <= set(sheet.columns) or set(world) <= set(sheet.columns):
            continue
        started = world if set(world) & set(sheet.columns) else voxels
        missing = ", ".join(name for name in started if name not in sheet.columns)
        hint = f"A ruler needs {', '.join(voxels)} (voxels) or {', '.join(world)}."
        raise InputError("csv-columns", f"{sheet.name} has no column {missing}.", hint)


def _kind(row: Row) -> str:
    """As stated, else by whether there is a vertex."""
    kind = row.text("kind").strip().lower() or (ANGLE if _has(row, "vertex") else LENGTH)
    if kind not in (LENGTH, ANGLE):
        raise row.error(f"“{kind}” is no kind", f"Known are {LENGTH} and {ANGLE}.")
    return kind


def _check_row(row: Row, kind: str) -> None:
    for point in POINTS if kind == ANGLE else POINTS[::2]:
        if not _has(row, point):
            raise row.error(f"the place of the {point} is missing", f"Fill {', '.join(voxel_names(point))}.")
    for name in ("start_uncertainty_um", "end_uncertainty_um"):
        if row.number(name) <= 0:
            raise row.error(f"{name} is not above zero", "Leave it empty where it is not known.")
    for name in ("start_snapped", "end_snapped"):
        if row.text(name).strip().lower() not in _YES:
            raise row.error(f"“{row.text(name)}” in column {name} is neither yes nor empty", "Write yes or nothing.")


def _has(row: Row, point: str) -> bool:
    return any(
        np.isfinite([row.number(name) for name in names]).all() for names in (voxel_names(point), world_names(point))
    )


def _column(sheet: Sheet, name: str) -> NDArray[Any]:
    if name not in RULER_DTYPES:
        return np.array([row.number(name) for row in sheet.rows], float)
    if name.endswith("_snapped"):
        return np.array([_YES[row.text(name).strip().lower()] for row in sheet.rows], str)
    return np.array([row.text(name).strip() for row in sheet.rows], str)


def _left_out(sheet: Sheet) -> list[str]:
    names = [name for name in sheet.columns if name and name not in _NAMES]
    return [f"Columns left out: {', '.join(names)}."] if names else []
