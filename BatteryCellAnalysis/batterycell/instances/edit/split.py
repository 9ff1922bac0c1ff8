"""One object divided: at its narrowest place, or so that each of some points is in a part of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.join import Ints

from .hills import find_hills

Mask = NDArray[np.bool_]
Sizes = tuple[float, float, float]
Parts = NDArray[np.uint32]


def split_at(inside: Mask, points: Ints, voxel_um: Sizes, dimension: int) -> Parts:
    """Divide an object so that each point is in a part of its own.

    A watershed from markers: hills of depth join the points that they are connected to over the deepest passes. Hills
    of more than one point are cut half way between them; what is connected to no point goes to the nearest.

    Args:
        inside: The object, shape (k, j, i).
        points: Voxels (k, j, i) in it, shape (n, 3).
        voxel_um: Voxel size (z, y, x) in µm.
        dimension: 2 or 3.

    Returns:
        Part of each voxel, 1 to n in the order of the points; shape as ``inside``.
    """
    hills = find_hills(inside, voxel_um, dimension)
    starts = hills.labels[tuple(points.T)]
    tops = hills.joined(starts)
    reached = tops[:, None] == tops[starts]  # which hill is joined to which point
    reached[~reached.any(axis=1)] = True
    parts, voxels = np.zeros(inside.shape, np.uint32), np.argwhere(inside)
    distances = np.stack([(voxels - point) ** 2 @ np.square(voxel_um) for point in points], axis=1)
    parts[inside] = np.where(reached[hills.labels[inside]], distances, np.inf).argmin(axis=1) + 1
    return parts


def split_in_two(inside: Mask, voxel_um: Sizes, dimension: int) -> Parts:
    """Divide an object in two at its narrowest neck; one without any in the middle, across its longest axis.

    Args:
        inside: The object, shape (k, j, i).
        voxel_um: Voxel size (z, y, x) in µm.
        dimension: 2 or 3.

    Returns:
        Part of each voxel, 1 for the larger and 2 for the other; shape as ``inside``.
    """
    peaks = find_hills(inside, voxel_um, dimension).two_peaks()
    parts = split_at(inside, peaks, voxel_um, dimension) if len(peaks) > 1 else _halve(inside, voxel_um)
    _, one, two = np.bincount(parts.ravel(), minlength=3)
    return parts if one >= two else np.where(inside, 3 - parts, 0).astype(np.uint32)


def _halve(inside: Mask, voxel_um: Sizes) -> NDArray[np.uint32]:
    places = np.argwhere(inside) * np.array(voxel_um)
    places -= places.mean(axis=0)
    axis = np.linalg.eigh(places.T @ places)[1][:, -1]
    parts = np.zeros(inside.shape, np.uint32)
    parts[inside] = np.where(places @ axis < 0, 1, 2)
    return parts
