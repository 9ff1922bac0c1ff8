"""Voxels in the coordinates of a cell, and the exact share of a sheet in a voxel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Voxels:
    """Some voxels of the volume, in the coordinates of the cell. All arrays float32 of one shape (n,).

    Seen along the radius a voxel averages with the convolution of two boxes; along the cell's axis with one box.

    Args:
        angle: In radians.
        radius: In mm, in the cell before it was deformed.
        height: In mm.
        wide: Width in mm of the wider box along the radius.
        narrow: Width in mm of the narrower one.
        stretch: How much wider the stack of sheets lies here than wound; the sheets themselves keep their thickness.
        along: Width in mm of the box along the cell's axis; the same for all voxels.
    """

    angle: Array
    radius: Array
    height: Array
    wide: Array
    narrow: Array
    stretch: Array | float
    along: float

    def chosen(self, rows: Array) -> Voxels:
        """Only some of the voxels."""
        across = self.wide[rows], self.narrow[rows]
        return Voxels(self.angle[rows], self.radius[rows], self.height[rows], *across, self.stretch, self.along)

    def side_share(self, distance: Array) -> Array:
        """Share of a voxel outside or inside a cylinder whose face is at a signed distance in mm from its middle."""
        tail = self._tail(np.abs(distance))
        return np.where(distance > 0, 1 - tail, tail)

    def slab_share(self, distance: Array, thickness: Array | float) -> Array:
        """Share of a voxel in a sheet of a thickness whose middle is at a signed distance in mm."""
        away = np.abs(distance)
        near, far = thickness / 2 - away, self._tail(away + thickness / 2)
        return self.side_share(near) - far

    def _tail(self, away: Array) -> Array:
        """Share beyond a plane away >= 0 mm from the middle: a trapezoid's integral."""
        outer, inner = (self.wide + self.narrow) / 2 - away, (self.wide - self.narrow) / 2 - away
        squares = np.maximum(outer, 0) ** 2 - np.maximum(inner, 0) ** 2
        return np.asarray(squares / (2 * self.wide * self.narrow))


def box_share(distance: Array, width: Array | float) -> Array:
    """Share of a box of a width on the positive side of a plane at a signed distance from its middle."""
    return np.asarray(np.clip(0.5 + distance / width, 0, 1))
