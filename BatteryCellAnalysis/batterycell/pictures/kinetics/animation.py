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


def shown_points(count: int) -> NDArray[np.int64]:
    """Which of so many points in time are shown: all, of a long movie a selection that is even in time."""
    return np.unique(np.linspace(0, count - 1, min(count, _MOST_FRAMES)).round().astype(np.int64))


def write_animation(maps: Maps, look: Animation, path: Path) -> None:
    """Write maps as an animated picture of at most 60 frames, which runs for about six seconds over and over.

    Args:
        maps: Shape (points, rows, columns); grey where there is no value.
        look: How they are shown.
        path: Where to, ``.gif``.
    """
    stage, colors = _Stage.of(maps.shape[1:], look), _palette(look.colors)
    frames = [_painted(stage.paint(maps[n], look.times_s[n]), colors) for n in shown_points(len(maps)).tolist()]
    each = min(_LASTS_MS // len(frames), _SLOWEST_MS)
    lasts = [each] * (len(frames) - 1) + [_END_MS]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=lasts, loop=0)


@dataclass(frozen=True)
class _Stage:
    """A figure of which only the map and the time are drawn anew."""

    figure: Figure
    mesh: Any
    words: Any
    behind: Any

    @classmethod
    def of(cls, shape: tuple[int, ...], look: Animation) -> _Stage:
        """An empty map, its colour bar, and a place for the time."""
        figure, place, bar_place = _layout(shape, look)
        axes = figure.add_axes(place, facecolor=palette.UNREADABLE)
        low, high = look.limits
        mesh = axes.imshow(np.zeros(shape), look.colors, vmin=low, vmax=high, interpolation="nearest", aspect="auto")
        axes.set(xticks=[], yticks=[])
        add_scale_bar(axes, shape, look.pixel_um)
        bar = figure.colorbar(mesh, cax=figure.add_axes(bar_place))
        bar.set_label(look.title, fontsize=9, color=palette.INK)
        bar.ax.tick_params(labelsize=8)
        words = figure.text(0.03, 0.98, "", fontsize=12, fontweight="bold", color=palette.INK, va="top")
        for artist in (mesh, words, *_above(axes)):
            artist.set_animated(True)
        figure.canvas.draw()
        return cls(figure, mesh, words, figure.canvas.copy_from_bbox(figure.bbox))  # type: ignore[attr-defined]

    def paint(self, values: Maps, time_s: float) -> NDArray[np.uint8]:
        """The picture of one map, shape (rows, columns, 3)."""
        canvas: Any = self.figure.canvas
        canvas.restore_region(self.behind)
        self.mesh.set_data(values)
        self.words.set_text(f"{time_s / 60:,.1f} min")
        for artist in (self.mesh, *_above(self.mesh.axes), self.words):
            self.figure.draw_artist(artist)
        painted: NDArray[np.uint8] = np.array(canvas.buffer_rgba())[..., :3]
        return painted


def _above(axes: Any) -> list[Any]:
    """What lies over the map: the scale bar and the frame."""
    return [*axes.lines, *axes.texts, *axes.spines.values()]


def _layout(shape: tuple[int, ...], look: Animation) -> tuple[Figure, Any, Any]:
    """A figure, and the rectangles of the map and of its colour bar in it."""
    aspect = shape[0] * look.pixel_um[0] / (shape[1] * look.pixel_um[1])
    width, height = (_MAP_PX, _MAP_PX * aspect) if aspect <= 1 else (_MAP_PX / aspect, _MAP_PX)
    wide, high = int(max(width, _LEAST_PX)) + _BAR_PX, int(max(height, _LEAST_PX)) + _HEAD_PX
    left, below = (wide - _BAR_PX - width) / 2 + _EDGE_PX / 2, (high - _HEAD_PX - height) / 2 + _EDGE_PX / 2
    place = (left / wide, below / high, (width - _EDGE_PX) / wide, (height - _EDGE_PX) / high)
    return new_figure(wide, high, dpi=100), place, (1 - (_BAR_PX - 12) / wide, 0.08, 16 / wide, 0.8)


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


def _painted(picture: NDArray[np.uint8], colors: Image) -> Image:
    """A picture in these colours, without dithering."""
    from PIL import Image

    return Image.fromarray(picture).quantize(palette=colors, dither=Image.Dither.NONE)
