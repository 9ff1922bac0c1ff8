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
        """Share of each voxel on the positive side of a cylinder at a signed distance in mm from its middle."""
        return side_share(distance, self.wide, self.narrow)

    def slab_share(self, distance: Array, thickness: Array | float) -> Array:
        """Share of each voxel in a sheet of a thickness whose middle is at a signed distance in mm."""
        return slab_share(distance, thickness, (self.wide, self.narrow))


def side_share(distance: Array, wide: Array | float, narrow: Array | float) -> Array:
    """Share of two convolved boxes on the positive side of a plane at a signed distance: a trapezoid's integral."""
    away = np.abs(distance)
    outer, inner = (wide + narrow) / 2 - away, (wide - narrow) / 2 - away
    tail = (np.maximum(outer, 0) ** 2 - np.maximum(inner, 0) ** 2) / (2 * wide * narrow)
    return np.asarray(np.where(distance > 0, 1 - tail, tail))


def slab_share(distance: Array, thickness: Array | float, widths: tuple[Array | float, Array | float]) -> Array:
    """Share of two convolved boxes (wide, narrow) within thickness / 2 of a plane at a distance."""
    away = np.abs(distance)
    return np.asarray(side_share(thickness / 2 - away, *widths) - side_share(-thickness / 2 - away, *widths))


def box_share(distance: Array, width: Array | float) -> Array:
    """Share of a box of a width on the positive side of a plane at a signed distance from its middle."""
    return np.asarray(np.clip(0.5 + distance / width, 0, 1))
