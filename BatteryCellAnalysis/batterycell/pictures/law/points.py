"""How well each point in time is told, and the lithium potential around the particles over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from batterycell import palette
from batterycell.measured import K95
from batterycell.movie.law import Law, LawMovie
from batterycell.movie.law.told import GOOD_CHI
from batterycell.movie.law.voltage import compare
from batterycell.pictures.distributions import dress
from batterycell.pictures.save import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIZE_PX = (1500, 560)
_COLORS = (palette.INK, palette.ANODE, palette.SEPARATOR, palette.TAB, palette.CAN)
# More than these would not be told apart.
_MOST_LINES = 12


def points_figure(law: Law) -> Figure:
    """Draw what the law leaves of every point, and μ_res over time, beside what stated voltages say.

    Returns:
        A figure 1500 px wide.
    """
    figure, compared = new_figure(*_SIZE_PX), compare(law)
    left, right = figure.subplots(1, 2)
    unit, seconds = _unit(law)
    for number, movie in enumerate(law.movies):
        _draw_left(left, movie, _COLORS[number % len(_COLORS)], seconds, number == 0)
        name = movie.name if number < _MOST_LINES else None
        _draw_reservoir(right, movie, (_COLORS[number % len(_COLORS)], name), seconds)
    for number, (movie, beside) in enumerate(zip(law.movies, compared, strict=False)):
        look = {"color": _COLORS[number % len(_COLORS)], "label": None if number else "stated voltage, one constant"}
        compared_ones = np.isfinite(beside.difference_kt).any(axis=0)
        right.plot(movie.times_s[compared_ones] / seconds, beside.stated_kt[compared_ones], "x", ms=5, **look)
    left.axhspan(0, GOOD_CHI, color=palette.SEPARATOR, alpha=0.12, lw=0, label=f"up to {GOOD_CHI} × the noise")
    left.set_ylim(bottom=0)
    dress(left, f"Time ({unit})", "Root mean square of (seen − predicted) / σ")
    dress(right, f"Time ({unit})", "Potential of the lithium around, μ_res (kT)")
    for axes in (left, right):
        axes.legend(frameon=False, fontsize=8, loc="best")
    figure.set_layout_engine("tight")
    return figure


def _unit(law: Law) -> tuple[str, float]:
    longest = max(float(np.ptp(movie.times_s)) for movie in law.movies)
    return ("h", 3600.0) if longest > 2 * 3600 else ("min", 60.0) if longest > 600 else ("s", 1.0)


def _draw_left(axes: Any, movie: LawMovie, color: str, seconds: float, is_first: bool) -> None:
    """Used points as a line, points left out as dots, those without a law as crosses."""
    times, out = movie.times_s / seconds, movie.left_out
    words = {"line": "used", "out": "left out: the law", "peer": "left out: line between neighbours"}
    said = words if is_first else dict.fromkeys(words)
    axes.plot(times, np.where(np.isin(np.arange(len(times)), out), np.nan, movie.chi), ".-", color=color, lw=1, ms=4,
              label=said["line"])  # fmt: skip
    axes.plot(times[out], movie.chi[out], "o", color=palette.CATHODE, ms=7, mec=color, label=said["out"])
    axes.plot(times[out], movie.peer_chi, "x", color=palette.ALARM, ms=6, label=said["peer"])


def _draw_reservoir(axes: Any, movie: LawMovie, look: tuple[str, str | None], seconds: float) -> None:
    color, name = look
    for number, values in enumerate(movie.reservoir_kt[:_MOST_LINES]):
        if len(movie.reservoir_draws) > 1:
            u = K95 * movie.reservoir_draws[:, number].std(axis=0, ddof=1)
            axes.fill_between(movie.times_s / seconds, values - u, values + u, color=color, alpha=0.15, lw=0)
        axes.plot(movie.times_s / seconds, values, "-", lw=1.4, color=color, alpha=0.9 if number == 0 else 0.45,
                  label=name if number == 0 else None)  # fmt: skip
