"""The cylinder through a cell's outer edges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from batterycell.volume import Volume

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Cylinder:
    """A fitted cylinder: a point and a unit vector of its axis, its radius, and twice the spread of radii, in mm."""

    origin: Points
    direction: Points
    radius: float
    spread: float


def fit_cylinder(volume: Volume, points: Points, axis: int, is_flat: bool) -> Cylinder:
    """Cylinder through edges given as (i, j, k) indices: first robustly through all, then through the straight wall.

    Args:
        volume: The cell.
        points: Edges, shape (n, 3).
        axis: Array axis (0 = k) that the cell follows most closely.
        is_flat: Whether the axis is exactly that one, because too little height is shown to tell.
    """
    ras = volume.to_ras(points)
    voxel = float(np.delete(volume.spacing_mm, 2 - axis).min() if is_flat else volume.spacing_mm.min())
    start = _Start.of(volume, ras, axis, is_flat)
    parameters = start.parameters
    for scale in (0.02 * parameters[-1], 2 * voxel):
        parameters = _least_squares(parameters, ras, start, scale)
    for _ in range(2):
        residual = _residuals(parameters, ras, start)
        straight = _straight_wall(residual, points[:, 2 - axis], voxel)
        parameters = _least_squares(parameters, ras[straight], start, voxel)
    circular = np.concatenate([parameters[:-3], [0.0, 0.0], parameters[-1:]])
    spread = 2 * float(_residuals(circular, ras[straight], start).std())
    origin, direction = _axis(parameters, start)
    return Cylinder(origin, direction, float(parameters[-1]), spread)


def _straight_wall(residual: Points, section: Points, voxel: float) -> NDArray[np.bool_]:
    """Which edges lie on sections of the usual radius: not on groove, crimp or rim, whose radius is another.

    The usual radius is the middle of the densest half of the sections' medians (half-sample mode; Robertson & Cryer
    1974).
    """
    sections, which = np.unique(section, return_inverse=True)
    medians = np.array([np.median(residual[which == n]) for n in range(len(sections))])
    ordered = np.sort(medians)
    half = (len(ordered) + 1) // 2
    first = int(np.argmin(ordered[half - 1 :] - ordered[: len(ordered) - half + 1]))
    usual = np.median(ordered[first : first + half])
    within = np.abs(medians - usual) < 0.5 * voxel
    away = np.abs(residual - usual)
    # An oval can's edges all belong to it; the median knows how oval it is, dents or none.
    return np.asarray(within[which] & (away < 4 * voxel + 3 * np.median(away[within[which]])))


@dataclass(frozen=True)
class _Start:
    """Where the fit starts, and the coordinates it moves in: (offset 2, slope 2, oval 2, radius) across a direction.

    Without a tilt there are no slopes. Without the oval a short oval cell would be taken for a tilted round one.
    """

    centre: Points
    direction: Points
    across: Points
    radius: float
    is_flat: bool

    @classmethod
    def of(cls, volume: Volume, ras: Points, axis: int, is_flat: bool) -> _Start:
        direction = volume.ijk_to_ras[:3, 2 - axis] / volume.spacing_mm[2 - axis]
        across, centre = _across(direction), ras.mean(axis=0)
        radius = float(np.median(np.linalg.norm((ras - centre) @ across, axis=1)))
        return cls(centre, direction, across, radius, is_flat)

    @property
    def parameters(self) -> Points:
        return np.array([0.0, 0.0, *([] if self.is_flat else [0.0, 0.0]), 0.0, 0.0, self.radius])


def _least_squares(parameters: Points, ras: Points, start: _Start, scale: float) -> Points:
    fit = optimize.least_squares(_residuals, parameters, args=(ras, start), loss="soft_l1", f_scale=scale)
    return np.asarray(fit.x)


def _across(direction: Points) -> Points:
    """Two unit vectors across a direction as columns, shape (3, 2)."""
    return np.asarray(np.linalg.svd(direction[None])[2][1:].T)


def _axis(parameters: Points, start: _Start) -> tuple[Points, Points]:
    slope = np.zeros(2) if start.is_flat else parameters[2:4]
    direction = start.direction + start.across @ slope
    return start.centre + start.across @ parameters[:2], np.asarray(direction / np.linalg.norm(direction))


def _residuals(parameters: Points, ras: Points, start: _Start) -> Points:
    """Distances of points to the cylinder, which may be oval, in mm."""
    origin, direction = _axis(parameters, start)
    offset = ras - origin
    offset = offset - (offset @ direction)[:, None] * direction
    distance = np.linalg.norm(offset, axis=1)
    x, y = (offset @ start.across).T / distance
    oval = parameters[-3] * (x**2 - y**2) + parameters[-2] * 2 * x * y
    return np.asarray(distance - oval - parameters[-1])
