"""Bounding boxes of instances."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.context import Context, MeasureSlab

_FAR = np.iinfo(np.int64).max


class Boxes:
    """Bounding box of each instance in voxel indices, both ends included."""

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._low = np.full((3, context.count + 1), _FAR)
        self._high = np.full((3, context.count + 1), -1)

    def add(self, slab: MeasureSlab) -> None:
        """Widen the boxes by some slices."""
        runs = slab.runs
        for axis, (low, high) in enumerate(((runs.i0, runs.i1 - 1), (runs.j, runs.j), (runs.k, runs.k))):
            np.minimum.at(self._low[axis], runs.label, low)
            np.maximum.at(self._high[axis], runs.label, high)

    @property
    def low(self) -> NDArray[np.int64]:
        """First (i, j, k), shape (count, 3); -1 where there are no voxels."""
        return np.asarray(np.where(self._low == _FAR, -1, self._low)[:, 1:].T)

    @property
    def high(self) -> NDArray[np.int64]:
        """Last (i, j, k), shape (count, 3); -1 where there are no voxels."""
        return np.asarray(self._high[:, 1:].T)

    def result(self) -> dict[str, NDArray[Any]]:
        """The columns ``i_min`` to ``k_max``."""
        ends = (("min", self.low), ("max", self.high))
        return {f"{axis}_{end}": values[:, n] for n, axis in enumerate("ijk") for end, values in ends}
