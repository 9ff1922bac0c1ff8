"""Label volumes read a slab at a time, so that none has to fit into memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Voxels of a slab: large enough that numpy's own time counts, small enough for the processor's memory.
_VOXELS = 1 << 24


@dataclass(frozen=True)
class Slab:
    """Some slices of a volume, and the slice that follows them.

    Args:
        start: Index of its first slice in the volume.
        array: The slices, shape (n, j, i).
        following: The next slice, shape (j, i), for what lies between two slices; None at the end of the volume.
    """

    start: int
    array: NDArray[Any]
    following: NDArray[Any] | None = None


@dataclass(frozen=True)
class SlabSource:
    """A volume that is read in slabs.

    Args:
        shape: (k, j, i).
        dtype: Type of its values.
        read: Gives slices ``start`` to ``stop`` (not included), shape (stop - start, j, i).
        in_memory: Whether reading a slice again costs nothing.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    read: Callable[[int, int], NDArray[Any]]
    in_memory: bool = False

    @property
    def voxels(self) -> int:
        """Number of voxels."""
        slices, rows, columns = self.shape
        return slices * rows * columns

    @classmethod
    def of_array(cls, array: NDArray[Any]) -> SlabSource:
        """An array in memory, or mapped into it, shape (k, j, i)."""
        k, j, i = array.shape
        return cls((k, j, i), array.dtype, lambda start, stop: np.asarray(array[start:stop]), True)

    def slabs(self, voxels: int = _VOXELS) -> Iterator[Slab]:
        """The volume from its first slice to its last, about ``voxels`` at a time; each slice is read once."""
        depth = max(1, voxels // max(1, self.shape[1] * self.shape[2]))
        following: NDArray[Any] | None = None
        for start in range(0, self.shape[0], depth):
            stop = min(start + depth, self.shape[0])
            head = start if following is None else start + 1
            last = min(stop + 1, self.shape[0])
            parts = ([following[None]] if following is not None else []) + [self.read(head, last)]
            array = parts[0] if len(parts) == 1 else np.concatenate(parts)
            after = array[stop - start] if last > stop else None
            yield Slab(start, array[: stop - start], after)
            following = None if self.in_memory else after
