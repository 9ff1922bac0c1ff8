"""Tables as Slicer keeps them: every column has a machine name, a title, units and a description."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_PLAIN = re.compile(r'[^,"\r\n]+|')


@dataclass(frozen=True)
class Column:
    """What one column of a table means.

    Args:
        name: Machine name; ends in its unit where it has one, e.g. ``overhang_um``.
        title: Title for people.
        units: Unit, ``""`` for counts and words.
        description: One sentence, with the definition.
    """

    name: str
    title: str
    units: str
    description: str


@dataclass(frozen=True)
class Table:
    """Columns of equal length.

    Args:
        columns: The columns in order.
        data: One array of length n for each column's name: float64, int64 or str.
    """

    columns: tuple[Column, ...]
    data: dict[str, NDArray[Any]]

    def __post_init__(self) -> None:
        lengths = {len(self.data[column.name]) for column in self.columns}
        if len(lengths) > 1 or set(self.data) != {column.name for column in self.columns}:
            raise ValueError("a table needs one array of the same length for each column")

    def __len__(self) -> int:
        return len(self.data[self.columns[0].name])

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.data[name]

    def where(self, rows: NDArray[np.bool_]) -> Table:
        """The table of the chosen rows; ``rows`` is a mask of length n."""
        return Table(self.columns, {name: values[rows] for name, values in self.data.items()})


def write_csv(table: Table, path: Path) -> None:
    """Write one header row and the values: UTF-8, full precision, ``.`` as decimal mark, empty for NaN."""
    columns = [_texts(table[column.name]) for column in table.columns]
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(",".join(column.name for column in table.columns) + "\n")
        # Large maps: faster by half than through csv.writer, which looks for quotation marks in every number.
        file.writelines(f"{line}\n" for line in map(",".join, zip(*columns, strict=True)))


def read_csv(path: Path, columns: tuple[Column, ...], dtypes: dict[str, type]) -> Table:
    """Read a table written by `write_csv`; ``dtypes`` names the columns that are not float64.

    Columns that a file of an earlier version lacks are empty.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return Table(
        columns, {c.name: _column([row.get(c.name, "") for row in rows], dtypes.get(c.name, float)) for c in columns}
    )


def _texts(values: NDArray[Any]) -> list[str]:
    if values.dtype.kind == "U":
        return [_quoted(text) for text in values.tolist()]
    texts = list(map(repr, values.tolist()))
    return ["" if text == "nan" else text for text in texts] if values.dtype.kind == "f" else texts


def _quoted(text: str) -> str:
    """A text as a field of a CSV file (RFC 4180, 2.5 to 2.7)."""
    return text if _PLAIN.fullmatch(text) else '"' + text.replace('"', '""') + '"'


def _column(texts: list[str], dtype: type) -> NDArray[Any]:
    if dtype is float:
        return np.array([float(text) if text else np.nan for text in texts])
    return np.array(texts).astype(dtype)
