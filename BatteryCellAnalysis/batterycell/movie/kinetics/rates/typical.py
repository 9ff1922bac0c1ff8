"""What is typical of pixels at each point in time, and how much of it counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.kinetics.halves import HalfCycle

from .frames import Frames, Numbers, points_around

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Typical:
    """What is typical of series at each point in time, zero where nothing is, each of shape (points, series).

    Args:
        value: Lithium fraction.
        rate: Its slope in 1/h.
        variance: Of the slope, as nobody knows just when a series has it.
        unsure: What the slope of the course itself may be wrong by, alike in all series that have it.
        share: How far the series around each point bend as is typical, from 0 to 1, and its standard uncertainty, shape
            (points, 2).
    """

    value: Floats
    rate: Floats
    variance: Floats
    unsure: Floats
    share: Floats

    @classmethod
    def none(cls, points: int, series: int) -> Typical:
        """Of series of which nothing is typical."""
        value, rate, variance, unsure = (np.zeros((points, series)) for _ in range(4))
        return cls(value, rate, variance, unsure, np.zeros((points, 2)))

    def beside(self, values: Floats, point: int, used: Numbers, series: Numbers) -> Floats:
        """What series show at the used points beside what is typical, shape (used, series)."""
        there, share = np.ix_(used, series), self.share[point, 0]
        return np.asarray(values[there] - share * self.value[there] if share else values[there])

    def slope(self, row: Floats, point: int, used: Numbers, series: Numbers) -> tuple[Floats, Floats]:
        """The typical slope, and its variance, each shape (series,); ``row`` takes values to the slope that is seen."""
        (share, doubt), rate = self.share[point], self.rate[point, series]
        apart = rate - row @ self.value[np.ix_(used, series)]
        variance = self.variance[point, series] + self.unsure[point, series] ** 2
        return share * rate, share**2 * variance + (doubt * apart) ** 2

    def summed(self, shares: Floats) -> Typical:
        """Of the sum of series, each by its share, shape (series,)."""
        value, rate, unsure = ((one @ shares)[:, None] for one in (self.value, self.rate, self.unsure))
        return Typical(value, rate, (self.variance @ shares**2)[:, None], unsure, self.share)

    def add(self, other: Typical) -> None:
        """Add up parts of a sum, in place."""
        for one in ("value", "rate", "variance", "unsure"):
            getattr(self, one)[...] += getattr(other, one)
        self.share[...] = other.share


def share_together(
    values: Floats, variances: Floats, typical: Typical, frames: Frames, window: tuple[int, int]
) -> None:
    """Say around each point how likely a mean bends as is typical of its pixels, beside not at all, in place."""
    for half in frames.moving:
        for point in range(half.first, half.last + 1):
            share = float(typical.share[point, 0])
            weights, energy = np.zeros(values.shape), 0.0
            for n in points_around(half, point, window[0]):
                bent, used = bending_around(typical, frames, half, int(n), window)
                weights[used] += share * bent
                energy += float(((share * bent) ** 2).sum())
            seen, variance = seen_by(weights, values, variances)
            odds = energy * (energy - 2 * seen) / (2 * variance) if variance else np.inf
            likely = 1 / (1 + np.exp(min(odds, 500.0)))
            typical.share[point] = share * likely, share * np.sqrt(likely * (1 - likely))


def bending_around(
    typical: Typical, frames: Frames, half: HalfCycle, n: int, window: tuple[int, int]
) -> tuple[Floats, Numbers]:
    """What is typical around a point and no polynomial explains, shape (used, series), and the points."""
    used = points_around(half, n, window[0])
    return frames.bending(used, n, window[1]) @ typical.value[used], used


def seen_by(weights: Floats, values: Floats, variances: Floats) -> tuple[float, float]:
    """Sum of what is seen by weights, and its variance."""
    known = np.isfinite(values) & np.isfinite(variances)
    own, noise = np.where(known, weights * values, 0.0), np.where(known, weights**2 * variances, 0.0)
    return float(own.sum()), float(noise.sum())
