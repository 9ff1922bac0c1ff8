"""What stages found on its way from a worker to the desktop: exactly, and without reading text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import Stage, map_from_table, map_table, quantities_from_table, quantity_table
from batterycell.tables import Column, Table

from .jobs import write_json

STAGES_FILE, ARRAYS_FILE = "stages.json", "stages.npz"


def write_stages(stages: Iterable[Stage], folder: Path) -> None:
    """Write stages into the folder of a job's result."""
    arrays: dict[str, NDArray[Any]] = {}
    written = [_written(stage, arrays) for stage in stages]
    write_json(folder / STAGES_FILE, {"stages": written})
    np.savez(folder / ARRAYS_FILE, **arrays)  # type: ignore[arg-type]


def read_stages(folder: Path) -> tuple[Stage, ...]:
    """The stages of `write_stages`."""
    values = json.loads((folder / STAGES_FILE).read_text(encoding="utf-8"))
    with np.load(folder / ARRAYS_FILE) as arrays:
        return tuple(_read(stage, arrays) for stage in values["stages"])


def _written(stage: Stage, arrays: dict[str, NDArray[Any]]) -> dict[str, Any]:
    return {
        "name": stage.name,
        "title": stage.title,
        "notes": list(stage.notes),
        "quantities": _columns(quantity_table([stage]), arrays),
        "tables": {name: _columns(table, arrays) for name, table in stage.tables.items()},
        "maps": [[len(one.rows.values), _columns(map_table(one), arrays)] for one in stage.maps],
    }


def _read(values: dict[str, Any], arrays: Any) -> Stage:
    return Stage(
        values["name"],
        values["title"],
        quantities_from_table(_table(values["quantities"], arrays)),
        {name: _table(columns, arrays) for name, columns in values["tables"].items()},
        tuple(map_from_table(_table(columns, arrays), rows) for rows, columns in values["maps"]),
        tuple(values["notes"]),
    )


def _columns(table: Table, arrays: dict[str, NDArray[Any]]) -> list[dict[str, str]]:
    """What the columns of a table mean, each with the key under which its values go to ``arrays``."""
    columns = [{**asdict(column), "array": f"a{len(arrays) + n}"} for n, column in enumerate(table.columns)]
    arrays.update({column["array"]: table[column["name"]] for column in columns})
    return columns


def _table(columns: list[dict[str, str]], arrays: Any) -> Table:
    data = {column["name"]: arrays[column["array"]] for column in columns}
    names = ("name", "title", "units", "description")
    return Table(tuple(Column(*(column[name] for name in names)) for column in columns), data)
