"""Half-planes around a cell's axis, so close that every voxel of the cell lies next to one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import Cell, CellFrame
from batterycell.reslice import voxel_sizes
from batterycell.segment.data.grid import Grid
from batterycell.volume import Volume

# Of the can's outer radius: a rim of air, as models are shown it.
_RIM = 1.02


@dataclass(frozen=True)
class Fan:
    """Half-planes at even angles: rows downwards from the cell's top, columns outwards from its axis.

    Args:
        frame: Where the cell stands.
        shape: Half-planes, rows, columns.
        step_mm: Height of a row, width of a column.
        top_mm: Height of the first row.
    """

    frame: CellFrame
    shape: tuple[int, int, int]
    step_mm: tuple[float, float]
    top_mm: float

    @classmethod
    def of(cls, volume: Volume, cell: Cell, whole: bool) -> Fan:
        """The half-planes of a cell with pixels like the volume's voxels.

        At the can, voxels are at most one voxel away from the nearest half-plane.

        Args:
            volume: The cell's image.
            cell: Where it stands.
            whole: Whether they reach to the volume's corners, else to a rim around the can.
        """
        axial, across = voxel_sizes(volume, cell.frame)
        angles, radii, _ = cell.frame.to_cylindrical(Grid.of(volume).corners[:, :3])
        del angles
        radius = float(radii.max()) if whole else _RIM * cell.can.outer_radius_mm
        # A slanting cell reaches further at its rim than along its axis.
        more = radius * math.tan(math.radians(cell.tilt_deg))
        low, high = cell.heights_mm[0] - more, cell.heights_mm[1] + more
        columns = math.ceil(radius / across)
        return cls(
            cell.frame,
            (math.ceil(math.pi * columns), math.floor((high - low) / axial) + 1, columns),
            (axial, across),
            high,
        )

    def grid(self, number: int) -> Grid:
        """The pixels of one half-plane."""
        (height, width), (count, rows, columns) = self.step_mm, self.shape
        angle, radii = 360.0 * number / count, (np.arange(2) + 0.5) * width
        corner, right = self.frame.from_cylindrical(angle, radii, self.top_mm)
        return Grid.flat(corner, right, corner - height * self.frame.up, (rows, columns))

    def nearest(self, slice_: Grid) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The voxels of one slice of an image that lie in the half-planes' reach, and where the nearest pixel lies.

        Returns:
            Places of the voxels in the slice, and of their pixels in an array of the half-planes' shape, both counted
            as in a flat array.
        """
        x, y, z = self._upright(slice_)
        count, rows, columns = self.shape
        column = (np.sqrt(x * x + y * y) / np.float32(self.step_mm[1])).ravel()
        inside = np.flatnonzero(column < columns)
        angle = np.arctan2(y.ravel()[inside], x.ravel()[inside])
        number = np.rint(angle * np.float32(count / (2 * math.pi))).astype(np.intp) % count
        row = np.rint((np.float32(self.top_mm) - z.ravel()[inside]) / np.float32(self.step_mm[0])).astype(np.intp)
        return inside, (number * rows + np.clip(row, 0, rows - 1)) * columns + column[inside].astype(np.intp)

    def _upright(self, slice_: Grid) -> tuple[NDArray[np.float32], ...]:
        """The cell's own coordinates in mm of a slice's voxels, each (rows, columns)."""
        matrix = self.frame.basis.T @ slice_.ijk_to_ras[:3, :3]
        offset = self.frame.basis.T @ (slice_.ijk_to_ras[:3, 3] - self.frame.origin)
        rows, columns = np.arange(slice_.shape[1])[:, None], np.arange(slice_.shape[2])
        return tuple(
            (offset[a] + matrix[a, 1] * rows).astype(np.float32) + (matrix[a, 0] * columns).astype(np.float32)
            for a in range(3)
        )
