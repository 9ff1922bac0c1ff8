"""The course that the pixels of a half cycle have in common, put on one another by when the front passes each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.kinetics.halves import HalfCycle

from .frames import Frames
from .typical import Typical, bending_around, seen_by

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
# Parts of the time between two points that are told apart, most and fewest of them, and the fewest pixels that tell.
_PARTS, _MOST, _FEWEST, _FEWEST_PIXELS = 8, 1000, 8, 25
# Standard deviations at which a bending is known, and a pixel known to lie off the course.
_SIGMAS = 3.0


@dataclass(frozen=True)
class Passed:
    """The pixels of a half cycle.

    Args:
        half: The half cycle.
        values: Lithium fractions, shape (points of the half cycle, pixels); NaN where they are not known.
        variances: Of the noise, same shape.
        when_h: When each passes the level of the front in h, shape (pixels,); NaN where that is not known.
        sigma_h: Its standard uncertainty.
    """

    half: HalfCycle
    values: Floats
    variances: Floats
    when_h: Floats
    sigma_h: Floats

    def since(self, times_h: Floats) -> Floats:
        """Time since the passing in h, shape (points of the half cycle, pixels)."""
        return np.asarray(times_h[self.half.points, None] - self.when_h)


@dataclass(frozen=True)
class Course:
    """What pixels go through in a half cycle.

    Args:
        curves: Fraction, slope in 1/h, its slope in 1/h², and what the slope may be wrong by, over the time from the
            passing of the front in h.
        share: As of `Typical`, shape (points of the half cycle, 2).
    """

    curves: tuple[Callable[[Floats], Floats], ...]
    share: Floats

    def put(self, typical: Typical, pixels: Passed, times_h: Floats) -> None:
        """Put the course where each pixel passes the front; not of those whose points lie off it."""
        since = pixels.since(times_h)
        value, rate, bend, unsure = (np.nan_to_num(curve(since)) for curve in self.curves)
        like = _like(pixels, value, rate)
        sigma, points = np.where(like, pixels.sigma_h, 0.0), pixels.half.points
        typical.value[points], typical.rate[points] = value * like, rate * like
        typical.variance[points], typical.unsure[points] = (bend * sigma) ** 2, unsure * like
        typical.share[points] = self.share


def _like(pixels: Passed, value: Floats, rate: Floats) -> Mask:
    """Which pixels lie on a course, as far as their noise tells, shape (pixels,)."""
    square = (pixels.values - value) ** 2 / (pixels.variances + (rate * pixels.sigma_h) ** 2)
    known = np.isfinite(square).sum(axis=0)
    near = np.nansum(square, axis=0) < known + _SIGMAS * np.sqrt(2 * known)
    return np.asarray(near & np.isfinite(pixels.when_h))


def find_course(pixels: Passed, frames: Frames, window: tuple[int, int]) -> Course | None:
    """Find what is typical of a half cycle's pixels.

    Pixels pass at any part of the time between two points: put on one another by the time of their passing, they show
    a course that is much finer than the points of each of them (self-modelling regression: Lawton, Sylvestre and
    Maggio, Technometrics 14, 1972, 513). It is a cubic smoothing spline through means over small parts of time, as
    smooth as generalised cross-validation finds best (Craven and Wahba, Numer. Math. 31, 1979, 377), found again of
    the pixels that lie on it. Where pixels do not bend like this (their rates differ, not their times), their share in
    it is small.

    Args:
        pixels: Of the half cycle.
        frames: The points in time.
        window: Points and order of the longest polynomial.

    Returns:
        None where too little shows one.
    """
    found = _course(_on_one(pixels, frames), frames)
    if found is None:
        return None
    half, typical = pixels.half, Typical.none(len(frames.times_h), len(pixels.when_h))
    found.put(typical, pixels, frames.times_h)
    for n in range(half.first, half.last + 1):
        bent, used = bending_around(typical, frames, half, n, window)
        there = used - half.first
        found.share[n - half.first, 0] = _share(bent, pixels.values[there], pixels.variances[there])
    return found


def _on_one(pixels: Passed, frames: Frames) -> Passed:
    """The same without the times of pixels that lie off the course of all."""
    spline = _through(pixels, frames)
    if spline is None:
        return pixels
    since = pixels.since(frames.times_h)
    like = _like(pixels, spline(since), spline.derivative()(since))
    return replace(pixels, when_h=np.where(like, pixels.when_h, np.nan))


def _course(pixels: Passed, frames: Frames) -> Course | None:
    """The course of pixels; half the difference of every other's and the others' says how well it is known."""
    numbers = np.arange(len(pixels.when_h))
    parts = [replace(pixels, when_h=np.where(numbers % 2 == k, pixels.when_h, np.nan)) for k in (0, 1)]
    whole, *slopes = (_through(one, frames) for one in (pixels, *parts))
    if whole is None or slopes[0] is None or slopes[1] is None:
        return None
    one, other = (spline.derivative() for spline in slopes)
    curves = whole, whole.derivative(), whole.derivative(2), lambda since: (one(since) - other(since)) / 2
    return Course(curves, np.zeros((len(pixels.values), 2)))


def _through(pixels: Passed, frames: Frames) -> Any:
    """The spline through pixels put on one another; None of too few."""
    from scipy.interpolate import make_smoothing_spline

    if np.isfinite(pixels.when_h).sum() < _FEWEST_PIXELS:
        return None
    step = float(np.median(np.diff(frames.times_h[pixels.half.points])))
    binned = _binned(pixels.since(frames.times_h), pixels.values, step)
    if len(binned[0]) < _FEWEST:
        return None
    return make_smoothing_spline(*binned)


def _binned(since: Floats, values: Floats, step: float) -> tuple[Floats, Floats, Floats]:
    """Mean times and values of small parts of the time, and how many values each holds."""
    known = np.isfinite(values) & np.isfinite(since)
    since, values = since[known], values[known]
    width = max(step / _PARTS, float(np.ptp(since)) / _MOST)
    _, part, counts = np.unique(np.floor(since / width), return_inverse=True, return_counts=True)
    return np.bincount(part, since) / counts, np.bincount(part, values) / counts, counts.astype(float)


def _share(bent: Floats, values: Floats, variances: Floats) -> float:
    """How much of the typical bending is seen, less what noise could make of it, from 0 to 1."""
    energy = float((bent**2).sum())
    seen, variance = seen_by(bent, values, variances)
    return float(np.clip((seen - _SIGMAS**2 * variance / seen) / energy, 0.0, 1.0)) if seen > 0 else 0.0
