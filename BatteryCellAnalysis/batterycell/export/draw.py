"""Draw what an export holds: of the measured cell, and of the scene as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from batterycell import pictures
from batterycell.errors import InputError
from batterycell.mrml.rulers import rulers_of
from batterycell.progress import Progress

from .cell_pictures import cell_pictures, draw_pictures
from .contents import Contents
from .settings import ExportSettings

FOLDER = "pictures"


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
    own, notes = cell_pictures(found), drawn_plainly(found)
    share = 0.5 if own else 0.0
    draw_pictures(own, folder, progress.part(0.0, share))
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


def drawn_plainly(found: Contents) -> list[str]:
    """Say so where the overview cannot be drawn as usual."""
    reason = pictures.missing_gl() if found.result or found.stages else None
    return [f"The overview is drawn plainly, without Slicer's views: {reason}"] if reason else []


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
