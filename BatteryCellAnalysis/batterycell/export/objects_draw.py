"""Draw a measured label volume: its slices, and every distribution."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from batterycell import palette, pictures
from batterycell.pictures.distributions import shape_figure, size_figure
from batterycell.pictures.microstructure import (
    connections_figure,
    fractions_figure,
    fragmentation_figure,
    particle_sizes_figure,
    pores_figure,
)
from batterycell.pictures.objects import objects_picture
from batterycell.progress import Progress
from batterycell.result import ObjectsResult
from batterycell.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Drawn(NamedTuple):
    """A picture that was drawn.

    Args:
        path: The file.
        caption: What it shows.
        stage: The stage it belongs to; "" for the sample itself.
    """

    path: Path
    caption: str
    stage: str = ""


def draw_objects(result: ObjectsResult, folder: Path, progress: Progress) -> list[Drawn]:
    """Draw into a folder; returns the pictures in the report's order."""
    progress.report(0.0, "drawing the slices")
    array = None if result.instances is None else result.instances.array
    count = 0 if result.table is None else len(result.table)
    pictures.save_rgb(objects_picture(result.labels, array, count), folder / "labels.png")
    drawn = [Drawn(folder / "labels.png", _caption(result))]
    for number, (name, stage, figure, caption) in enumerate(_figures(result)):
        progress.report(0.2 + 0.1 * min(number, 7), "drawing distributions")
        pictures.save_figure(figure, folder / f"{name}.png")
        drawn.append(Drawn(folder / f"{name}.png", caption, stage))
    return drawn


def _caption(result: ObjectsResult) -> str:
    classes = ", ".join(one.name for one in result.labels.classes)
    if result.instances is None:
        return f"Classes: {classes}."
    return f"Classes ({classes}), and every object in a colour of its own; a dark line parts those that touch."


def _figures(result: ObjectsResult) -> Iterator[tuple[str, str, Figure, str]]:
    """Name, stage, figure and caption of everything that can be drawn."""
    colors = {one.name: one.color for one in result.labels.classes}
    for stage in result.stages:
        for table, (draw, caption) in _DRAWERS.items():
            if table in stage.tables and len(stage.tables[table]):
                yield table, stage.name, draw(stage.tables[table], colors), caption
    if result.table is not None and len(result.table):
        yield from _object_figures(result.table, colors)


def _object_figures(table: Table, colors: dict[str, str]) -> Iterator[tuple[str, str, Figure, str]]:
    present = set(table["class"].tolist())
    own = {name: color for name, color in colors.items() if name in present}
    sizes, shapes = size_figure(table, own), shape_figure(table, own)
    if sizes is not None:
        yield "sizes", "instances", sizes, "Sizes of the objects; cumulated by number, and by area or volume."
    if shapes is not None:
        yield "shapes", "instances", shapes, "Shapes of the objects."


def _fragments(table: Table, colors: dict[str, str]) -> Figure:
    known = [color for color in colors.values() if color == palette.ACTIVE_MATERIAL]
    return fragmentation_figure(table, known[0] if known else palette.CAN)


# Tables of stages that are drawn, each under its own name.
_DRAWERS: dict[str, tuple[Callable[[Table, dict[str, str]], Figure], str]] = {
    "microstructure_fractions": (fractions_figure, "Fractions of the classes."),
    "microstructure_sizes": (
        particle_sizes_figure,
        "Sizes of the particles by number and by volume (of sections: by area), every range with its 95 % interval.",
    ),
    "microstructure_pores": (pores_figure, "Sizes of the pores: the largest sphere (circle) that finds room."),
    "microstructure_connections": (connections_figure, "What of each class is connected to the ends of the image."),
    "fragments": (_fragments, "Cracks and fragments, a mark a particle."),
}
