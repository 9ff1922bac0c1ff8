"""Gaussian random fields: what is irregular in an electrode and in its image."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Array: TypeAlias = NDArray[np.float32]
# A field is drawn on nodes so many to its correlation length, and interpolated between them.
NODES = 2.5


def random_field(shape: tuple[int, ...], scale: float | tuple[float, ...], rng: np.random.Generator) -> Array:
    """A stationary Gaussian field of mean 0 and deviation 1 with a Gaussian correlation.

    White noise convolved with a Gaussian, divided by the square root of that kernel's energy.

    Args:
        shape: Of the field.
        scale: Standard deviation of the kernel in voxels, one for all axes or one an axis; 0 for white along an axis.
        rng: Source.

    Returns:
        float32.
    """
    scales = np.broadcast_to(np.asarray(scale, float), (len(shape),))
    steps = np.maximum(1.0, scales / NODES)
    nodes = [int(np.ceil((length - 1) / step)) + 2 for length, step in zip(shape, steps, strict=True)]
    sigmas = scales / steps
    field = rng.standard_normal(nodes, np.float32)
    ndimage.gaussian_filter(field, sigmas, output=field, mode="wrap", truncate=3.0)
    field /= np.float32(np.prod([_energy(sigma, count) for sigma, count in zip(sigmas, nodes, strict=True)]) ** 0.5)
    for axis, (length, step) in enumerate(zip(shape, steps, strict=True)):
        field = _stretch(field, axis, length, step)
    return field


def _energy(sigma: float, nodes: int) -> float:
    """Sum of squares of the smoothing kernel on a circle of so many nodes."""
    if sigma == 0:
        return 1.0
    reach = int(3.0 * sigma + 0.5)
    offsets = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (offsets / sigma) ** 2)
    circle = np.bincount(offsets % nodes, weights / weights.sum())
    return float((circle**2).sum())


def _stretch(field: Array, axis: int, length: int, step: float) -> Array:
    """Linear interpolation along one axis at every ``1 / step`` of a node."""
    if step == 1.0:
        return np.take(field, np.arange(length), axis)
    places = np.arange(length) / step
    low = places.astype(int)
    weight = (places - low).astype(np.float32).reshape([-1 if each == axis else 1 for each in range(field.ndim)])
    first = np.take(field, low, axis)
    first += weight * (np.take(field, low + 1, axis) - first)
    return first
