"""How blurred a scan is, from the edge of the can."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import Cell
from batterycell.reslice import CylinderSampler, voxel_sizes
from batterycell.volume import Volume

_ANGLES, _HEIGHTS = 180, 16
_REACH = 7.0  # voxels on each side of the edge
_BEHIND = 2.0  # voxels behind the brightest place of the wall that are still the wall's
_FINE = 4  # samples a voxel
_USUAL = 0.8  # voxels, where nothing can be measured


def find_blur(volume: Volume, cell: Cell) -> float:
    """Standard deviation in mm of the blur across the can's outer edge, the voxel's own width included.

    A wall between two blurred steps, Gaussian integrals of the same deviation, is fitted to the mean of all rays
    through the can's outer edge, each shifted to where it crosses half the step. Both edges are needed: in the blur of
    many scans the wall of a can is thin.

    Args:
        volume: The cell.
        cell: Where it stands.
    """
    _, across = voxel_sizes(volume, cell.frame)
    depths = np.arange(-_REACH * _FINE, _REACH * _FINE + 1) / _FINE * across
    rays = _rays(volume, cell, depths)
    air, wall = np.median(rays[:, : 2 * _FINE]), np.median(rays.max(axis=1)) if len(rays) else np.nan
    if len(rays) < _ANGLES or not wall > air:
        return _USUAL * across
    profile = _aligned((rays - air) / (wall - air), depths)
    # The rays are interpolated linearly between voxels, which adds a sixth of a voxel's variance in the mean.
    variance = _edge_width(depths, profile, across) ** 2 - across**2 / 6
    return float(np.sqrt(np.clip(variance, (0.3 * across) ** 2, (3 * across) ** 2)))


def _edge_width(depths: NDArray[np.float64], profile: NDArray[np.float64], voxel: float) -> float:
    """Standard deviation of the blur of a profile through the wall, up to a little behind its peak."""
    from scipy import optimize, special

    def wall(x: Any, middle: float, sigma: float, height: float, width: float, drop: float) -> Any:
        return height * (special.ndtr((x - middle) / sigma) - drop * special.ndtr((x - middle - width) / sigma))

    shown = depths <= depths[int(np.argmax(profile))] + _BEHIND * voxel
    start = (0.0, voxel, 1.0, 5 * voxel, 0.8)
    bounds = ((-2 * voxel, 0.2 * voxel, 0.5, 1.5 * voxel, 0.0), (2 * voxel, 4 * voxel, 4.0, 40 * voxel, 1.0))
    try:
        found, _ = optimize.curve_fit(wall, depths[shown], profile[shown], start, bounds=bounds)
    except RuntimeError:
        return _USUAL * voxel
    return float(found[1])


def _rays(volume: Volume, cell: Cell, depths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Grey values from outside the can inward, shape (n, depths); only rays that lie in the volume."""
    sampler = CylinderSampler(volume, cell.frame, float("nan"))
    low, high = cell.heights_mm
    heights = np.linspace(low + 0.1 * (high - low), high - 0.1 * (high - low), _HEIGHTS)
    angles = np.arange(_ANGLES) * 360.0 / _ANGLES
    radii = cell.can.outer_radius_mm - depths[:, None]
    rays = np.concatenate([sampler(angles, radii, height, np.float32).T for height in heights]).astype(float)
    return np.asarray(rays[np.isfinite(rays).all(axis=1)])


def _aligned(rays: NDArray[np.float64], depths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of the rays, each moved to where it first rises through one half, shape (depths,)."""
    first = np.argmax(rays > 0.5, axis=1)
    rows = np.flatnonzero(first > 0)
    before, after = rays[rows, first[rows] - 1], rays[rows, first[rows]]
    edge = depths[first[rows]] - (after - 0.5) / (after - before) * (depths[1] - depths[0])
    # Those on the radius of the straight wall: a groove, a crimp, a dent stand aslant.
    usual = np.argsort(np.abs(edge))[: max(len(rows) // 4, 1)]
    moved = [np.interp(depths + edge[n], depths, rays[rows[n]]) for n in usual] if len(rows) else []
    return np.asarray(np.mean(moved, axis=0)) if moved else np.zeros(len(depths))
