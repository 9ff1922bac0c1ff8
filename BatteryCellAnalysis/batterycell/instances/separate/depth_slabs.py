"""Depths slab by slab, out of larger blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .depth import HALO, Depth, Floats

Mask = NDArray[np.bool_]
# Distances are found in larger blocks than the rest, as each needs the slices around it, too.
BLOCK_VOXELS = 1 << 27
# While depths are found, a voxel takes so much.
_BYTES = 10


def block_slices(shape: tuple[int, int, int], slices: int) -> int:
    """Slices of a block of a volume, whole slabs: a quarter of it, about `BLOCK_VOXELS` at most, a slab at least.

    Args:
        shape: Of the volume, (k, j, i).
        slices: Of a slab.
    """
    most = min(shape[0] // 4, BLOCK_VOXELS // max(1, shape[1] * shape[2]))
    return max(1, most // slices) * slices


def block_bytes(shape: tuple[int, int, int], slices: int) -> int:
    """Memory held while the depths of a block are found, where no object is deeper than `HALO` slices.

    Args:
        shape: Of the volume, (k, j, i).
        slices: Of a slab.
    """
    seen = block_slices(shape, slices) + 2 * (HALO + 1)
    return _BYTES * min(shape[0], seen) * shape[1] * shape[2]


class DepthSlabs:
    """Depths of a class slab by slab, from any slab on; a block of them is found when its first slab is asked for.

    Args:
        depth: Of the class.
        slices: Of a block; it has whole slabs.
    """

    def __init__(self, depth: Depth, slices: int) -> None:
        self._source, self._slices = depth, slices
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
