"""Half-planes all around one end of the jelly roll."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.interpolation import interpolate
from batterycell.orient import Cell
from batterycell.reslice import CylinderSampler, voxel_sizes
from batterycell.volume import Volume

from .roll import RollEnd

# Grey values are averaged over this many voxels along the sheet: noise falls, sheets do not blur.
_TANGENTIAL_VOXELS = (-2.0, -1.0, 0.0, 1.0, 2.0)


@dataclass(frozen=True)
class EndPlanes:
    """Half-planes around one end; rows run outward, from the windings to beyond their end.

    Args:
        end: Which end.
        angles: Degrees, shape (a,).
        heights: Outward heights (sign × height) in mm, evenly spaced, increasing, shape (h,).
        radii: Radii in mm, evenly spaced, increasing, shape (r,).
        grey: Grey values above that of the air around the can, shape (a, h, r), float32; 0 where unknown.
        known: Whether the volume reaches there, shape (a, h, r).
        voxel_axial_mm: Voxel size along the axis.
        voxel_across_mm: Voxel size across it.
        walled: Whether a can's wall lies around the windings.
    """

    end: RollEnd
    angles: NDArray[np.float64]
    heights: NDArray[np.float64]
    radii: NDArray[np.float64]
    grey: NDArray[np.float32]
    known: NDArray[np.bool_]
    voxel_axial_mm: float
    voxel_across_mm: float
    walled: bool = True

    @property
    def height_step(self) -> float:
        """Distance of rows in mm."""
        return float(self.heights[1] - self.heights[0])

    @property
    def radius_step(self) -> float:
        """Distance of columns in mm."""
        return float(self.radii[1] - self.radii[0])


def sample_end(
    volume: Volume, cell: Cell, end: RollEnd, angles: NDArray[np.float64], reach_mm: tuple[float, float]
) -> EndPlanes:
    """Sample half-planes around one end, two samples a voxel.

    Args:
        volume: The cell.
        cell: Where it stands.
        end: Which end.
        angles: Degrees.
        reach_mm: How far inward and outward of the end's level.
    """
    heights, radii = _grid(volume, cell, end, reach_mm)
    axial, across = voxel_sizes(volume, cell.frame)
    sampler = CylinderSampler(volume, cell.frame, float("nan"))
    lift = (end.sign * heights)[:, None]
    grey = np.empty((len(angles), len(heights), len(radii)), np.float32)
    for plane, angle in zip(grey, angles, strict=True):
        plane[:] = _half_plane(sampler, float(angle), radii, lift, across)
    known = np.isfinite(grey)
    grey -= np.float32(air_grey(volume, cell))
    return EndPlanes(end, angles, heights, radii, np.nan_to_num(grey, copy=False), known, axial, across, cell.has_can)


def _half_plane(
    sampler: CylinderSampler, angle: float, radii: NDArray[np.float64], lift: NDArray[np.float64], voxel: float
) -> NDArray[np.float32]:
    """Mean over a few voxels along the sheets, on straight lines across the half-plane, shape (h, r)."""
    shifts = [width * voxel for width in _TANGENTIAL_VOXELS]
    parts = [sampler(angle + np.degrees(np.arctan2(shift, radii)), np.hypot(radii, shift), lift, np.float32)
             for shift in shifts]  # fmt: skip
    return np.asarray(sum(parts) / np.float32(len(parts)), np.float32)


def count_samples(volume: Volume, cell: Cell, end: RollEnd, reach_mm: tuple[float, float]) -> int:
    """How many samples one half-plane of `sample_end` has."""
    heights, radii = _grid(volume, cell, end, reach_mm)
    return len(heights) * len(radii)


def _grid(
    volume: Volume, cell: Cell, end: RollEnd, reach_mm: tuple[float, float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Outward heights inside the volume, and radii out to the can, two a voxel."""
    axial, across = voxel_sizes(volume, cell.frame)
    heights = np.arange(end.level_mm - reach_mm[0], end.level_mm + reach_mm[1], axial / 2)
    lowest, highest = sorted(end.sign * np.asarray(cell.heights_mm))
    inside = (heights >= lowest - axial) & (heights <= highest + axial)
    return heights[inside], np.arange(across, 1.01 * cell.can.outer_radius_mm, across / 2)


def air_grey(volume: Volume, cell: Cell) -> float:
    """Grey value of what surrounds the can: shares of a grey value mean something only above it."""
    angles = np.arange(0, 360, 5)[:, None]
    ring = cell.frame.from_cylindrical(angles, 1.05 * cell.can.outer_radius_mm, np.linspace(*cell.heights_mm, 24))
    return float(np.nanmedian(interpolate(volume, volume.to_ijk(ring))))
