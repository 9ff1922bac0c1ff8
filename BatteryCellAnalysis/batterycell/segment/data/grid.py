"""Values of a volume at the voxels of another grid: exact where voxels meet voxels, else interpolated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.reslice.trilinear import trilinear
from batterycell.volume import UM_PER_MM, Volume

# A grid whose voxels stay within this part of a voxel of a volume's voxels lies on them.
_ON_VOXELS = 0.05
# A grid that is off a volume's directions or sizes by less than this over its whole length is meant to have them.
_MOST_DRIFT = 0.5
_ROUNDING = 1e-6

Size = tuple[int, int]


@dataclass(frozen=True)
class Grid:
    """A regular grid in RAS mm.

    Args:
        shape: Slices, rows, columns.
        ijk_to_ras: Shape (4, 4), as of `Volume`.
    """

    shape: tuple[int, int, int]
    ijk_to_ras: NDArray[np.float64]

    @classmethod
    def of(cls, volume: Volume) -> Grid:
        """The grid of a volume's own voxels."""
        slices, rows, columns = volume.array.shape
        return cls((slices, rows, columns), volume.ijk_to_ras)

    @classmethod
    def flat(
        cls, corner: NDArray[np.float64], right: NDArray[np.float64], below: NDArray[np.float64], size: Size
    ) -> Grid:
        """One slice, as thick as its pixels are wide.

        Args:
            corner: RAS mm of the centre of the first pixel, shape (3,).
            right: Of the next one in the row.
            below: Of the first one of the next row.
            size: Rows, columns.
        """
        across, down = right - corner, below - corner
        matrix = np.eye(4)
        matrix[:3] = np.column_stack([across, down, np.cross(across, down) / np.linalg.norm(down), corner])
        return cls((1, *size), matrix)

    @property
    def voxel_size_um(self) -> tuple[float, float, float]:
        """Voxel size (z, y, x) in µm."""
        x, y, z = (np.linalg.norm(self.ijk_to_ras[:3, :3], axis=0) * UM_PER_MM).tolist()
        return z, y, x

    @property
    def corners(self) -> NDArray[np.float64]:
        """RAS mm of the centres of the voxels at the corners, shape (8, 4), the last number 1."""
        ends = [(0, size - 1) for size in self.shape[::-1]]
        ijk = np.array([[i, j, k, 1.0] for i in ends[0] for j in ends[1] for k in ends[2]])
        return np.asarray(ijk @ self.ijk_to_ras.T)

    def in_voxels_of(self, volume: Volume) -> NDArray[np.float64]:
        """(4, 4): from (i, j, k) of this grid to continuous (i, j, k) of a volume."""
        return np.asarray(np.linalg.inv(volume.ijk_to_ras) @ self.ijk_to_ras)

    def widened(self, margin: int) -> Grid:
        """The grid with more slices before and behind."""
        slices, rows, columns = self.shape
        return self._moved((slices + 2 * margin, rows, columns), np.array([0, 0, -margin]))

    def slice(self, k: int) -> Grid:
        """One slice of the grid."""
        return self._moved((1, *self.shape[1:]), np.array([0, 0, k]))

    def resized(self, size_um: tuple[float, float, float]) -> Grid:
        """The grid over the same place with voxels of another size (z, y, x) in µm."""
        factors = np.array(size_um[::-1]) / np.array(self.voxel_size_um[::-1])
        counts = np.maximum(1, np.floor(np.array(self.shape[::-1]) / factors + 0.5))
        columns, rows, slices = counts.astype(int).tolist()
        return self._recut((slices, rows, columns), factors)

    def divided(self, parts: tuple[int, int, int]) -> Grid:
        """The grid with each voxel divided into parts along (slices, rows, columns)."""
        slices, rows, columns = (n * part for n, part in zip(self.shape, parts, strict=True))
        return self._recut((slices, rows, columns), 1.0 / np.array(parts[::-1]))

    def _recut(self, shape: tuple[int, int, int], factors: NDArray[np.float64]) -> Grid:
        """The grid about the same centre with other counts, and steps (i, j, k) that are multiples of its own."""
        before, after = np.array(self.shape[::-1]), np.array(shape[::-1])
        cut = np.diag([*factors, 1.0])
        cut[:3, 3] = (before - 1) / 2 - factors * (after - 1) / 2
        return Grid(shape, self.ijk_to_ras @ cut)

    def _moved(self, shape: tuple[int, int, int], ijk: NDArray[Any]) -> Grid:
        matrix = self.ijk_to_ras.copy()
        matrix[:3, 3] += matrix[:3, :3] @ ijk
        return replace(self, shape=shape, ijk_to_ras=matrix)


def sample_grey(volume: Volume, grid: Grid) -> NDArray[Any]:
    """Grey values at a grid's voxels; beyond the volume, those of its border.

    Args:
        volume: Grey values.
        grid: Where they are asked for.

    Returns:
        Shape of the grid. The volume's own values and type where the grid lies on its voxels; else float32, linearly
        interpolated, and means over the voxel where it is coarser than the volume's.
    """
    matrix = _on_voxels(volume, grid)
    if matrix is not None:
        return _take(volume.array, matrix, grid.shape)
    whole = replace(volume, array=np.ascontiguousarray(volume.array))
    return np.stack([_mean_slice(whole, grid.slice(k)) for k in range(grid.shape[0])])


def sample_labels(volume: Volume, grid: Grid) -> NDArray[np.uint8]:
    """Labels at a grid's voxels: those of the nearest voxel, 0 beyond the volume. Shape of the grid."""
    matrix = _on_voxels(volume, grid)
    if matrix is not None:
        values = _take(volume.array, matrix, grid.shape)
    else:
        values = np.stack([_nearest_slice(volume, grid.slice(k)) for k in range(grid.shape[0])])
    return np.asarray(np.where(is_inside(volume, grid), values, 0), np.uint8)


def is_inside(volume: Volume, grid: Grid) -> NDArray[np.bool_]:
    """Which of a grid's voxels lie, with their centres, in a volume. Shape of the grid."""
    if _is_wholly_inside(volume, grid):
        return np.ones(grid.shape, bool)
    last = np.array(volume.array.shape[::-1]) - 0.5
    places = (_places(grid.slice(k).in_voxels_of(volume), grid.shape[1:]) for k in range(grid.shape[0]))
    return np.stack([np.all((ijk >= -0.5) & (ijk <= last[:, None, None]), axis=0) for ijk in places])


def voxel_along(volume: Volume, direction: NDArray[np.float64]) -> float:
    """How far one voxel of a volume reaches along a unit vector in RAS, in mm; its size along its own axes."""
    axes = volume.ijk_to_ras[:3, :3] / volume.spacing_mm
    return float(np.sqrt(np.sum(((direction @ axes) * volume.spacing_mm) ** 2)))


def snapped(volume: Volume, grid: Grid) -> Grid:
    """The grid moved by less than a voxel onto a volume's voxels if it has their size and directions, else itself."""
    matrix = grid.in_voxels_of(volume)
    turn = np.rint(matrix[:3, :3])
    drift = np.abs(matrix[:3, :3] - turn) @ np.array(grid.shape[::-1])
    if not _is_turn(turn) or np.any(drift > _MOST_DRIFT):
        return grid
    exact = np.eye(4)
    # A frame drawn half-way between voxels must not depend on how its place was rounded before.
    exact[:3, :3], exact[:3, 3] = turn, np.floor(matrix[:3, 3] + 0.5 + _ROUNDING)
    return replace(grid, ijk_to_ras=volume.ijk_to_ras @ exact)


def _is_wholly_inside(volume: Volume, grid: Grid) -> bool:
    """Both are convex, so that the corners tell."""
    ijk = volume.to_ijk(grid.corners[:, :3])
    return bool(np.all((ijk >= -0.5) & (ijk <= np.array(volume.array.shape[::-1]) - 0.5)))


def _is_turn(matrix: NDArray[Any]) -> bool:
    """Whether a matrix of whole numbers only swaps and reverses axes."""
    return bool(np.array_equal(matrix @ matrix.T, np.eye(3)))


def _on_voxels(volume: Volume, grid: Grid) -> NDArray[np.int64] | None:
    """(4, 4) whole numbers from the grid's (i, j, k) to the volume's, if its voxels lie on the volume's."""
    matrix = grid.in_voxels_of(volume)
    whole = np.rint(matrix).astype(np.int64)
    off = np.abs(matrix - whole)[:3] @ np.array([*grid.shape[::-1], 1])
    return whole if _is_turn(whole[:3, :3]) and np.all(off < _ON_VOXELS) else None


def _take(array: NDArray[Any], matrix: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[Any]:
    """Values of an array at whole indices; beyond its border, those of the border."""
    # From here on in the order of arrays, (k, j, i).
    turn, start = matrix[2::-1, 2::-1], matrix[2::-1, 3]
    partner = np.abs(turn).argmax(1)
    counted = [start[axis] + turn[axis, partner[axis]] * np.arange(shape[partner[axis]]) for axis in range(3)]
    within = [np.clip(places, 0, size - 1) for places, size in zip(counted, array.shape, strict=True)]
    return np.ascontiguousarray(array[np.ix_(*within)].transpose(np.argsort(partner)))


def _places(matrix: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Continuous (i, j, k) of a volume, shape (3, rows, columns), of the pixels of one slice."""
    rows, columns = np.arange(shape[0]), np.arange(shape[1])
    along = [matrix[a, 1] * rows[:, None] + (matrix[a, 0] * columns + matrix[a, 3]) for a in range(3)]
    return np.asarray(along)


def _nearest_slice(volume: Volume, grid: Grid) -> NDArray[Any]:
    ijk = np.floor(_places(grid.in_voxels_of(volume), grid.shape[1:]) + 0.5).astype(np.int64)
    i, j, k = (np.clip(one, 0, size - 1) for one, size in zip(ijk, volume.array.shape[::-1], strict=True))
    return np.asarray(volume.array[k, j, i])


def _mean_slice(volume: Volume, grid: Grid) -> NDArray[np.float32]:
    """One slice of a grid, each pixel the mean of as many places in it as it covers voxels of the volume."""
    steps = np.linalg.norm(grid.in_voxels_of(volume)[:3, :3], axis=0)
    x, y, z = np.maximum(1, np.rint(steps)).astype(int).tolist()
    finer = grid.divided((z, y, x))
    slices = [_linear_slice(volume, finer.slice(k)) for k in range(z)]
    rows, columns = grid.shape[1:]
    return np.asarray(np.mean(slices, axis=0).reshape(rows, y, columns, x).mean((1, 3)), np.float32)


def _linear_slice(volume: Volume, grid: Grid) -> NDArray[Any]:
    places = _places(grid.in_voxels_of(volume), grid.shape[1:])[::-1]
    return trilinear(volume.array, np.ascontiguousarray(places, np.float32), np.float32)
