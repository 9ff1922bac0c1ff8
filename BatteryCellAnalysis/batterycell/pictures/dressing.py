"""What stands around and over a view in a picture: a bar with its name and caption, and a scale bar in µm."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.volume import UM_PER_MM

from .panels import font
from .plain import nice_length

_BAR_SHARE, _LEAST_BAR_PX = 0.036, 18
_SCALE_SHARE = 0.22


def bar_height(width: int) -> int:
    """Height in pixels of the bar over a view of a width in pixels."""
    return max(_LEAST_BAR_PX, round(_BAR_SHARE * width))


def dress(view: NDArray[np.uint8], title: str, caption: str, color: str) -> NDArray[np.uint8]:
    """A view under its bar, shape (height + `bar_height`, width, 3).

    Args:
        view: What was drawn, shape (height, width, 3).
        title: Name of the view.
        caption: What it shows; shortened where it does not fit.
        color: Of the bar, ``"#RRGGBB"``.
    """
    from PIL import Image, ImageDraw

    height, width = view.shape[:2]
    bar = bar_height(width)
    canvas = Image.new("RGB", (width, height + bar), color)
    canvas.paste(Image.fromarray(view), (0, bar))
    draw = ImageDraw.Draw(canvas)
    left, bold, plain = bar * 0.4, font(round(bar * 0.56), bold=True), font(round(bar * 0.52))
    draw.text((left, bar / 2), title, palette.INK, bold, anchor="lm")
    start = left + draw.textlength(title, bold) + bar * 0.6
    draw.text((start, bar / 2), _shortened(draw, caption, plain, width - start - left), palette.INK, plain, anchor="lm")
    return np.asarray(canvas)


def add_scale_bar(view: NDArray[np.uint8], pixel_mm: float, note: str = "") -> NDArray[np.uint8]:
    """The view with a bar of a round length in µm in its lower left corner.

    Args:
        view: Shape (height, width, 3).
        pixel_mm: Size of a pixel.
        note: Where the scale holds, if not everywhere.
    """
    from PIL import Image, ImageDraw

    height, width = view.shape[:2]
    length = nice_length(_SCALE_SHARE * width * pixel_mm * UM_PER_MM)
    unit = bar_height(width)
    left, middle, right = 0.6 * unit, height - 0.75 * unit, 0.6 * unit + length / UM_PER_MM / pixel_mm
    canvas = Image.fromarray(view)
    draw = ImageDraw.Draw(canvas)
    thick, edge = max(2, round(unit * 0.14)), max(1, round(unit * 0.06))
    for grown, color in ((edge, "#000000"), (0, palette.FOREGROUND)):
        box = (left - grown, middle - thick / 2 - grown, right + grown, middle + thick / 2 + grown)
        draw.rectangle(box, fill=color)
    text = f"{length:g} µm{f' {note}' if note else ''}"
    draw.text(
        (right + 0.4 * unit, middle), text, palette.FOREGROUND, font(round(unit * 0.58)), anchor="lm",
        stroke_width=edge, stroke_fill="#000000",
    )  # fmt: skip
    return np.asarray(canvas)


def _shortened(draw: Any, text: str, face: Any, room: float) -> str:
    """As much of a text as fits."""
    if draw.textlength(text, face) <= room:
        return text
    while text and draw.textlength(f"{text}…", face) > room:
        text = text[:-1]
    return f"{text.rstrip()}…" if text else ""
