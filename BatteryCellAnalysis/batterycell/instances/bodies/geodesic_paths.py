"""Ways through an object, pulled taut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.runs import Floats, Ints

from .geodesic_frame import Frame

# Steps of a look along a line, in voxels; how often a way is pulled; how many points are looked at first.
_STEP = 0.5
_PULLS = 3
_AHEAD = 16


def straight(frame: Frame, starts: Ints, ends: Ints) -> NDArray[np.bool_]:
    """Whether the line between two voxels of each object stays inside of it.

    Args:
        frame: The objects.
        starts: Voxels (k, j, i), one of each object, shape (n, 3).
        ends: Likewise.
    """
    apart = ends - starts
    steps = int(np.ceil(np.abs(apart).max(initial=0) / _STEP)) + 1
    inside = np.ones(len(starts), bool)
    for share in np.linspace(0, 1, steps + 1)[1:-1]:
        looking = np.flatnonzero(inside)
        voxels = np.rint(starts[looking] + share * apart[looking]).astype(np.int64)
        inside[looking] = frame.holds(voxels, looking)
    return inside


def taut(frame: Frame, which: int, way: Ints) -> Floats:
    """A way pulled taut: from corner to corner in straight lines that stay inside of the object.

    Args:
        frame: The objects.
        which: The object.
        way: Voxels (k, j, i) along the way, shape (w, 3).

    Returns:
        Corners (k, j, i), shape (c, 3).
    """
    corners = way.astype(float)
    for _ in range(_PULLS):
        corners = _resampled(_pulled(frame, which, corners))[::-1]
    return _pulled(frame, which, corners)


def _pulled(frame: Frame, which: int, points: Floats) -> Floats:
    """From each point go straight to the farthest of the next points that can be seen from it."""
    kept, here = [0], 0
    while here < len(points) - 1:
        here += _jump(frame, which, points[here:])
        kept.append(here)
    return np.asarray(points[kept])


def _jump(frame: Frame, which: int, points: Floats) -> int:
    """How many points on the farthest is that can be seen from the first; looked for twice as far while it is last."""
    ahead = _AHEAD
    while True:
        seen = np.flatnonzero(_seen(frame, which, points[0], points[1 : ahead + 1]))
        farthest = int(seen[-1]) + 1 if len(seen) else 1
        if farthest < ahead // 2 or ahead >= len(points) - 1:
            return farthest
        ahead *= 2


def _seen(frame: Frame, which: int, here: Floats, points: Floats) -> NDArray[np.bool_]:
    """Which points can be seen from here, all voxels on the line being of the object."""
    steps = int(np.ceil(np.abs(points - here).max() / _STEP)) + 1
    shares = np.linspace(0, 1, steps + 1)[:, None, None]
    voxels = np.rint(here + shares * (points - here)).astype(np.int64)
    return np.asarray(frame.holds(voxels, np.full(voxels.shape[:2], which)).all(axis=0))


def _resampled(corners: Floats) -> Floats:
    """Points a voxel or less apart along a way, its corners included."""
    parts = [
        one + (other - one) * np.arange(steps)[:, None] / steps
        for one, other in pairwise(corners)
        for steps in [max(1, int(np.ceil(np.abs(other - one).max())))]
    ]
    return np.concatenate([*parts, corners[-1:]])


def length_of(corners: Floats, size: Floats) -> float:
    """Length in µm of a way between the middles of voxels, on to the middles of the faces in which it leaves them."""
    steps = np.diff(corners, axis=0) * size
    lengths = np.linalg.norm(steps, axis=1)
    if not lengths.any():
        return 0.0
    steps, lengths = steps[lengths > 0], lengths[lengths > 0]
    ends = np.abs(steps[[0, -1]]) * size / lengths[[0, -1], None] / 2
    return float(lengths.sum() + ends.max(axis=1).sum())
