"""Lithium and C-rate of particles over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from batterycell import palette
from batterycell.pictures.distributions import dress
from batterycell.pictures.save import new_figure
from batterycell.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLORS = (palette.INK, palette.CATHODE, palette.ANODE, palette.SEPARATOR, palette.TAB, palette.CAN)
_SIZE_PX = (1500, 560)
_REST = "#EEF1F4"


def rate_figure(points: Table, halves: Table) -> Figure:
    """Lithium of each particle over time, and its C-rate, with 95 % intervals; rests of the first are shaded.

    Args:
        points: One row a particle and point in time, with `batterycell.movie.kinetics.columns.POINT_COLUMNS`.
        halves: One row a particle and half cycle, with ``HALF_COLUMNS``.
    """
    figure = new_figure(*_SIZE_PX)
    means, rates = figure.subplots(1, 2, sharex=True)
    numbers = np.unique(points["particle"])
    for number in numbers.tolist():
        own = points.where(points["particle"] == number)
        _draw(means, [own], "fraction", number)
        # Rates jump from one half cycle to the next: no line between them.
        parts = [own.where(own["half_cycle"] == half) for half in np.unique(own["half_cycle"]).tolist()]
        _draw(rates, parts, "c_rate_per_h", number)
    rates.axhline(0, color=palette.INK, lw=0.8)
    _shade((means, rates), halves)
    dress(means, "Time (min)", "Lithium fraction of the particle")
    dress(rates, "Time (min)", "C-rate (1/h)")
    if len(numbers) > 1:
        means.legend(frameon=False, fontsize=8)
    figure.set_layout_engine("tight")
    return figure


def _draw(axes: Any, parts: list[Table], name: str, number: int) -> None:
    named = number <= len(COLORS)
    color, label = (COLORS[number - 1], f"particle {number}") if named else (palette.UNREADABLE, None)
    for part in parts:
        time, values = part["time_s"] / 60, part[name]
        if named:
            axes.errorbar(time, values, part[f"u_{name}"], fmt="o-", ms=3, lw=1.4, capsize=2, color=color, label=label)
        else:
            axes.plot(time, values, lw=0.7, color=color, zorder=1)
        label = None


def _shade(both: tuple[Any, ...], halves: Table) -> None:
    rests = halves.where((halves["particle"] == 1) & (halves["direction"] == "rest"))
    for start, end in zip(rests["start_s"] / 60, rests["end_s"] / 60, strict=True):
        for axes in both:
            axes.axvspan(start, end, color=_REST, lw=0, zorder=0)
