"""Draw a measured label volume: its slices, and every distribution."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from batterycell import pictures
from batterycell.pictures.distributions import shape_figure, size_figure
from batterycell.pictures.objects import objects_picture
from batterycell.progress import Progress
from batterycell.result import ObjectsResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Drawn = list[tuple[Path, str]]


def draw_objects(result: ObjectsResult, folder: Path, progress: Progress) -> Drawn:
    """Draw into a folder; returns file and caption of each picture, in the report's order."""
    progress.report(0.0, "drawing the slices")
    array = None if result.instances is None else result.instances.array
    picture = folder / "labels.png"
    count = 0 if result.table is None else len(result.table)
    pictures.save_rgb(objects_picture(result.labels, array, count), picture)
    drawn = [(picture, _caption(result))]
    for number, (name, figure, caption) in enumerate(_figures(result)):
        progress.report(0.3 + 0.1 * min(number, 6), "drawing distributions")
        pictures.save_figure(figure, folder / f"{name}.png")
        drawn.append((folder / f"{name}.png", caption))
    return drawn


def _caption(result: ObjectsResult) -> str:
    classes = ", ".join(one.name for one in result.labels.classes)
    if result.instances is None:
        return f"Classes: {classes}."
    return f"Classes ({classes}), and every object in a colour of its own; a dark line parts those that touch."


def _figures(result: ObjectsResult) -> Iterator[tuple[str, Figure, str]]:
    table = result.table
    if table is None or not len(table):
        return
    present = set(table["class"].tolist())
    colors = {one.name: one.color for one in result.labels.classes if one.name in present}
    sizes = size_figure(table, colors)
    if sizes is not None:
        yield "sizes", sizes, "Sizes of the objects; cumulated by number, and by area or volume."
    shapes = shape_figure(table, colors)
    if shapes is not None:
        yield "shapes", shapes, "Shapes of the objects."
