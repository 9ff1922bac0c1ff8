"""The road on one screen: from a volume to a measured cell, from that to tables, pictures and a report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from .orient import find_cell
from .overhang import measure_overhang
from .progress import Progress
from .provenance import Sources, collect
from .recipe import AnalyzeRecipe
from .result import CellResult
from .summary import summarize
from .tables import write_csv
from .volume import Volume


def analyze(volume: Volume, recipe: AnalyzeRecipe, progress: Progress) -> CellResult:
    """Find the cell, set it upright, and measure every overhang.

    Args:
        volume: A cylindrical cell with its whole circumference.
        recipe: The settings.
        progress: Told how far it is; asked whether to stop.

    Returns:
        The measured cell.

    Raises:
        InputError: if there is no cell in the volume, or nothing of it can be measured.
        Cancelled: if the user asked to stop.
    """
    cell = find_cell(volume, progress.part(0.0, 0.1))
    overhang = measure_overhang(volume, cell, recipe.angles, progress.part(0.1, 1.0))
    return CellResult(volume, cell, overhang, recipe)


def write_results(result: CellResult, folder: Path, sources: Sources, progress: Progress) -> dict[str, Any]:
    """Write tables, pictures, scene and report into an existing folder.

    Args:
        result: The measured cell.
        folder: Where to write.
        sources: What the result was made from, for its provenance.
        progress: Told how far it is; asked whether to stop.

    Returns:
        The summary, as in ``summary.json``; its ``notes`` tell what went other than usual.
    """
    progress.report(0.0, "writing tables")
    summary = summarize(result)
    write_csv(result.overhang, folder / "overhang.csv")
    result.recipe.save(folder / "recipe.json")
    summary["notes"] = _draw_pictures(result, folder, progress.part(0.05, 0.7))
    _write_json(folder / "summary.json", summary)
    provenance = collect(result, sources, progress.part(0.7, 0.8))
    _write_json(folder / "provenance.json", provenance)
    progress.report(0.8, "writing the scene")
    _write_scene(result, folder / "scene.mrb")
    progress.report(0.95, "writing the report")
    _write_report(result, summary, provenance, folder)
    progress.report(1.0, "done")
    return summary


def picture_angles(result: CellResult) -> list[float]:
    """The angles of the longitudinal pictures: of those measured, evenly spaced."""
    angles = np.unique(result.overhang["angle_deg"])
    count = min(result.recipe.pictures, len(angles))
    return [float(angle) for angle in angles[np.arange(count) * len(angles) // max(count, 1)]]


def _draw_pictures(result: CellResult, folder: Path, progress: Progress) -> list[str]:
    """Draw all pictures; say what could not be drawn as usual."""
    from . import pictures

    volume, cell, overhang = result.volume, result.cell, result.overhang
    progress.report(0.0, "drawing the overview")
    overview = pictures.overview(volume, cell.frame, overhang, cell.can.outer_radius_mm)
    pictures.save_rgb(overview, folder / "overview.png")
    progress.report(0.6, "drawing the overhang map")
    pictures.save_figure(pictures.overhang_map(overhang), folder / "overhang_map.png")
    for angle in picture_angles(result):
        progress.report(0.8, "drawing longitudinal sections")
        figure = pictures.longitudinal_picture(volume, cell, overhang, angle)
        pictures.save_figure(figure, folder / f"longitudinal_{round(angle):03d}deg.png")
    reason = pictures.missing_gl()
    return [f"The overview is drawn plainly, without Slicer's views: {reason}"] if reason else []


def _write_scene(result: CellResult, path: Path) -> None:
    from . import mrml

    scene = mrml.new_scene()
    try:
        mrml.add_micrometre_unit(scene)
        node = mrml.add_volume(scene, result.volume, result.volume.name)
        _aim_views(scene, node, result)
        mrml.add_table(scene, result.overhang, "Overhang")
        mrml.add_ends(scene, result.overhang)
        mrml.add_alarms(scene, result.overhang)
        mrml.add_rulers(scene, result.overhang, result.cell.frame, picture_angles(result))
        mrml.add_upright_transform(scene, result.cell.frame)
        mrml.save_scene(scene, path)
    finally:
        mrml.close_scene(scene)


def _aim_views(scene: Any, node: Any, result: CellResult) -> None:
    """Let the scene open where the windings end, as the overview does."""
    from . import mrml
    from .pictures.subject import Subject

    frame = result.cell.frame
    shown = Subject(result.volume, frame, result.overhang, result.cell.can.outer_radius_mm)
    mrml.show_upright(scene, node, frame, shown.plane("axial")[:3, 3], 2 * shown.radius)


def _write_report(result: CellResult, summary: dict[str, Any], provenance: dict[str, Any], folder: Path) -> None:
    from .report import write_report

    write_report(result, summary, provenance, folder)


def _write_json(path: Path, values: dict[str, Any]) -> None:
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
