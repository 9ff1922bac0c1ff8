"""Maps of the reactivity k(x, y) beside those of its uncertainty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.movie.law import LawMovie
from batterycell.pictures.movie import add_scale_bar
from batterycell.pictures.save import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH_PX, _MOST_PX, _HEAD_PX = 1500, 900, 90
# Of the width: one map, and from the left edge of one to that of the next.
_MAP, _STEP, _LEFT, _BAR = 0.38, 0.49, 0.015, 0.012
_LEAST_FACTOR = 1.2


def heterogeneity_figure(movie: LawMovie, pixel_um: tuple[float, float]) -> Figure:
    """Draw k on a logarithmic scale about 1, and σ of ln k.

    Args:
        movie: What was learned of it.
        pixel_um: Height and width of a pixel in µm.

    Returns:
        A figure 1500 px wide.
    """
    from matplotlib.colors import LogNorm, Normalize

    figure = new_figure(_WIDTH_PX, _height(movie.k.shape, pixel_um))
    factor = _factor(movie.k)
    sigma = movie.ln_k_sigma[np.isfinite(movie.ln_k_sigma)]
    most = float(np.percentile(sigma, 99)) if sigma.size else 1.0
    aspect = pixel_um[0] / pixel_um[1]
    first = _panel(
        figure, 0, movie.k, (LogNorm(1 / factor, factor), palette.REACTIVITY, aspect), "k, relative to all pixels"
    )
    _panel(figure, 1, movie.ln_k_sigma, (Normalize(0, most), "magma", aspect), "σ of ln k")
    add_scale_bar(first, movie.k.shape, pixel_um)
    return figure


def _height(shape: tuple[int, ...], pixel_um: tuple[float, float]) -> int:
    wanted = _MAP * _WIDTH_PX * shape[0] * pixel_um[0] / (shape[1] * pixel_um[1])
    return int(min(max(wanted, 200), _MOST_PX)) + _HEAD_PX


def _factor(k: NDArray[np.float32]) -> float:
    """The scale's end: nearly all pixels lie within it about 1."""
    known = np.abs(np.log(k[k > 0]))
    return float(max(np.exp(np.percentile(known, 99)), _LEAST_FACTOR)) if known.size else _LEAST_FACTOR


def _panel(figure: Any, place: int, values: Any, look: tuple[Any, str, float], title: str) -> Any:
    norm, colors, aspect = look
    left, height = _LEFT + place * _STEP, 1 - _HEAD_PX / figure.bbox.height
    axes = figure.add_axes((left, 0.03, _MAP, height))
    axes.set_facecolor(palette.UNREADABLE)
    mesh = axes.imshow(values, norm=norm, cmap=colors, interpolation="nearest", aspect=aspect)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_title(title, fontsize=10, color=palette.INK, pad=6)
    extend = "both" if norm.vmin > 0 else "max"
    bar = figure.colorbar(mesh, cax=figure.add_axes((left + _MAP + 0.008, 0.03, _BAR, height)), extend=extend)
    _plain_ticks(bar, norm)
    return axes


def _plain_ticks(bar: Any, norm: Any) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter, NullLocator

    bar.ax.tick_params(labelsize=8)
    if norm.vmin <= 0:
        bar.locator = MaxNLocator(5)
        return
    nice = np.array([0.02, 0.05, 0.1, 0.2, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 5.0, 10.0, 20.0, 50.0])
    bar.set_ticks(nice[(nice >= norm.vmin) & (nice <= norm.vmax)])
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    bar.ax.yaxis.set_minor_locator(NullLocator())
    bar.ax.yaxis.set_minor_formatter(NullFormatter())
