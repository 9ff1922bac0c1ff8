"""Exchange current and chemical potential over the composition, with their intervals; grey where nothing tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.measured import K95
from batterycell.movie.law import Law
from batterycell.movie.law.told import MV_PER_KT
from batterycell.pictures.distributions import dress
from batterycell.pictures.save import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_SIZE_PX = (1500, 620)
_COMPOSITION = "Lithium fraction c"
# Intervals where nothing is known would hide the curve: the axis follows what is known, with this much around.
_ROOM = 0.35


def functions_figure(law: Law) -> Figure:
    """Draw j0(c) and μ(c).

    Returns:
        A figure 1500 px wide.
    """
    figure = new_figure(*_SIZE_PX)
    left, right = figure.subplots(1, 2)
    j0, mu = law.exchange, law.potential
    spread = np.exp(K95 * np.nan_to_num(j0.sigma))
    _draw(left, j0.composition, (j0.value / spread, j0.value, j0.value * spread), j0.identifiable, palette.TAB)
    u = K95 * np.nan_to_num(mu.sigma)
    _draw(right, mu.composition, (mu.value - u, mu.value, mu.value + u), mu.identifiable, palette.SEPARATOR)
    left.set_ylim(bottom=0)
    dress(left, _COMPOSITION, "Exchange current j0 (1/h)")
    dress(right, _COMPOSITION, "Chemical potential μ (kT; a constant is free)")
    _add_millivolts(right)
    for axes in (left, right):
        _mark_visited(axes, law.visited)
    left.legend(frameon=False, fontsize=8, loc="best")
    figure.set_layout_engine("tight")
    return figure


def _draw(axes: Any, c: Floats, curves: tuple[Floats, Floats, Floats], known: Bools, color: str) -> None:
    """The curve with its band: coloured where it is known, dashed over grey where it is what was assumed."""
    low, value, high = curves
    whole = axes.get_xaxis_transform()
    axes.fill_between(c, 0, 1, where=~known, transform=whole, color=palette.UNREADABLE, alpha=0.35, lw=0)
    if (high > low).any():
        axes.fill_between(c, low, high, where=known, color=color, alpha=0.28, lw=0, label="95 % interval")
    axes.plot(c, value, "--", color=palette.CAN, lw=1.2, label="not told by the movies: as assumed")
    axes.plot(c, np.where(known, value, np.nan), color=color, lw=2.4, label="learned")
    axes.set_xlim(0, 1)
    wanted = known if known.any() else np.ones_like(known)
    bottom, top = float(low[wanted].min()), float(high[wanted].max())
    room = _ROOM * max(top - bottom, 1e-9)
    axes.set_ylim(bottom - room, top + room)


def _mark_visited(axes: Any, visited: tuple[float, float]) -> None:
    for end in visited:
        axes.axvline(end, color=palette.INK, lw=0.8, ls=":")
    axes.annotate(
        "visited", (float(np.mean(visited)), 1.0), xycoords=("data", "axes fraction"), ha="center", va="bottom",
        fontsize=8, color=palette.INK,
    )  # fmt: skip


def _add_millivolts(axes: Any) -> None:
    def to_mv(kt: Floats) -> Floats:
        return kt * MV_PER_KT

    def to_kt(mv: Floats) -> Floats:
        return mv / MV_PER_KT

    second = axes.secondary_yaxis("right", functions=(to_mv, to_kt))
    second.set_ylabel("μ/e at 25 °C (mV)", fontsize=9, color=palette.INK)
    second.tick_params(labelsize=8)
