"""Slopes of local polynomials: fixed linear combinations of what was measured, so that their noise is exact."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .halves import HalfCycle
from .settings import KineticsSettings

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
# A residual with less than this share of the noise says nothing on it: its fit goes through the point.
_LEAST_LEFT = 1e-6


@dataclass(frozen=True)
class Frames:
    """The points in time of a particle.

    Args:
        times_h: In hours, shape (points,).
        weights: What each point counts in a fit, the same for all pixels, so that weights cannot follow a pixel's
            noise, shape (points,).
        halves: Its half cycles.
    """

    times_h: Floats
    weights: Floats
    halves: tuple[HalfCycle, ...]


@dataclass(frozen=True)
class Slopes:
    """Slopes of series.

    Args:
        rate: In 1/h, shape (points, series); NaN where too few points are known.
        variance: By the noise, same shape.
        left: Square of what the fit leaves at each point, in its own variance, same shape; NaN where it says nothing.
    """

    rate: Floats
    variance: Floats
    left: Floats


def find_slopes(values: Floats, variances: Floats, frames: Frames, settings: KineticsSettings) -> Slopes:
    """Slope of every series at every point in time, from the points around it in the same half cycle.

    At the ends of a half cycle the points lie to one side (Savitzky and Golay, Anal. Chem. 36, 1964, 1627; Gorry,
    Anal. Chem. 62, 1990, 570).

    Args:
        values: Lithium fractions, shape (points, series); NaN where they are not known.
        variances: Of the noise, same shape.
        frames: Their points in time.
        settings: Window and order.
    """
    known = np.isfinite(values) & np.isfinite(variances)
    filled, noise = np.where(known, values, 0.0), np.where(known, variances, 0.0)
    found = Slopes(*(np.full(values.shape, np.nan) for _ in range(3)))
    for point, own in _windows(frames.halves, settings.window):
        for pattern, chosen in _patterns(known[own]):
            used = np.arange(own.start, own.stop)[pattern]
            if len(used) < 2:
                continue
            value, slope = _rows(frames, used, point, settings.order)
            data, spread = filled[np.ix_(used, chosen)], noise[np.ix_(used, chosen)]
            found.rate[point, chosen] = slope @ data
            found.variance[point, chosen] = slope**2 @ spread
            if point in used:
                rest = (used == point) - value
                found.left[point, chosen] = _ratio(rest @ data, rest**2 @ spread, noise[point, chosen])
    return found


def slope_matrix(known: Mask, frames: Frames, settings: KineticsSettings) -> Floats:
    """The matrix that takes one series to its slopes, shape (points, points); rows of NaN where there is none."""
    matrix = np.zeros((len(known), len(known)))
    for point, own in _windows(frames.halves, settings.window):
        used = np.arange(own.start, own.stop)[known[own]]
        if len(used) < 2:
            matrix[point] = np.nan
        else:
            matrix[point, used] = _rows(frames, used, point, settings.order)[1]
    return matrix


def _windows(halves: tuple[HalfCycle, ...], window: int) -> Iterator[tuple[int, slice]]:
    """Each point with the points around it: as many at the ends of a half cycle as in its middle."""
    for half in halves:
        longest = min(window, half.last + 1 - half.first)
        for point in range(half.first, half.last + 1):
            start = min(max(point - longest // 2, half.first), half.last + 1 - longest)
            yield point, slice(start, start + longest)


def _patterns(known: Mask) -> Iterator[tuple[Mask, NDArray[np.int64]]]:
    """Which points are known, and the series of which just these are known."""
    if known.all():
        yield known[:, 0], np.arange(known.shape[1])
        return
    patterns, belongs = np.unique(np.packbits(known, axis=0), axis=1, return_inverse=True)
    for n in range(patterns.shape[1]):
        chosen = np.flatnonzero(belongs.ravel() == n)
        yield known[:, chosen[0]], chosen


def _rows(frames: Frames, used: NDArray[np.int64], point: int, order: int) -> tuple[Floats, Floats]:
    """What takes the values at the used points to the polynomial's value and slope at a point."""
    apart = frames.times_h[used] - frames.times_h[point]
    scale = float(np.abs(apart).max()) or 1.0
    root = np.sqrt(frames.weights[used])
    columns = (apart[:, None] / scale) ** np.arange(min(order, len(used) - 1) + 1)
    inverse = np.linalg.pinv(columns * root[:, None]) * root
    return inverse[0], inverse[1] / scale


def _ratio(rest: Floats, spread: Floats, noise: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > _LEAST_LEFT * noise, rest**2 / spread, np.nan)
