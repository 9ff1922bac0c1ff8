"""Depths slab by slab, out of larger blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .depth import HALO, Depth, Floats

Mask = NDArray[np.bool_]
# Distances are found in larger blocks than the rest, as each needs the slices around it, too.
BLOCK_VOXELS = 1 << 27


class DepthSlabs:
    """Depths of a class slab by slab, from any slab on; a block of them is found when its first slab is asked for.

    Args:
        depth: Of the class.
        slices: Of a slab.
        voxels: Of a block; it has whole slabs, and one at least.
    """

    def __init__(self, depth: Depth, slices: int, voxels: int = BLOCK_VOXELS) -> None:
        _, rows, columns = depth.labels.shape
        self._source, self._slices = depth, max(1, voxels // (rows * columns * slices)) * slices
        self._halo, self._start = HALO, 0
        self._let_go()

    def at(self, start: int, stop: int) -> tuple[Floats, Mask]:
        """A slab.

        Args:
            start: Its first slice.
            stop: The one after its last.

        Returns:
            Depths in µm of the slab, the slice before it and the one after it (0 outside the volume), shape
            (n + 2, j, i); where the class is in the slab, shape (n, j, i).
        """
        if not self._start <= start < stop <= self._start + len(self._inside):
            self._move_to(start)
        first, last = start - self._start, stop - self._start
        return self._depth[first : last + 2], self._inside[first:last]

    def _move_to(self, start: int) -> None:
        self._let_go()
        labels, value = self._source.labels, self._source.value
        stop = min(start + self._slices, labels.shape[0])
        self._depth, self._halo = self._source.between(start, stop, self._halo)
        self._start, self._inside = start, labels.read(start, stop) == value

    def _let_go(self) -> None:
        """Hold nothing of the last block while the next one is made."""
        self._depth, self._inside = np.empty((2, 0, 0), np.float32), np.empty((0, 0, 0), bool)
