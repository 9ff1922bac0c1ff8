"""The voxels about a place on a ruler's line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.errors import InputError
from batterycell.volume import Volume

from .step_fit import Patch

Floats = NDArray[np.float64]

_LARGEST_SLOPE = 3.0
_MOST_VOXELS = 300


@dataclass(frozen=True)
class Line:
    """A ruler's line with positions in mm along it, 0 at one end of the ruler.

    Args:
        end: RAS mm, shape (3,).
        direction: Unit vector away from the ruler's other end.
        beside: Two unit vectors across the line and each other, shape (2, 3).
        length_mm: Length of the ruler.
        voxel_mm: Voxel size along the line.
        beside_mm: Voxel size across the line.
    """

    end: Floats
    direction: Floats
    beside: Floats
    length_mm: float
    voxel_mm: float
    beside_mm: float

    def points(self, along: ArrayLike, across: ArrayLike) -> Floats:
        """RAS mm, shape (..., 3), of positions along (...) and across (..., 2) the line."""
        along = np.asarray(along, float)[..., None] * self.direction
        return np.asarray(self.end + along + np.asarray(across, float) @ self.beside)


def make_line(volume: Volume, other_ras: ArrayLike, end_ras: ArrayLike) -> Line:
    """The line from one end of a ruler through the other.

    Raises:
        InputError: if both ends lie in one place.
    """
    other, end = np.asarray(other_ras, float), np.asarray(end_ras, float)
    length = float(np.linalg.norm(end - other))
    if not length > 1e-9:
        raise InputError("ruler-short", "Both ends of the ruler lie in one place.", "Move one of them away.")
    direction = (end - other) / length
    beside = _beside(direction)
    sizes = [voxel_along(volume, axis) for axis in beside]
    return Line(end, direction, beside, length, voxel_along(volume, direction), float(np.sqrt(sizes[0] * sizes[1])))


def voxel_along(volume: Volume, vector: ArrayLike) -> float:
    """Size in mm of a voxel along a unit vector in RAS: ``‖diag(size) · axesᵀ · vector‖``, exact along its axes."""
    return float(np.linalg.norm(np.asarray(vector, float) @ volume.ijk_to_ras[:3, :3]))


def cut_patch(volume: Volume, line: Line, along: tuple[Floats, tuple[float, float]], radius: float) -> Patch:
    """The voxels about a piece of the line, cut off at either end parallel to an edge.

    Args:
        volume: Grey values.
        line: The line.
        along: The edge's slope, shape (2,), and where the piece begins and ends, mm.
        radius: How far from the line, mm.
    """
    slope, (begin, end) = along
    reach = float(np.hypot((end - begin) / 2 + radius * np.linalg.norm(slope), radius))
    ijk = _box(volume, line.points((begin + end) / 2, [0.0, 0.0]), reach)
    points = volume.to_ras(ijk) - line.end
    place, across = points @ line.direction, points @ line.beside.T
    value = volume.array[tuple(ijk[:, ::-1].T)].astype(np.float64)
    depth, beside = place - across @ slope, np.linalg.norm(across, axis=1)
    kept = (depth >= begin) & (depth <= end) & (beside <= radius) & np.isfinite(value)
    kept &= _nearest(beside, kept)
    mean_mm = float(np.prod(volume.spacing_mm) ** (1 / 3))
    return Patch(place[kept], across[kept], value[kept], points[kept], line.voxel_mm, mean_mm)


def rough_slope(volume: Volume, line: Line, at: float) -> Floats:
    """Slope, shape (2,), of the edge at a position on the line, from the mean grey-value gradient about it."""
    ijk = _box(volume, line.points(at, [0.0, 0.0]), 1.8 * max(line.voxel_mm, line.beside_mm))
    low, high = ijk.min(axis=0), ijk.max(axis=0) + 1
    block = volume.array[low[2] : high[2], low[1] : high[1], low[0] : high[0]].astype(np.float64)
    if min(block.shape) < 2:
        return np.zeros(2)
    by_ijk = np.array([np.nanmean(part) for part in np.gradient(np.nan_to_num(block))][::-1])
    gradient = np.linalg.solve(volume.ijk_to_ras[:3, :3].T, by_ijk)
    steep = gradient @ line.direction
    slope = -(line.beside @ gradient) / (steep if steep else 1e-12)
    return np.asarray(np.clip(slope, -_LARGEST_SLOPE, _LARGEST_SLOPE))


def _beside(direction: Floats) -> Floats:
    helper = np.eye(3)[np.argmin(np.abs(direction))]
    first = np.cross(direction, helper)
    first /= np.linalg.norm(first)
    return np.stack([first, np.cross(direction, first)])


def _box(volume: Volume, center: Floats, radius: float) -> NDArray[np.int64]:
    """Indices (i, j, k), shape (n, 3), of the voxels in a box about a point that holds a ball of a radius in mm."""
    middle = volume.to_ijk(center)
    reach = np.linalg.norm(np.linalg.inv(volume.ijk_to_ras[:3, :3]), axis=1) * radius
    last = np.array(volume.array.shape[::-1]) - 1
    low, high = np.clip(np.ceil(middle - reach), 0, last), np.clip(np.floor(middle + reach), 0, last)
    axes = [np.arange(int(a), int(b) + 1) for a, b in zip(low, high, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)


def _nearest(beside: Floats, kept: NDArray[np.bool_]) -> NDArray[Any]:
    """At most so many voxels as a fit has time for: those nearest to the line."""
    if kept.sum() <= _MOST_VOXELS:
        return kept
    return np.asarray(beside <= np.sort(beside[kept])[_MOST_VOXELS - 1])
