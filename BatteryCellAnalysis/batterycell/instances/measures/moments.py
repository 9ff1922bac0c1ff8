"""Voxels and moments of instances, in closed form of their runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .context import Context, MeasureSlab
from .runs import Floats

AXES = "ijk"
_PAIRS = ("ii", "ij", "jj", "ik", "jk", "kk")


class Voxels:
    """Number of voxels of each instance."""

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._sums = np.zeros(context.count + 1)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Voxels, shape (count,)."""
        return self._sums[1:].astype(np.int64)

    def add(self, slab: MeasureSlab) -> None:
        """Count the voxels of some slices."""
        slab.runs.add_to(self._sums, slab.runs.length.astype(float))

    def result(self) -> dict[str, NDArray[Any]]:
        """The column ``voxels``."""
        return {"voxels": self.counts}


class Centroids:
    """Sums of the voxels' indices of each instance."""

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._voxels = context.share(Voxels)
        self._sums = {axis: np.zeros(context.count + 1) for axis in AXES}

    def add(self, slab: MeasureSlab) -> None:
        """Take in some slices: a run's voxels have their middle on average."""
        for axis, where in slab.runs.middles.items():
            slab.runs.add_to(self._sums[axis], where * slab.runs.length)

    @property
    def ijk(self) -> Floats:
        """Centroids in voxel indices (i, j, k), shape (count, 3); NaN where there are no voxels."""
        sums = np.stack([self._sums[axis][1:] for axis in AXES], axis=1)
        return sums / _or_nan(self._voxels.counts)[:, None]

    def result(self) -> dict[str, NDArray[Any]]:
        """The columns ``i``, ``j``, ``k``."""
        return dict(zip(AXES, self.ijk.T, strict=True))


class Moments:
    """Second moments of each instance: the covariance of its voxels' centres.

    The sum over a run of n voxels around its middle m is n·m² + n(n² - 1)/12. All sums are of multiples of a quarter
    and therefore exact up to 2^51, whatever the slabs.
    """

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._voxels, self._centroids = context.share(Voxels), context.share(Centroids)
        self._pairs = tuple(pair for pair in _PAIRS if "k" not in pair or context.dimension == 3)
        self._sums = {pair: np.zeros(context.count + 1) for pair in self._pairs}
        self._step = dict(zip(AXES, context.voxel_um[::-1], strict=True))

    def add(self, slab: MeasureSlab) -> None:
        """Take in some slices."""
        runs, where = slab.runs, slab.runs.middles
        length = runs.length.astype(float)
        times = {axis: length * values for axis, values in where.items()}
        for pair in self._pairs:
            weights = times[pair[0]] * where[pair[1]]
            if pair == "ii":
                weights += length * (length * length - 1) / 12
            runs.add_to(self._sums[pair], weights)

    @property
    def covariance(self) -> Floats:
        """Covariance along (i, j[, k]) in µm², shape (count, d, d); NaN where there are no voxels."""
        middle = dict(zip(AXES, self._centroids.ijk.T, strict=True))
        voxels, size = _or_nan(self._voxels.counts), 3 if "kk" in self._pairs else 2
        found = np.empty((len(voxels), size, size))
        for pair in self._pairs:
            one, other = pair[0], pair[1]
            value = self._sums[pair][1:] / voxels - middle[one] * middle[other]
            row, column = AXES.index(one), AXES.index(other)
            found[:, row, column] = found[:, column, row] = value * self._step[one] * self._step[other]
        return found

    def result(self) -> dict[str, NDArray[Any]]:
        """No columns of its own."""
        return {}


def _or_nan(counts: NDArray[np.int64]) -> Floats:
    return np.where(counts > 0, counts, np.nan)
