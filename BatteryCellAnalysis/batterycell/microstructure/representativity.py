"""How much a total over the imaged volume would differ in another volume like it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .representativity_waves import covariance_along, longest_waves, wave_squares

Floats = NDArray[np.float64]

# Slopes of the spectrum towards long waves that are thought possible, and how fast they become unlikely. Chosen, with
# the waves that enter, on thresholded Gaussian fields, Boolean models and sections of generated cathodes; held against
# other seeds of these by Testing/Benchmarks/microstructure_values.py and microstructure_truth.py.
_SLOPES = np.arange(0.0, 1.6, 0.15)
_USUAL_SLOPE = 0.4
# The mean of the image is like a wave of twice the length of the longest that fits into it.
_MEAN_WAVE = 0.5
_ROUNDS, _HALVINGS = 3, 40
_UPPER = 0.975


@dataclass(frozen=True)
class Spread:
    """How a total scatters.

    Args:
        variance: Of the total over the whole volume; NaN where it cannot be told.
        freedom: Degrees of freedom of this estimate, for Student's t.
        lengths: Correlation length (the integral of the correlation over both sides) along each axis, in cells.
    """

    variance: float
    freedom: float
    lengths: Floats


def spread_of_total(residuals: Floats) -> Spread:
    """The variance of a total, from what its parts in a grid of cells deviate from their expected values.

    The variance of a mean over a window V is that of a point times A / V, A being the integral of the correlation (the
    integral range; Lantuéjoul 1991, J. Microscopy 161; Kanit et al. 2003, Int. J. Solids Struct. 40; Dahari et al.
    2025, Adv. Sci., for a single image). A single image does not give that integral by summing its covariance: with the
    image's own mean taken off, it sums to zero. It is read where the integral is the density of the spectrum at long
    waves (Wiener-Khinchin), from the squares of the longest cosines' coefficients; which are long is told by the
    correlation lengths that the two-point covariance (by FFT) gives along each axis. So few coefficients are known only
    so well: the interval is Student's with a degree of freedom each (Lazarus, Lewis, Stock and Watson 2018, J. Bus.
    Econ. Stat. 36, "equal-weighted cosines"). Where the spectrum rises towards long waves, as of particles that lie
    looser here and denser there, the rise is carried on to the mean: intervals are averaged over slopes by their
    likelihood.

    Args:
        residuals: Deviation of each cell's total, shape (k, j, i), of sum zero.
    """
    if not residuals.any():
        return Spread(0.0, 0.0, np.ones(3))
    squares = wave_squares(residuals)
    covariances = [covariance_along(residuals, axis) for axis in range(3)]
    variance, lengths = 0.0, np.ones(3)
    for _ in range(_ROUNDS):
        # The covariances lack the variance of the mean that was taken off: it is added, and all worked out again.
        lengths = np.array([_length(one + variance / residuals.size**2) for one in covariances])
        chosen, waves = longest_waves(residuals.shape, lengths)
        if not len(chosen):
            return Spread(float("nan"), 0.0, lengths)
        variance = float(squares[chosen].mean()) * residuals.size
    return Spread(_at_the_mean(squares[chosen], waves) * residuals.size, len(chosen), lengths)


def student(freedom: float) -> float:
    """The factor of a 95 % interval with so many degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, _UPPER))


def _length(covariance: Floats) -> float:
    """The integral of the correlation up to where it is first zero, in cells; at most two windows."""
    crossed = np.flatnonzero(covariance <= 0)
    stop = int(crossed[0]) if len(crossed) else len(covariance)
    if stop == 0:
        return 1.0
    return float(min(2 * covariance[1:stop].sum() / covariance[0] + 1, 2 * len(covariance)))


def _at_the_mean(squares: Floats, waves: Floats) -> float:
    """The mean's own square with which Student's interval is that averaged over slopes.

    Squares of waves w are taken as A w^-a times chi-squared numbers; A is integrated out with the prior 1 / A, and a
    has an exponential prior.

    Args:
        squares: Of the coefficients, shape (n,).
        waves: Their wave numbers, the longest wave's 1, shape (n,).
    """
    fallen = waves[None, :] ** -_SLOPES[:, None]
    scale = (squares / fallen).mean(axis=1)
    likely = -0.5 * np.log(fallen).sum(axis=1) - len(squares) / 2 * np.log(scale) - _SLOPES / _USUAL_SLOPE
    weights = np.exp(likely - likely.max())
    deviations = np.sqrt(scale * _MEAN_WAVE**-_SLOPES)
    return _mixed_half(weights / weights.sum(), deviations, len(squares)) ** 2


def _mixed_half(weights: Floats, deviations: Floats, freedom: int) -> float:
    """Half width, in units of Student's factor, of the 95 % interval of a mixture of Student's distributions."""
    from scipy.special import stdtr

    factor = student(freedom)
    low, high = factor * deviations.min(), factor * deviations.max()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = float(weights @ stdtr(freedom, middle / deviations)) >= _UPPER
        low, high = (low, middle) if enough else (middle, high)
    return float(high / factor)
