"""Several samples side by side: every quantity a small chart, its values with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from batterycell import palette
from batterycell.measured import Quantity

from .save import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLUMNS, _WIDTH_PX, _ROW_PX = 3, 1500, 330
MOST_CHARTS = 24
_LONGEST_NAME = 16


def compare_chart(names: Sequence[str], quantities: Mapping[str, Sequence[Quantity | None]]) -> Figure:
    """Draw every quantity over the samples.

    Args:
        names: Of the samples.
        quantities: Of each quantity its value in every sample, None where it was not measured.

    Returns:
        A figure 1500 px wide.
    """
    shown = list(quantities.values())[:MOST_CHARTS]
    rows = -(-len(shown) // _COLUMNS)
    figure = new_figure(_WIDTH_PX, _ROW_PX * rows)
    axes = np.atleast_2d(figure.subplots(rows, _COLUMNS))
    for place, found in zip(axes.flat, shown, strict=False):
        _draw(place, names, found)
    for place in axes.flat[len(shown) :]:
        place.set_visible(False)
    figure.set_layout_engine("tight")
    return figure


def _draw(axes: Any, names: Sequence[str], found: Sequence[Quantity | None]) -> None:
    first = next(one for one in found if one is not None)
    places = [n for n, one in enumerate(found) if one is not None and np.isfinite(one.value)]
    values = [one.value for one in found if one is not None and np.isfinite(one.value)]
    halves = [np.nan_to_num(one.uncertainty) for one in found if one is not None and np.isfinite(one.value)]
    axes.errorbar(places, values, halves, fmt="o", color=palette.INK, ecolor=palette.ANODE, capsize=5, lw=2, ms=5)
    axes.set_title(f"{first.title}{f' ({first.units})' if first.units else ''}", fontsize=9, color=palette.INK)
    turn = 20 if len(names) > 3 else 0
    axes.set_xticks(range(len(names)), [_short(name) for name in names], fontsize=8, rotation=turn)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.tick_params(axis="y", labelsize=8)
    axes.grid(axis="y", color="#E3E7EB", lw=0.8)
    axes.margins(y=0.2)
    axes.spines[["top", "right"]].set_visible(False)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
