"""Four panels in one picture, laid out and coloured as Slicer's four-up view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette

PANEL_SIZE = (800, 600)
_BAR = 30
VIEW_SIZE = (PANEL_SIZE[0], PANEL_SIZE[1] - _BAR)
_GAP = 2
_ORDER = ("axial", "3D", "coronal", "sagittal")


@dataclass(frozen=True)
class Panel:
    """One view.

    Args:
        name: "axial", "sagittal", "coronal" or "3D".
        image: Shape (570, 800, 3).
        caption: What it shows.
    """

    name: str
    image: NDArray[np.uint8]
    caption: str


def join_panels(panels: list[Panel], legend: bool = True) -> NDArray[np.uint8]:
    """The four panels in one picture, shape (1200, 1600, 3), with coloured bars, names and a legend of the ends."""
    from PIL import Image

    width, height = PANEL_SIZE
    canvas = Image.new("RGB", (2 * width, 2 * height), palette.BACKGROUND)
    for panel in panels:
        row, column = divmod(_ORDER.index(panel.name), 2)
        _draw_panel(canvas, panel, (column * width, row * height))
        if legend and panel.name == "axial":
            _draw_legend(canvas, (column * width + 14, row * height + _BAR + 18))
    return np.asarray(canvas)


def font(size: int, bold: bool = False) -> Any:
    """The typeface of all pictures; it ships with matplotlib and knows µ and °."""
    from matplotlib import get_data_path
    from PIL import ImageFont

    return ImageFont.truetype(f"{get_data_path()}/fonts/ttf/DejaVuSans{'-Bold' if bold else ''}.ttf", size)


def _draw_panel(canvas: Any, panel: Panel, corner: tuple[int, int]) -> None:
    from PIL import Image, ImageDraw

    left, top = corner
    canvas.paste(Image.fromarray(panel.image), (left, top + _BAR))
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((left, top, left + PANEL_SIZE[0], top + _BAR - 1), fill=palette.VIEW_COLORS[panel.name])
    name = panel.name if panel.name == "3D" else panel.name.capitalize()
    middle = top + _BAR / 2
    draw.text((left + 12, middle), name, palette.INK, font(17, bold=True), anchor="lm")
    draw.text((left + 112, middle), panel.caption, palette.INK, font(15), anchor="lm")
    _draw_frame(draw, corner)


def _draw_frame(draw: Any, corner: tuple[int, int]) -> None:
    left, top = corner
    box = (left - _GAP, top - _GAP, left + PANEL_SIZE[0] - 1 + _GAP, top + PANEL_SIZE[1] - 1 + _GAP)
    draw.rectangle(box, outline=palette.BACKGROUND, width=2 * _GAP)


def _draw_legend(canvas: Any, corner: tuple[int, int]) -> None:
    from PIL import ImageDraw

    draw, (left, top) = ImageDraw.Draw(canvas), corner
    for row, (text, color) in enumerate((("cathode ends", palette.CATHODE), ("anode ends", palette.ANODE))):
        middle = top + 22 * row
        draw.ellipse((left, middle - 5, left + 10, middle + 5), fill=color)
        draw.text((left + 18, middle), text, palette.FOREGROUND, font(15), anchor="lm")
