"""What a result folder says of its cell, and whether that keeps to the tolerances."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from batterycell.measured import QUANTITY_COLUMNS
from batterycell.overhang.columns import OVERHANG_COLUMNS, OVERHANG_DTYPES
from batterycell.pouch.columns import POUCH_OVERHANG_COLUMNS, POUCH_OVERHANG_DTYPES
from batterycell.tables import Table, read_csv
from batterycell.tolerance import Tolerances, Verdict, judge

_WORDS: dict[str, type] = dict.fromkeys(("quantity", "title", "units", "description"), str)


@dataclass(frozen=True)
class Judged:
    """A cell's numbers and its verdict.

    Args:
        quantities: With `QUANTITY_COLUMNS`.
        verdict: By the tolerances of the lot.
    """

    quantities: Table
    verdict: Verdict


def judge_folder(folder: Path, tolerances: Tolerances | None) -> Judged | None:
    """Judge what was measured, now or before: other limits need no new measurement.

    Args:
        folder: A result folder.
        tolerances: The limits; None for the hard rule on negative overhang alone.

    Returns:
        None where the folder holds no quantities.

    Raises:
        OSError, ValueError, KeyError: if its tables are damaged.
    """
    path = folder / "quantities.csv"
    if not path.is_file():
        return None
    if not {column.name for column in QUANTITY_COLUMNS} <= set(_header(path)):
        raise ValueError(f"{path} holds no quantities")
    quantities = read_csv(path, QUANTITY_COLUMNS, _WORDS)
    return Judged(quantities, judge(quantities, _overhang(folder), tolerances))


def judged_otherwise(folder: Path, tolerances: Tolerances | None) -> bool:
    """Whether the report in a result folder shows the verdict of other tolerances, or of none."""
    path = folder / "tolerances.json"
    own = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return bool(own != (tolerances.to_json() if tolerances else None))


def _overhang(folder: Path) -> Table | None:
    """Every overhang of a wound cell or a stack, with the columns that its file has; None where there is none."""
    path = folder / "overhang.csv"
    if not path.is_file():
        return None
    names = _header(path)
    columns, kinds = (
        (OVERHANG_COLUMNS, OVERHANG_DTYPES) if "end" in names else (POUCH_OVERHANG_COLUMNS, POUCH_OVERHANG_DTYPES)
    )
    return read_csv(path, tuple(column for column in columns if column.name in names), kinds)


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return file.readline().strip().split(",")
