"""Objects side by side in one frame of blocks of 2 × 2 × 2 voxels, so that all are walked through at once.

All voxels of such a block touch each other, and which blocks touch is known of the voxels in them: so the blocks are
connected exactly as the voxels are (26 neighbours, in a slice 8), with an eighth of the places to go to.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.measures.runs import Floats, Ints

from .geodesic_runs import ObjectRuns, ranges

# Steps (k, j, i) to the 26 blocks around one.
STEPS = tuple(step for step in product((-1, 0, 1), repeat=3) if any(step))
# Voxels that are worked on at once.
_VOXELS = 1 << 22
_BITS = np.array(list(product((0, 1), repeat=3)))


@dataclass(frozen=True)
class Frame:
    """Blocks of some objects; between objects, and between rows, there are empty blocks.

    Args:
        codes: Which voxels of a block are of the object, a bit each, shape (p,); 0 outside.
        base: Place of the first block of each object, shape (n,).
        strides: How many places apart neighbours along (k, j, i) are.
        nodes: Places of the blocks of objects, rising, shape (b,).
        which: The object of each of these, rising, shape (b,).
        size: Voxel size (z, y, x) in µm.
    """

    codes: NDArray[np.uint8]
    base: Ints
    strides: Ints
    nodes: Ints
    which: Ints
    size: Floats

    def offsets(self) -> Ints:
        """How many places away the 26 neighbours are, as in `STEPS`."""
        return np.asarray(np.array(STEPS) @ self.strides)

    def voxels(self, places: Ints, which: Ints) -> Ints:
        """The voxel (k, j, i) in each block that is nearest to the middle of the object's part of it, shape (p, 3)."""
        rest = places - self.base[which]
        blocks = [rest // self.strides[0], rest % self.strides[0] // self.strides[1], rest % self.strides[1]]
        return np.asarray(2 * np.stack(blocks, axis=1) + _middle_voxels()[self.codes[places]])

    def holds(self, voxels: Ints, which: Ints) -> NDArray[np.bool_]:
        """Whether voxels (..., 3) are of their objects; they must be in the objects' bounding boxes."""
        places = self.base[which] + (voxels >> 1) @ self.strides
        bits = (voxels & 1) @ np.array([4, 2, 1])
        return np.asarray(self.codes[places] >> bits & 1, bool)


def make_frame(runs: ObjectRuns, size: Floats) -> Frame:
    """Put objects side by side.

    Args:
        runs: The objects.
        size: Voxel size (z, y, x) in µm.
    """
    begins = np.flatnonzero(np.diff(runs.which, prepend=-1))
    depths = np.maximum.reduceat(runs.starts[0] >> 1, begins) + 2
    rows = (int(runs.starts[1].max()) >> 1) + 2
    columns = (int((runs.starts[2] + runs.lengths).max()) - 1 >> 1) + 2
    strides = np.array([rows * columns, columns, 1])
    base = (np.cumsum(depths) - depths + 1) * strides[0] + columns + 1
    codes = np.zeros(base[-1] + (depths[-1] + 1) * strides[0], np.uint8)
    ends = np.cumsum(runs.lengths)
    for first in range(0, int(ends[-1]), _VOXELS):
        _mark(codes, runs, slice(*np.searchsorted(ends, (first, first + _VOXELS), "right")), base, strides)
    nodes = np.flatnonzero(codes)
    return Frame(codes, base, strides, nodes, np.searchsorted(base, nodes, "right") - 1, size)


def _mark(codes: NDArray[np.uint8], runs: ObjectRuns, some: slice, base: Ints, strides: Ints) -> None:
    """Set the bits of the voxels of some runs."""
    k, j, first = runs.starts[:, some]
    lengths = runs.lengths[some]
    if not len(lengths):
        return
    i = ranges(first, lengths)
    rows = base[runs.which[some]] + (k >> 1) * strides[0] + (j >> 1) * strides[1]
    places = np.repeat(rows, lengths) + (i >> 1)
    bits = np.repeat(4 * (k & 1) + 2 * (j & 1), lengths) + (i & 1)
    lowest = places.min()
    found = np.bincount(places - lowest, 1 << bits)
    codes[lowest : lowest + len(found)] += found.astype(np.uint8)


@lru_cache(maxsize=1)
def touching() -> NDArray[np.bool_]:
    """Whether two blocks touch by their voxels: by step of `STEPS` and by both codes, shape (26, 256, 256)."""
    codes = np.arange(256)
    found = np.zeros((len(STEPS), 256, 256), bool)
    for n, step in enumerate(STEPS):
        for one, bit in enumerate(_BITS):
            apart = np.abs(_BITS + 2 * np.array(step) - bit).max(axis=1)
            reached = sum(1 << int(4 * k + 2 * j + i) for (k, j, i), far in zip(_BITS, apart, strict=True) if far <= 1)
            found[n] |= (codes >> one & 1 > 0)[:, None] & (codes & reached > 0)
    return found


@lru_cache(maxsize=1)
def _middle_voxels() -> Ints:
    """The voxel (k, j, i) of a block nearest to the middle of its voxels, by its code, shape (256, 3)."""
    inside = (np.arange(256)[:, None] >> np.arange(8) & 1).astype(bool)
    middles = inside @ _BITS / np.maximum(1, inside.sum(axis=1))[:, None]
    apart = ((_BITS - middles[:, None]) ** 2).sum(axis=2)
    return np.asarray(_BITS[np.where(inside, apart, np.inf).argmin(axis=1)])
