"""How many voxels have their middle in the convex hull of the middles of an object's voxels, exactly."""

from __future__ import annotations

import numpy as np

from .geodesic_runs import ranges
from .hull_bodies import Body
from .hull_outline import outline
from .runs import Floats, Ints


def polygon_counts(group: Ints, u: Ints, v: Ints, count: int) -> Floats:
    """Points of the grid in the convex hull of each group of its points, by Pick's theorem: A + B/2 + 1.

    Args:
        group: Group of each point, 0..count - 1, shape (p,).
        u: Coordinates.
        v: Likewise.
        count: Number of groups.

    Returns:
        Shape (count,); NaN for a group without points.
    """
    lower, upper = outline(group, u, v)
    doubled, border = np.zeros(count), np.zeros(count)
    for chain, sign in ((lower, -1), (upper, 1)):
        inner = group[chain[1:]] == group[chain[:-1]]
        one, other = chain[:-1][inner], chain[1:][inner]
        doubled += sign * np.bincount(group[one], (u[other] - u[one]) * (v[other] + v[one]), count)
        border += np.bincount(group[one], np.gcd(u[other] - u[one], v[other] - v[one]), count)
    for end in ("left", "right"):
        ends = [chain[_ends(group[chain], count, end)] for chain in (lower, upper)] if len(group) else [lower, upper]
        border += np.bincount(group[ends[0]], v[ends[1]] - v[ends[0]], count)
    there = np.bincount(group, minlength=count) > 0
    return np.where(there, (doubled + border) / 2 + 1, np.nan)


def _ends(group: Ints, count: int, end: str) -> Ints:
    """Positions of the first (left) or last (right) of each group that there is."""
    begins = np.flatnonzero(np.diff(group, prepend=-1))
    return begins if end == "left" else np.append(begins[1:], len(group)) - 1


def voxels_in_hull(body: Body) -> int:
    """Voxels with their middle in the hull, corners, edges and facets included.

    Along i each line of the grid enters the hull through a triangle and leaves it through another; where, is a
    fraction of whole numbers.
    """
    if not len(body.triangles):
        return _in_plane(body.voxels)
    corners = body.voxels[body.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    shape = tuple(body.voxels[:, :2].max(axis=0) + 1)
    spans = []
    for sign in (1, -1):
        # Seen from above and, turned over, from below: how high each line leaves the hull.
        facing = (sign * body.normals[:, 2] > 0) & (normals[:, 2] != 0)
        flip = np.array([1, 1, sign])
        spans.append(_tops(corners[facing] * flip, normals[facing] * flip, shape))
    return int(np.maximum(spans[0] + spans[1] + 1, 0).sum())


def _tops(corners: Ints, normals: Ints, shape: tuple[int, ...]) -> Ints:
    """Height of the highest point of the grid under some triangles, on each line (k, j) of the grid."""
    low, high = corners[:, :, :2].min(axis=1), corners[:, :, :2].max(axis=1)
    wide = high - low + 1
    which = np.repeat(np.arange(len(corners)), wide.prod(axis=1))
    n = ranges(np.zeros(len(corners), np.int64), wide.prod(axis=1))
    lines = low[which] + np.stack([n // wide[which, 1], n % wide[which, 1]], axis=1)
    inside = _inside(corners[which, :, :2], lines)
    which, lines = which[inside], lines[inside]
    steps = ((lines - corners[which, 0, :2]) * normals[which, :2]).sum(axis=1)
    tops = np.full(shape, -(1 << 40))
    np.maximum.at(tops, tuple(lines.T), corners[which, 0, 2] + np.floor_divide(-steps, normals[which, 2]))
    return tops


def _inside(corners: Ints, points: Ints) -> np.ndarray:
    """Whether points (n, 2) are in their triangles (n, 3, 2) or on their borders."""
    sides = np.roll(corners, -1, axis=1) - corners
    away = points[:, None] - corners
    turns = sides[..., 0] * away[..., 1] - sides[..., 1] * away[..., 0]
    return np.asarray((turns >= 0).all(axis=1) | (turns <= 0).all(axis=1))


def _in_plane(voxels: Ints) -> int:
    """The same where all middles lie in a plane, on a line or in one place."""
    apart = voxels - voxels[0]
    far = apart[np.abs(apart).sum(axis=1).argmax()]
    normals = np.cross(apart, far)
    normal = normals[np.abs(normals).sum(axis=1).argmax()]
    if not normal.any():
        ends = voxels[np.lexsort(voxels.T)[[0, -1]]]
        return int(np.gcd.reduce(ends[1] - ends[0])) + 1
    axis = int(np.abs(normal).argmax())
    u, v = (one for one in range(3) if one != axis)
    return _lifted(voxels[:, [u, v]], normal[[u, v]], int(normal[axis]))


def _lifted(points: Ints, slopes: Ints, height: int) -> int:
    """Points of the grid in the convex hull of points of a plane, those between layers of the grid left out."""
    lower, upper = outline(np.zeros(len(points), np.int64), points[:, 0], points[:, 1])
    u = np.arange(points[:, 0].min(), points[:, 0].max() + 1)
    bounds = [np.interp(u, points[chain, 0], points[chain, 1]) for chain in (lower, upper)]
    first, last = np.ceil(bounds[0] - 1e-9).astype(int), np.floor(bounds[1] + 1e-9).astype(int)
    counts = np.maximum(last - first + 1, 0)
    grid = np.stack([np.repeat(u, counts), ranges(first, counts)], axis=1) - points[0]
    return int(((grid @ slopes) % height == 0).sum())
