"""What whole particles hold over time: mean lithium, and how evenly it lies."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.lithium import LithiumMovie
from batterycell.progress import Progress

from .settings import KineticsSettings
from .uniformity import Pixels, find_mean, find_uniformity

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curves:
    """Particles over time, each of shape (points, particles); NaN where nothing is known.

    Args:
        mean: Lithium fraction, thick places counting more.
        mean_variance: Of it, by the noise of pixels.
        uniformity: 1 where lithium is the same everywhere, 0 where each place is either full or empty.
        uniformity_variance: Of it, by the noise of pixels.
        noise: Mean variance of a pixel's fraction.
        known: Share of the particle's weight whose fraction is known.
    """

    mean: Floats
    mean_variance: Floats
    uniformity: Floats
    uniformity_variance: Floats
    noise: Floats
    known: Floats

    def widened(self, factor: float) -> Curves:
        """The same with noise that neighbouring pixels share: standard uncertainties of means times a factor."""
        variances = self.mean_variance * factor**2, self.uniformity_variance * factor**2
        return replace(self, mean_variance=variances[0], uniformity_variance=variances[1])


def find_curves(movie: LithiumMovie, settings: KineticsSettings, progress: Progress) -> Curves:
    """Sum up the particles of every point in time.

    Raises:
        Cancelled: if the user asked to stop.
    """
    inside = movie.labels > 0
    numbers, weights = movie.labels[inside] - 1, movie.weights[inside]
    found = []
    for point in range(movie.points):
        progress.report(point / movie.points, f"particles, point {point + 1} of {movie.points}")
        values, sigma = movie.fraction[point][inside].astype(float), movie.sigma[point][inside].astype(float)
        pixels, known = _known(values, sigma, weights, numbers, movie.particles)
        found.append([*_of_point(pixels, settings.least_composition), known])
    return Curves(*np.array(found).transpose(1, 0, 2))


def _known(
    values: Floats, sigma: Floats, weights: Floats, numbers: NDArray[np.int32], count: int
) -> tuple[Pixels, Floats]:
    """The known pixels, and what share of each particle's weight they are."""
    known = np.isfinite(values) & np.isfinite(sigma) & (weights > 0)
    total = np.bincount(numbers[known], weights[known], count)
    whole = np.bincount(numbers, weights, count)
    shares = weights[known] / total[numbers[known]]
    pixels = Pixels(values[known], sigma[known] ** 2, shares, numbers[known], count)
    return pixels, total / np.where(whole > 0, whole, np.nan)


def _of_point(pixels: Pixels, least: float) -> list[Floats]:
    mean, variance = find_mean(pixels)
    clear = (mean > least) & (mean < 1 - least)
    uniformity = (np.where(clear, one, np.nan) for one in find_uniformity(pixels, mean, variance))
    with np.errstate(invalid="ignore"):
        noise = pixels.summed(pixels.variances) / pixels.summed(np.ones_like(pixels.variances))
    return [mean, variance, *uniformity, noise]
