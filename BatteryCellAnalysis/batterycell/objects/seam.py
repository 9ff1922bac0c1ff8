"""Slabs that were labelled each on its own, joined where they meet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.join import Ints, Pieces, Tally, unique_pairs

from .work import tally_of

Labels = NDArray[np.uint32]


class Seam:
    """Slabs, each numbered from 1, as they come.

    Args:
        slabs: First slice of each, and the one after its last.
        pieces: The pieces of all slabs; and what those of a slab are called in the slice after it.
    """

    def __init__(self, slabs: Sequence[tuple[int, int]], pieces: tuple[Labels, Labels]) -> None:
        self._slabs, (self._numbers, self._after) = slabs, pieces
        self._found: dict[int, dict[str, Any]] = {}
        self._pairs: dict[int, Ints] = {}

    def add(self, number: int, found: dict[str, Any]) -> None:
        """Add what `label_task` says of a slab."""
        self._found[number] = found
        for upper in (number - 1, number):
            if upper in self._found and upper + 1 in self._found and self._found[upper]["goes_on"]:
                self._pairs[upper] = self._meet(self._slabs[upper][1])

    def _meet(self, k: int) -> Ints:
        """Pairs of one slab's pieces and the next one's that share a voxel of a slice."""
        after, own = self._after[k], self._numbers[k]
        both = (after > 0) & (own > 0)
        return unique_pairs(np.stack([after[both], own[both]], axis=1).astype(np.int64))

    @property
    def _tallies(self) -> list[Tally]:
        return [tally_of(found) for _, found in sorted(self._found.items())]

    @property
    def counts(self) -> list[int]:
        """Pieces of each slab."""
        return [len(tally.voxels) for tally in self._tallies]

    def pieces(self) -> Pieces:
        """All pieces, numbered slab after slab."""
        found, before = Pieces(), np.cumsum([0, *self.counts])
        for tally in self._tallies:
            found.add(tally)
        found.pairs.extend(pairs + before[upper : upper + 2] for upper, pairs in sorted(self._pairs.items()))
        return found
