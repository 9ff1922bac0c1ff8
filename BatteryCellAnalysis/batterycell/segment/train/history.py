"""The course of a training, a row an epoch: what the curves are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.file_names import file_stem, untaken
from batterycell.output import replace_file
from batterycell.segment.classes import SegmentClass
from batterycell.tables import Column, Table, read_csv, write_csv

HISTORY_FILE = "training.csv"
HISTORY_COLUMNS = (
    Column("epoch", "Epoch", "", "Epoch, from 1."),
    Column("loss", "Loss", "", "Mean loss of the epoch's training patches."),
    Column("learning_rate", "Learning rate", "", "Learning rate at the epoch's end."),
    Column("seconds", "Time", "s", "Time since training began, without pauses."),
    Column("mean_dice", "Mean Dice", "", "Mean of the validation Dice of all classes painted there."),
)
_WHOLE: dict[str, type] = {"epoch": int}


def history_columns(classes: Sequence[SegmentClass]) -> tuple[Column, ...]:
    """The columns of a training's table: those of every training, and the Dice of each class."""
    taken: set[str] = set()
    columns = []
    for one in classes:
        name = untaken(f"dice_{file_stem(one.name).lower().replace('-', '_').replace('.', '_')}", taken)
        taken.add(name)
        columns.append(Column(name, f"Dice {one.name}", "", f"Validation Dice of the class {one.name}."))
    return (*HISTORY_COLUMNS, *columns)


def make_history(rows: Sequence[Sequence[float | None]], classes: Sequence[SegmentClass]) -> Table:
    """The table of a training from its rows, each a number a column (NaN or None where none was measured)."""
    columns = history_columns(classes)
    values = np.array([[np.nan if value is None else value for value in row] for row in rows], float)
    values = values.reshape(-1, len(columns))
    dtypes: dict[str, Any] = {"epoch": np.int64}
    data = {one.name: values[:, index].astype(dtypes.get(one.name, float)) for index, one in enumerate(columns)}
    return Table(columns, data)


def write_history(table: Table, run: Path) -> None:
    """Write ``training.csv`` into a run's folder, at once."""
    replace_file(run / HISTORY_FILE, lambda path: write_csv(table, path))


def read_history(path: Path, classes: Sequence[SegmentClass]) -> Table:
    """Read a ``training.csv``."""
    return read_csv(path, history_columns(classes), _WHOLE)
