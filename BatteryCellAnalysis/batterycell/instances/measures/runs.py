"""Runs: what a label volume is made of, a run being neighbouring voxels of one label in a row along i."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Runs:
    """The runs of the objects in some slices, in the order of the voxels; arrays of shape (r,).

    Args:
        label: Number of the instance, 1 or more.
        k: Slice in the volume.
        j: Row.
        i0: First voxel along i.
        length: Voxels along i.
        first: Position of the first voxel in the flattened slab.
    """

    label: Ints
    k: Ints
    j: Ints
    i0: Ints
    length: Ints
    first: Ints

    @property
    def i1(self) -> Ints:
        """Voxel after the last along i."""
        return self.i0 + self.length

    @cached_property
    def lowest(self) -> int:
        """Lowest label there is."""
        return int(self.label.min()) if len(self) else 0

    @cached_property
    def middles(self) -> dict[str, Floats]:
        """Middle of each run along ``i``, ``j`` and ``k``; not to be written to."""
        return {"i": self.i0 + (self.length - 1) / 2, "j": self.j.astype(float), "k": self.k.astype(float)}

    @cached_property
    def _above(self) -> Ints:
        return self.label - self.lowest

    def __len__(self) -> int:
        return len(self.label)

    def add_to(self, sums: Floats, weights: Floats | None = None) -> None:
        """Add to each label's sum, shape (count + 1,), the weights of its runs, 1 each if not given.

        Only the labels from the lowest to the highest of these slices are touched, so that the time goes with the
        voxels and not with the number of instances.
        """
        found = np.bincount(self._above, weights)
        sums[self.lowest : self.lowest + len(found)] += found


def encode_runs(labels: NDArray[Any], start: int = 0, first_row: int = 0) -> Runs:
    """The runs of a slab of labels, 0 being nothing.

    Args:
        labels: Shape (n, j, i), whole numbers.
        start: Index of the slab's first slice in the volume.
        first_row: Index of its first row.
    """
    flat, (_, rows, columns) = np.ascontiguousarray(labels).ravel(), labels.shape
    first = np.flatnonzero(_begins(flat, columns))
    label = flat[first]
    length = np.diff(first, append=flat.size)
    objects = np.flatnonzero(label)
    first, length = first[objects], length[objects]
    row = first // columns
    slices = row // rows
    numbers = label[objects].astype(np.int64)
    return Runs(numbers, slices + start, row - slices * rows + first_row, first - row * columns, length, first)


def _begins(flat: NDArray[Any], columns: int) -> NDArray[np.bool_]:
    """Whether a voxel is the first of a run, or of a row: runs never go on from one row into the next."""
    begins = np.empty(flat.size, bool)
    np.not_equal(flat[1:], flat[:-1], out=begins[1:])
    begins[::columns] = True
    return begins
