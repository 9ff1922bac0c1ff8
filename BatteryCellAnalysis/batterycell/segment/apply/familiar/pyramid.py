"""Images of half the size, and means of blocks: numpy alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Image2D = NDArray[np.float32]
_TINY = 1e-8


def smooth(image: Image2D) -> Image2D:
    """Means over 5 × 5 pixels, weighted 1 4 6 4 1 (Burt & Adelson 1983, IEEE Trans. Commun.), mirrored at the border.

    Args:
        image: At least 3 × 3 pixels.
    """
    for axis in (0, 1):
        wide = np.pad(image, [(2, 2) if axis == other else (0, 0) for other in (0, 1)], mode="reflect")
        first, *others = (wide[_span(axis, k, image.shape[axis])] for k in range(5))
        image = (first + others[3] + 4 * (others[0] + others[2]) + 6 * others[1]) / np.float32(16)
    return image


def halve(image: Image2D) -> Image2D:
    """Every second pixel of the smoothed image."""
    return smooth(image)[::2, ::2]


def block_means(image: Image2D, size: int) -> Floats:
    """Means of square blocks; what is left at the far borders does not count."""
    rows, columns = (length // size for length in image.shape)
    cut = image[: rows * size, : columns * size].astype(np.float64)
    return np.asarray(cut.reshape(rows, size, columns, size).mean((1, 3)))


def correlate(one: Image2D, other: Image2D) -> float:
    """Correlation of two images, cut to the same size; 0 where one is constant."""
    rows, columns = (min(a, b) for a, b in zip(one.shape, other.shape, strict=True))
    a, b = one[:rows, :columns], other[:rows, :columns]
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).mean() / (a.std() * b.std() + _TINY))


def _span(axis: int, start: int, length: int) -> tuple[slice, ...]:
    return (*[slice(None)] * axis, slice(start, start + length))
