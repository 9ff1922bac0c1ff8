"""Read a CSV that people may have edited elsewhere: what is wrong is said with its line, and nothing is guessed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from batterycell.errors import InputError

# What spreadsheets write: with a comma as decimal mark they separate by semicolons.
_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True)
class Row:
    """One row of a sheet.

    Args:
        sheet: The file's name, for messages.
        line: The line of the file on which the row ends, from 1.
        cells: One text for each column's name.
        decimal_comma: Whether numbers may be written with a comma.
    """

    sheet: str
    line: int
    cells: dict[str, str]
    decimal_comma: bool = False

    def text(self, name: str) -> str:
        """The text in a column; empty where the column is missing."""
        return self.cells.get(name, "")

    def number(self, name: str) -> float:
        """The number in a column; NaN where it is empty or the column is missing.

        Raises:
            InputError: if it is no finite number.
        """
        text = self.cells.get(name, "").strip()
        try:
            value = float(text.replace(",", ".") if self.decimal_comma else text) if text else np.nan
        except ValueError:
            value = np.inf
        if np.isinf(value) or (text and np.isnan(value)):
            raise self.error(f"“{text}” in column {name} is no number", "Write numbers with “.” as decimal mark.")
        return value

    def error(self, what: str, hint: str) -> InputError:
        """An error in this row."""
        return InputError("csv-row", f"{self.sheet}, line {self.line}: {what}.", hint)


@dataclass(frozen=True)
class Sheet:
    """A CSV file: its name, its columns and its rows."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_sheet(path: Path, known: Collection[str]) -> Sheet:
    """Read a CSV file, also one that a spreadsheet wrote (semicolons, decimal commas, byte order mark).

    Args:
        path: The file, UTF-8.
        known: The names of the columns that are looked for, lower case; they tell the delimiter.

    Raises:
        InputError: if it cannot be read as a table.
    """
    text = _text(path)
    delimiter = max(_DELIMITERS, key=lambda mark: len(set(known) & set(_header(text, mark))))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        lines = [(cells, reader.line_num) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        message = f"{path.name}, line {reader.line_num}: {error}."
        raise InputError("csv-unreadable", message, "Is a quotation mark missing?") from error
    if not lines:
        raise InputError("csv-empty", f"{path.name} is empty.", "Choose another file.")
    return _sheet(path.name, lines, delimiter != ",")


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        message = f"{path.name} cannot be read: {error.strerror or error}."
        raise InputError("csv-unreadable", message, "Check the path and the rights.") from error
    except UnicodeDecodeError as error:
        message = f"{path.name} is not a text in UTF-8."
        raise InputError("csv-encoding", message, "Save it as CSV in UTF-8 (Excel: “CSV UTF-8”).") from error


def _header(text: str, delimiter: str) -> list[str]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return [_name(cell) for cell in first.split(delimiter)]


def _name(cell: str) -> str:
    return re.sub(r"\s+", " ", cell.strip().strip('"')).lower()


def _sheet(name: str, lines: list[tuple[list[str], int]], decimal_comma: bool) -> Sheet:
    columns = tuple(_name(cell) for cell in lines[0][0])
    twice = sorted({column for column in columns if column and columns.count(column) > 1})
    if twice:
        raise InputError("csv-columns", f"{name} has the column {twice[0]} twice.", "Remove one of them.")
    rows = (_row(Row(name, line, {}, decimal_comma), columns, cells) for cells, line in lines[1:])
    return Sheet(name, columns, tuple(rows))


def _row(empty: Row, columns: tuple[str, ...], cells: list[str]) -> Row:
    if len(cells) > len(columns):
        raise empty.error(
            f"{len(cells)} cells, but the header names {len(columns)} columns",
            "Put texts with commas or line breaks into quotation marks.",
        )
    empty.cells.update(zip(columns, cells, strict=False))
    return empty
