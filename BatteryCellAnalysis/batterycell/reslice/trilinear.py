"""Linear interpolation of many places at once, several times as fast as general spline code on more than one core."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

# Samples worked on together: what is computed for them stays in the processor's own cache.
_PIECE = 16384


def trilinear(array: NDArray[Any], kji: NDArray[np.float32], dtype: DTypeLike) -> NDArray[Any]:
    """Values of an array between its voxels; beyond its border, those of the nearest voxel.

    Args:
        array: Shape (k, j, i), contiguous.
        kji: Continuous indices, shape (3, ...).
        dtype: Type of the result; whole numbers are rounded.

    Returns:
        Values, shape (...).
    """
    out = np.empty(kji.shape[1:], dtype)
    places, values = kji.reshape(3, -1), out.reshape(-1)
    for start in range(0, values.size, _PIECE):
        piece = slice(start, start + _PIECE)
        found = _interpolate(array, places[:, piece])
        values[piece] = np.rint(found, out=found) if out.dtype.kind in "biu" else found
    return out


def _interpolate(array: NDArray[Any], kji: NDArray[np.float32]) -> NDArray[Any]:
    flat, work = array.reshape(-1), np.result_type(array.dtype, np.float32)
    corner = np.zeros(kji.shape[1], np.intp)
    shares, steps = [], []
    for place, size, stride in zip(kji, array.shape, np.array(array.strides) // array.itemsize, strict=True):
        within = np.clip(place, 0, size - 1)
        whole = np.minimum(np.floor(within), max(size - 2, 0))
        corner += whole.astype(np.intp) * stride
        shares.append(within - whole)
        steps.append(int(stride) if size > 1 else 0)

    def mixed(axis: int, offset: int) -> NDArray[Any]:
        """Values at an offset from the corner, interpolated along this axis and those after it."""
        if axis == array.ndim:
            return flat.take(corner + offset, mode="clip").astype(work)
        near, far = mixed(axis + 1, offset), mixed(axis + 1, offset + steps[axis])
        far -= near
        far *= shares[axis]
        far += near
        return far

    return mixed(0, 0)
