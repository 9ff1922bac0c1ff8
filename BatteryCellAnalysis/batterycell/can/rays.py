"""Rays across a can's wall: where they are cast, and roughly where they meet it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import Cell
from batterycell.reslice.sampling import CylinderSampler, rows_between, voxel_sizes
from batterycell.volume import Volume

Floats = NDArray[np.float64]

ANGLES = 360
MOST_HEIGHTS = 400
_REACH = 0.76, 1.1  # of the can's radius: oval and dented cans lie in it
_AIR_VOXELS = 3  # and so much beyond
_STEP = 0.5  # voxels between samples
_THICKEST = 0.16  # of the radius: what is thicker is no wall
_FAINT = 0.4  # of the usual contrast: less is no wall
_HALF = 0.47


@dataclass(frozen=True)
class Rays:
    """Where a can is looked at, in its cell's coordinates.

    Args:
        heights: Evenly spaced, rising, mm, shape (h,).
        angles: Evenly spaced from 0, degrees, shape (a,).
        radii: Evenly spaced, falling from outside the can inward, mm, shape (r,).
        voxel_mm: Voxel size across the cell.
        axial_mm: Voxel size along the cell, or the distance between heights where that is more.
        sampler: Reads grey values.
    """

    heights: Floats
    angles: Floats
    radii: Floats
    voxel_mm: float
    axial_mm: float
    sampler: CylinderSampler

    @classmethod
    def of(cls, volume: Volume, cell: Cell) -> Rays:
        """Rays at every slice, or, in a tall volume, at `MOST_HEIGHTS` heights."""
        axial, across = voxel_sizes(volume, cell.frame)
        low, high = cell.heights_mm
        step = max(axial, (high - low) / (MOST_HEIGHTS - 1))
        heights = rows_between(low, high, step)
        least, most = (share * cell.can.outer_radius_mm for share in _REACH)
        radii = np.arange(most + _AIR_VOXELS * across, least, -_STEP * across)
        angles = np.arange(ANGLES) * 360.0 / ANGLES
        return cls(heights, angles, radii, across, step, CylinderSampler(volume, cell.frame, np.nan))

    @property
    def step_mm(self) -> float:
        """Distance between samples of a ray."""
        return float(self.radii[0] - self.radii[1])

    @property
    def steps_mm(self) -> tuple[float, float]:
        """Distance between rays along the can and around its outer surface; NaN along a single height."""
        along = float(self.heights[1] - self.heights[0]) if len(self.heights) > 1 else np.nan
        radius = (self.radii[0] - _AIR_VOXELS * self.voxel_mm) / _REACH[1]
        return along, float(np.radians(360 / len(self.angles)) * radius)

    def grey(self, row: int) -> NDArray[np.float32]:
        """Grey values at one height, shape (a, r); NaN outside the volume."""
        return np.asarray(self.sampler(self.angles[:, None], self.radii, self.heights[row], np.float32))


@dataclass(frozen=True)
class Crossings:
    """Where rays roughly meet the wall, as continuous sample numbers along the ray, shape (n,) each.

    Args:
        outer: Outer surface; NaN where there is no wall.
        inner: Inner surface; NaN where it was not seen.
        air: Grey value outside.
        metal: Grey value of the wall.
    """

    outer: Floats
    inner: Floats
    air: Floats
    metal: Floats


def find_crossings(grey: NDArray[np.float32], contrast: float, thickest: int) -> Crossings:
    """Where rays first rise halfway from air to metal, and where they fall below that again.

    Args:
        grey: Rays from outside inward, shape (n, r).
        contrast: Usual grey value of metal above air; 0 where it is not known yet.
        thickest: Most samples that a wall may hold.
    """
    air = _median(grey[:, : grey.shape[1] // 5])
    seen = np.where(np.isnan(grey), air[:, None].astype(np.float32), grey)
    metal = np.percentile(seen, 98, axis=1).astype(float)
    # In a groove as narrow as the blur nothing is as bright as metal, and its flanks are no surface.
    level = (air + np.maximum((metal - air) / 2, _HALF * contrast))[:, None]
    above = seen >= level
    lasting = above[:, :-1] & above[:, 1:]  # a lone bright sample is noise
    first = np.argmax(lasting, axis=1)
    found = lasting.any(axis=1) & (first > 0) & (metal - air > max(_FAINT * contrast, 1e-6))
    outer = np.where(found, _between(seen, level, first), np.nan)
    number = np.arange(seen.shape[1])
    below = ~above & (number > first[:, None]) & (number <= first[:, None] + thickest)
    fall = np.argmax(below, axis=1)
    inner = np.where(found & below.any(axis=1), _between(seen, level, fall), np.nan)
    return Crossings(outer, inner, air, metal)


def _median(grey: NDArray[np.float32]) -> Floats:
    """Median along each ray of what lies in the volume; NaN where nothing does."""
    ordered, rows = np.sort(grey, axis=1), np.arange(len(grey))  # NaN comes last
    count = np.count_nonzero(~np.isnan(grey), axis=1)
    low, high = (ordered[rows, np.maximum(place, 0)] for place in ((count - 1) // 2, count // 2))
    return np.where(count > 0, (low + high) / 2, np.nan).astype(float)


def _between(grey: NDArray[np.float32], level: Floats, after: NDArray[np.intp]) -> Floats:
    """Continuous sample number at which a level is crossed just before a sample."""
    rows = np.arange(len(grey))
    low, high = grey[rows, np.maximum(after - 1, 0)], grey[rows, after]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.nan_to_num((level[:, 0] - low) / (high - low), posinf=0.0, neginf=0.0)
    return np.asarray(after - 1 + share, np.float64)


def most_samples(rays: Rays, radius_mm: float) -> int:
    """Most samples of a ray that a wall may hold."""
    return int(_THICKEST * radius_mm / rays.step_mm)
