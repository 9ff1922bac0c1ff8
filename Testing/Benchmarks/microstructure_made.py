"""Random structures of known fractions, surfaces and sizes, for tests and benchmarks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, stats

Mask = NDArray[np.bool_]
_REACH = 4


def gaussian_phase(
    shape: tuple[int, int, int], lengths: tuple[float, float, float], fraction: float, seed: int
) -> Mask:  # fmt: skip
    """Where a stationary Gaussian field is above the threshold that a fraction of space is above.

    Args:
        shape: (k, j, i).
        lengths: Deviation of the smoothing kernel along each axis in voxels, 0 for one that is not smoothed.
        fraction: Of all space; this piece of it has another.
        seed: Source.
    """
    rng = np.random.default_rng([seed, 5])
    margins = [int(np.ceil(_REACH * length)) for length in lengths]
    field = rng.standard_normal([n + 2 * margin for n, margin in zip(shape, margins, strict=True)])
    for axis, length in enumerate(lengths):
        if length:
            field = ndimage.gaussian_filter1d(field, length, axis, truncate=_REACH)
            kernel = np.exp(-0.5 * (np.arange(-margins[axis], margins[axis] + 1) / length) ** 2)
            field /= np.sqrt((kernel**2).sum()) / kernel.sum()
    inner = tuple(slice(margin, margin + n) for n, margin in zip(shape, margins, strict=True))
    return np.asarray(field[inner] > stats.norm.ppf(1 - fraction))


def boolean_spheres(
    shape: tuple[int, int, int], voxel: tuple[float, float, float], radius: float, fraction: float, seed: int
) -> Mask:  # fmt: skip
    """Overlapping balls (of one slice: discs) at random places: Boolean model of known fraction and surface.

    Args:
        shape: (k, j, i); one slice for discs.
        voxel: Voxel size (z, y, x).
        radius: In the same unit.
        fraction: Of all space.
        seed: Source.
    """
    rng = np.random.default_rng([seed, 6])
    flat = shape[0] == 1
    size = np.array(shape) * voxel
    low = np.where([flat, False, False], size / 2, -radius)
    span = np.where([flat, False, False], 0, size + 2 * radius)
    body = np.pi * radius**2 if flat else 4 / 3 * np.pi * radius**3
    count = rng.poisson(-np.log(1 - fraction) / body * np.prod(span[flat:]))
    filled = np.zeros(shape, bool)
    for centre in low + rng.random((count, 3)) * span:
        _draw_ball(filled, centre, voxel, radius)
    return filled


def boolean_surface(radius: float, fraction: float, flat: bool) -> float:
    """Surface per volume of `boolean_spheres` (boundary per area of discs): (1 - p) times intensity times body's."""
    own = 2 / radius if flat else 3 / radius
    return float(-np.log(1 - fraction) * own * (1 - fraction))


def _draw_ball(
    filled: Mask, centre: NDArray[np.float64], voxel: tuple[float, float, float], radius: float
) -> None:  # fmt: skip
    first = np.maximum(0, np.floor((centre - radius) / voxel).astype(int))
    last = np.minimum(filled.shape, np.ceil((centre + radius) / voxel).astype(int) + 1)
    if (first >= last).any():
        return
    box = tuple(slice(a, b) for a, b in zip(first, last, strict=True))
    axes = [(np.arange(a, b) + 0.5) * h - c for a, b, h, c in zip(first, last, voxel, centre, strict=True)]
    if filled.shape[0] == 1:
        axes[0] = np.zeros(1)
    k, j, i = (axis**2 for axis in axes)
    filled[box] |= k[:, None, None] + j[None, :, None] + i[None, None, :] <= radius**2
