"""The main job: find the cell and measure it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from batterycell.end_sources import ends_from_labels
from batterycell.overhang.columns import OVERHANG_COLUMNS, OVERHANG_DTYPES
from batterycell.pipeline import analyze
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe
from batterycell.result import AnyResult, CellResult, PouchResult, cell_from_json, cell_to_json
from batterycell.tables import read_csv, write_csv
from batterycell.volume import Volume

from .jobs import RESULT_FOLDER, read_job_volume, write_json
from .stage_files import read_stages, write_stages


def run(job: dict[str, Any], out: Path, progress: Progress) -> None:
    """Measure; settings as of `AnalyzeRecipe`, and optional: ``labels``, a file in which the ends are read."""
    settings = dict(job["settings"])
    labels = settings.pop("labels", None)
    find_ends = ends_from_labels(Path(labels)) if labels else None
    volume = read_job_volume(job, progress)
    result = analyze(volume, AnalyzeRecipe(**settings), progress.part(0.05, 1.0), find_ends=find_ends)
    cell = cell_to_json(result.cell) if isinstance(result, CellResult) else None
    if isinstance(result, CellResult):
        write_csv(result.overhang, out / "overhang.csv")
    write_stages(result.stages, out)
    write_json(out / "result.json", {"cell": cell, "recipe": asdict(result.recipe)})


def read_result(folder: Path, volume: Volume) -> AnyResult:
    """The result of a finished job on ``volume``, without tolerances: these are the desktop's own."""
    result = folder / RESULT_FOLDER
    values = json.loads((result / "result.json").read_text(encoding="utf-8"))
    recipe, stages = AnalyzeRecipe(**values["recipe"]), read_stages(result)
    if values["cell"] is None:
        return PouchResult(volume, recipe, stages)
    overhang = read_csv(result / "overhang.csv", OVERHANG_COLUMNS, OVERHANG_DTYPES)
    return CellResult(volume, cell_from_json(values["cell"]), overhang, recipe, stages=stages)
