"""A box in space, and what a cut does with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Box:
    """A box in the RAS of a volume.

    Args:
        center: Its middle, RAS mm, shape (3,).
        axes: Its unit axes as columns, perpendicular and right-handed, shape (3, 3).
        size: Its lengths along the axes, mm, shape (3,).
    """

    center: NDArray[np.float64]
    axes: NDArray[np.float64]
    size: NDArray[np.float64]

    @property
    def to_ras(self) -> NDArray[np.float64]:
        """Rigid transform (4, 4) from the box's own coordinates, 0 at its middle, to RAS; both in mm."""
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = self.axes, self.center
        return matrix

    def contains(self, ras: ArrayLike) -> NDArray[np.bool_]:
        """Which points in RAS mm, shape (..., 3), lie inside, shape (...)."""
        own = (np.asarray(ras, float) - self.center) @ self.axes
        return np.asarray(np.all(np.abs(own) <= self.size / 2, axis=-1))


@dataclass(frozen=True)
class Cut:
    """What a box does to the cell.

    Args:
        kind: "fit", "quarter", "half" or "slab"; "hand" for a box that was moved by hand.
        box: The box.
        removes_inside: Whether what lies inside the box is taken away, instead of what lies outside.
    """

    kind: str
    box: Box
    removes_inside: bool = False

    def keeps(self, ras: ArrayLike) -> NDArray[np.bool_]:
        """Which points in RAS mm, shape (..., 3), are left, shape (...)."""
        return np.asarray(self.box.contains(ras) != self.removes_inside)
