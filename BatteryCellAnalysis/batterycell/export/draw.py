"""Draw what an export holds: of the measured cell, and of the scene as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from batterycell import pictures
from batterycell.errors import InputError
from batterycell.mrml.rulers import rulers_of
from batterycell.progress import Progress
from batterycell.result import CellResult

from .contents import Contents
from .settings import ExportSettings
from .stages import draw_stages

FOLDER, OVERVIEW = "pictures", "overview.png"


@dataclass
class Drawn:
    """Pictures that were written.

    Args:
        views: File and caption of the pictures of views and layout.
        rulers: File and caption of the pictures of rulers.
        notes: What could not be drawn as usual, one sentence each.
    """

    views: list[tuple[Path, str]] = field(default_factory=list)
    rulers: list[tuple[Path, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def draw_all(
    scene: Any, volume_node: Any, found: Contents, folder: Path, settings: ExportSettings, progress: Progress
) -> Drawn:
    """Draw the measured cell, and its scene into a folder of its own inside ``folder``."""
    share = 0.5 if found.stages or found.result else 0.0
    notes = _draw_cell(found, folder, progress.part(0.0, share / 2))
    draw_stages(found.stages, folder, progress.part(share / 2, share))
    if not (settings.views or settings.layout or (settings.rulers and found.rulers)):
        return Drawn(notes=notes)
    (folder / FOLDER).mkdir()
    drawn = draw_shots(scene, volume_node, folder / FOLDER, settings, progress.part(share, 1.0))
    return Drawn(drawn.views, drawn.rulers, [*notes, *drawn.notes])


def draw_shots(scene: Any, volume_node: Any, folder: Path, settings: ExportSettings, progress: Progress) -> Drawn:
    """Draw the views, the layout and the rulers of a scene into a folder."""
    reason = pictures.missing_gl()
    if reason:
        return Drawn(notes=[f"Views and rulers are not drawn: {reason}"])
    drawn = Drawn()
    tasks = [*_view_tasks(scene, volume_node, settings), *_ruler_tasks(scene, volume_node, settings)]
    for number, task in enumerate(tasks):
        progress.report(number / len(tasks), f"drawing picture {number + 1} of {len(tasks)}")
        _draw(task, drawn, folder)
    return drawn


def draw_result(result: CellResult, folder: Path, progress: Progress) -> list[str]:
    """Draw the measured cell; say what could not be drawn as usual."""
    volume, cell, overhang = result.volume, result.cell, result.overhang
    progress.report(0.0, "drawing the overview")
    overview = pictures.overview(volume, cell.frame, overhang, cell.can.outer_radius_mm)
    pictures.save_rgb(overview, folder / OVERVIEW)
    progress.report(0.6, "drawing the overhang map")
    pictures.save_figure(pictures.overhang_map(overhang), folder / "overhang_map.png")
    for angle in picture_angles(result):
        progress.report(0.8, "drawing longitudinal sections")
        figure = pictures.longitudinal_picture(volume, cell, overhang, angle)
        pictures.save_figure(figure, folder / f"longitudinal_{_degrees(angle)}deg.png")
    return _drawn_plainly()


def _draw_cell(found: Contents, folder: Path, progress: Progress) -> list[str]:
    """Draw a measured cell, also one that is not wound; say what could not be drawn as usual."""
    if found.result:
        return draw_result(found.result, folder, progress)
    if not found.stages:
        return []
    pictures.save_rgb(pictures.volume_overview(found.volume), folder / OVERVIEW)
    return _drawn_plainly()


def _drawn_plainly() -> list[str]:
    reason = pictures.missing_gl()
    return [f"The overview is drawn plainly, without Slicer's views: {reason}"] if reason else []


def picture_angles(result: CellResult) -> list[float]:
    """The angles of the longitudinal pictures: of those measured, evenly spaced."""
    angles = np.unique(result.overhang["angle_deg"])
    count = min(result.recipe.pictures, len(angles))
    return [float(angle) for angle in angles[np.arange(count) * len(angles) // max(count, 1)]]


@dataclass(frozen=True)
class _Task:
    """A picture to draw.

    Args:
        draw: Draws it.
        is_ruler: Whether it shows one ruler on its own.
    """

    draw: Callable[[], pictures.Shot]
    is_ruler: bool = False


def _draw(task: _Task, drawn: Drawn, folder: Path) -> None:
    """Draw a picture; a ruler without its ends is no reason to have no pictures."""
    try:
        shot = task.draw()
    except InputError as error:
        drawn.notes.append(str(error))
        return
    files = drawn.rulers if task.is_ruler else drawn.views
    files.append((pictures.save_shot(shot, folder), shot.caption))


def _view_tasks(scene: Any, volume_node: Any, settings: ExportSettings) -> Iterator[_Task]:
    size = pictures.picture_size(settings.width)
    if settings.layout:
        yield _Task(partial(pictures.layout_shot, scene, size, volume_node))
    for name in pictures.view_names(scene) if settings.views else ():
        yield _Task(partial(pictures.view_shot, scene, name, size, volume_node))


def _ruler_tasks(scene: Any, volume_node: Any, settings: ExportSettings) -> Iterator[_Task]:
    size = pictures.picture_size(settings.width)
    for node in rulers_of(volume_node) if settings.rulers else ():
        yield _Task(partial(pictures.ruler_shot, scene, node, size), is_ruler=True)


def _degrees(angle: float) -> str:
    """An angle for a file name: ``005``, ``137.5``."""
    return f"{angle:06.2f}".rstrip("0").rstrip(".")
