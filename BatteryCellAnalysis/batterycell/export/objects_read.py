"""Read result folders of label volumes back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from batterycell.errors import InputError
from batterycell.file_names import untaken
from batterycell.measured import QUANTITY_COLUMNS, Quantity, quantities_from_table
from batterycell.tables import read_csv

from .stages import SUMMARY_FILE

_WORDS: dict[str, type] = dict.fromkeys(("quantity", "title", "units", "description"), str)
QUANTITIES_FILE = "quantities.csv"


@dataclass(frozen=True)
class SampleResult:
    """What was measured of one sample.

    Args:
        name: Of the sample; no two of a comparison are alike.
        folder: Its result folder.
        quantities: Its numbers.
    """

    name: str
    folder: Path
    quantities: tuple[Quantity, ...]


def read_samples(folders: Sequence[Path]) -> tuple[SampleResult, ...]:
    """Read some result folders.

    Raises:
        InputError: if one is no result folder.
    """
    taken: set[str] = set()
    found = []
    for folder in folders:
        name = untaken(folder.resolve().name, taken)
        taken.add(name.lower())
        found.append(SampleResult(name, folder, read_quantities(folder)))
    return tuple(found)


def read_quantities(folder: Path) -> tuple[Quantity, ...]:
    """The numbers of a result folder.

    Raises:
        InputError: if it is none.
    """
    hint = "Give folders that batterycell instances or microstructure wrote."
    try:
        json.loads((folder / SUMMARY_FILE).read_text(encoding="utf-8"))
        table = read_csv(folder / QUANTITIES_FILE, QUANTITY_COLUMNS, _WORDS)
    except (OSError, ValueError) as error:
        raise InputError("no-result", f"{folder} is no result folder.", hint) from error
    if not len(table):
        raise InputError("no-quantities", f"{folder} holds no quantities.", hint)
    return quantities_from_table(table)
