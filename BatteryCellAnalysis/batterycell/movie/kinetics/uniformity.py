"""How evenly lithium lies in particles at one point in time, the noise of pixels taken off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pixels:
    """The known pixels of all particles at one point in time, each of shape (pixels,).

    Args:
        values: Lithium fractions.
        variances: By the noise.
        shares: Of each pixel in the weight of its particle; they sum up to 1 in each.
        numbers: Particle of each, from 0.
        count: Number of particles.
    """

    values: Floats
    variances: Floats
    shares: Floats
    numbers: NDArray[np.int32]
    count: int

    def summed(self, what: Floats) -> Floats:
        """Sum over each particle, shape (particles,)."""
        return np.bincount(self.numbers, what, self.count).astype(float)

    def spread(self, what: Floats) -> Floats:
        """A particle's value at each of its pixels."""
        return what[self.numbers]


def find_mean(pixels: Pixels) -> tuple[Floats, Floats]:
    """Mean of each particle and its variance by the noise, each shape (particles,); NaN without a known pixel."""
    empty = np.bincount(pixels.numbers, minlength=pixels.count) == 0
    mean = pixels.summed(pixels.shares * pixels.values)
    variance = pixels.summed(pixels.shares**2 * pixels.variances)
    return np.where(empty, np.nan, mean), np.where(empty, np.nan, variance)


def find_uniformity(pixels: Pixels, mean: Floats, mean_variance: Floats) -> tuple[Floats, Floats]:
    """Uniformity coefficient 1 − V / (c̄ (1 − c̄)) of each particle and its variance, each shape (particles,).

    V = Σ s (c − c̄)² − Σ s (1 − s) σ² with shares s is the variance of lithium over the particle without that of the
    noise, c̄ (1 − c̄) that of a particle each of whose places is full or empty; σ² of c̄ is taken off there, too. The
    variance holds first and second order of the noise: Σ ψ² σ² − 2 Σ s² σ⁴ / Q² with the derivatives ψ as measured,
    whose own noise the second term makes up for.
    """
    apart, noise, shares = pixels.values - pixels.spread(mean), pixels.variances, pixels.shares
    spread = pixels.summed(shares * apart**2 - shares * (1 - shares) * noise)
    with np.errstate(divide="ignore", invalid="ignore"):
        most = mean * (1 - mean) + mean_variance
        slopes = pixels.spread(spread * (1 - 2 * mean) / most**2) - pixels.spread(2 / most) * apart
        first = pixels.summed((shares * slopes) ** 2 * noise)
        second = pixels.summed((shares * noise) ** 2) / most**2
        return 1 - spread / most, np.maximum(first - 2 * second, 2 * second)
