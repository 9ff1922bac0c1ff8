"""The few voxels of each object that may be corners of its convex hull."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.context import Context, MeasureSlab
from batterycell.instances.measures.runs import Runs

from .hull_outline import extreme

Ints = NDArray[np.int64]

# Points that are kept before they are thinned out again.
_MANY = 1 << 23


class ExtremePoints:
    """Voxels that are corners of the convex hull of their object in their slice, and in the planes across it."""

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._count, self._dimension = context.count, context.dimension
        self._kept: list[NDArray[np.int32]] = []
        self._thinned = 0

    def add(self, slab: MeasureSlab) -> None:
        """Keep what may be extreme in some slices."""
        self._kept.append(_ends(slab.runs))
        size = sum(map(len, self._kept))
        if size > _MANY and size > 2 * self._thinned:
            self._kept = [self._thin(np.concatenate(self._kept))]
            self._thinned = len(self._kept[0])

    def _thin(self, points: NDArray[np.int32]) -> NDArray[np.int32]:
        if self._dimension == 2:
            return points
        for across, u, v in ((2, 1, 3), (3, 1, 2)):
            wide = points.astype(np.int64).T  # the areas that are compared do not fit into 32 bits
            points = points[extreme(_group(wide[0], wide[across]), wide[u], wide[v])]
        return points

    @cached_property
    def points(self) -> NDArray[np.int32]:
        """Rows (label, k, j, i), rising in the label, shape (p, 4)."""
        points = np.concatenate([*self._kept, np.zeros((0, 4), np.int32)])
        self._kept = []
        points = self._thin(points)
        return points[np.argsort(points[:, 0], kind="stable")]

    @cached_property
    def begins(self) -> Ints:
        """Row of `points` at which label n begins, at n; shape (count + 2,)."""
        return np.searchsorted(self.points[:, 0], np.arange(self._count + 2))

    def result(self) -> dict[str, NDArray[Any]]:
        """Nothing: measures are made of the points."""
        return {}


def _group(label: NDArray[Any], plane: NDArray[Any]) -> Ints:
    return np.asarray(label.astype(np.int64) << 32 | plane)


def _ends(runs: Runs) -> NDArray[np.int32]:
    """The ends of runs that are corners of the hull of their object in their slice."""
    group = np.tile(_group(runs.label, runs.k), 2)
    j, i = np.tile(runs.j, 2), np.concatenate([runs.i0, runs.i1 - 1])
    chosen = extreme(group, j, i)
    found = np.stack([group[chosen] >> 32, group[chosen] & 0xFFFFFFFF, j[chosen], i[chosen]], axis=1)
    return found.astype(np.int32)
