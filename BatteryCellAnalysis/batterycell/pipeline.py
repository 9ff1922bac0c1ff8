"""The road on one screen: from a volume to a measured cell, from that to tables, pictures and a report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from .cylindrical import FindEnds, find_sheets, measure_stages
from .end_sources import ends_of, settle_ends, with_ends_note
from .errors import InputError
from .measured import Stage, with_scale_error
from .orient import find_cell
from .overhang.spread import overhang_with_scale_error
from .progress import Progress
from .provenance import Sources
from .recipe import AnalyzeRecipe
from .result import AnyResult, CellResult, PouchResult
from .tolerance import Tolerances
from .volume import Volume

# What was found, as it is kept at this start for those who write files of it; another may be of other tolerances.
RESULT = "result"


def analyze(
    volume: Volume,
    recipe: AnalyzeRecipe,
    progress: Progress,
    tolerances: Tolerances | None = None,
    find_ends: FindEnds | None = None,
) -> AnyResult:
    """Find the cell, set it upright, and measure all of it.

    What cannot be measured in this cell becomes a note of its stage, and the other stages go on.

    Args:
        volume: A cylindrical cell with its whole circumference, or a pouch or prismatic stack.
        recipe: The settings.
        progress: Told how far it is; asked whether to stop.
        tolerances: What the cell is judged by; None for the hard rule on negative overhang alone.
        find_ends: Measures the overhang of a cylindrical cell; None for what the recipe says.

    Returns:
        The measured cell.

    Raises:
        InputError: if there is no cell in the volume, if nothing of it can be measured, or if there is no such model.
        Cancelled: if the user asked to stop.
    """
    from .pouch.kind import find_kind

    recipe = settle_ends(recipe)
    find_ends = find_ends or ends_of(recipe)
    progress.report(0.0, "finding the cell")
    if find_kind(volume) == "pouch":
        _check_stack(recipe, find_ends)
        stage = progress.kept("pouch", lambda: _measure_pouch(volume, progress))
        return PouchResult(volume, recipe, _scaled((stage,), recipe), tolerances)
    cell = progress.kept("cell", lambda: find_cell(volume, progress.part(0.0, 0.1)))
    sheets = 0.5 if progress.elsewhere is None else 0.9  # what others do of the stages, they do there
    found = find_sheets(volume, cell, recipe, progress.part(0.1, sheets), find_ends)
    stages = with_ends_note(measure_stages(found, recipe, progress.part(sheets, 1.0)), recipe)
    overhang = overhang_with_scale_error(found.table, recipe.voxel_size_percent)
    return CellResult(volume, cell, overhang, recipe, stages=_scaled(stages, recipe), tolerances=tolerances)


def write_results(result: AnyResult, folder: Path, sources: Sources, progress: Progress) -> dict[str, Any]:
    """Write tables, pictures, scene and report into an existing folder: a scene is made, and exported.

    Args:
        result: The measured cell.
        folder: Where to write.
        sources: What the result was made from, for its provenance.
        progress: Told how far it is; asked whether to stop.

    Returns:
        The summary, as in ``summary.json``; its ``notes`` tell what went other than usual.
    """
    from .export import ExportSettings, export_scene, scene_of

    progress = _written_ahead(result, progress)
    with scene_of(result) as (scene, node):
        recipe = result.recipe
        settings = ExportSettings(recipe.width, recipe.views, recipe.layout, rulers=False)
        return export_scene(scene, node, folder, settings, sources, progress)


def _written_ahead(result: AnyResult, progress: Progress) -> Progress:
    """Have the largest files of a result written by others, if anybody is there; a progress for what is left."""
    if progress.elsewhere is None or isinstance(result, PouchResult):  # a stack is measured by one process
        return progress
    from .export import OVERVIEW, result_files
    from .pictures import missing_gl

    progress.kept(RESULT, lambda: replace(result, volume=result.volume.without_voxels()))
    names = [name for name in result_files(result) if name != OVERVIEW or not missing_gl()]
    progress.part(0.0, 0.8).ahead(lambda: names)
    return progress.part(0.8, 1.0)


def _scaled(stages: tuple[Stage, ...], recipe: AnalyzeRecipe) -> tuple[Stage, ...]:
    return tuple(with_scale_error(stage, recipe.voxel_size_percent) for stage in stages)


def _check_stack(recipe: AnalyzeRecipe, find_ends: FindEnds | None) -> None:
    if "overhang" not in recipe.stages:
        raise InputError("no-roll", "A stack of sheets has neither a round can nor windings.", "Analyze it instead.")
    if find_ends is not None:
        message = "The ends of a stack's sheets are read at the edges of the image; no model or labels can be used."
        raise InputError("stack-edges-only", message, "Measure it from edges, or segment it and measure objects.")


def _measure_pouch(volume: Volume, progress: Progress) -> Stage:
    from .pouch import find_pouch, measure_pouch

    pouch = find_pouch(volume, progress.part(0.0, 0.3))
    return measure_pouch(volume, pouch, progress.part(0.3, 1.0))
