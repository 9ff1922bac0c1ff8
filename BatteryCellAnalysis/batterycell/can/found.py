"""All that was found of a can, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95
from batterycell.orient import Cell

from .dents import Dent, box_mean
from .regions import GROOVE
from .shape import Shape
from .surfaces import Surfaces

Floats = NDArray[np.float64]

PATCH_MM = 1.0
_GROOVE_VOXELS = 0.25  # standard uncertainty of the groove's depth, which is found on a steep curve
# Standard uncertainty of the surfaces' places in voxels: shape of the blur, beam hardening, clipped air, and what lies
# close inside the wall; from generated cells (Testing/Benchmarks/can_accuracy.py).
_OUTER_VOXELS, _WALL_VOXELS = 0.04, 0.075


@dataclass(frozen=True)
class Found:
    """All that was found of a can.

    Args:
        cell: Where it stands.
        surfaces: Its surfaces.
        shape: Its form.
        dents: Its dents, the deepest first.
        least_dent: Least depth of a dent that is told, mm.
    """

    cell: Cell
    surfaces: Surfaces
    shape: Shape
    dents: list[Dent]
    least_dent: float

    @property
    def edge_mm(self) -> float:
        """Standard uncertainty of the outer surface's place that no averaging lessens."""
        return _OUTER_VOXELS * self.surfaces.rays.voxel_mm

    @property
    def u_wall_mm(self) -> float:
        """Standard uncertainty of the thickness that no averaging lessens."""
        return _WALL_VOXELS * self.surfaces.rays.voxel_mm

    @property
    def wall(self) -> Floats:
        """Thickness where the wall is straight, mm, shape (h, a); NaN elsewhere."""
        return np.where(self.shape.straight[:, None], self.surfaces.wall, np.nan)

    @property
    def patches(self) -> Floats:
        """Thickness of the straight wall as means over patches of 1 mm, mm, shape (h, a)."""
        return box_mean(self.wall, self.surfaces.rays.steps_mm, PATCH_MM)


def groove(found: Found) -> tuple[float, float, float]:
    """Height of the deepest groove, its depth and half width of the depth's interval, mm; NaN where there is none.

    A groove so narrow that its flanks run into each other is known as deep as from one height to the next.
    """
    rows = np.flatnonzero(found.shape.regions == GROOVE)
    usual, radius = straight_radius(found), median_radius(found)
    if not len(rows) or not np.isfinite(radius[rows]).any() or not np.isfinite(usual):
        return np.nan, np.nan, np.nan
    deepest = rows[np.nanargmin(radius[rows])]
    beside = np.abs(np.diff(radius[max(deepest - 1, 0) : deepest + 2]))
    narrow = float(np.nanmin(beside)) / 2 if np.isfinite(beside).any() else usual - float(radius[deepest])
    u_depth = float(np.hypot(K95 * _GROOVE_VOXELS * found.surfaces.rays.voxel_mm, narrow))
    return float(found.surfaces.rays.heights[deepest]), usual - float(radius[deepest]), u_depth


def median_radius(found: Found) -> Floats:
    """Median outer radius of each height, mm; NaN where less than half of it is seen."""
    rough = found.surfaces.rough
    enough = np.isfinite(rough).mean(axis=1) > 0.5
    radius = np.full(len(rough), np.nan)
    radius[enough] = np.nanmedian(rough[enough], axis=1)
    return radius


def straight_radius(found: Found) -> float:
    """Mean outer radius of the straight wall, mm."""
    radius = median_radius(found)[found.shape.straight]
    return float(np.nanmean(radius)) if np.isfinite(radius).any() else np.nan
