"""What the stages found, as files: tables, maps, and their pictures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from batterycell.measured import Map, Stage, map_table, quantity_table
from batterycell.progress import Progress
from batterycell.provenance import sha256
from batterycell.tables import Table, write_csv
from batterycell.tolerance import Tolerances

from .contents import Contents

SUMMARY_FILE, TOLERANCES_FILE, PROVENANCE_FILE = "summary.json", "tolerances.json", "provenance.json"
_SEALED = (".csv", ".json")


def write_tables(found: Contents, folder: Path, progress: Progress | None = None) -> None:
    """Write every table and map under its name, ``quantities.csv``, and the tolerances."""
    progress = progress or Progress()
    for name, table in _tables(found):
        write_csv(table, folder / f"{name}.csv")
    for name, write in map_files(found.stages).items():
        progress.kept_file(folder / name, write)
    if found.tolerances is not None:
        write_json(folder / TOLERANCES_FILE, found.tolerances.to_json())


def map_files(stages: Iterable[Stage]) -> dict[str, Callable[[Path], None]]:
    """What writes every map, as ``<its name>.csv``."""
    return {f"{one.name}.csv": partial(_write_map, one) for stage in stages for one in stage.maps}


def seal(provenance: dict[str, Any], tolerances: Tolerances | None, folder: Path) -> dict[str, Any]:
    """Write ``provenance.json`` with the checksums of the folder's tables and settings: its own then stands for all.

    Args:
        provenance: As of `provenance.describe`.
        tolerances: What the cell was judged by.
        folder: Holds everything else.

    Returns:
        The provenance as it was written, and its own ``sha256``.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix in _SEALED)
    results = [{"file": path.name, "sha256": sha256(path)} for path in files]
    sealed = {**provenance, "tolerances": tolerances.to_json() if tolerances else None, "results": results}
    write_json(folder / PROVENANCE_FILE, sealed)
    return {**sealed, "sha256": sha256(folder / PROVENANCE_FILE)}


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write JSON for people and programs."""
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")


def _tables(found: Contents) -> Iterator[tuple[str, Table]]:
    marks = {"overhang": found.overhang, "defects": found.defects, "rulers": found.rulers}
    yield from ((name, table) for name, table in marks.items() if table is not None)
    if any(stage.quantities for stage in found.stages):
        yield "quantities", quantity_table(found.stages)
    for stage in found.judged_stages:
        yield from stage.tables.items()


def _write_map(found: Map, path: Path) -> None:
    write_csv(map_table(found), path)
