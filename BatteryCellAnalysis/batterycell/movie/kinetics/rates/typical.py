"""The course that is typical of a half cycle's pixels: what each of them goes through, sooner or later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.kinetics.halves import HalfCycle

from .frames import Frames, Numbers, points_around

Floats = NDArray[np.float64]
# Parts of the time between two points that are told apart, most and fewest of them, and the fewest pixels that tell.
_PARTS, _MOST, _FEWEST, _FEWEST_PIXELS = 8, 1000, 8, 50
# Bending is known to be typical at three standard deviations.
_SIGMAS = 3.0


@dataclass(frozen=True)
class Typical:
    """What is typical of series at each point in time, zero where nothing is, each of shape (points, series).

    Args:
        value: Lithium fraction.
        rate: Its slope in 1/h.
        variance: Of the slope, as nobody knows just when a series has it.
        share: How far the series around each point bend as is typical, from 0 to 1, and its standard uncertainty, shape
            (points, 2).
    """

    value: Floats
    rate: Floats
    variance: Floats
    share: Floats

    @classmethod
    def none(cls, points: int, series: int) -> Typical:
        """Of series of which nothing is typical."""
        value, rate, variance = (np.zeros((points, series)) for _ in range(3))
        return cls(value, rate, variance, np.zeros((points, 2)))

    def beside(self, values: Floats, point: int, used: Numbers, series: Numbers) -> Floats:
        """What series show at the used points beside what is typical, shape (used, series)."""
        there, share = np.ix_(used, series), self.share[point, 0]
        return np.asarray(values[there] - share * self.value[there] if share else values[there])

    def slope(self, row: Floats, point: int, used: Numbers, series: Numbers) -> tuple[Floats, Floats]:
        """The typical slope, and its variance, each shape (series,); ``row`` takes values to the slope that is seen."""
        (share, unsure), rate = self.share[point], self.rate[point, series]
        apart = rate - row @ self.value[np.ix_(used, series)]
        return share * rate, share**2 * self.variance[point, series] + (unsure * apart) ** 2

    def summed(self, shares: Floats) -> Typical:
        """Of the sum of series, each by its share, shape (series,)."""
        value, rate, variance = self.value @ shares, self.rate @ shares, self.variance @ shares**2
        return Typical(value[:, None], rate[:, None], variance[:, None], self.share)

    def add(self, other: Typical) -> None:
        """Add up parts of a sum, in place."""
        for one in ("value", "rate", "variance"):
            getattr(self, one)[...] += getattr(other, one)
        self.share[...] = other.share


@dataclass(frozen=True)
class Course:
    """What pixels go through in a half cycle.

    Args:
        half: The half cycle.
        curves: Fraction, slope in 1/h and its slope in 1/h² over the time from the passing of the front in h.
        share: As of `Typical`, shape (points of the half cycle, 2).
    """

    half: HalfCycle
    curves: tuple[Callable[[Floats], Floats], ...]
    share: Floats

    def put(self, typical: Typical, times_h: Floats, passing_h: Floats, sigma_h: Floats) -> None:
        """Put the course where each series passes the front, known with a standard uncertainty, shape (series,)."""
        timed = np.flatnonzero(np.isfinite(passing_h))
        place = np.ix_(np.arange(len(times_h))[self.half.points], timed)
        since = times_h[self.half.points, None] - passing_h[timed]
        typical.value[place], typical.rate[place], bend = (curve(since) for curve in self.curves)
        typical.variance[place] = (bend * sigma_h[timed]) ** 2
        typical.share[self.half.points] = self.share


def find_course(
    values: Floats,
    variances: Floats,
    frames: Frames,
    half: HalfCycle,
    passing: tuple[Floats, Floats],
    window: tuple[int, int],
) -> Course | None:
    """Find what is typical of a half cycle's pixels.

    Pixels pass at any part of the time between two points: put on one another by the time of their passing, they show
    a course that is much finer than the points of each of them (self-modelling regression: Lawton, Sylvestre and
    Maggio, Technometrics 14, 1972, 513). It is a cubic smoothing spline through means over small parts of time, as
    smooth as generalised cross-validation finds best (Craven and Wahba, Numer. Math. 31, 1979, 377). Where pixels do
    not bend like this (their rates differ, not their times), their share in it is small.

    Args:
        values: Lithium fractions, shape (points, pixels); NaN where they are not known.
        variances: Of the noise, same shape.
        frames: The points in time.
        half: The half cycle.
        passing: When each pixel passes the level of the front in h, and its standard uncertainty, each shape (pixels,).
        window: Points and order of the longest polynomial.

    Returns:
        None where too little shows one.
    """
    from scipy.interpolate import make_smoothing_spline

    if np.isfinite(passing[0]).sum() < _FEWEST_PIXELS:
        return None
    times = frames.times_h[half.points]
    binned = _binned(times[:, None] - passing[0], values[half.points], float(np.median(np.diff(times))))
    if len(binned[0]) < _FEWEST:
        return None
    spline = make_smoothing_spline(*binned)
    found = Course(half, (spline, spline.derivative(), spline.derivative(2)), np.zeros((len(times), 2)))
    typical = Typical.none(*values.shape)
    found.put(typical, frames.times_h, *passing)
    for n in range(half.first, half.last + 1):
        bent, used = _bent(typical, frames, half, n, window)
        found.share[n - half.first, 0] = _share(bent, values[used], variances[used])
    return found


def share_together(
    values: Floats, variances: Floats, typical: Typical, frames: Frames, window: tuple[int, int]
) -> None:
    """Say around each point how likely a mean bends as is typical of its pixels, beside not at all, in place."""
    for half in frames.moving:
        for point in range(half.first, half.last + 1):
            share = float(typical.share[point, 0])
            weights, energy = np.zeros(values.shape), 0.0
            for n in points_around(half, point, window[0]):
                bent, used = _bent(typical, frames, half, int(n), window)
                weights[used] += share * bent
                energy += float(((share * bent) ** 2).sum())
            seen, variance = _seen(weights, values, variances)
            odds = energy * (energy - 2 * seen) / (2 * variance) if variance else np.inf
            likely = 1 / (1 + np.exp(min(odds, 500.0)))
            typical.share[point] = share * likely, share * np.sqrt(likely * (1 - likely))


def _bent(typical: Typical, frames: Frames, half: HalfCycle, n: int, window: tuple[int, int]) -> tuple[Floats, Numbers]:
    """What is typical around a point and no polynomial explains, shape (used, series), and the points."""
    used = points_around(half, n, window[0])
    return frames.bending(used, n, window[1]) @ typical.value[used], used


def _binned(since: Floats, values: Floats, step: float) -> tuple[Floats, Floats, Floats]:
    """Mean times and values of small parts of the time, and how many values each holds."""
    known = np.isfinite(values) & np.isfinite(since)
    since, values = since[known], values[known]
    width = max(step / _PARTS, float(np.ptp(since)) / _MOST)
    _, part, counts = np.unique(np.floor(since / width), return_inverse=True, return_counts=True)
    return np.bincount(part, since) / counts, np.bincount(part, values) / counts, counts.astype(float)


def _seen(weights: Floats, values: Floats, variances: Floats) -> tuple[float, float]:
    """Sum of what is seen by weights, and its variance."""
    known = np.isfinite(values) & np.isfinite(variances)
    own, noise = np.where(known, weights * values, 0.0), np.where(known, weights**2 * variances, 0.0)
    return float(own.sum()), float(noise.sum())


def _share(bent: Floats, values: Floats, variances: Floats) -> float:
    """How much of the typical bending is seen, less what noise could make of it, from 0 to 1."""
    energy = float((bent**2).sum())
    seen, variance = _seen(bent, values, variances)
    return float(np.clip((seen - _SIGMAS**2 * variance / seen) / energy, 0.0, 1.0)) if seen > 0 else 0.0
