"""Insertion beside extraction: how evenly lithium lies at equal mean composition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from batterycell import palette
from batterycell.pictures.distributions import dress
from batterycell.pictures.save import new_figure
from batterycell.tables import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIZE_PX = (1500, 560)
_LOOKS = {"insertion": (palette.CATHODE, "o"), "extraction": (palette.ANODE, "s")}


def compared_figure(points: Table, halves: Table, compared: Table) -> Figure:
    """Uniformity against mean composition in both directions; their difference and that of the C-rate.

    Args:
        points: With `batterycell.movie.kinetics.columns.POINT_COLUMNS`.
        halves: With ``HALF_COLUMNS``.
        compared: With ``COMPOSITION_COLUMNS``.
    """
    figure = new_figure(*_SIZE_PX)
    uniformity, difference, rate = figure.subplots(1, 3, width_ratios=(1.4, 1, 1))
    for direction in _LOOKS:
        _points(uniformity, points, halves, direction)
        _band(uniformity, compared.where(compared["direction"] == direction), "uniformity", _LOOKS[direction][0])
    apart = compared.where(compared["direction"] == "difference")
    for axes, name in ((difference, "uniformity"), (rate, "c_rate_per_h")):
        _band(axes, apart, name, palette.INK)
        axes.axhline(0, color=palette.INK, lw=0.8)
        axes.set_xlim(0, 1)
    dress(uniformity, "Mean composition", "Uniformity coefficient")
    dress(difference, "Mean composition", "Uniformity, insertion − extraction")
    dress(rate, "Mean composition", "|C-rate|, insertion − extraction (1/h)")
    uniformity.set_xlim(0, 1)
    uniformity.legend(frameon=False, fontsize=8)
    figure.set_layout_engine("tight")
    return figure


def _points(axes: Any, points: Table, halves: Table, direction: str) -> None:
    color, marker = _LOOKS[direction]
    chosen = halves.where(halves["direction"] == direction)
    pairs = set(zip(chosen["particle"].tolist(), chosen["half_cycle"].tolist(), strict=True))
    both = zip(points["particle"].tolist(), points["half_cycle"].tolist(), strict=True)
    own = points.where(np.array([pair in pairs for pair in both], bool))
    axes.plot(own["fraction"], own["uniformity"], marker, ms=3, color=color, alpha=0.6, label=direction, lw=0)


def _band(axes: Any, rows: Table, name: str, color: str) -> None:
    x, y, unsure = rows["composition"], rows[name], np.nan_to_num(rows[f"u_{name}"])
    axes.fill_between(x, y - unsure, y + unsure, color=color, alpha=0.25, lw=0)
    axes.plot(x, y, "-", lw=1.6, color=color)
