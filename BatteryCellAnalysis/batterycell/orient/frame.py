"""The upright coordinates of a cylindrical cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class CellFrame:
    """Where a cell stands: its axis, which end is the top, and where angles start.

    Angles run from the input's +i axis towards its +j axis, both projected onto the plane across the cell's axis
    (for a cell that lies on its side: the two input axes most across the cell's axis, in the order i, j, k).

    Args:
        origin: A point on the axis, RAS mm, shape (3,); heights count from it.
        up: Unit vector along the axis from the can's base to its cap, RAS.
        toward_i: Unit vector across the axis at angle 0°, RAS.
        toward_j: Unit vector across the axis at angle 90°, RAS.
    """

    origin: Vector
    up: Vector
    toward_i: Vector
    toward_j: Vector

    @classmethod
    def from_axis(cls, origin: ArrayLike, up: ArrayLike, ijk_to_ras: ArrayLike) -> CellFrame:
        """The frame of a cell with a known axis in a volume with the given geometry (4, 4)."""
        axis = _unit(np.asarray(up, float))
        axes = np.asarray(ijk_to_ras, float)[:3, :3]
        axes = axes / np.linalg.norm(axes, axis=0)
        first, second = sorted(np.argsort(np.abs(axis @ axes))[:2])
        toward_i = _unit(axes[:, first] - (axes[:, first] @ axis) * axis)
        toward_j = np.cross(axis, toward_i)
        toward_j = toward_j * np.sign(toward_j @ axes[:, second])
        return cls(np.asarray(origin, float), axis, toward_i, toward_j)

    @property
    def basis(self) -> NDArray[np.float64]:
        """Columns toward_i, toward_j, up, shape (3, 3); left-handed where the input's i, j and up are."""
        return np.column_stack([self.toward_i, self.toward_j, self.up])

    @property
    def upright_to_ras(self) -> NDArray[np.float64]:
        """Rigid transform (4, 4), without mirroring, from upright mm (x at angle 0°, z up) to RAS mm."""
        matrix = np.eye(4)
        matrix[:3, :3] = np.column_stack([self.toward_i, np.cross(self.up, self.toward_i), self.up])
        matrix[:3, 3] = self.origin
        return matrix

    def to_cylindrical(self, ras: ArrayLike) -> tuple[Vector, Vector, Vector]:
        """Angle in degrees (0..360), radius and height in mm of points in RAS mm, shape (..., 3)."""
        x, y, height = np.moveaxis((np.asarray(ras, float) - self.origin) @ self.basis, -1, 0)
        return np.degrees(np.arctan2(y, x)) % 360.0, np.hypot(x, y), height

    def from_cylindrical(self, angle_deg: ArrayLike, radius: ArrayLike, height: ArrayLike) -> Vector:
        """RAS mm, shape (..., 3), of angle (degrees), radius and height (mm); the three broadcast."""
        angle = np.radians(angle_deg)
        x, y, z = np.broadcast_arrays(np.cos(angle) * radius, np.sin(angle) * radius, np.asarray(height, float))
        return np.asarray(np.stack([x, y, z], axis=-1) @ self.basis.T + self.origin)


def _unit(vector: Vector) -> Vector:
    return np.asarray(vector / np.linalg.norm(vector))
