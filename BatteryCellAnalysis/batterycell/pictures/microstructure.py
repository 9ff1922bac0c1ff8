"""An electrode's numbers as pictures: fractions, pores, connections, fragmentation, each class in its colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from batterycell import palette
from batterycell.tables import Table

from .distributions import dress, log_axis
from .save import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SIZE_PX, _HALF_PX = (1500, 520), (1500, 430)
_FALLBACK = palette.CAN
_KINDS = {"through": "connected to both ends", "first": "to the first end only", "last": "to the last end only"}
_KIND_ALPHA = {"through": 1.0, "first": 0.45, "last": 0.2}
_MOST_FRAGMENTS = 6


def fractions_figure(table: Table, colors: Mapping[str, str]) -> Figure:
    """Share of each class with its interval.

    Args:
        table: ``microstructure_fractions``.
        colors: Of each class, by its name.
    """
    figure = new_figure(*_HALF_PX)
    axes = figure.subplots()
    names = table["class"].tolist()
    for row, name in enumerate(names):
        value, half = float(table["fraction_percent"][row]), float(np.nan_to_num(table["u_percent"][row]))
        axes.barh(row, value, 0.62, color=colors.get(name, _FALLBACK), edgecolor=palette.INK, lw=0.6)
        for color, width in (("#FFFFFF", 5), (palette.INK, 2)):  # seen on dark bars and beside them
            axes.errorbar(value, row, xerr=half, color=color, capsize=5, capthick=width, lw=width)
        axes.text(value + half + 1, row, f"{value:.1f} ± {half:.1f} %", va="center", fontsize=9, color=palette.INK)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.18 * float(np.nanmax(table["fraction_percent"] + np.nan_to_num(table["u_percent"]))))
    dress(axes, "Share of what is labelled (%), with the 95 % interval for the imaged size", "")
    axes.grid(axis="y", visible=False)
    figure.set_layout_engine("tight")
    return figure


def particle_sizes_figure(table: Table, colors: Mapping[str, str]) -> Figure:
    """Sizes by number and by volume with the intervals of every range, and cumulated.

    Args:
        table: ``microstructure_sizes``.
        colors: Of each class, by its name.
    """
    figure = new_figure(*_SIZE_PX)
    places = figure.subplots(1, 3)
    for name in dict.fromkeys(table["class"].tolist()):
        own, color = table.where(table["class"] == name), colors.get(name, _FALLBACK)
        for axes, kind in zip(places[:2], ("number", "volume"), strict=True):
            _draw_shares(axes, own, kind, color)
        for kind, line in (("number", "-"), ("volume", "--")):
            below = own[f"{kind}_below_percent"]
            places[2].plot(own["to_um"], below, line, color=color, label=f"{name}, by {kind}")
    for axes, title in zip(
        places, ("Share by number (%)", "Share by volume (2D: area, %)", "Cumulated share (%)"), strict=True
    ):
        dress(axes, "Equivalent diameter (µm)", title)
        log_axis(axes)
    places[2].legend(frameon=False, fontsize=8)
    places[2].set_ylim(0, 101)
    figure.set_layout_engine("tight")
    return figure


def pores_figure(table: Table, colors: Mapping[str, str]) -> Figure:
    """The room that spheres find in the pores, ``microstructure_pores``."""
    figure = new_figure(*_HALF_PX)
    shares, below = figure.subplots(1, 2)
    for name in dict.fromkeys(table["class"].tolist()):
        own, color = table.where(table["class"] == name), colors.get(name, _FALLBACK)
        width = np.diff(own["diameter_um"], prepend=0.0)
        density = own["volume_percent"] / width
        shares.bar(own["diameter_um"] - width / 2, density, width, color=color, alpha=0.75, label=name)
        below.plot(own["diameter_um"], own["below_percent"], color=color, lw=2, label=name)
    dress(shares, "Diameter of the largest sphere (2D: circle) that finds room (µm)", "Share of the class (% per µm)")
    dress(below, "Diameter of the largest sphere (2D: circle) that finds room (µm)", "Cumulated share (%)")
    below.set_ylim(0, 101)
    figure.set_layout_engine("tight")
    return figure


def connections_figure(table: Table, colors: Mapping[str, str]) -> Figure:
    """Which part of each class is connected to the ends of the image, ``microstructure_connections``."""
    figure = new_figure(*_HALF_PX)
    axes = figure.subplots()
    rows = list(dict.fromkeys(zip(table["class"].tolist(), table["axis"].tolist(), strict=True)))
    for place, (name, axis) in enumerate(rows):
        own = table.where((table["class"] == name) & (table["axis"] == axis))
        style: dict[str, Any] = {"color": colors.get(name, _FALLBACK), "edgecolor": palette.INK, "lw": 0.5}
        left = 0.0
        for kind, share in _apart(own).items():
            axes.barh(place, share, 0.7, left, alpha=_KIND_ALPHA[kind], **style)
            left += share
    axes.set_yticks(range(len(rows)), [f"{name}, along {axis}" for name, axis in rows], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    told = "; ".join(f"{word}: {text}" for word, text in zip(("full", "medium", "pale"), _KINDS.values(), strict=True))
    dress(axes, f"Share of the class (%); {told}", "")
    axes.grid(axis="y", visible=False)
    figure.set_layout_engine("tight")
    return figure


def _apart(own: Table) -> dict[str, float]:
    """Shares that add up: what reaches both ends is in the table among what reaches the first, and the last."""
    shares = dict(zip(own["kind"].tolist(), np.nan_to_num(own["share_percent"]).tolist(), strict=True))
    through = shares.get("through", 0.0)
    return {kind: share if kind == "through" else share - through for kind, share in shares.items()}


def fragmentation_figure(table: Table, color: str) -> Figure:
    """Cracks and fragments of the particles, ``fragments``."""
    figure = new_figure(*_HALF_PX)
    cracks, fragments = figure.subplots(1, 2)
    whole, broken = table.where(table["broken"] == 0), table.where(table["broken"] > 0)
    for own, mark, fill, name in ((whole, "o", color, "in one piece"), (broken, "X", palette.ALARM, "broken")):
        if len(own):
            style = {"color": fill, "edgecolor": palette.INK, "lw": 0.4, "s": 26 if mark == "o" else 46}
            label = f"{name} ({len(own):,})"
            cracks.scatter(own["equivalent_diameter_um"], own["crack_percent"], marker=mark, label=label, **style)
    dress(cracks, "Equivalent diameter of the particle (µm)", "Cracks, share of the particle (%)")
    cracks.legend(frameon=False, fontsize=8)
    number = np.minimum(table["fragments"].astype(int), _MOST_FRAGMENTS)
    counts = np.bincount(number, minlength=3)[1:]
    fragments.bar(range(1, len(counts) + 1), counts, color=color, edgecolor=palette.INK, lw=0.6)
    fragments.set_xticks(range(1, len(counts) + 1))
    fragments.set_yscale("symlog", linthresh=10)
    dress(fragments, f"Fragments of a particle ({_MOST_FRAGMENTS}: or more)", "Particles")
    figure.set_layout_engine("tight")
    return figure


def _draw_shares(axes: Any, own: Table, kind: str, color: str) -> None:
    low, high = own["from_um"], own["to_um"]
    share, half = own[f"{kind}_percent"], np.nan_to_num(own[f"u_{kind}_percent"])
    axes.bar(low, share, high - low, align="edge", color=color, alpha=0.7, edgecolor="white", lw=0.4)
    shown = share > 0
    middle = np.sqrt(low * high)[shown]
    down = np.minimum(half, share)[shown]
    axes.errorbar(middle, share[shown], (down, half[shown]), fmt="none", ecolor=palette.INK, lw=0.9, capsize=2)
