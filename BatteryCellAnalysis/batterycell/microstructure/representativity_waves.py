"""The longest waves of what scatters in a volume, and its two-point covariance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Waves enter whose length is at least 1 / WAVES correlation lengths, and at least FEWEST, at most MOST of them: the
# fewer, the less is assumed of what larger waves are like; the more, the narrower the interval.
WAVES = 0.25
FEWEST, MOST = 4, 30
# Orders of the cosines along an axis that may be among the longest waves.
_ORDERS = MOST + 2


def wave_squares(residuals: Floats) -> Floats:
    """Squares of the coefficients of the longest waves of an orthonormal cosine transform (DCT-II), raveled."""
    for axis, most in enumerate(_orders(residuals.shape)):
        basis = _basis(residuals.shape[axis], most)
        residuals = np.moveaxis(np.tensordot(basis, residuals, (1, axis)), 0, axis)
    return np.asarray(residuals.ravel() ** 2)


def longest_waves(counts: tuple[int, ...], lengths: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Which waves enter, as indices into `wave_squares`, and their wave numbers; none where there are too few at all.

    Args:
        counts: Cells along each axis.
        lengths: Correlation lengths along them, in cells: waves are as long as they are in these.

    Returns:
        Indices, shape (n,), and wave numbers, the longest wave's being 1.
    """
    axes = [
        np.arange(most) * length / (2 * n) for most, n, length in zip(_orders(counts), counts, lengths, strict=True)
    ]
    k, j, i = (axis**2 for axis in axes)
    numbers = np.sqrt(k[:, None, None] + j[None, :, None] + i[None, None, :]).ravel()
    if numbers.size <= FEWEST:
        return np.zeros(0, np.int64), np.zeros(0)
    order = np.argpartition(numbers, min(MOST, numbers.size - 1))[: MOST + 1]
    order = order[np.lexsort((order, numbers[order]))][1:]  # the constant is no wave
    chosen = order[: int(np.clip((numbers[order] <= WAVES).sum(), FEWEST, MOST))]
    return chosen, np.asarray(numbers[chosen] / numbers[chosen[0]])


def covariance_along(values: Floats, axis: int) -> Floats:
    """Two-point covariance along an axis at lags 0, 1, 2 … cells, each the mean over all pairs there are."""
    from scipy import fft

    count = values.shape[axis]
    length = fft.next_fast_len(2 * count, real=True)
    power = np.abs(fft.rfft(values, length, axis=axis)) ** 2
    others = tuple(other for other in range(values.ndim) if other != axis)
    pairs = (count - np.arange(count)) * (values.size // count)
    return np.asarray(fft.irfft(power.sum(axis=others), length)[:count] / pairs)


def _orders(counts: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(min(count, _ORDERS) for count in counts)


def _basis(count: int, most: int) -> Floats:
    """The first ``most`` orthonormal cosines on ``count`` places, shape (most, count)."""
    order, place = np.arange(most)[:, None], np.arange(count) + 0.5
    scale = np.where(order == 0, np.sqrt(1 / count), np.sqrt(2 / count))
    return np.asarray(scale * np.cos(np.pi * order * place / count))
