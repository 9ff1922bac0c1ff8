"""The largest sphere that finds room around each voxel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress

Floats = NDArray[np.float64]
# Sizes that are told apart. Between them the distribution is interpolated.
MOST_LEVELS = 24
# From so many voxels on, two threads are faster than one.
_LARGE = 1 << 21


@dataclass(frozen=True)
class Room:
    """Which of some diameters finds room at each voxel.

    Args:
        level: Index into ``diameters_um`` of the largest sphere that holds the voxel; 0 outside. uint8, (k, j, i).
        diameters_um: Rising, shape (n,).
    """

    level: NDArray[np.uint8]
    diameters_um: Floats


def room_levels(
    own: NDArray[np.bool_], voxel_um: tuple[float, float, float], dimension: int, progress: Progress
) -> Room:  # fmt: skip
    """Openings by spheres of rising diameter, each by two distance transforms.

    A voxel is in the opening by radius r where one whose own distance to the rest is at least r lies nearer than r.
    Distances are between voxel centres: a gap of n voxels has the largest distance (n + 1) / 2 where n is odd, n / 2
    where it is even. Half a voxel is taken off the diameter, which is right in the mean of both.

    Args:
        own: Where the class is, (k, j, i).
        voxel_um: Voxel size (z, y, x) in µm.
        dimension: 3, or 2 for each slice on its own.
        progress: Told of every size.
    """
    depth = _distance(own, voxel_um, dimension)
    grain = float(np.prod(voxel_um[3 - dimension :])) ** (1 / dimension)
    radii = _radii(depth[own], grain)
    level = np.zeros(own.shape, np.uint8)
    for n, radius in enumerate(radii[1:], 1):
        progress.report(n / len(radii), "fitting spheres into pores")
        level[_distance(depth < radius, voxel_um, dimension) < radius] = n
    return Room(level, np.asarray(2 * radii - grain / 2))


def _distance(inside: NDArray[np.bool_], voxel_um: tuple[float, float, float], dimension: int) -> NDArray[np.float32]:
    """Distance of each voxel inside to the nearest outside, in its slice in 2D; infinite where there is none."""
    import edt

    if dimension == 3:
        threads = 2 if inside.size > _LARGE else 1
        return np.asarray(edt.edt(inside, anisotropy=voxel_um, parallel=threads))
    return np.stack([edt.edt(plane, anisotropy=voxel_um[1:]) for plane in np.ascontiguousarray(inside)])


def _radii(depths: NDArray[np.float32], grain: float) -> Floats:
    """Distances that occur, from the smallest to the largest, at least half a voxel apart.

    Closer ones, such as √4 and √5 voxels, find room in the same places but for the chance of the grid.
    """
    found = np.unique(np.round(depths[np.isfinite(depths)], 5)).astype(float).tolist()
    ratio = (found[-1] / found[0]) ** (1 / MOST_LEVELS)
    radii = found[:1]
    for radius in found:
        if radius >= max(radii[-1] + grain / 2, radii[-1] * ratio):
            radii.append(radius)
    return np.array([*radii[:-1], found[-1]] if len(radii) > 1 else radii)
