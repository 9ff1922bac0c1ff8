"""Points in time that were left out: what was seen, what the law predicts, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.movie.law import LawMovie
from batterycell.movie.lithium import LithiumMovie
from batterycell.pictures.movie import add_scale_bar
from batterycell.pictures.save import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Maps = NDArray[Any]
_WIDTH_PX, _LEFT_PX, _RIGHT_PX, _HEAD_PX, _GAP_PX = 1500, 40, 130, 40, 8
_MOST_SHOWN, _MOST_PX = 6, 420
_RESIDUAL_ENDS = 3.0


def left_out_figure(found: LawMovie, movie: LithiumMovie) -> Figure:
    """Draw the points that were left out, of many a selection; without any, some of those that were used.

    Args:
        found: What was learned of the movie.
        movie: What was seen.

    Returns:
        A figure 1500 px wide: a column a point; rows seen, predicted, (seen − predicted) / σ.
    """
    from matplotlib.colors import Normalize

    shown = _shown(found)
    residual = (movie.fraction[shown] - found.fraction[shown]) / movie.sigma[shown]
    rows = (
        ("seen", movie.fraction[shown], Normalize(0, 1), "viridis"),
        ("predicted", found.fraction[shown], Normalize(0, 1), "viridis"),
        ("(seen − predicted) / σ", residual, Normalize(-_RESIDUAL_ENDS, _RESIDUAL_ENDS), "PuOr_r"),
    )
    figure, places = _grid(len(shown), movie)
    for row, (words, maps, norm, colors) in enumerate(rows):
        meshes = [_draw(figure, places[row][n], maps[n], (norm, colors), movie.pixel_um) for n in range(len(shown))]
        _name_row(figure, places[row], words, meshes[-1])
    for axes, n in zip(figure.axes, shown.tolist(), strict=False):
        axes.set_title(
            f"{movie.times_s[n] / 60:,.1f} min · left {found.chi[n]:.2f} σ", fontsize=9, color=palette.INK, pad=4
        )
    add_scale_bar(figure.axes[0], movie.labels.shape, movie.pixel_um)
    return figure


def _shown(found: LawMovie) -> NDArray[np.int64]:
    points = found.left_out if len(found.left_out) else np.arange(len(found.times_s))
    places = np.linspace(0, len(points) - 1, min(len(points), _MOST_SHOWN)).round().astype(int)
    return np.asarray(points[np.unique(places)])


def _grid(columns: int, movie: LithiumMovie) -> tuple[Figure, list[list[Any]]]:
    """A figure, and the rectangles of its maps by rows."""
    aspect = movie.labels.shape[0] * movie.pixel_um[0] / (movie.labels.shape[1] * movie.pixel_um[1])
    room = (_WIDTH_PX - _LEFT_PX - _RIGHT_PX) / columns - _GAP_PX
    height = min(room * aspect, _MOST_PX)
    width = height / aspect
    total = _HEAD_PX + 3 * (height + _GAP_PX)
    places = [
        [
            (
                (_LEFT_PX + column * (width + _GAP_PX)) / _WIDTH_PX,
                1 - (_HEAD_PX + row * (height + _GAP_PX) + height) / total,
                width / _WIDTH_PX,
                height / total,
            )
            for column in range(columns)
        ]
        for row in range(3)
    ]
    return new_figure(_WIDTH_PX, int(total)), places


def _draw(figure: Any, place: Any, values: Maps, look: tuple[Any, str], pixel_um: tuple[float, float]) -> Any:
    axes = figure.add_axes(place)
    axes.set_facecolor(palette.UNREADABLE)
    axes.set_xticks([])
    axes.set_yticks([])
    aspect = pixel_um[0] / pixel_um[1]
    return axes.imshow(values, norm=look[0], cmap=look[1], interpolation="nearest", aspect=aspect)


def _name_row(figure: Any, places: list[Any], words: str, mesh: Any) -> None:
    left, bottom, width, height = places[-1]
    bar = figure.colorbar(mesh, cax=figure.add_axes((left + width + 0.008, bottom, 0.01, height)), extend="both")
    bar.ax.tick_params(labelsize=8)
    middle = bottom + height / 2
    figure.text(0.013, middle, words, rotation=90, ha="center", va="center", fontsize=9, color=palette.INK)
