"""Maps of a movie as one picture: points in time side by side under one colour bar, with a scale bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette

from .save import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Maps = NDArray[Any]
_WIDTH_PX, _MOST_PX, _HEAD_PX, _BAR_PX = 1600, 900, 70, 150
_MOST_SHOWN, _COLUMNS = 12, 4
_NICE = (1.0, 2.0, 5.0)


@dataclass(frozen=True)
class MapLook:
    """How maps are drawn.

    Args:
        title: Over the picture and along the colour bar.
        limits: Ends of the colour scale; None for the 1st and 99th percentile of the maps that are drawn.
        colors: Matplotlib's name of the colours.
        outlines: Numbers of particles whose outlines are drawn, shape (rows, columns); None for none.
    """

    title: str
    limits: tuple[float, float] | None = None
    colors: str = "viridis"
    outlines: NDArray[np.int32] | None = None


def movie_picture(maps: Maps, names: list[str], pixel_um: tuple[float, float], look: MapLook) -> Figure:
    """Draw maps, of many a selection that is even in time; grey where there is no value.

    Args:
        maps: Shape (points, rows, columns).
        names: Of each point, over its map; "" for none.
        pixel_um: Height and width of a pixel in µm.
        look: How.

    Returns:
        A figure 1600 px wide.
    """
    from matplotlib.colors import Normalize

    chosen = np.unique(np.linspace(0, len(maps) - 1, min(len(maps), _MOST_SHOWN)).round().astype(int))
    columns = min(_COLUMNS, len(chosen))
    rows = -(-len(chosen) // columns)
    figure, places = _places(maps.shape[1:], pixel_um, rows, columns)
    shown = maps[chosen]
    norm = Normalize(*_limits(shown, look))
    for place, n, values in zip(places, chosen.tolist(), shown, strict=False):
        axes = figure.add_axes(place)
        mesh = _draw(axes, values, norm, look, pixel_um)
        axes.set_title(names[n], fontsize=8.5, color=palette.INK, pad=3)
    add_scale_bar(figure.axes[0], maps.shape[1:], pixel_um)
    bar = figure.colorbar(mesh, cax=figure.add_axes((0.915, 0.08, 0.016, 0.8)), extend=_extend(shown, norm))
    bar.set_label(look.title, fontsize=9, color=palette.INK)
    bar.ax.tick_params(labelsize=8)
    figure.text(0.02, 0.985, look.title, fontsize=11, fontweight="bold", color=palette.INK, va="top")
    if len(chosen) < len(maps):
        words = f"{len(chosen)} of {len(maps)} maps, evenly chosen"
        figure.text(0.9, 0.985, words, fontsize=9, color=palette.INK, va="top", ha="right")
    return figure


def _places(shape: tuple[int, ...], pixel_um: tuple[float, float], rows: int, columns: int) -> tuple[Figure, list[Any]]:
    """A figure, and the rectangle of each map in it."""
    aspect = shape[0] * pixel_um[0] / (shape[1] * pixel_um[1])
    width = (_WIDTH_PX - _BAR_PX) / columns
    height = min(width * aspect, _MOST_PX)
    width = min(width, height / aspect)
    total = rows * (height + 30) + _HEAD_PX
    figure = new_figure(_WIDTH_PX, int(total))
    left = (_WIDTH_PX - _BAR_PX - columns * width) / 2
    across, down = (width - 12) / _WIDTH_PX, height / total
    return figure, [
        ((left + column * width + 6) / _WIDTH_PX, 1 - (_HEAD_PX + row * (height + 30) + height) / total, across, down)
        for row in range(rows)
        for column in range(columns)
    ]


def _draw(axes: Any, values: Maps, norm: Any, look: MapLook, pixel_um: tuple[float, float]) -> Any:
    axes.set_facecolor(palette.UNREADABLE)
    mesh = axes.imshow(values, norm=norm, cmap=look.colors, interpolation="nearest", aspect=pixel_um[0] / pixel_um[1])
    if look.outlines is not None:
        for number in range(1, int(look.outlines.max()) + 1):
            axes.contour(look.outlines == number, [0.5], colors=palette.CATHODE, linewidths=1.2)
    axes.set_xticks([])
    axes.set_yticks([])
    return mesh


def _limits(maps: Maps, look: MapLook) -> tuple[float, float]:
    known = maps[np.isfinite(maps)]
    if look.limits is not None or not known.size:
        return look.limits or (0.0, 1.0)
    low, high = np.percentile(known, (1, 99))
    return float(low), float(max(high, low + 1e-9))


def _extend(maps: Maps, norm: Any) -> str:
    known = maps[np.isfinite(maps)]
    below, above = (known < norm.vmin).any(), (known > norm.vmax).any()
    return {(True, True): "both", (True, False): "min", (False, True): "max"}.get((below, above), "neither")


def add_scale_bar(axes: Any, shape: tuple[int, ...], pixel_um: tuple[float, float]) -> None:
    """A bar of a round length, about a quarter of the width."""
    want = 0.25 * shape[1] * pixel_um[1]
    power = 10.0 ** np.floor(np.log10(want))
    length = max(nice * power for nice in _NICE if nice * power <= want)
    start, level = 0.05 * shape[1], 0.94 * shape[0]
    axes.plot([start, start + length / pixel_um[1]], [level, level], color="white", lw=3, path_effects=_edge(5))
    words = f"{length:g} µm" if length >= 1 else f"{1000 * length:g} nm"
    axes.text(start, level - 0.02 * shape[0], words, color="white", fontsize=8, va="bottom", path_effects=_edge(2.5))


def _edge(width: float) -> list[Any]:
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=width, foreground="black")]
