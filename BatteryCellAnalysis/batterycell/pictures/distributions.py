"""Distributions of the objects' measures, each class in its colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.tables import Column, Table

from .save import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIZE_PX = (1500, 560)
_SMALL_PX = (1500, 430)
_BINS, _FEWEST_BINS = 40, 8
_PER_ROW = 4
# The measures that most people look at; those of them that were measured are drawn together.
SHAPES = (
    "sphericity",
    "circularity",
    "solidity",
    "aspect_ratio",
    "feret_max_um",
    "feret_min_um",
    "major_axis_um",
    "arc_um",
)
SIZE = "equivalent_diameter_um"


def size_figure(table: Table, colors: Mapping[str, str]) -> Figure | None:
    """Sizes: how many objects at the left, and the cumulated share of objects and of material at the right.

    Args:
        table: One row an object.
        colors: Of each class, by its name.

    Returns:
        A figure 1500 px wide; None where no sizes were measured.
    """
    if SIZE not in table.data or not np.isfinite(table[SIZE]).any():
        return None
    figure = new_figure(*_SIZE_PX)
    counts, cumulated = figure.subplots(1, 2)
    bins = _bins(table[SIZE])
    for name, color in colors.items():
        own = table.where(table["class"] == name)
        _draw_counts(counts, own[SIZE], bins, (name, color))
        _draw_cumulated(cumulated, own, (name, color))
    for axes, title in ((counts, "Objects"), (cumulated, "Cumulated share (%)")):
        dress(axes, "Equivalent diameter (µm)", title)
        if _is_wide(table[SIZE]):
            log_axis(axes)
    cumulated.set_ylim(0, 100)
    if len(colors) > 1:
        counts.legend(frameon=False)
    cumulated.legend(frameon=False, fontsize=8)
    figure.set_layout_engine("tight")
    return figure


def shape_figure(table: Table, colors: Mapping[str, str]) -> Figure | None:
    """Histograms of the usual measures of shape, as far as they were measured; None where none was."""
    columns = {column.name: column for column in table.columns}
    found = [columns[name] for name in SHAPES if name in columns and np.isfinite(table[name]).any()][:_PER_ROW]
    if not found:
        return None
    figure = new_figure(*_SMALL_PX)
    for axes, column in zip(np.atleast_1d(figure.subplots(1, len(found))), found, strict=True):
        bins = _bins(table[column.name])
        for name, color in colors.items():
            own = table[column.name][table["class"] == name]
            _draw_counts(axes, own, bins, (name, color))
        dress(axes, _with_unit(column), "Objects" if column is found[0] else "")
        if _is_wide(table[column.name]):
            log_axis(axes)
    figure.set_layout_engine("tight")
    return figure


def _bins(values: NDArray[np.float64]) -> NDArray[np.float64]:
    known = values[np.isfinite(values)]
    count = int(np.clip(2 * np.cbrt(len(known)), _FEWEST_BINS, _BINS))
    low, high = float(known.min()), float(known.max())
    if low == high:
        low, high = low - 0.5 * abs(low or 1), high + 0.5 * abs(high or 1)
    return np.geomspace(low, high, count + 1) if _is_wide(values) else np.linspace(low, high, count + 1)


def _is_wide(values: NDArray[np.float64]) -> bool:
    """Whether values need a logarithmic axis."""
    known = values[np.isfinite(values)]
    return bool(known.min() > 0 and known.max() > 20 * known.min())


def _draw_counts(axes: Any, values: NDArray[np.float64], bins: NDArray[np.float64], of: tuple[str, str]) -> None:
    name, color = of
    known = values[np.isfinite(values)]
    axes.hist(known, bins, color=color, alpha=0.6, label=f"{name} ({len(known):,})")
    axes.hist(known, bins, color=color, histtype="step", lw=1.4)


def _draw_cumulated(axes: Any, own: Table, of: tuple[str, str]) -> None:
    """Shares as the numbers in the table have them: objects weighted for those that the border cuts."""
    name, color = of
    own = own.where(np.isfinite(own[SIZE]))
    order = np.argsort(own[SIZE])
    sizes, number = own[SIZE][order], _numbers(own)[order]
    if not len(sizes):
        return
    amount = number * (own["voxels"][order] if "voxels" in own.data else sizes**3)
    for weight, line, kind in ((number, "-", "number"), (amount, "--", "amount")):
        below = 100 * np.cumsum(weight) / weight.sum()
        steps = np.concatenate([sizes[:1], sizes]), np.concatenate([[0.0], below])
        axes.step(*steps, where="post", color=color, ls=line, label=f"{name}, by {kind}")


def _numbers(own: Table) -> NDArray[np.float64]:
    """How many objects each one stands for; one, where the border may cut all of them."""
    weights = own.data.get("weight", np.zeros(len(own)))
    return np.asarray(weights if weights.any() else np.ones(len(own)), float)


def dress(axes: Any, x: str, y: str) -> None:
    """Name the axes and take away what distracts."""
    axes.set_xlabel(x, fontsize=9, color=palette.INK)
    axes.set_ylabel(y, fontsize=9, color=palette.INK)
    axes.tick_params(labelsize=8)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color="#E3E7EB", lw=0.8)
    axes.spines[["top", "right"]].set_visible(False)


def log_axis(axes: Any) -> None:
    """A logarithmic axis of lengths, with plain numbers."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _with_unit(column: Column) -> str:
    return f"{column.title} ({column.units})" if column.units else column.title
