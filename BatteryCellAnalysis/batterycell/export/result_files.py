"""The files of a cell's result that take longest, each as a piece of work: whoever has the result can write it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from batterycell import pictures
from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.result import AnyResult, CellResult

from .cell_pictures import OVERVIEW, Picture, cell_pictures
from .contents import Contents
from .new_scene import scene_of
from .scene_export import SCENE, write_scene
from .stages import map_files

# Writes the file it is given, and returns what the export of the whole result would.
Write = Callable[[Path, Progress], Any]


def result_files(result: AnyResult) -> dict[str, Write]:
    """The scene, the pictures and the maps, by the names of their files; the longest first."""
    found = Contents(result.volume, result=result if isinstance(result, CellResult) else None, stages=result.stages)
    maps = {name: partial(_write, write) for name, write in map_files(found.stages).items()}
    drawn = {name: partial(_draw, name, picture) for name, picture in cell_pictures(found).items()}
    return {SCENE: partial(_write_scene, result), **drawn, **maps}


def _write_scene(result: AnyResult, path: Path, progress: Progress) -> list[str]:
    with scene_of(result) as (_, node):
        return write_scene(node, path, None, progress)


def _write(write: Callable[[Path], None], path: Path, _: Progress) -> None:
    write(path)


def _draw(name: str, picture: Picture, path: Path, _: Progress) -> None:
    reason = pictures.missing_gl() if name == OVERVIEW else None
    if reason:  # elsewhere it may be drawn better
        raise InputError("no-gl", reason, "Install an OpenGL library that draws off screen.")
    picture.draw(path)
