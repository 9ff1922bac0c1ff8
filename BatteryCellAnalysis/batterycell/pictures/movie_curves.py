"""Curves of a movie: lithium over time, spectra with their fit, drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batterycell import palette
from batterycell.tables import Table

from .distributions import dress
from .save import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]
_SIZE_PX = (1500, 560)
_COLORS = (palette.INK, palette.CATHODE, palette.ANODE, palette.SEPARATOR, palette.TAB, palette.CAN)
_FEWEST_OF_A_LINE = 8
# More than these colours would tell apart.
_MOST_LINES = 6


def fraction_figure(particles: Table) -> Figure:
    """Lithium of each particle over time, with its 95 % interval, and the spread inside it, with arrows along time.

    Args:
        particles: With the columns of `batterycell.movie.chemistry.particles`.
    """
    figure = new_figure(*_SIZE_PX)
    means, spreads = figure.subplots(1, 2)
    timed = np.isfinite(particles["time_s"]).all()
    for number in np.unique(particles["particle"])[:_MOST_LINES].tolist():
        own = particles.where(particles["particle"] == number)
        x = own["time_s"] / 60 if timed else own["point"]
        color = _COLORS[(number - 1) % len(_COLORS)]
        means.errorbar(x, own["fraction"], own["u_fraction"], fmt="o-", ms=3.5, color=color, capsize=3, lw=1.6)
        spreads.plot(own["fraction"], own["fraction_sd"], "o-", ms=3.5, color=color, lw=1.6, label=f"particle {number}")
        _add_arrows(spreads, own["fraction"], own["fraction_sd"], color)
    dress(means, "Time (min)" if timed else "Point in time", "Lithium fraction of the particle")
    dress(spreads, "Lithium fraction of the particle", "Spread of its pixels")
    if len(np.unique(particles["particle"])) > 1:
        spreads.legend(frameon=False, fontsize=8)
    figure.set_layout_engine("tight")
    return figure


def _add_arrows(axes: Any, x: Floats, y: Floats, color: str) -> None:
    """Arrows that say which way time runs along a curve."""
    look = {"arrowstyle": "-|>", "color": color, "lw": 1.6, "mutation_scale": 18}
    for n in range(len(x) // 8, len(x) - 1, max(len(x) // 4, 1)):
        axes.annotate("", (x[n + 1], y[n + 1]), (x[n], y[n]), arrowprops=look)


def spectra_figure(energies_ev: Floats, spectra: Floats, fitted: Floats) -> Figure:
    """Mean spectrum of each particle and its fit, and what the fit leaves under it.

    Args:
        energies_ev: Shape (energies,).
        spectra: Optical density, shape (particles, energies).
        fitted: Shape (particles, energies).
    """
    figure = new_figure(*_SIZE_PX)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    # Between a few energies a line would look like a spectrum.
    drawn = "-" if len(energies_ev) >= _FEWEST_OF_A_LINE else "_"
    for n, (measured, model) in enumerate(zip(spectra[:_MOST_LINES], fitted, strict=False)):
        color = _COLORS[n % len(_COLORS)]
        above.plot(energies_ev, measured, "o", ms=3, color=color, label=f"particle {n + 1}")
        above.plot(energies_ev, model, drawn, ms=18, lw=1.2, color=color)
        below.plot(energies_ev, measured - model, "o-" if drawn == "-" else "o", ms=2.5, lw=0.8, color=color)
    below.axhline(0, color=palette.INK, lw=0.8)
    dress(above, "", "Optical density")
    dress(below, "Photon energy (eV)", "Measured − fit")
    above.legend(frameon=False, fontsize=8)
    figure.set_layout_engine("tight")
    return figure


def drift_figure(frames: Table) -> Figure:
    """How far each frame had drifted.

    Args:
        frames: With the columns of `batterycell.movie.stage`.
    """
    figure = new_figure(_SIZE_PX[0], 420)
    axes = figure.subplots()
    for name, words, color in (
        ("drift_row_px", "down the rows", palette.INK),
        ("drift_column_px", "along the columns", palette.CATHODE),
    ):
        unsure = np.nan_to_num(frames["u_drift_px"])
        axes.errorbar(frames["frame"], frames[name], unsure, fmt="o-", ms=3, lw=1.2, color=color, label=words)
    dress(axes, "Frame", "Drift (pixels)")
    axes.legend(frameon=False, fontsize=8, ncols=2, loc="lower right", bbox_to_anchor=(1, 0.98))
    figure.set_layout_engine("tight")
    return figure
