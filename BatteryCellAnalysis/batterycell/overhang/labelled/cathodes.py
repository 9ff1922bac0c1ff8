"""Ends of the cathodes on segmented half-planes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.overhang.trace import sample_along
from batterycell.winding import EndPlanes

from .falls import find_falls
from .paths import straight_paths
from .planes import LabelPlanes
from .turns import Turns

Floats = NDArray[np.float64]
Image = NDArray[np.float32]

MAX_SPREAD_VOXELS = 1.5  # of an end that can be read
_CORE = 0.33  # of a sheet's thickness: its corners are rounded by blur and brush


@dataclass(frozen=True)
class LabelledCathodes:
    """Ends of the cathode's n turns.

    Args:
        height: Outward height in mm; NaN where there is none, shape (n,).
        spread: Standard deviation of its fall in mm, shape (n,).
        radius: Radius of the cathode's middle there in mm, shape (n,).
        readable: Whether the end can be read, shape (n,).
    """

    height: Floats
    spread: Floats
    radius: Floats
    readable: NDArray[np.bool_]


def find_labelled_cathodes(planes: LabelPlanes, turns: Turns) -> LabelledCathodes:
    """Find the end of every cathode on its own straight line, as it stands below the end."""
    grid, bar = planes.planes, core(planes.cathode, planes.planes, turns.width_mm)
    radius = np.nan_to_num(turns.radius, nan=float(grid.radii[0]))
    start = np.full(len(radius), turns.row)
    line = np.repeat(radius[:, None], len(grid.heights), axis=1)
    rough = find_falls(grid.heights, sample_along(bar, grid, turns.angle, line), start, grid.voxel_axial_mm).height
    place = radius, filled(rough, float(grid.heights[turns.row]))
    paths = straight_paths(grid, planes.cathode, turns.angle, place, turns.pitch_mm)
    share = sample_along(bar, grid, turns.angle, paths.at(grid.heights))
    falls = find_falls(grid.heights, share, start, grid.voxel_axial_mm)
    readable = np.isfinite(turns.radius) & falls.clear & (falls.spread < MAX_SPREAD_VOXELS * grid.voxel_axial_mm)
    return LabelledCathodes(falls.height, falls.spread, paths.at(falls.height[:, None])[:, 0], readable)


def core(image: Image, planes: EndPlanes, width_mm: float) -> Image:
    """An image averaged across the core of a sheet."""
    size = max(1, round(_CORE * width_mm / planes.radius_step))
    return np.asarray(ndimage.uniform_filter1d(image, size, axis=2), np.float32)


def filled(values: Floats, default: float) -> Floats:
    """Values with their median, or a default where there are none, for those that are NaN."""
    known = np.isfinite(values)
    return np.where(known, values, np.median(values[known]) if known.any() else default)
