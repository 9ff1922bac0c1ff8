"""What is expected at a place, from what lies beside it along the sheet and along the axis."""

from __future__ import annotations

from itertools import pairwise, product
from typing import NamedTuple

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
_EVERY = 3  # samples of a tile, each way, tell its noise
# A normal distribution's quantile that most samples' absolute values lie below.
_MOST, _MOST_SIGMA = 0.975, 2.2414
_MEDIAN_SIGMA = 0.6745


class Outstanding(NamedTuple):
    """Places that differ from what lies beside them.

    Args:
        places: Their indices, shape (3, n): depth, height, along the sheet.
        residual: By how much they differ, shape (n,).
        sigmas: The same in standard deviations of what is usual there, shape (n,).
        usual: Median over all places of that standard deviation.
    """

    places: NDArray[np.intp]
    residual: Grey
    sigmas: Grey
    usual: float


def stand_out(grey: Grey, steps_mm: tuple[float, float], least: float) -> Outstanding:
    """Find what differs from what lies beside it, both along the sheet and along the axis.

    The background is a running median over 2 mm: along the sheet at the same height, and along the axis at the same
    angle, each at the same depth in the same sheet. Of both differences the smaller one counts, and none where they
    disagree in sign: a strip of a tab differs from what is beside it but not from what is above and below, the end
    of a sheet the other way round; only what is small both ways is left. What is usual is told in tiles of 4 mm, by
    depth, for the background which foretells it better.

    Args:
        grey: Shape (d, h, n): depth, height, along the sheet; NaN where nothing is known.
        steps_mm: Distance of samples along the axis and along the sheet.
        least: Least difference in standard deviations.
    """
    beside = _Beside.of(grey, steps_mm)
    tiles = list(product(_tiles(grey.shape[1], steps_mm[0]), _tiles(grey.shape[2], steps_mm[1])))
    usual = np.array([beside.usual(*tile) for tile in tiles])  # (tiles, d)
    found = [_above(beside.along, tile, least * one) for tile, one in zip(tiles, usual, strict=True)]
    deviation = np.concatenate([one[places[0]] for one, places in zip(usual, found, strict=True)])
    places = np.concatenate(found, axis=1)
    smaller = beside.smaller(places)
    kept = np.abs(smaller) > least * deviation
    return Outstanding(places[:, kept], smaller[kept], (smaller / deviation)[kept], float(np.median(usual)))


class _Beside(NamedTuple):
    """Grey values, and what lies beside them.

    Args:
        grey: Shape (d, h, n).
        along: Grey values above the background along the sheet, shape (d, h, n).
        level: Background along the axis, a value a block of heights, shape (d, n, blocks).
        tall: Heights in a block.
    """

    grey: Grey
    along: Grey
    level: Grey
    tall: int

    @classmethod
    def of(cls, grey: Grey, steps_mm: tuple[float, float]) -> _Beside:
        tall, wide = (max(1, round(BLOCK_MM / step)) for step in steps_mm)
        background = np.repeat(_running_median(_block_means(grey, wide)), wide, axis=2)[:, :, : grey.shape[2]]
        level = _running_median(_block_means(np.moveaxis(grey, 1, 2), tall))
        return cls(grey, grey - background, level, tall)

    def usual(self, rows: slice, columns: slice) -> Grey:
        """Standard deviation of what is usual in a tile, of each depth, by the better background, shape (d,)."""
        heights, places = (np.arange(one.start, one.stop, _EVERY) for one in (rows, columns))
        some = np.ix_(np.arange(len(self.grey)), heights, places)
        level = np.moveaxis(self.level[np.ix_(some[0].ravel(), places, heights // self.tall)], 2, 1)
        return np.asarray(np.minimum(_deviation(self.along[some]), _deviation(self.grey[some] - level)))

    def smaller(self, places: NDArray[np.intp]) -> Grey:
        """The smaller of both differences at places (3, n), 0 where they disagree in sign."""
        depth, height, column = places
        along = self.along[depth, height, column]
        across = self.grey[depth, height, column] - self.level[depth, column, height // self.tall]
        smaller = np.where(np.abs(along) < np.abs(across), along, across)
        return np.asarray(np.where(along * across > 0, smaller, 0), np.float32)


def _above(along: Grey, tile: tuple[slice, slice], least: Grey) -> NDArray[np.intp]:
    """Indices, shape (3, n), of a tile's values that are larger than a limit for each depth."""
    rows, columns = tile
    depth, height, column = np.nonzero(np.abs(along[:, rows, columns]) > least[:, None, None])
    return np.stack([depth, height + rows.start, column + columns.start])


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


def _deviation(difference: Grey) -> Grey:
    """Standard deviation of each depth, shape (d,); never quite zero, infinite where nothing is known.

    The larger of those that the median and the 97.5th percentile of the absolute values stand for, so that restless
    sheets count as noise.
    """
    size = np.abs(difference).reshape(len(difference), -1)
    known = np.isfinite(size).mean(axis=1) > 0.5
    ranks = size.shape[1] // 2, int(_MOST * (size.shape[1] - 1))
    middle, most = np.partition(np.nan_to_num(size, copy=False), ranks, axis=1)[:, ranks].T
    found = np.maximum(np.maximum(middle / _MEDIAN_SIGMA, most / _MOST_SIGMA), 1e-3)
    return np.where(known, found, np.inf).astype(np.float32)
