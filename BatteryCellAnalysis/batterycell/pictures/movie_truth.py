"""Draw the law that generated movies follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from batterycell import palette

from .distributions import dress
from .movie import add_scale_bar
from .save import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from batterycell.phantom.movie.law import LawPhantom

_SIZE_PX = (1600, 460)
_TICKS = (0.1, 0.2, 0.5, 0.7, 1.0, 1.4, 2.0, 5.0, 10.0)
_COLORS = (palette.CATHODE, palette.ANODE, palette.SEPARATOR, palette.TAB, palette.CAN)
_MOST_LINES = 5


def truth_figure(made: LawPhantom) -> Figure:
    """Draw k(x, y) of the first movie, j0(c), μ(c), and μ_res of its first particle against the mean fraction."""
    figure = new_figure(*_SIZE_PX)
    places, exchange, potential = figure.subplots(1, 3, width_ratios=(1.1, 1, 1))
    _draw_k(figure, places, made)
    c = np.linspace(0.005, 0.995, 400)
    exchange.plot(c, made.j0(c), color=palette.INK, lw=2)
    dress(exchange, "Lithium fraction c", "Exchange current j0 (1/h)")
    potential.plot(c, made.mu(c), color=palette.INK, lw=2, label="μ(c)")
    for n, (movie, clean, kept) in enumerate(
        zip(made.movies[:_MOST_LINES], made.fractions, made.reservoir_kt, strict=False)
    ):
        inside = movie.labels == 1
        means = np.average(clean[:, inside], axis=1, weights=movie.weights[inside])
        potential.plot(means, kept[:, 0], "o-", ms=3, lw=1, color=_COLORS[n], label=f"μ_res at {movie.name}")
    dress(potential, "Lithium fraction c, and its mean", "Potential (kT)")
    potential.legend(frameon=False, fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    figure.set_layout_engine("tight")
    return figure


def _draw_k(figure: Figure, axes: Any, made: LawPhantom) -> None:
    from matplotlib.colors import LogNorm

    k = made.k[0]
    most = max(1.5, float(np.exp(np.nanmax(np.abs(np.log(k))))))
    axes.set_facecolor(palette.UNREADABLE)
    mesh = axes.imshow(k, norm=LogNorm(1 / most, most), cmap=palette.REACTIVITY, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    add_scale_bar(axes, k.shape, made.movies[0].pixel_um)
    ticks = [tick for tick in _TICKS if 1 / most <= tick <= most]
    bar = figure.colorbar(mesh, ax=axes, label="k(x, y)", ticks=ticks, format="%g")
    bar.ax.minorticks_off()
