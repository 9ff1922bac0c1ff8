"""How much a total over the imaged volume would differ in another volume like it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Waves enter whose length is at least 1 / WAVES correlation lengths, and at least FEWEST, at most MOST of them: the
# fewer, the less is assumed of what larger waves are like; the more, the narrower the interval. Chosen on thresholded
# Gaussian fields, Boolean models and packings (Testing/Benchmarks/microstructure_values.py holds them to others).
WAVES = 0.3
FEWEST, MOST = 4, 10
# Orders of the cosines along an axis that may be among the longest waves.
_ORDERS = MOST + 2
_ROUNDS = 3


@dataclass(frozen=True)
class Spread:
    """How a total scatters.

    Args:
        variance: Of the total over the whole volume; NaN where it cannot be told.
        freedom: Degrees of freedom of this estimate, for Student's t.
        lengths: Correlation length (twice the integral of the correlation over one side) along each axis, in cells.
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
    waves (Wiener-Khinchin): the mean square of the coefficients of the longest cosines, each divided by what the
    window does to a wave at a covariance exp(-π h²/l²) with the correlation lengths l that the two-point covariance
    (by FFT) gives along each axis. So few coefficients are known only so well: the interval is Student's with one
    degree of freedom each (Lazarus, Lewis, Stock and Watson 2018, J. Bus. Econ. Stat. 36, "equal-weighted cosines").

    Args:
        residuals: Deviation of each cell's total, shape (k, j, i), of sum zero.
    """
    waves = tuple(min(count, _ORDERS) for count in residuals.shape)
    if not residuals.any() or np.prod(waves) <= FEWEST:
        return Spread(0.0 if not residuals.any() else float("nan"), 0.0, np.ones(3))
    squares, covariances = _cosines(residuals, waves) ** 2, [_covariance(residuals, axis) for axis in range(3)]
    variance, freedom, lengths = 0.0, 0, np.ones(3)
    for _ in range(_ROUNDS):
        # The covariances lack the variance of the mean that was taken off: it is added, and all worked out again.
        lengths = np.array([_length(one + variance / residuals.size**2) for one in covariances])
        chosen = _longest(waves, residuals.shape, lengths)
        shape = _window(waves, residuals.shape, lengths)
        variance, freedom = float((squares.ravel() / shape.ravel())[chosen].mean()) * residuals.size, len(chosen)
    return Spread(variance, freedom, lengths)


def _cosines(residuals: Floats, waves: tuple[int, ...]) -> Floats:
    """Coefficients of the longest waves of an orthonormal cosine transform (DCT-II)."""
    for axis, (count, most) in enumerate(zip(residuals.shape, waves, strict=True)):
        residuals = np.moveaxis(np.tensordot(_basis(count, most), residuals, (1, axis)), 0, axis)
    return residuals


def _basis(count: int, most: int) -> Floats:
    """The first ``most`` orthonormal cosines on ``count`` places, shape (most, count)."""
    order, place = np.arange(most)[:, None], np.arange(count) + 0.5
    scale = np.where(order == 0, np.sqrt(1 / count), np.sqrt(2 / count))
    return np.asarray(scale * np.cos(np.pi * order * place / count))


def _covariance(residuals: Floats, axis: int) -> Floats:
    """Two-point covariance along an axis at lags 0, 1, 2 … cells, each the mean over all pairs there are."""
    from scipy import fft

    count = residuals.shape[axis]
    length = fft.next_fast_len(2 * count, real=True)
    power = np.abs(fft.rfft(residuals, length, axis=axis)) ** 2
    others = tuple(other for other in range(3) if other != axis)
    pairs = (count - np.arange(count)) * (residuals.size // count)
    return np.asarray(fft.irfft(power.sum(axis=others), length)[:count] / pairs)


def _length(covariance: Floats) -> float:
    """Twice the integral of the correlation up to where it is first zero, in cells; at most two windows."""
    crossed = np.flatnonzero(covariance <= 0)
    stop = int(crossed[0]) if len(crossed) else len(covariance)
    if stop == 0:
        return 1.0
    return float(min(2 * covariance[1:stop].sum() / covariance[0] + 1, 2 * len(covariance)))


def _longest(waves: tuple[int, ...], counts: tuple[int, ...], lengths: Floats) -> NDArray[np.int64]:
    """Which waves enter, as indices into a raveled array of shape ``waves``; the constant never does."""
    axes = [np.arange(most) * length / (2 * count) for most, count, length in zip(waves, counts, lengths, strict=True)]
    k, j, i = (axis**2 for axis in axes)
    squares = (k[:, None, None] + j[None, :, None] + i[None, None, :]).ravel()
    order = np.argsort(squares, kind="stable")[1:]
    count = int(np.clip((squares[order] <= WAVES**2).sum(), FEWEST, MOST))
    return np.asarray(order[:count])


def _window(waves: tuple[int, ...], counts: tuple[int, ...], lengths: Floats) -> Floats:
    """Expected square of each wave's coefficient over that of the mean, for covariances exp(-π h²/l²)."""
    k, j, i = (_window_along(*axis) for axis in zip(waves, counts, lengths, strict=True))
    return np.asarray(k[:, None, None] * j[None, :, None] * i[None, None, :])


def _window_along(most: int, count: int, length: float) -> Floats:
    from scipy.linalg import toeplitz

    basis = _basis(count, most)
    expected = ((basis @ toeplitz(np.exp(-np.pi * (np.arange(count) / length) ** 2))) * basis).sum(axis=1)
    return np.asarray(np.maximum(expected / expected[0], 1e-3))
