"""Coarser levels of a volume: of 2 × 2 × 2 voxels one, their mean or the value that most of them have."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.io.checks import SMALLEST_SIDE

_COARSE_ENOUGH = 256
# Sums of eight voxels, without loss.
_SUMS = {1: (np.uint16, np.int16), 2: (np.uint32, np.int32)}


def usual_levels(shape: tuple[int, int, int]) -> int:
    """How many levels make sense: until the longest side is short, as long as the shortest is not too short."""
    levels, sides = 1, shape
    while max(sides) > _COARSE_ENOUGH and min(sides) // 2 >= SMALLEST_SIDE:
        levels, sides = levels + 1, halved(sides)
    return levels


def halved(shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """The shape of the next level; what fills no block is left out, as of previews."""
    slices, rows, columns = shape
    return slices // 2, rows // 2, columns // 2


def halve(array: NDArray[Any], is_labels: bool) -> NDArray[Any]:
    """The next level of some slices.

    Args:
        array: Shape (k, j, i).
        is_labels: Whether the most frequent of eight values is kept, the smallest of those that are; else their mean,
            whole numbers rounded, halves to even.

    Returns:
        Shape (k // 2, j // 2, i // 2), of the same type.
    """
    slices, rows, columns = (n // 2 * 2 for n in array.shape)
    corners = [array[k:slices:2, j:rows:2, i:columns:2] for k in (0, 1) for j in (0, 1) for i in (0, 1)]
    return _most_frequent(corners) if is_labels else _mean(corners)


def _mean(corners: list[NDArray[Any]]) -> NDArray[Any]:
    dtype = corners[0].dtype
    total = corners[0].astype(_sum_type(dtype))
    for corner in corners[1:]:
        total += corner.astype(total.dtype, copy=False)
    if dtype.kind == "f":
        return np.asarray(total / 8, dtype)
    # Halves to even in whole numbers: as np.rint(total / 8), in a tenth of the time.
    floor = total >> 3
    rest = total & 7
    return np.asarray(floor + ((rest > 4) | ((rest == 4) & ((floor & 1) == 1))), dtype)


def _sum_type(dtype: np.dtype[Any]) -> Any:
    if dtype.kind == "f":
        return np.float64
    return _SUMS.get(dtype.itemsize, (np.uint64, np.int64))[int(dtype.kind == "i")]


def _most_frequent(corners: list[NDArray[Any]]) -> NDArray[Any]:
    result: NDArray[Any] = corners[0].copy()
    mixed = np.zeros(result.shape, bool)
    for corner in corners[1:]:
        mixed |= corner != result
    # Sorted, so that the first of the most frequent ones is the smallest.
    values = np.sort(np.stack([corner[mixed] for corner in corners]), axis=0)
    counts = np.stack([(values == one).sum(axis=0, dtype=np.uint8) for one in values])
    result[mixed] = np.take_along_axis(values, counts.argmax(axis=0)[None], axis=0)[0]
    return result
