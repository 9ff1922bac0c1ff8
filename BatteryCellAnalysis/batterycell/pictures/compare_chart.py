"""Several samples side by side: every quantity a small chart, its values with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.measured import Quantity
from batterycell.tables import Table

from .distributions import dress, log_axis
from .save import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
_COLUMNS, _WIDTH_PX, _ROW_PX = 3, 1500, 330
MOST_CHARTS = 24
_LONGEST_NAME = 16


class _Distribution(NamedTuple):
    """A distribution that can be drawn: its table and columns, its axis's title, and whether that is logarithmic."""

    table: str
    x: str
    y: str
    title: str
    is_log: bool


_DISTRIBUTIONS = (
    _Distribution("comparison_sizes", "to_um", "volume_below_percent", "Equivalent diameter of particles (µm)", True),
    _Distribution("comparison_pores", "diameter_um", "below_percent", "Diameter of pores (µm)", False),
)
_COLORS = (palette.INK, palette.CATHODE, palette.ANODE, palette.SEPARATOR, palette.TAB, palette.CAN)


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


def distributions_chart(tables: Mapping[str, Table], names: Sequence[str]) -> Figure | None:
    """Sizes of particles and pores, all samples in one plot; None where nobody measured them.

    Args:
        tables: ``comparison_sizes`` and ``comparison_pores``, as far as there are any.
        names: Of the samples.
    """
    wanted = [one for one in _DISTRIBUTIONS if one.table in tables and len(tables[one.table])]
    if not wanted:
        return None
    figure = new_figure(_WIDTH_PX, 520)
    for axes, one in zip(np.atleast_1d(figure.subplots(1, len(wanted))), wanted, strict=True):
        _draw_distribution(axes, one, tables[one.table], names)
    figure.set_layout_engine("tight")
    return figure


def _draw_distribution(axes: Any, one: _Distribution, table: Table, names: Sequence[str]) -> None:
    lines, classes = ("-", "--", ":", "-."), list(dict.fromkeys(table["class"].tolist()))
    for n, sample in enumerate(names):
        for m, name in enumerate(classes):
            own = table.where((table["sample"] == sample) & (table["class"] == name))
            if len(own):
                color, label = _COLORS[n % len(_COLORS)], f"{sample}, {name}"
                axes.plot(own[one.x], own[one.y], lines[m % len(lines)], color=color, lw=2, label=label)
    dress(axes, one.title, "Cumulated share by volume (%)")
    if one.is_log:
        log_axis(axes)
    axes.set_ylim(0, 101)
    axes.legend(frameon=False, fontsize=8)


def _draw(axes: Any, names: Sequence[str], found: Sequence[Quantity | None]) -> None:
    first = next(one for one in found if one is not None)
    places = [n for n, one in enumerate(found) if one is not None and np.isfinite(one.value)]
    values = np.array([one.value for one in found if one is not None and np.isfinite(one.value)])
    halves = np.array([np.nan_to_num(one.uncertainty) for one in found if one is not None and np.isfinite(one.value)])
    ends = _possible(values, halves, first.units)
    axes.errorbar(places, values, ends, fmt="o", color=palette.INK, ecolor=palette.ANODE, capsize=5, lw=2, ms=5)
    axes.set_title(f"{first.title}{f' ({first.units})' if first.units else ''}", fontsize=9, color=palette.INK)
    turn = 20 if len(names) > 3 else 0
    axes.set_xticks(range(len(names)), [_short(name) for name in names], fontsize=8, rotation=turn)
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.tick_params(axis="y", labelsize=8)
    axes.grid(axis="y", color="#E3E7EB", lw=0.8)
    axes.margins(y=0.2)
    axes.spines[["top", "right"]].set_visible(False)


def _possible(values: Floats, halves: Floats, units: str) -> tuple[Floats, Floats]:
    """Half widths downwards and upwards: where all values are positive none reaches below 0, nor shares above 100 %."""
    down = np.minimum(halves, values) if (values >= 0).all() else halves
    up = np.minimum(halves, 100 - values) if units == "%" and (values <= 100).all() else halves
    return down, up


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
