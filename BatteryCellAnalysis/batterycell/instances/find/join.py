"""Pieces of objects, found slab by slab, and which of them are one object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.instances.measures.runs import Runs, encode_runs

Ints = NDArray[np.int64]
_FAR = np.iinfo(np.int64).max
MOST_PIECES = 2**31 - 2


@dataclass(frozen=True)
class Tally:
    """What is known of pieces or objects, in order; arrays of shape (n,) or (n, 3).

    Args:
        voxels: How many they have.
        first: Place of their first voxel in the flattened volume.
        low: Smallest (k, j, i).
        high: Largest (k, j, i), itself included.
        classes: Their class.
    """

    voxels: Ints
    first: Ints
    low: Ints
    high: Ints
    classes: Ints

    def grouped(self, groups: Ints, count: int) -> Tally:
        """The same of ``count`` groups; piece n belongs to group ``groups[n]``."""
        merged = empty_tally(count)
        np.add.at(merged.voxels, groups, self.voxels)
        np.minimum.at(merged.first, groups, self.first)
        np.minimum.at(merged.low, groups, self.low)
        np.maximum.at(merged.high, groups, self.high)
        np.maximum.at(merged.classes, groups, self.classes)
        return merged

    def joined(self, other: Tally) -> Tally:
        """The same objects with what other slices hold of them."""
        return Tally(
            self.voxels + other.voxels,
            np.minimum(self.first, other.first),
            np.minimum(self.low, other.low),
            np.maximum(self.high, other.high),
            np.maximum(self.classes, other.classes),
        )

    def at(self, rows: Ints | NDArray[np.bool_]) -> Tally:
        """Some of them."""
        return Tally(self.voxels[rows], self.first[rows], self.low[rows], self.high[rows], self.classes[rows])


def empty_tally(count: int) -> Tally:
    """Objects of no voxels."""
    low, high = np.full((count, 3), _FAR), np.full((count, 3), -1, np.int64)
    return Tally(np.zeros(count, np.int64), np.full(count, _FAR), low, high, np.zeros(count, np.int64))


def tally(labels: NDArray[Any], classes: NDArray[Any] | int, count: int, start: int = 0) -> Tally:
    """What some slices hold of pieces 1..count.

    Args:
        labels: Shape (n, j, i).
        classes: Class of each voxel, or of all.
        count: Number of pieces; those without a voxel here stay empty.
        start: Index of the first slice in the volume.
    """
    runs, found = encode_runs(labels, start), empty_tally(count)
    piece = runs.label - 1
    found.voxels[:] = np.bincount(piece, runs.length, count)
    # Where an entry is set more than once, the last one stays: the runs are in the order of the voxels.
    found.first[piece[::-1]] = (runs.first + start * labels.shape[1] * labels.shape[2])[::-1]
    found.classes[piece] = classes if isinstance(classes, int) else classes.reshape(-1)[runs.first]
    _bound(found, runs, piece)
    return found


def _bound(found: Tally, runs: Runs, piece: Ints) -> None:
    found.low[piece[::-1], 0] = runs.k[::-1]
    found.high[piece, 0] = runs.k
    np.minimum.at(found.low[:, 1], piece, runs.j)
    np.maximum.at(found.high[:, 1], piece, runs.j)
    np.minimum.at(found.low[:, 2], piece, runs.i0)
    np.maximum.at(found.high[:, 2], piece, runs.i1 - 1)


@dataclass
class Pieces:
    """Pieces numbered from 1 in the order in which they were added, and the pairs of them that belong together."""

    count: int = 0
    tallies: list[Tally] = field(default_factory=list)
    pairs: list[Ints] = field(default_factory=list)

    def add(self, found: Tally) -> None:
        """Number further pieces.

        Raises:
            InputError: if there are more than 2³¹ - 2.
        """
        self.count = check_count(self.count + len(found.voxels))
        self.tallies.append(found)

    def pair(self, one: NDArray[Any], other: NDArray[Any]) -> None:
        """Say which pieces belong together: one[n] with other[n]; 0 is nobody."""
        both = (one > 0) & (other > 0)
        pairs = np.stack([one[both], other[both]], axis=1).astype(np.int64)
        self.pairs.append(unique_pairs(pairs))

    @property
    def tally(self) -> Tally:
        """All pieces."""
        parts = self.tallies or [empty_tally(0)]
        names = ("voxels", "first", "low", "high", "classes")
        return Tally(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def groups(self) -> tuple[Ints, int]:
        """The group of each piece, from 0, shape (count,), and the number of groups."""
        pairs = np.concatenate([*self.pairs, np.empty((0, 2), np.int64)])
        return connect(pairs - 1, self.count)


def check_count(count: int) -> int:
    """The count of pieces, if it can be.

    Raises:
        InputError: if there are more than 2³¹ - 2.
    """
    if count > MOST_PIECES:
        raise InputError("instances-many", "There are more objects than 2³¹.", "Is this a grey image? Segment it.")
    return count


def unique_pairs(pairs: Ints) -> Ints:
    """Each pair once, shape (n, 2)."""
    key = np.unique(pairs[:, 0] << 32 | pairs[:, 1])
    return np.stack([key >> 32, key & 0xFFFFFFFF], axis=1)


def connect(pairs: Ints, count: int) -> tuple[Ints, int]:
    """The group of each of ``count`` things, from 0, and the number of groups; ``pairs`` (n, 2) are of one group."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ones = np.ones(len(pairs), np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    groups, labels = connected_components(graph, directed=False)
    return labels.astype(np.int64), int(groups)
