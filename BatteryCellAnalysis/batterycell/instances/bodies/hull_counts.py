"""How many voxels have their middle in the convex hull of the middles of an object's voxels, exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from batterycell.instances.measures.runs import Floats, Ints

from .geodesic_runs import ranges
from .hull_bodies import Body
from .hull_outline import outline

_FAR_BELOW = -1e15


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


def voxels_in_hulls(bodies: Sequence[Body]) -> Ints:
    """Voxels with their middle in each hull, corners, edges and facets included, shape (n,).

    Along i each line of the grid enters a hull through a triangle and leaves it through another; where, is a fraction
    of whole numbers.
    """
    solid = np.array([len(body.triangles) > 0 for body in bodies], bool)
    counts = np.array([0 if there else _in_plane(body.voxels) for body, there in zip(bodies, solid, strict=True)])
    if solid.any():
        counts[solid] = _in_solids([body for body, there in zip(bodies, solid, strict=True) if there])
    return counts


def _in_solids(bodies: Sequence[Body]) -> Ints:
    shapes = np.array([body.voxels[:, :2].max(axis=0) + 1 for body in bodies])
    begins = np.cumsum(shapes.prod(axis=1)) - shapes.prod(axis=1)
    corners = np.concatenate([body.voxels[body.triangles] for body in bodies])
    outward = np.concatenate([body.normals[:, 2] for body in bodies])
    which = np.repeat(np.arange(len(bodies)), [len(body.triangles) for body in bodies])
    inside = np.ones(shapes.prod(axis=1).sum())
    for sign in (1, -1):
        # Seen from above and, turned over, from below: how high each line leaves the hull.
        facing = sign * outward > 0
        first, width = begins[which[facing]], shapes[which[facing], 1]
        inside += _tops(corners[facing] * np.array([1, 1, sign]), first, width, len(inside))
    return np.asarray(np.add.reduceat(np.maximum(inside, 0), begins), np.int64)


def _tops(corners: Ints, first: Ints, width: Ints, count: int) -> Floats:
    """Height of the highest point of the grid under some triangles, on each line of the grid, far below if none.

    Args:
        corners: Shape (t, 3, 3).
        first: Number of the line (0, 0) of the body of each triangle, shape (t,).
        width: How many lines it has along j.
        count: Lines of all bodies.
    """
    tops = np.full(count, _FAR_BELOW)
    low = corners[:, :, :2].min(axis=1)
    sides = corners[:, :, :2].max(axis=1) - low + 1
    sizes = sides.prod(axis=1)
    which = np.repeat(np.arange(len(corners)), sizes)
    k, j = np.divmod(ranges(np.zeros(len(corners), np.int64), sizes), sides[which, 1])
    k, j = k + low[which, 0], j + low[which, 1]
    plane, borders, steepness = _forms(corners)
    for form in borders:
        # In or on the border of a triangle, all three are positive or 0; a triangle seen edge on has no area.
        inside = np.flatnonzero(_value(form, which, k, j) >= 0)
        which, k, j = which[inside], k[inside], j[inside]
    # Of whole numbers below 2^53, a quotient rounds to a whole number only if it is one.
    heights = np.floor(_value(plane, which, k, j) / steepness[which])
    np.maximum.at(tops, first[which] + k * width[which] + j, heights)
    return tops


def _forms(corners: Ints) -> tuple[Floats, list[Floats], Floats]:
    """Of each triangle: n·p - nk·k - nj·j with its normal n, the forms of its three sides, and ni, all for ni > 0."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]).astype(float)
    sign = np.sign(normals[:, 2])
    normals *= sign[:, None]
    plane = np.stack([-normals[:, 0], -normals[:, 1], (normals * corners[:, 0]).sum(axis=1)])
    sides = []
    for n in range(3):
        here, (step_k, step_j) = corners[:, n], (corners[:, n - 2] - corners[:, n])[:, :2].T
        side = np.stack([-step_j, step_k, step_j * here[:, 0] - step_k * here[:, 1]]) * sign
        side[2, sign == 0] = -1
        sides.append(side)
    return plane, sides, normals[:, 2]


def _value(form: Floats, which: Ints, k: Ints, j: Ints) -> Floats:
    return np.asarray(form[0][which] * k + form[1][which] * j + form[2][which])


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
