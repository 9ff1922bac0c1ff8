"""The runs of all objects, kept small, so that each object can be looked at again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.context import Context, MeasureSlab
from batterycell.instances.measures.runs import Ints


@dataclass(frozen=True)
class ObjectRuns:
    """The runs of some objects, one object after another.

    Args:
        labels: The objects, shape (n,).
        which: The object of each run, 0..n - 1, rising, shape (r,).
        starts: First voxel of each run, (k, j, i) from the lowest corner of the object's bounding box, shape (3, r).
        lengths: Voxels of each run along i.
    """

    labels: Ints
    which: Ints
    starts: Ints
    lengths: Ints


class KeptRuns:
    """Runs of every instance: 12 bytes a run, in volumes of more than 65,535 voxels along an axis 20."""

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._count = context.count
        self._type = np.min_scalar_type(max(context.source.shape))
        self._kept: list[list[NDArray[Any]]] = [[], [], [], [], []]

    def add(self, slab: MeasureSlab) -> None:
        """Keep the runs of some slices."""
        runs = slab.runs
        self._kept[0].append(runs.label.astype(np.uint32))
        for kept, values in zip(self._kept[1:], (runs.k, runs.j, runs.i0, runs.length), strict=True):
            kept.append(values.astype(self._type))

    @cached_property
    def _sorted(self) -> list[NDArray[Any]]:
        """Label, k, j, i and length of each run, sorted by the label."""
        order = np.argsort(np.concatenate([*self._kept[0], np.zeros(0, np.uint32)]), kind="stable")
        fields = []
        for kept in self._kept:
            fields.append(np.concatenate([*kept, np.zeros(0, np.uint8)])[order])
            kept.clear()
        return fields

    def batches(self, room: int) -> Iterator[ObjectRuns]:
        """Objects of similar size, some at a time.

        Args:
            room: Voxels of a batch when each of its objects is put into a box as large in j and i as the largest.
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
            counts = np.diff(begins)[there[batch]]
            rows, which = ranges(begins[there[batch]], counts), np.repeat(np.arange(len(batch)), counts)
            starts = np.stack([field[rows].astype(np.int64) for field in runs[1:4]]) - low[:, batch][:, which]
            yield ObjectRuns(there[batch] + 1, which, starts, runs[4][rows].astype(np.int64))

    def result(self) -> dict[str, NDArray[Any]]:
        """Nothing: measures are made of the runs."""
        return {}


def _boxes(runs: list[NDArray[Any]], begins: Ints) -> tuple[Ints, Ints]:
    """Lowest voxel and size in voxels of each object, (k, j, i), shapes (3, n)."""
    last = runs[3].astype(np.int64) + runs[4] - 1
    low = np.stack([np.minimum.reduceat(field, begins).astype(np.int64) for field in runs[1:4]])
    high = np.stack([np.maximum.reduceat(field, begins).astype(np.int64) for field in (runs[1], runs[2], last)])
    return low, high - low + 1


def ranges(starts: Ints, counts: Ints) -> Ints:
    """The whole numbers from each start on, one range after another."""
    return np.repeat(starts - np.cumsum(counts) + counts, counts) + np.arange(counts.sum())
