"""Maps over time as an animated picture (GIF), with a colour bar and the time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.pictures.movie import add_scale_bar
from batterycell.pictures.save import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

Maps = NDArray[Any]
# Bounds of the file: frames are chosen evenly in time, pixels are those of the picture.
_MOST_FRAMES, _MAP_PX, _LEAST_PX, _HEAD_PX, _BAR_PX = 60, 480, 200, 46, 110
_LASTS_MS, _SLOWEST_MS, _END_MS = 6000, 300, 1200
_EDGE_PX = 12
# Colours of the map among the 256 of the format.
_SCALE = 200


@dataclass(frozen=True)
class Animation:
    """What is shown.

    Args:
        title: Along the colour bar.
        limits: Ends of the colour scale.
        colors: Matplotlib's name of the colours.
        times_s: Of each map in s.
        pixel_um: Height and width of a pixel in µm.
    """

    title: str
    limits: tuple[float, float]
    colors: str
    times_s: NDArray[np.float64]
    pixel_um: tuple[float, float]


def write_animation(maps: Maps, look: Animation, path: Path) -> None:
    """Write maps as an animated picture of at most 60 frames, which runs for about six seconds over and over.

    Args:
        maps: Shape (points, rows, columns); grey where there is no value.
        look: How they are shown.
        path: Where to, ``.gif``.
    """
    figure, mesh, words = _stage(maps.shape[1:], look)
    colors = _palette(look.colors)
    frames = []
    for n in np.unique(np.linspace(0, len(maps) - 1, min(len(maps), _MOST_FRAMES)).round().astype(int)).tolist():
        mesh.set_data(maps[n])
        words.set_text(f"{look.times_s[n] / 60:,.1f} min")
        frames.append(_painted(figure, colors))
    each = min(_LASTS_MS // len(frames), _SLOWEST_MS)
    lasts = [each] * (len(frames) - 1) + [_END_MS]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=lasts, loop=0)


def _stage(shape: tuple[int, ...], look: Animation) -> tuple[Figure, Any, Any]:
    """A figure with an empty map, its colour bar, and a place for the time."""
    aspect = shape[0] * look.pixel_um[0] / (shape[1] * look.pixel_um[1])
    width, height = (_MAP_PX, _MAP_PX * aspect) if aspect <= 1 else (_MAP_PX / aspect, _MAP_PX)
    wide, high = int(max(width, _LEAST_PX)) + _BAR_PX, int(max(height, _LEAST_PX)) + _HEAD_PX
    figure = new_figure(wide, high, dpi=100)
    left, below = (wide - _BAR_PX - width) / 2 + _EDGE_PX / 2, (high - _HEAD_PX - height) / 2 + _EDGE_PX / 2
    size = ((width - _EDGE_PX) / wide, (height - _EDGE_PX) / high)
    axes = figure.add_axes((left / wide, below / high, *size), facecolor=palette.UNREADABLE)
    low, high_end = look.limits
    mesh = axes.imshow(np.zeros(shape), look.colors, vmin=low, vmax=high_end, interpolation="nearest", aspect="auto")
    axes.set_xticks([])
    axes.set_yticks([])
    add_scale_bar(axes, shape, look.pixel_um)
    bar = figure.colorbar(mesh, cax=figure.add_axes((1 - (_BAR_PX - 12) / wide, 0.08, 16 / wide, 0.8)))
    bar.set_label(look.title, fontsize=9, color=palette.INK)
    bar.ax.tick_params(labelsize=8)
    words = figure.text(0.03, 1 - 10 / high, "", fontsize=12, fontweight="bold", color=palette.INK, va="top")
    return figure, mesh, words


def _palette(colors: str) -> Image:
    """The colours of the map and those of words, the same in every picture, so that nothing flickers."""
    from matplotlib import colormaps
    from PIL import Image

    scale = np.asarray(colormaps[colors](np.linspace(0, 1, _SCALE)))[:, :3] * 255
    ink, paper = palette.to_bytes(palette.INK), np.full(3, 255)
    words = np.linspace(ink, paper, 256 - _SCALE - 2)
    chosen = np.vstack([scale, words, palette.to_bytes(palette.UNREADABLE), np.zeros(3)])
    held = Image.new("P", (1, 1))
    held.putpalette(np.rint(chosen).astype(np.uint8).tobytes())
    return held


def _painted(figure: Figure, colors: Image) -> Image:
    """What the figure shows, in these colours without dithering."""
    from PIL import Image

    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3]  # type: ignore[attr-defined]
    return Image.fromarray(pixels).quantize(palette=colors, dither=Image.Dither.NONE)
