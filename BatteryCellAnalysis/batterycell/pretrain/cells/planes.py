"""Planes through generated cells, painted directly: a section costs no volume."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.phantom.pose import Grid
from batterycell.volume import UM_PER_MM

from .cell import Cell, Kind, Size, tilted

Array = NDArray[Any]
# Rows and columns of a section, at most and where the cell is large enough.
_MOST, _LEAST = 352, 160
_MARGIN_MM = 0.6


@dataclass(frozen=True)
class Plane:
    """Pixels of a plane.

    Args:
        start: Centre of the first one in mm.
        down: From row to row, in mm.
        right: From column to column, in mm.
        through: From this slice of the scan to the next, in mm.
        shape: Rows and columns.
    """

    start: Array
    down: Array
    right: Array
    through: Array
    shape: tuple[int, int]

    @property
    def voxel_size_um(self) -> Size:
        """Size (through, rows, columns) in µm."""
        z, y, x = (float(np.linalg.norm(step)) * UM_PER_MM for step in (self.through, self.down, self.right))
        return z, y, x

    def grid(self, soften_um: float) -> Grid:
        """The grid that cells are painted on."""
        matrix = np.column_stack([self.through, self.down, self.right])
        return Grid(matrix, self.start, (1, *self.shape), soften_um / UM_PER_MM)

    @property
    def points(self) -> Array:
        """Centres of all pixels in mm, shape (rows, columns, 3)."""
        rows, columns = (np.arange(size, dtype=float)[:, None] for size in self.shape)
        return np.asarray(self.start + (rows * self.down)[:, None] + (columns * self.right)[None])


def lay_plane(rng: np.random.Generator, cell: Cell, kind: Kind, voxel_um: Size) -> Plane:
    """Lay a plane through a cell, as large as networks see at once.

    Args:
        rng: Where it lies.
        cell: The cell.
        kind: How it lies.
        voxel_um: Voxels of the scan along the cell's x, y, z.
    """
    pose = tilted(rng, cell.pose(rng, kind))
    through = np.cross(pose.right, pose.down)
    steps = [one * np.linalg.norm(one * np.array(voxel_um)) / UM_PER_MM for one in (through, pose.down, pose.right)]
    counts, starts = [], []
    for direction, step, least in ((pose.down, steps[1], None), (pose.right, steps[2], pose.starts)):
        first, count = _stretch(rng, cell, (pose.anchor, direction, float(np.linalg.norm(step))), least)
        starts.append((first - float(pose.anchor @ direction)) * direction)
        counts.append(count)
    return Plane(pose.anchor + starts[0] + starts[1], steps[1], steps[2], steps[0], (counts[0], counts[1]))


def _stretch(
    rng: np.random.Generator, cell: Cell, along: tuple[Array, Array, float], least: float | None
) -> tuple[float, int]:
    """First pixel's place along a direction in mm from the origin, and how many pixels there are."""
    anchor, direction, step = along
    low, high = _extent(cell, direction)
    low = low if least is None else least + step / 2
    count = int(np.clip((high - low) / step, 16, rng.integers(_LEAST, _MOST + 1)))
    first = float(anchor @ direction) - rng.uniform(0.15, 0.85) * count * step
    return float(np.clip(first, low, max(low, high - count * step))), count


def _extent(cell: Cell, direction: Array) -> tuple[float, float]:
    """Where along a direction a cell begins and ends, in mm, with a little air."""
    low, high = cell.box_mm()
    ends = np.stack([low * direction, high * direction])
    return float(ends.min(0).sum()) - _MARGIN_MM, float(ends.max(0).sum()) + _MARGIN_MM
