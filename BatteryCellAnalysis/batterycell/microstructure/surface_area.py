"""Interfaces between classes: area per volume, or boundary length per area, by Crofton's formula."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.outlines.weights import crossing_weights, pair_steps
from batterycell.progress import Progress
from batterycell.slabs import Slab, SlabSource

from .representativity_cells import Cells

Floats = NDArray[np.float64]
Pair = tuple[int, int]
# What has no class borders on classes, too.
UNLABELLED = -1


class Interfaces:
    """Area (in 2D length) of every interface between two classes, in every cell.

    The same weights as of instances' surfaces: every pair of neighbouring voxels of two classes, in 13 directions (2D:
    4), stands for a piece of area. Pairs that would reach out of the image are not there: those inside, which are as
    many per volume as anywhere, stand for them.

    Args:
        labels: The classes, shape (k, j, i).
        classes: Their values; all others together are `UNLABELLED`.
        cells: Where areas are added up.
        dimension: 3, or 2 for each slice on its own.
    """

    def __init__(self, labels: SlabSource, classes: tuple[int, ...], cells: Cells, dimension: int) -> None:
        self._labels, self._classes, self._cells = labels, classes, cells
        self.pairs: tuple[Pair, ...] = tuple(combinations((*classes, UNLABELLED), 2))
        self._steps = np.zeros((13 if dimension == 3 else 4, 3), int)
        self._steps[:, 3 - dimension :] = pair_steps(dimension)
        self._weights = crossing_weights(cells.voxel_um, dimension)
        size = int(np.prod(cells.shape))
        self._areas = np.zeros((len(self.pairs) + 1, size))
        self.crossings = np.zeros((3, len(self.pairs) + 1))
        self._table = self._pair_table()

    def measure(self, progress: Progress) -> None:
        """Go through the volume once."""
        for slab in self._labels.slabs(self._cells.slab_voxels):
            progress.report(slab.start / self._labels.shape[0], "measuring surfaces")
            codes = self._codes(slab)
            for step, weight in zip(self._steps, self._weights, strict=True):
                self._count(codes, len(slab.array), slab.start, step, float(weight) * self._share_inside(step))

    def of_pair(self, a: int, b: int) -> Floats:
        """µm² (2D: µm) of the interface of two classes in each cell, shape of the cells."""
        pair = (a, b) if (a, b) in self.pairs else (b, a)
        return np.asarray(self._areas[1 + self.pairs.index(pair)].reshape(self._cells.shape))

    def of_class(self, value: int) -> Floats:
        """µm² (2D: µm) of all interfaces of a class in each cell."""
        others = [other for other in (*self._classes, UNLABELLED) if other != value]
        return np.asarray(np.sum([self.of_pair(value, other) for other in others], axis=0))

    def crossings_of(self, value: int) -> Floats:
        """How often neighbours along z, y and x differ, one being of the class; shape (3,)."""
        own = [1 + n for n, pair in enumerate(self.pairs) if value in pair]
        return np.asarray(self.crossings[:, own].sum(axis=1))

    def share_inside(self, axis: int) -> float:
        """Voxels for one pair of neighbours along an axis that the image holds; a little over 1."""
        return self._share_inside(np.eye(3, dtype=int)[axis])

    def _pair_table(self) -> NDArray[np.uint16]:
        """Number of the pair (from 1) of two codes, as of `_codes`; 0 for none."""
        count, code = len(self._classes) + 1, {UNLABELLED: 0, **{one: 1 + n for n, one in enumerate(self._classes)}}
        table = np.zeros((count, count), np.uint16)
        for n, (a, b) in enumerate(self.pairs):
            table[code[a], code[b]] = table[code[b], code[a]] = n + 1
        return table

    def _codes(self, slab: Slab) -> NDArray[np.uint8]:
        """The classes of a slab and the slice behind it, as 1, 2, 3 …; 0 for others."""
        after = [] if slab.following is None else [slab.following[None]]
        values = np.concatenate([slab.array, *after]) if after else slab.array
        codes = np.zeros(values.shape, np.uint8)
        for n, value in enumerate(self._classes):
            codes[values == value] = n + 1
        return codes

    def _share_inside(self, step: NDArray[Any]) -> float:
        shape = np.array(self._labels.shape)
        return float(shape.prod() / max(1, np.maximum(shape - np.abs(step), 0).prod()))

    def _count(
        self, codes: NDArray[np.uint8], slices: int, start: int, step: NDArray[Any], weight: float
    ) -> None:  # fmt: skip
        dk, dj, di = step.tolist()
        first = codes[: min(slices, len(codes) - dk), max(0, -dj) : codes.shape[1] - max(0, dj)]
        first = first[:, :, max(0, -di) : codes.shape[2] - max(0, di)]
        second = codes[dk : dk + len(first), max(0, dj) : codes.shape[1] + min(0, dj)]
        second = second[:, :, max(0, di) : codes.shape[2] + min(0, di)]
        k, j, i = np.nonzero(first != second)
        pairs = self._table[first[k, j, i], second[k, j, i]]
        self._add(pairs, (k + start, j + max(0, -dj), i + max(0, -di)), weight)
        if abs(dk) + abs(dj) + abs(di) == 1:
            axis = int(np.argmax(np.abs(step)))
            self.crossings[axis] += np.bincount(pairs, minlength=len(self.pairs) + 1)

    def _add(self, pairs: NDArray[np.uint16], places: tuple[NDArray[Any], ...], weight: float) -> None:
        k, j, i = (place // factor for place, factor in zip(places, self._cells.factors, strict=True))
        cell = (k * self._cells.shape[1] + j) * self._cells.shape[2] + i
        size = self._areas.shape[1]
        counts = np.bincount(pairs * np.int64(size) + cell, minlength=self._areas.size)
        self._areas += weight * counts.reshape(self._areas.shape)
