"""Room for label volumes that do not fit into memory: maps of files, of which no more is held than is worked on."""

from __future__ import annotations

import mmap
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.slabs import SlabSource


def release(labels: NDArray[Any]) -> None:
    """Let go of what is held of a map of a file; what was written stays. Does nothing to an array in memory."""
    mapped = _map_of(labels)
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def renumber(labels: NDArray[np.uint32], table: NDArray[np.uint32], voxels: int) -> None:
    """Give every voxel another number, in place.

    Args:
        labels: Shape (k, j, i).
        table: The other number of each number from 0 on.
        voxels: How many to hold at a time.
    """
    depth = max(1, voxels // max(1, labels[0].size))
    for start in range(0, len(labels), depth):
        labels[start : start + depth] = table[labels[start : start + depth]]
        release(labels)


def read_slabs(labels: NDArray[Any]) -> SlabSource:
    """A label volume in slabs; those of a map of a file are read from the file, so that they are not held twice."""
    source = SlabSource.of_array(labels)
    if not isinstance(labels, np.ndarray):
        return replace(source, in_memory=False)
    if _map_of(labels) is None or not isinstance(labels, np.memmap):
        return source
    path, offset, slice_ = str(labels.filename), labels.offset, labels[0].size
    shape, dtype = labels.shape, labels.dtype

    def read(start: int, stop: int) -> NDArray[Any]:
        count, place = (stop - start) * slice_, offset + start * slice_ * dtype.itemsize
        return np.fromfile(path, dtype, count, offset=place).reshape(stop - start, *shape[1:])

    labels.flush()
    return SlabSource(source.shape, source.dtype, read)


def _map_of(labels: NDArray[Any]) -> mmap.mmap | None:
    """The map of a whole file's array; None for memory, and for parts of a map."""
    base = getattr(labels, "base", None)
    if not isinstance(base, mmap.mmap):
        return None
    return base if labels.flags.c_contiguous and len(labels) else None
