"""The pictures of a measured cell that show nothing but what was measured: each can be drawn by whoever has that."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from batterycell import pictures
from batterycell.measured import Map, Stage
from batterycell.progress import Progress
from batterycell.result import CellResult

from .contents import Contents

OVERVIEW = "overview.png"


class Picture(NamedTuple):
    """A picture to draw.

    Args:
        title: What it shows, for people.
        draw: Writes it.
    """

    title: str
    draw: Callable[[Path], None]


def cell_pictures(found: Contents) -> dict[str, Picture]:
    """The pictures of a cell by the names of their files, also of one that is not wound."""
    stages = stage_pictures(found.stages)
    if found.result:
        return result_pictures(found.result) | stages
    return {OVERVIEW: Picture("the overview", partial(_draw_volume, found)), **stages} if found.stages else {}


def result_pictures(result: CellResult) -> dict[str, Picture]:
    """The overview, the overhang's map and some longitudinal sections."""
    sections = {
        f"longitudinal_{_degrees(angle)}deg.png": Picture(
            "longitudinal sections", partial(_draw_section, result, angle)
        )
        for angle in picture_angles(result)
    }
    overview, overhang = partial(_draw_overview, result), partial(_draw_overhang, result)
    known = {OVERVIEW: Picture("the overview", overview), "overhang_map.png": Picture("the overhang map", overhang)}
    return known | sections


def stage_pictures(stages: Iterable[Stage]) -> dict[str, Picture]:
    """Every map, as ``<its name>.png``."""
    maps = [found for stage in stages for found in stage.maps]
    return {
        f"{one.name}.png": Picture(f"{one.title[:1].lower()}{one.title[1:]}", partial(_draw_map, one)) for one in maps
    }


def draw_pictures(drawn: dict[str, Picture], folder: Path, progress: Progress) -> None:
    """Draw pictures into a folder, where they were not drawn before."""
    for number, (name, picture) in enumerate(drawn.items()):
        progress.report(number / len(drawn), f"drawing {picture.title}")
        progress.kept_file(folder / name, picture.draw)


def picture_angles(result: CellResult) -> list[float]:
    """The angles of the longitudinal pictures: of those measured, evenly spaced."""
    angles = np.unique(result.overhang["angle_deg"])
    count = min(result.recipe.pictures, len(angles))
    return [float(angle) for angle in angles[np.arange(count) * len(angles) // max(count, 1)]]


def _draw_overview(result: CellResult, path: Path) -> None:
    cell = result.cell
    pictures.save_rgb(pictures.overview(result.volume, cell.frame, result.overhang, cell.can.outer_radius_mm), path)


def _draw_volume(found: Contents, path: Path) -> None:
    pictures.save_rgb(pictures.volume_overview(found.volume), path)


def _draw_overhang(result: CellResult, path: Path) -> None:
    pictures.save_figure(pictures.overhang_map(result.overhang), path)


def _draw_section(result: CellResult, angle: float, path: Path) -> None:
    pictures.save_figure(pictures.longitudinal_picture(result.volume, result.cell, result.overhang, angle), path)


def _draw_map(found: Map, path: Path) -> None:
    pictures.save_figure(pictures.map_picture(found), path)


def _degrees(angle: float) -> str:
    """An angle for a file name: ``005``, ``137.5``."""
    return f"{angle:06.2f}".rstrip("0").rstrip(".")
