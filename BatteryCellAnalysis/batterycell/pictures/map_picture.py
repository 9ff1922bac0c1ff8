"""A map of a stage as a picture: colours over two axes, with units, and grey where nothing could be measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.measured import Axis, Map

from .save import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIZE_PX = (1600, 680)
_ONE_SIDED, _TWO_SIDED = "viridis", "RdBu_r"
# Beyond these percentiles colours are cut off, so that one odd place does not hide all others.
_PERCENTILES = (1.0, 50.0, 99.0)
# Of the range: a median nearer to zero makes values deviations, and white their zero.
_ABOUT_ZERO = 0.25
# Half of the scale, in half widths of the usual 95 % interval, at least.
_U_SHOWN = 2.0
_FEW, _MANY = 12, 20
_UNITS = {"deg": "°"}


def map_picture(found: Map) -> Figure:
    """Draw a map with its axes and a colour bar; values about zero in two hues that meet in white there.

    Heights rise upward; anything else, such as windings, runs downward as in a table.

    Args:
        found: The map.

    Returns:
        A figure 1600 px wide.
    """
    figure = new_figure(*_SIZE_PX)
    axes = figure.add_axes((0.06, 0.13, 0.84, 0.74))
    axes.set_facecolor(palette.UNREADABLE)
    norm, colors = _scale(found)
    mesh = axes.pcolormesh(
        edges(found.columns.values), edges(found.rows.values), found.values, norm=norm, cmap=colors, rasterized=True
    )
    _label_axis(axes.xaxis, found.columns)
    _label_axis(axes.yaxis, found.rows)
    if found.rows.units != "mm":
        axes.invert_yaxis()
    _add_bar(figure, mesh, found)
    axes.set_title(found.title, loc="left", fontsize=11, fontweight="bold", color=palette.INK, pad=8)
    axes.set_title(_finding(found), loc="right", fontsize=8.5, color=palette.INK, pad=8)
    return figure


def edges(middles: NDArray[np.float64]) -> NDArray[np.float64]:
    """The edges between evenly spaced values, shape (n + 1,)."""
    step = float(np.median(np.diff(middles))) if len(middles) > 1 else 1.0
    return np.append(middles - step / 2, middles[-1:] + step / 2)


def _scale(found: Map) -> tuple[Any, str]:
    """What the colours mean; never so fine that the scatter of measuring fills the scale."""
    from matplotlib.colors import Normalize

    known = found.values[np.isfinite(found.values)]
    low, middle, high = np.percentile(known, _PERCENTILES) if known.size else (0.0, 0.0, 1.0)
    least = _U_SHOWN * _usual(found.uncertainty)
    if low < 0 < high and abs(middle) < _ABOUT_ZERO * (high - low):
        most = float(max(-low, high, least))
        return Normalize(-most, most), _TWO_SIDED
    return Normalize(float(min(low, middle - least)), float(max(high, middle + least, low + 1e-9))), _ONE_SIDED


def _usual(uncertainty: NDArray[np.float64] | None) -> float:
    known = np.zeros(0) if uncertainty is None else uncertainty[np.isfinite(uncertainty)]
    return float(np.median(known)) if known.size else 0.0


def _label_axis(axis: Any, of: Axis) -> None:
    from matplotlib.ticker import FixedLocator, MaxNLocator

    axis.set_label_text(_with_unit(of.title, of.units), fontsize=9, color=palette.INK)
    axis.set_tick_params(labelsize=8)
    if of.units == "deg" and np.ptp(of.values) > 180:
        axis.set_major_locator(FixedLocator(range(0, 361, 45)))
    elif not of.units:
        first, last = of.values[0], of.values[-1]
        ticks = of.values.tolist() if len(of.values) <= _FEW else [first, *range(5, int(last) + 1, 5)]
        axis.set_major_locator(FixedLocator(ticks) if len(ticks) <= _MANY else MaxNLocator(10, integer=True))


def _add_bar(figure: Any, mesh: Any, found: Map) -> None:
    norm, known = mesh.norm, found.values[np.isfinite(found.values)]
    below, above = (known < norm.vmin).any(), (known > norm.vmax).any()
    extend = {(True, True): "both", (True, False): "min", (False, True): "max"}.get((below, above), "neither")
    bar = figure.colorbar(mesh, cax=figure.add_axes((0.915, 0.13, 0.016, 0.74)), extend=extend)
    bar.set_label(_with_unit(found.title, found.units), fontsize=9, color=palette.INK)
    bar.ax.tick_params(labelsize=8)


def _finding(found: Map) -> str:
    """What the map holds in a few words: its median, its range, and how much of it could not be measured."""
    known = found.values[np.isfinite(found.values)]
    if not known.size:
        return "nothing could be measured"
    low, middle, high = np.percentile(known, (0, 50, 100))
    digits = int(np.clip(2 - np.floor(np.log10(max(high - low, abs(middle), 1e-6))), 0, 6))
    texts = [f"{value + 0.0:,.{digits}f}".replace("-", "−") for value in (middle, low, high)]
    text = "median {}, {} to {}".format(*texts) + (f" {found.units}" if found.units else "")
    missing = 1.0 - known.size / found.values.size
    return text if missing == 0 else f"{text}; {100 * missing:.2g} % not measured (grey)"


def _with_unit(title: str, units: str) -> str:
    return f"{title} ({_UNITS.get(units, units)})" if units else title
