"""One quantity over the cells of a lot: values with their intervals, limits, and the cells that are odd or fail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette

from .save import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIZE_PX = (1500, 520)
_INK, _LIMIT, _ODD = palette.INK, "#B3261E", "#B35C00"
_MOST_NAMES = 24
_LONGEST_NAME = 18


@dataclass(frozen=True)
class LotChart:
    """What a chart shows.

    Args:
        title: Of the quantity.
        units: Of its values.
        cells: Names of the cells.
        values: One a cell, NaN where it was not measured, shape (n,).
        uncertainty: Half widths of the 95 % intervals, shape (n,).
        limits: Lower and upper limit; infinite where there is none.
        nominal: What it should be; NaN where nothing is said.
        odd: Cells that lie far from the others, shape (n,).
    """

    title: str
    units: str
    cells: list[str]
    values: NDArray[np.float64]
    uncertainty: NDArray[np.float64]
    limits: tuple[float, float]
    nominal: float
    odd: NDArray[np.bool_]

    @property
    def failing(self) -> NDArray[np.bool_]:
        """Cells whose whole interval lies beyond a limit, shape (n,)."""
        lower, upper = self.limits
        half = np.nan_to_num(self.uncertainty, nan=np.inf)
        return np.asarray((self.values + half < lower) | (self.values - half > upper))


def lot_chart(chart: LotChart) -> Figure:
    """Draw a chart.

    Every kind of cell has a mark of its own besides its colour: discs are usual, diamonds odd, crosses fail.

    Args:
        chart: What it shows.

    Returns:
        A figure 1500 px wide.
    """
    figure = new_figure(*_SIZE_PX)
    axes = figure.subplots()
    _draw_limits(axes, chart)
    failing, odd = chart.failing, chart.odd & ~chart.failing
    _draw_cells(axes, chart, ~failing & ~odd, "o", _INK, "")
    _draw_cells(axes, chart, odd, "D", _ODD, "odd")
    _draw_cells(axes, chart, failing, "X", palette.ALARM, "fails")
    axes.set_ylabel(f"{chart.title}{f' ({chart.units})' if chart.units else ''}", color=_INK, wrap=True)
    _name_cells(axes, chart.cells)
    axes.margins(y=0.15)
    axes.grid(axis="y", color="#E3E7EB", lw=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(frameon=False, ncols=5, loc="lower right", bbox_to_anchor=(1.0, 1.0), fontsize=8)
    figure.set_layout_engine("tight")
    return figure


def _draw_limits(axes: Any, chart: LotChart) -> None:
    known = [limit for limit in chart.limits if np.isfinite(limit)]
    for n, limit in enumerate(known):
        axes.axhline(limit, color=_LIMIT, lw=1.4, ls="--", label="limit" if n == 0 else None)
    if np.isfinite(chart.nominal):
        axes.axhline(chart.nominal, color="#5B6673", lw=1.0, ls=":", label="nominal")
    median = np.nanmedian(chart.values) if np.isfinite(chart.values).any() else np.nan
    if np.isfinite(median):
        axes.axhline(median, color=palette.ANODE, lw=1.2, label="median")


def _draw_cells(axes: Any, chart: LotChart, which: NDArray[np.bool_], mark: str, color: str, label: str) -> None:
    which = which & np.isfinite(chart.values)
    if not which.any():
        return
    places = np.flatnonzero(which)
    half = np.nan_to_num(chart.uncertainty[which])
    axes.errorbar(places, chart.values[which], half, fmt=mark, color=color, ms=7 if mark == "o" else 9, capsize=4,
                  lw=1.2, zorder=3, label=label or None)  # fmt: skip


def _name_cells(axes: Any, cells: list[str]) -> None:
    step = -(-len(cells) // _MOST_NAMES)
    shown = range(0, len(cells), step)
    names = [name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…" for name in cells]
    turned = max(map(len, names), default=0) * len(shown) > 130
    axes.set_xticks(
        list(shown), [names[n] for n in shown], rotation=40 if turned else 0, ha="right" if turned else "center"
    )
    axes.set_xlim(-0.6, len(cells) - 0.4)
