"""Write the folder of a measured label volume: tables, label volume, pictures, summary, provenance, report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import batterycell
from batterycell.measured import map_table, quantity_table
from batterycell.progress import Progress
from batterycell.provenance import Sources, describe
from batterycell.result import ObjectsResult, to_json
from batterycell.summary import stage_notes, summarize_stages
from batterycell.tables import Table, write_csv

from .cell_pictures import draw_pictures, stage_pictures
from .objects_draw import draw_objects
from .objects_files import write_color_table, write_instances, write_table
from .stages import SUMMARY_FILE, seal, write_json

RECIPE_FILE = "recipe.json"
_EDITS_FILE = "edits.json"


@dataclass(frozen=True)
class ObjectsFiles:
    """How the folder is written.

    Args:
        format: Of the table of objects, "csv" or "parquet".
        volume: Whether the objects' label volume is written.
        edits: Merges, splits and removals, to be kept beside the recipe.
    """

    format: str = "csv"
    volume: bool = True
    edits: Sequence[dict[str, Any]] = ()


def write_objects_folder(
    result: ObjectsResult, folder: Path, sources: Sources, files: ObjectsFiles, progress: Progress
) -> dict[str, Any]:
    """Write what was measured in a label volume into an existing folder.

    Args:
        result: What was measured.
        folder: Where to write.
        sources: What it was made from.
        files: How it is written.
        progress: Told how far it is; asked whether to stop.

    Returns:
        The summary, as in ``summary.json``.
    """
    from batterycell.report.objects import write_objects_report

    _write_tables(result, folder, files.format)
    _write_volume(result, folder, files, progress.part(0.0, 0.5))
    drawn = draw_objects(result, folder, progress.part(0.5, 0.65))
    draw_pictures(stage_pictures(result.stages), folder, progress.part(0.65, 0.7))
    _write_settings(result, folder, files)
    summary = summarize_objects(result)
    write_json(folder / SUMMARY_FILE, summary)
    provenance = describe(result.labels.grid, asdict(result.recipe), sources, progress.part(0.7, 0.95))
    provenance = seal(provenance, None, folder)
    progress.report(0.95, "writing the report")
    write_objects_report(result, summary, provenance, drawn, folder)
    progress.report(1.0, "done")
    return summary


def summarize_objects(result: ObjectsResult) -> dict[str, Any]:
    """What was found in a label volume, in JSON's types."""
    labels = result.labels
    head = {
        "batterycell_version": batterycell.__version__,
        "sample": labels.name,
        "verb": result.recipe.verb,
        "voxel_size_zyx_um": labels.voxel_size_um,
        "voxel_size_source": labels.voxel_size_source,
        "shape_kji": labels.shape,
        "classes": [asdict(one) for one in labels.classes],
        "objects": None if result.table is None else len(present(result.table)),
    }
    values: dict[str, Any] = to_json({**head, **summarize_stages(result.stages)})
    return {**values, "notes": [*labels.notes, *stage_notes(result.stages)], "log": list(result.log)}


def present(table: Table) -> Table:
    """The objects that there are: numbers that edits left are not used again."""
    return table.where(table["voxels"] > 0) if "voxels" in table.data else table


def _write_volume(result: ObjectsResult, folder: Path, files: ObjectsFiles, progress: Progress) -> None:
    """Write the objects' label volume, and the colours of its numbers."""
    if result.instances is None or result.table is None:
        return
    write_color_table(result.table["class"], folder / "instances.ctbl")
    if files.volume:
        write_instances(result.instances, folder / "instances.nrrd", progress)


def _write_settings(result: ObjectsResult, folder: Path, files: ObjectsFiles) -> None:
    """Write what it takes to do the same again."""
    result.recipe.save(folder / RECIPE_FILE)
    if files.edits:
        write_json(folder / _EDITS_FILE, {"edits": list(files.edits)})


def _write_tables(result: ObjectsResult, folder: Path, kind: str) -> None:
    write_csv(quantity_table(result.stages), folder / "quantities.csv")
    for stage in result.stages:
        for name, table in stage.tables.items():
            is_objects = name == "instances"
            write_table(present(table) if is_objects else table, folder / f"{name}.{kind if is_objects else 'csv'}")
        for one in stage.maps:
            write_csv(map_table(one), folder / f"{one.name}.csv")
