"""Write the folder of a few stages, without a scene: tables, maps, pictures, summary, provenance."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from batterycell import pictures
from batterycell.progress import Progress
from batterycell.provenance import Sources, describe
from batterycell.result import AnyResult, CellResult
from batterycell.summary import stage_notes

from .cell_pictures import draw_pictures, stage_pictures
from .contents import Contents, summary_of
from .stages import SUMMARY_FILE, seal, write_json, write_tables


def write_stage_folder(result: AnyResult, folder: Path, sources: Sources, progress: Progress) -> dict[str, Any]:
    """Write what was measured into an existing folder.

    Args:
        result: What was measured; the stages of its recipe.
        folder: Where to write.
        sources: What it was made from.
        progress: Told how far it is; asked whether to stop.

    Returns:
        The summary, as in ``summary.json``.
    """
    found = _contents(result)
    write_tables(found, folder)
    result.recipe.save(folder / "recipe.json")
    _draw(found, folder, progress.part(0.0, 0.6))
    summary = {**summary_of(found), "notes": stage_notes(found.stages)}
    write_json(folder / SUMMARY_FILE, summary)
    seal(describe(found.volume, asdict(result.recipe), sources, progress.part(0.6, 1.0)), found.tolerances, folder)
    progress.report(1.0, "done")
    return summary


def _contents(result: AnyResult) -> Contents:
    """What was measured; a cell without the overhang has none, rather than an empty one."""
    found = Contents(result.volume, stages=result.stages, recipe=result.recipe, tolerances=result.tolerances)
    if not isinstance(result, CellResult):
        return found
    return replace(found, cell=result.cell, result=result if len(result.overhang) else None)


def _draw(found: Contents, folder: Path, progress: Progress) -> None:
    if found.overhang is not None:
        progress.report(0.0, "drawing the overhang map")
        pictures.save_figure(pictures.overhang_map(found.overhang), folder / "overhang_map.png")
    draw_pictures(stage_pictures(found.stages), folder, progress.part(0.3, 1.0))
