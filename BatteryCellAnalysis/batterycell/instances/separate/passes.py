"""Passes between basins of depth: how deep the way from one peak to another leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.join import Ints

from .basins import Floats, Labels, Neighbourhood


@dataclass(frozen=True)
class Passes:
    """The deepest pass between two basins that meet.

    Args:
        pairs: Numbers of the basins, the lower first, shape (n, 2).
        depths: Depth of the pass, shape (n,).
    """

    pairs: Ints
    depths: Floats

    def renamed(self, names: NDArray[np.integer[Any]]) -> Passes:
        """The same between names of the basins, those of one name left out, each pair once.

        Args:
            names: Of each number from 0 on.
        """
        return Passes(names[self.pairs].astype(np.int64), self.depths).apart().deepest()

    def apart(self) -> Passes:
        """Those between two different basins."""
        return self.of(self.pairs[:, 0] != self.pairs[:, 1])

    def of(self, chosen: NDArray[np.bool_]) -> Passes:
        """Some of them."""
        return Passes(self.pairs[chosen], self.depths[chosen])

    def deepest(self) -> Passes:
        """Each pair once, in order, with its deepest pass."""
        key = self.pairs.min(axis=1) << 32 | self.pairs.max(axis=1)
        order = np.lexsort((self.depths, key))
        key, depths = key[order], self.depths[order]
        last = np.append(key[1:] != key[:-1], True)[: len(key)]
        return Passes(np.stack([key[last] >> 32, key[last] & 0xFFFFFFFF], axis=1), depths[last])


def join_passes(parts: Sequence[Passes]) -> Passes:
    """All passes of several parts, each pair once."""
    pairs = np.concatenate([np.empty((0, 2), np.int64), *(part.pairs for part in parts)])
    depths = np.concatenate([np.empty(0, np.float32), *(part.depths for part in parts)])
    return Passes(pairs, depths).deepest()


def find_passes(labels: Labels, depth: Floats, around: Neighbourhood, least: Floats) -> Passes:
    """The passes between neighbouring basins.

    Args:
        labels: Number of each voxel's basin, shape (k, j, i).
        depth: Shape (k, j, i).
        around: Which voxels are neighbours.
        least: For each number, the depth below which no pass matters, shape (numbers,).
    """
    return join_passes([_passes_along(labels, depth, step, least) for step in around.steps])


def _passes_along(labels: Labels, depth: Floats, step: tuple[int, ...], least: Floats) -> Passes:
    here, there = _shifted(step)
    one, other = labels[here], labels[there]
    meet = np.flatnonzero((one != other) & (one > 0) & (other > 0))
    places = np.unravel_index(meet, one.shape)
    one, other = one[places], other[places]
    depths = np.minimum(depth[here][places], depth[there][places])
    kept = depths >= np.minimum(least[one], least[other])
    pairs = np.stack([one[kept], other[kept]], axis=1).astype(np.int64)
    return Passes(pairs, depths[kept]).deepest()


def _shifted(step: tuple[int, ...]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    here = tuple(slice(max(-n, 0), -n if n > 0 else None) for n in step)
    there = tuple(slice(max(n, 0), n if n < 0 else None) for n in step)
    return here, there
