"""The runs of all objects, kept small, so that each object can be looked at again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .context import Context, MeasureSlab
from .runs import Ints


class KeptRuns:
    """Runs of every instance: 20 bytes a run."""

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._count = context.count
        self._kept: list[NDArray[np.int32]] = []

    def add(self, slab: MeasureSlab) -> None:
        """Keep the runs of some slices."""
        runs = slab.runs
        self._kept.append(np.stack([runs.label, runs.k, runs.j, runs.i0, runs.length]).astype(np.int32))

    @cached_property
    def _sorted(self) -> NDArray[np.int32]:
        """Rows label, k, j, i, length, sorted by the label."""
        kept = np.concatenate([*self._kept, np.zeros((5, 0), np.int32)], axis=1)
        self._kept = []
        return kept[:, np.argsort(kept[0], kind="stable")]

    def batches(self, room: int) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Objects of similar size, some at a time.

        Args:
            room: Voxels of a batch when each of its objects is put into a box as large in j and i as the largest.

        Yields:
            Their labels, shape (n,); of all their voxels which of these labels it is of, shape (v,), rising; and the
            place (k, j, i) in the object's bounding box, shape (3, v).
        """
        runs = self._sorted
        begins = np.searchsorted(runs[0], np.arange(1, self._count + 2))
        there = np.flatnonzero(np.diff(begins))
        if not len(there):
            return
        low, size = _boxes(runs, begins[there])
        order = np.argsort(size[1] * size[2], kind="stable")
        while len(order):
            depths = np.cumsum(size[0][order[::-1]] + 2)
            widest = (size[1:, order].max(axis=1) + 2).prod()
            batch = np.sort(order[-max(1, int(np.searchsorted(depths * widest, room))) :])
            order = order[: -len(batch)]
            which, places = _voxels(runs, begins, there[batch])
            yield there[batch] + 1, which, places - low[:, batch][:, which]

    def result(self) -> dict[str, NDArray[Any]]:
        """Nothing: measures are made of the runs."""
        return {}


def _boxes(runs: NDArray[np.int32], begins: Ints) -> tuple[Ints, Ints]:
    """Lowest voxel and size in voxels of each object, (k, j, i), shapes (3, n)."""
    low = np.minimum.reduceat(runs[1:4], begins, axis=1)
    last = np.stack([runs[1], runs[2], runs[3] + runs[4] - 1])
    return low.astype(np.int64), (np.maximum.reduceat(last, begins, axis=1) - low + 1).astype(np.int64)


def _voxels(runs: NDArray[np.int32], begins: Ints, objects: Ints) -> tuple[Ints, Ints]:
    """Which object each voxel is of, and its (k, j, i)."""
    counts = begins[objects + 1] - begins[objects]
    rows = ranges(begins[objects], counts)
    lengths = runs[4, rows].astype(np.int64)
    places = np.repeat(runs[1:4, rows].astype(np.int64), lengths, axis=1)
    places[2] += ranges(np.zeros(len(rows), np.int64), lengths)
    return np.repeat(np.repeat(np.arange(len(objects)), counts), lengths), places


def ranges(starts: Ints, counts: Ints) -> Ints:
    """The whole numbers from each start on, one range after another."""
    return np.repeat(starts - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
