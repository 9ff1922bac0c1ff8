"""Sections of objects: what of an object lies in one slice, in a few numbers."""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.context import Context, MeasureSlab
from batterycell.instances.measures.runs import Floats, Ints, Runs, encode_runs

# Runs that are kept at a time, when slices are looked at again.
_KEPT = 1 << 21


class Sections:
    """For each object and slice: a pixel of it, the middle of its bounding box, and how far it reaches from there."""

    by_rows = True

    def __init__(self, context: Context) -> None:
        self._source, self._pixel = context.source, context.voxel_um[1:]
        self._found: list[NDArray[np.int32]] = []
        self._runs: OrderedDict[int, Runs] = OrderedDict()

    def add(self, slab: MeasureSlab) -> None:
        """Find the sections in some slices."""
        runs = slab.runs
        key = runs.label << 32 | runs.k
        order = np.argsort(key, kind="stable")
        begins = np.flatnonzero(np.diff(key[order], prepend=-1))
        if not len(begins):
            return
        first, j, i0, i1 = order[begins], runs.j[order], runs.i0[order], runs.i1[order] - 1
        low = (np.minimum.reduceat(j, begins), np.minimum.reduceat(i0, begins))
        high = (np.maximum.reduceat(j, begins), np.maximum.reduceat(i1, begins))
        pixel = (runs.j[first], runs.i0[first] + runs.length[first] // 2)
        self._found.append(np.stack([runs.label[first], runs.k[first], *pixel, *low, *high]).astype(np.int32))

    @cached_property
    def _all(self) -> NDArray[np.int32]:
        return np.concatenate([*self._found, np.zeros((8, 0), np.int32)], axis=1)

    @property
    def labels(self) -> NDArray[np.int32]:
        """Object of each section, shape (s,)."""
        return np.asarray(self._all[0])

    @property
    def slices(self) -> NDArray[np.int32]:
        """Slice of each section."""
        return np.asarray(self._all[1])

    @cached_property
    def pixels(self) -> Ints:
        """A pixel of each section, its position in the flattened slice."""
        return np.asarray(self._all[2].astype(np.int64) * self._source.shape[2] + self._all[3])

    @cached_property
    def middles(self) -> Ints:
        """The middle of each section's bounding box, likewise."""
        j, i = (self._all[4:6].astype(np.int64) + self._all[6:8]) // 2
        return np.asarray(j * self._source.shape[2] + i)

    @cached_property
    def radii(self) -> Floats:
        """From the middle to the farthest corner of the bounding box in µm."""
        (low, high), middles = (self._all[4:6], self._all[6:8]), (self._all[4:6] + self._all[6:8]) // 2
        reach = np.maximum(high - middles, middles - low) * np.array(self._pixel)[:, None]
        return np.asarray(np.linalg.norm(reach, axis=0))

    def runs_of(self, k: int) -> Runs:
        """The runs of a slice."""
        if k not in self._runs:
            self._runs[k] = encode_runs(self._source.read(k, k + 1), k)
            while len(self._runs) > 4 and sum(map(len, self._runs.values())) > _KEPT:
                self._runs.popitem(last=False)
        self._runs.move_to_end(k)
        return self._runs[k]

    def result(self) -> dict[str, NDArray[Any]]:
        """Nothing: measures are made of the sections."""
        return {}
