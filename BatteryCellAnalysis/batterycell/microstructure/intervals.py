"""Shares and ratios with their 95 % intervals of representativity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .representativity import Spread, spread_of_total, student

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A number and its 95 % interval.

    Args:
        value: NaN where there is none.
        low: Lower end.
        high: Upper end; both NaN where they cannot be told.
        spread: What the interval comes from.
    """

    value: float
    low: float
    high: float
    spread: Spread | None = None

    @property
    def half(self) -> float:
        """Half width of a symmetric interval that holds this one."""
        return max(self.high - self.value, self.value - self.low)

    def times(self, factor: float) -> Estimate:
        """The same in other units."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor, self.spread)


NOTHING = Estimate(float("nan"), float("nan"), float("nan"))


def estimate_share(part: Floats, whole: Floats) -> Estimate:
    """A share of what was imaged, e.g. a phase's fraction.

    The interval is Wilson's (1927) for as many independent samples as have the variance of representativity: it stays
    within 0 and 1, and holds for small fractions, too.

    Args:
        part: What counts in each cell, shape (k, j, i).
        whole: Of how much.
    """
    total = float(whole.sum())
    if total <= 0:
        return NOTHING
    value = min(1.0, float(part.sum()) / total)
    spread = spread_of_total(part - value * whole)
    variance = spread.variance / total**2
    if not variance > 0 or not 0 < value < 1:
        # A phase that fills all or nothing of the image: how much of it is elsewhere cannot be told.
        return Estimate(value, float("nan"), float("nan"), spread)
    low, high = _wilson(value, value * (1 - value) / variance, student(spread.freedom))
    return Estimate(value, low, high, spread)


def _wilson(value: float, samples: float, t: float) -> tuple[float, float]:
    middle = (value + t**2 / (2 * samples)) / (1 + t**2 / samples)
    half = t / (1 + t**2 / samples) * np.sqrt(value * (1 - value) / samples + (t / (2 * samples)) ** 2)
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))


def estimate_ratio(part: Floats, whole: Floats) -> Estimate:
    """A ratio of two totals, neither a share of the other, e.g. of two phases, or of surface to volume.

    The variance is that of the total of part - ratio · whole (Cochran 1977, Sampling Techniques, 6.3); the interval is
    Student's on the logarithm, so that a ratio and its inverse have the same.

    Args:
        part: Numerator in each cell, shape (k, j, i).
        whole: Denominator.
    """
    upper, lower = float(part.sum()), float(whole.sum())
    if lower <= 0:
        return NOTHING
    value = upper / lower
    spread = spread_of_total(part - value * whole)
    if not spread.variance > 0 or not value > 0:
        return Estimate(value, float("nan"), float("nan"), spread)
    reach = np.exp(student(spread.freedom) * np.sqrt(spread.variance) / upper)
    return Estimate(value, value / float(reach), value * float(reach), spread)
