"""Slopes of local polynomials: fixed linear combinations of what was measured, so that their noise is exact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .frames import Frames, Window
from .typical import Typical

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
# A residual with less than this share of the noise says nothing on it: its fit goes through the point.
_LEAST_LEFT = 1e-6


@dataclass(frozen=True)
class Slopes:
    """Slopes of series.

    Args:
        rate: In 1/h, shape (points, series); NaN where too few points are known.
        variance: By the noise, by what the curve bends on average, and by not knowing when it does so, same shape.
        left: Square of what the fit leaves at each point, in its own variance, same shape; NaN where it says nothing.
    """

    rate: Floats
    variance: Floats
    left: Floats


def find_slopes(
    values: Floats, variances: Floats, typical: Typical, frames: Frames, windows: Sequence[Window]
) -> Slopes:
    """Slope of every series at every point in time, from the points around it in the same half cycle.

    Local polynomials by least squares (Savitzky and Golay, Anal. Chem. 36, 1964, 1627), at the ends of a half cycle
    from one side (Gorry, Anal. Chem. 62, 1990, 570), of what series show beside what is typical, and the slope of that.

    Args:
        values: Lithium fractions, shape (points, series); NaN where they are not known.
        variances: Of the noise, same shape.
        typical: What is typical of them.
        frames: Their points in time.
        windows: Of each point.
    """
    known = np.isfinite(values) & np.isfinite(variances)
    filled, noise = np.where(known, values, 0.0), np.where(known, variances, 0.0)
    found = Slopes(*(np.full(values.shape, np.nan) for _ in range(3)))
    for one in windows:
        for pattern, own in _patterns(known[np.ix_(one.used, one.series)]):
            used, chosen = one.used[pattern], one.series[own]
            if len(used) < 2:
                continue
            value, slope = frames.rows(used, one.point, one.order)
            data, spread = typical.beside(filled, one.point, used, chosen), noise[np.ix_(used, chosen)]
            known_slope, unsure = typical.slope(slope, one.point, used, chosen)
            found.rate[one.point, chosen] = slope @ data + known_slope
            found.variance[one.point, chosen] = slope**2 @ spread + one.bend + unsure
            if one.point in used:
                rest = (used == one.point) - value
                found.left[one.point, chosen] = _ratio(rest @ data, rest**2 @ spread, noise[one.point, chosen])
    return found


def slope_matrix(known: Mask, frames: Frames, windows: Sequence[Window]) -> Floats:
    """The matrix that takes one series to its slopes, shape (points, points); rows of NaN where there is none."""
    matrix = np.full((len(known), len(known)), np.nan)
    for one in windows:
        used = one.used[known[one.used]]
        if len(used) > 1:
            matrix[one.point] = 0.0
            matrix[one.point, used] = frames.rows(used, one.point, one.order)[1]
    return matrix


def _patterns(known: Mask) -> Iterator[tuple[Mask, NDArray[np.int64]]]:
    """Which points are known, and the series of which just these are known."""
    if known.all():
        yield known[:, 0], np.arange(known.shape[1])
        return
    patterns, belongs = np.unique(np.packbits(known, axis=0), axis=1, return_inverse=True)
    for n in range(patterns.shape[1]):
        chosen = np.flatnonzero(belongs.ravel() == n)
        yield known[:, chosen[0]], chosen


def _ratio(rest: Floats, spread: Floats, noise: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > _LEAST_LEFT * noise, rest**2 / spread, np.nan)
