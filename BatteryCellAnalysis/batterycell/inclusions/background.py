"""What is expected at a place, from what lies beside it along the sheet and along the axis."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]

BLOCK_MM = 0.3
_BLOCKS = 7
MARGIN_MM = BLOCK_MM * (_BLOCKS // 2 + 1)
# Exchanges that bring the median of seven values to the middle (J. L. Smith, "Implementing median filters in XC4000E
# FPGAs", 1996; as in N. Devillard, "Fast median search", 1998).
_EXCHANGES = ((0, 5), (0, 3), (1, 6), (2, 4), (0, 1), (3, 5), (2, 6), (2, 3), (3, 6), (4, 5), (1, 4), (1, 3), (3, 4))
_TILE_MM = 4.0
# A normal distribution's quantile that most samples' absolute values lie below.
_MOST, _MOST_SIGMA = 97.5, 2.2414
_MEDIAN_SIGMA = 0.6745


def stand_out(grey: Grey, steps_mm: tuple[float, float]) -> tuple[Grey, Grey]:
    """By how much places differ from what lies beside them, both along the sheet and along the axis.

    The background is a running median over 2 mm: along the sheet at the same height, and along the axis at the same
    angle, each at the same depth in the same sheet. Of both differences the smaller one counts, and none where they
    disagree in sign: a strip of a tab differs from what is beside it but not from what is above and below, the end
    of a sheet the other way round; only what is small both ways is left.

    Args:
        grey: Shape (d, h, n): depth, height, along the sheet; NaN where nothing is known.
        steps_mm: Distance of samples along the axis and along the sheet.

    Returns:
        Differences, 0 where nothing is known, and the standard deviation of what is usual at each place, that of the
        background which foretells it better; both of shape (d, h, n).
    """
    unknown = ~np.isfinite(grey)
    along = grey - _background(grey, steps_mm[1])
    across = grey - np.moveaxis(_background(np.moveaxis(grey, 1, 2), steps_mm[0]), 2, 1)
    along[unknown], across[unknown] = 0, 0
    usual = np.minimum(_usual(along, steps_mm), _usual(across, steps_mm))
    smaller = np.where(np.abs(along) < np.abs(across), along, across)
    smaller[along * across < 0] = 0
    return smaller, usual


def _usual(difference: Grey, steps_mm: tuple[float, float]) -> Grey:
    """Standard deviation of differences about each place: by depth, in tiles of 4 mm, shape (d, h, n).

    The larger of the deviations that the median and the 97.5th percentile of the absolute values stand for, so that
    restless sheets count as noise.
    """
    out = np.empty_like(difference)
    rows, columns = (_tiles(n, step) for n, step in zip(difference.shape[1:], steps_mm, strict=True))
    for row in rows:
        for column in columns:
            out[:, row, column] = _deviation(difference[:, row, column][:, ::2, ::2])[:, None, None]
    return out


def _background(grey: Grey, step_mm: float) -> Grey:
    """Running median along the last axis, of means of blocks of samples."""
    size = max(1, round(BLOCK_MM / step_mm))
    means = _block_means(grey, size)
    return np.repeat(_running_median(means), size, axis=2)[:, :, : grey.shape[2]]


def _block_means(grey: Grey, size: int) -> Grey:
    """Means of blocks along the last axis; NaN where all of a block is unknown."""
    count = -(-grey.shape[2] // size)
    padded = np.pad(grey, ((0, 0), (0, 0), (0, count * size - grey.shape[2])), mode="edge")
    return np.asarray(padded.reshape(*grey.shape[:2], count, size).mean(axis=3), np.float32)


def _running_median(values: Grey) -> Grey:
    """Median of seven neighbours along the last axis; at its ends, of what lies inside."""
    half = _BLOCKS // 2
    padded = np.pad(values, ((0, 0), (0, 0), (half, half)), mode="reflect" if values.shape[2] > half else "edge")
    sorted_ = [padded[:, :, n : n + values.shape[2]] for n in range(_BLOCKS)]
    for low, high in _EXCHANGES:
        sorted_[low], sorted_[high] = np.fmin(sorted_[low], sorted_[high]), np.fmax(sorted_[low], sorted_[high])
    return sorted_[half]


def _tiles(count: int, step_mm: float) -> list[slice]:
    edges = np.linspace(0, count, max(1, round(count * step_mm / _TILE_MM)) + 1).astype(int)
    return [slice(a, b) for a, b in pairwise(edges)]


def _deviation(residual: Grey) -> Grey:
    """Standard deviation of each depth, shape (d,); never quite zero."""
    size = np.abs(residual).reshape(len(residual), -1)
    middle, most = np.percentile(size, [50, _MOST], axis=1)
    return np.asarray(np.maximum(np.maximum(middle / _MEDIAN_SIGMA, most / _MOST_SIGMA), 1e-3), np.float32)
