"""Objects in colours of their own, beside the classes they come from, in some slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.io.labels import LabelVolume

from .panels import font

_PANEL_PX, _GAP, _TEXT = 620, 10, 34
_MOST_SLICES = 3
_EDGE_SHADE = 0.25
# What no class names is light, as pores are dark.
_BACKGROUND, _NOTHING, _BLANK = (255, 255, 255), (226, 230, 234), (32, 36, 42)
_STEPS = (1, 2, 5)

Rgb = NDArray[np.uint8]


@dataclass(frozen=True)
class Panel:
    """One panel of a row.

    Args:
        picture: Shape (rows, columns, 3).
        um: Size (y, x) of a pixel in µm.
        caption: What it shows.
    """

    picture: Rgb
    um: tuple[float, float]
    caption: str


def objects_picture(labels: LabelVolume, instances: NDArray[Any] | None, count: int = 0) -> Rgb:
    """Some slices: the classes at the left, the objects in colours at the right.

    Args:
        labels: The classes.
        instances: One number an object, shape (k, j, i); None where there are only classes.
        count: The largest number.

    Returns:
        Shape (rows, columns, 3).
    """
    colors = None if instances is None else palette.object_colors(count)
    rows = []
    for k in _slices(labels.shape[0]):
        classes = labels.source.read(k, k + 1)[0]
        where = f", slice {k + 1} of {labels.shape[0]}" if labels.shape[0] > 1 else ""
        panels = [Panel(_class_colors(labels)[classes], labels.voxel_size_um[1:], f"classes{where}")]
        if instances is not None and colors is not None:
            own = np.asarray(instances[k])
            colored: Rgb = colors[own]
            panels.append(Panel(_edged(colored, own), labels.voxel_size_um[1:], f"objects{where}"))
        rows.append(panels)
    if len(rows) == 1 or instances is not None:
        return _joined(rows)
    return _joined([[panel for row in rows for panel in row]])


def _slices(count: int) -> Sequence[int]:
    """Slices that show a volume: its middle, or some evenly spaced ones."""
    shown = min(_MOST_SLICES, count)
    return [int((n + 0.5) * count / shown) for n in range(shown)]


def _class_colors(labels: LabelVolume) -> Rgb:
    colors = np.full((256, 3), _NOTHING, np.uint8)
    for one in labels.classes:
        colors[one.value] = palette.to_bytes(one.color)
    return colors


def _edged(picture: Rgb, own: NDArray[Any]) -> Rgb:
    """Objects that touch are parted by a dark line, whatever their colours."""
    edge = np.zeros(own.shape, bool)
    edge[1:] |= (own[1:] != own[:-1]) & (own[1:] > 0) & (own[:-1] > 0)
    edge[:, 1:] |= (own[:, 1:] != own[:, :-1]) & (own[:, 1:] > 0) & (own[:, :-1] > 0)
    shaded: Rgb = picture.copy()
    shaded[edge] = (shaded[edge] * _EDGE_SHADE).astype(np.uint8)
    shaded[own == 0] = _BLANK
    return shaded


def _joined(rows: Sequence[Sequence[Panel]]) -> Rgb:
    from PIL import Image

    drawn = [[_drawn(panel) for panel in row] for row in rows]
    width = max(sum(one.width + _GAP for one in row) - _GAP for row in drawn)
    height = sum(max(one.height for one in row) + _GAP for row in drawn) - _GAP
    canvas = Image.new("RGB", (width, height), _BACKGROUND)
    top = 0
    for row in drawn:
        left = 0
        for one in row:
            canvas.paste(one, (left, top))
            left += one.width + _GAP
        top += max(one.height for one in row) + _GAP
    return np.asarray(canvas)


def _drawn(panel: Panel) -> Any:
    """A panel with its caption and a scale bar, its pixels as they lie in the world."""
    from PIL import Image, ImageDraw

    rows, columns = panel.picture.shape[:2]
    high, wide = rows * panel.um[0], columns * panel.um[1]
    scale = _PANEL_PX / max(high, wide)
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    how = Image.Resampling.NEAREST if size[0] >= columns else Image.Resampling.BOX
    canvas = Image.new("RGB", (max(size[0], 220), size[1] + _TEXT), _BACKGROUND)
    canvas.paste(Image.fromarray(panel.picture).resize(size, how), (0, 0))
    _draw_scale(ImageDraw.Draw(canvas), panel, scale, size)
    return canvas


def _draw_scale(draw: Any, panel: Panel, scale: float, size: tuple[int, int]) -> None:
    middle, length = size[1] + _TEXT / 2, _round_length(size[0] / scale / 4)
    bar = length * scale
    draw.text((2, middle), panel.caption, palette.INK, font(15), anchor="lm")
    text = f"{length:g} µm"
    right = max(size[0], 220)
    draw.text((right, middle), text, palette.INK, font(15), anchor="rm")
    end = right - draw.textlength(text, font(15)) - 8
    draw.rectangle((end - bar, middle - 2, end, middle + 2), fill=palette.INK)


def _round_length(most: float) -> float:
    """The largest of 1, 2, 5, 10 … that is not longer."""
    power = 10.0 ** np.floor(np.log10(most))
    return float(max(step * power for step in _STEPS if step * power <= most * 1.0001))
