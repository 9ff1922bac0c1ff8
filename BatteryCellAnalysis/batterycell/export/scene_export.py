"""Write the folder of one cell from the scene that holds it."""

from __future__ import annotations

import shutil
from contextlib import nullcontext
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from batterycell.io.sizes import is_stated
from batterycell.mrml.cell import VOXEL_SIZE_SOURCE
from batterycell.mrml.lessened import lessened
from batterycell.mrml.loaded import preview_step_of
from batterycell.progress import Progress
from batterycell.provenance import Sources, describe
from batterycell.summary import stage_notes

from .contents import Contents, contents_of, summary_of
from .draw import Drawn, draw_all, draw_shots
from .settings import ExportSettings
from .stages import SUMMARY_FILE, seal, write_json, write_tables

SCENE = "scene.mrb"
# What programs write that do not know the voxel size.
_PLACEHOLDER_MM, _SAME_MM = 1.0, 1e-6
# In the words of where a voxel size came from that is not the file's own.
_CONTRADICTED = "the file says"


def export_scene(
    scene: Any, volume_node: Any, folder: Path, settings: ExportSettings, sources: Sources, progress: Progress
) -> dict[str, Any]:
    """Write tables, pictures, scene, provenance and report of one cell into an existing folder.

    Whatever was not measured, marked or drawn is left out. The scene itself is left untouched.

    Args:
        scene: Any scene, with or without an application.
        volume_node: The cell's volume.
        folder: Where to write.
        settings: Which pictures to draw.
        sources: What the scene was made from.
        progress: Told how far it is; asked whether to stop.

    Returns:
        The summary, as in ``summary.json``; its ``notes`` tell what went other than usual.

    Raises:
        InputError: if the volume holds no grey values.
        OutputError: if the scene cannot be written.
        Cancelled: if the user asked to stop.
    """
    progress.report(0.0, "writing tables")
    found = contents_of(volume_node)
    recipe = replace(found.recipe, views=settings.views, layout=settings.layout, width=settings.width)
    write_tables(found, folder, progress)
    recipe.save(folder / "recipe.json")
    drawn = draw_all(scene, volume_node, found, folder, settings, progress.part(0.05, 0.7))
    write = partial(write_scene, volume_node, kept=sources.scene, progress=progress.part(0.7, 0.85))
    left_out = progress.kept_file(folder / SCENE, write)
    notes = [*_doubts(volume_node), *drawn.notes, *left_out]
    summary = {**summary_of(found), "notes": [*notes, *stage_notes(found.stages)]}
    write_json(folder / SUMMARY_FILE, summary)
    provenance = describe(found.volume, asdict(recipe), sources, progress.part(0.85, 0.95))
    provenance = seal(provenance, found.tolerances, folder)
    progress.report(0.95, "writing the report")
    _write_report(found, drawn, {**summary, "notes": notes}, provenance, folder)
    progress.report(1.0, "done")
    return summary


def export_pictures(
    scene: Any, volume_node: Any, folder: Path, settings: ExportSettings, progress: Progress
) -> list[str]:
    """Write only the pictures of a scene into an existing folder.

    Returns:
        What went other than usual, one sentence each.

    Raises:
        InputError: if there is nothing to draw.
        Cancelled: if the user asked to stop.
    """
    drawn = draw_shots(scene, volume_node, folder, settings, progress)
    progress.report(1.0, "done")
    return drawn.notes


def _doubts(volume_node: Any) -> list[str]:
    """What a reader must know before trusting any length."""
    source = volume_node.GetAttribute(VOXEL_SIZE_SOURCE)
    if source and _CONTRADICTED in source:
        return [f"The voxel size is not the one in the file: {source}."]
    placeholder = _PLACEHOLDER_MM * preview_step_of(volume_node)
    off = [abs(size - placeholder) for size in volume_node.GetSpacing()]
    if (source and is_stated(source)) or min(off) > _SAME_MM:
        return []
    return [f"The voxel size is {placeholder:g} mm along an axis, as where files state none: lengths may be wrong."]


def write_scene(volume_node: Any, path: Path, kept: Path | None, progress: Progress) -> list[str]:
    """Write the scene of a cell; one that is a file already is kept, with the nodes that only the application knows.

    Args:
        volume_node: The cell's volume; of a large one the file holds a preview.
        path: Ends in ``.mrb``.
        kept: The scene as a file or as a snapshot's folder, where there is one.
        progress: Told how far it is; asked whether to stop.

    Returns:
        What the file does not hold as the scene does, one sentence each.

    Raises:
        OutputError: if the file cannot be written.
    """
    progress.report(0.0, "writing the scene")
    with lessened(volume_node) if kept is None else nullcontext(1) as step:
        left_out = _packed(volume_node.GetScene(), path, kept, progress)
    missing = [f"{name} is in the scene without its data: Slicer cannot write them." for name in left_out]
    preview = f"The scene holds a preview of 1:{step} of the volume, which is too large for most machines."
    return [*missing, preview] if step > 1 else missing


def _packed(scene: Any, path: Path, kept: Path | None, progress: Progress) -> list[str]:
    from batterycell.mrml.bundle import pack_snapshot, write_bundle

    if kept is None:
        return write_bundle(scene, path, progress)
    if kept.is_dir():
        pack_snapshot(kept, path, progress)
    else:
        shutil.copyfile(kept, path)
    return []


def _write_report(
    found: Contents, drawn: Drawn, summary: dict[str, Any], provenance: dict[str, Any], folder: Path
) -> None:
    from batterycell.report import Findings, write_report

    tables = (found.overhang, found.defects, found.rulers)
    findings = Findings(*tables, drawn.views, drawn.rulers, found.stages, found.verdict)
    write_report(findings, summary, provenance, folder)
