"""Places in a volume: voxel indices, the volume's own RAS, and RAS as the views show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .volumes import volume_from_node

# A voxel reaches half a voxel beyond its centre.
_HALF_VOXEL = 0.5 + 1e-6


def from_world(volume_node: Any, world: ArrayLike) -> NDArray[np.float64]:
    """The volume's own RAS mm, shape (..., 3), of points in RAS mm as the views show them, shape (..., 3)."""
    return _each(volume_node.TransformPointFromWorld, world)


def to_world(volume_node: Any, ras: ArrayLike) -> NDArray[np.float64]:
    """RAS mm as the views show it, shape (..., 3), of points in the volume's own RAS mm, shape (..., 3)."""
    return _each(volume_node.TransformPointToWorld, ras)


def is_inside(volume_node: Any, ijk: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether continuous voxel indices, shape (..., 3), lie in the volume, shape (...)."""
    last = np.array(volume_from_node(volume_node).array.shape[::-1]) - 1
    return np.asarray(((ijk >= -_HALF_VOXEL) & (ijk <= last + _HALF_VOXEL)).all(axis=-1))


def _each(transform: Callable[[list[float], list[float]], object], points: ArrayLike) -> NDArray[np.float64]:
    points, moved = np.asarray(points, float), [0.0, 0.0, 0.0]
    result = np.empty(points.shape)
    for index in np.ndindex(points.shape[:-1]):
        transform(points[index].tolist(), moved)
        result[index] = moved
    return result
