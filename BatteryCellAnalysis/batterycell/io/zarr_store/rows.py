"""Slices of a store, unpacked a row of chunks at a time: slabs are often thinner than chunks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Read = Callable[[tuple[slice, ...]], NDArray[Any]]


class ChunkRows:
    """Reads slices; the last row of chunks is kept.

    Args:
        read: Reads voxels (z, y, x).
        depth: Slices of a chunk.
        height: Slices of the array.
    """

    def __init__(self, read: Read, depth: int, height: int) -> None:
        self._read, self.depth, self._height = read, depth, height
        self._kept: tuple[int, NDArray[Any]] | None = None

    def __call__(self, start: int, stop: int) -> NDArray[Any]:
        """Slices ``start`` to ``stop`` (not included), shape (stop - start, j, i)."""
        if stop <= start:
            return self._read((slice(start, start),))
        rows = range(start // self.depth, (stop - 1) // self.depth + 1)
        parts = [self._part(row, start, stop) for row in rows]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _part(self, row: int, start: int, stop: int) -> NDArray[Any]:
        first, kept = row * self.depth, self._kept
        # Taken and put in one piece, so that threads cannot mix rows.
        if kept is None or kept[0] != row:
            self._kept = kept = None  # else two rows are held while the next is unpacked
            kept = (row, self._read((slice(first, min(first + self.depth, self._height)),)))
            self._kept = kept
        return kept[1][max(start - first, 0) : stop - first]
