"""Convex hulls of objects in 3D, one after another (Qhull), each computed once for all measures that need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.context import Context, MeasureSlab
from batterycell.instances.measures.runs import Floats, Ints
from batterycell.progress import Progress

from .hull_points import ExtremePoints

# Points are moved by this share of a voxel, so that no four of them lie in a plane: Qhull is twice as fast, and what it
# finds differs less than rounding of the last digits that are shown.
_UNSETTLED = 1e-6
_NEXT, _LAST = [1, 2, 0], [2, 0, 1]
# Every so many hulls it is told how far they are.
_TOLD = 256
_HASH = np.array([[12.9898, 78.233, 37.719], [39.346, 11.135, 83.155], [73.156, 52.235, 9.151]])


@dataclass(frozen=True)
class Body:
    """The convex hull of the middles of an object's voxels.

    Args:
        voxels: Among these are its corners, (k, j, i) from the least of each, shape (p, 3).
        points: The same in µm, (z, y, x).
        triangles: Corners of its facets, shape (t, 3); none where all middles lie in a plane.
        normals: Outward, of length 1, shape (t, 3).
        neighbours: Triangle across from each corner of each triangle, shape (t, 3).
    """

    voxels: Ints
    points: Floats
    triangles: NDArray[np.int32]
    normals: Floats
    neighbours: NDArray[np.int32]


class TakesBodies(Protocol):
    """A measure that is worked out of hulls."""

    def take(self, n: int, body: Body) -> None:
        """Take in the hull of instance n."""


class BodyPass:
    """Computes the hulls when the volume has gone by."""

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._extreme = context.share(ExtremePoints)
        self._size = np.asarray(context.voxel_um, float)
        self._takers: list[TakesBodies] = []
        self._done = False

    def feed(self, taker: TakesBodies) -> None:
        """Let a measure have the hulls, too."""
        self._takers.append(taker)

    def add(self, slab: MeasureSlab) -> None:
        """Nothing to do: the points are gathered elsewhere."""

    def finish(self, progress: Progress) -> None:
        """Compute all hulls and pass them on, the first time that this is called."""
        if self._done:
            return
        self._done = True
        begins, points = self._extreme.begins, self._extreme.points
        for n in np.flatnonzero(np.diff(begins)):
            if n % _TOLD == 0:
                progress.report(n / len(begins), "Convex hulls")
            body = make_body(points[begins[n] : begins[n + 1], 1:], self._size)
            for taker in self._takers:
                taker.take(int(n), body)

    def result(self) -> dict[str, NDArray[Any]]:
        """Nothing: the measures have results."""
        return {}


def make_body(voxels: NDArray[np.int32], size: Floats) -> Body:
    """The convex hull of the middles of voxels.

    Args:
        voxels: Rows (k, j, i), shape (p, 3).
        size: Voxel size (z, y, x) in µm.
    """
    from scipy.spatial import ConvexHull

    steps = (voxels - voxels.min(axis=0)).astype(np.int64)
    if _is_flat(steps):
        none = np.zeros((0, 3), np.int32)
        return Body(steps, steps * size, none, none.astype(float), none)
    hull = ConvexHull((steps + _UNSETTLED * np.sin(1e3 * steps @ _HASH)) * size)
    return Body(steps, steps * size, hull.simplices, hull.equations[:, :3], hull.neighbors)


def cross(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """Cross products of rows (n, 3); for few rows three times as fast as numpy's."""
    return np.asarray(one[:, _NEXT] * other[:, _LAST] - one[:, _LAST] * other[:, _NEXT])


def _is_flat(steps: Ints) -> bool:
    """Whether points lie in a plane, on a line or in one place."""
    apart = steps - steps[0]
    one = apart[np.abs(apart).sum(axis=1).argmax()]
    normals = cross(apart, one[None])
    return not (apart @ normals[np.abs(normals).sum(axis=1).argmax()]).any()
