"""Basins of depth: which peak each voxel climbs to, and the passes between the peaks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.join import Ints

Floats = NDArray[np.float32]
Labels = NDArray[np.uint32]
_LOW = np.uint64(0xFFFFFFFF)


@dataclass(frozen=True)
class Neighbourhood:
    """Which voxels are neighbours.

    Args:
        dimension: 3, or 2 within slices.
        order: 1 over faces, 2 over edges too, 3 over corners too.
    """

    dimension: int
    order: int

    @property
    def axes(self) -> tuple[tuple[int, ...], ...]:
        """Sets of axes; a neighbour differs along those of one set at most."""
        return tuple(combinations(range(3 - self.dimension, 3), self.order))

    @property
    def steps(self) -> list[tuple[int, ...]]:
        """Half of all steps to a neighbour, the other half being the way back."""
        some = (-1, 0, 1)
        every = product((0,) if self.dimension == 2 else some, some, some)
        return [step for step in every if step > (0, 0, 0) and sum(map(abs, step)) <= self.order]


@dataclass(frozen=True)
class Basins:
    """The basins of a slab, cut off at its first and last slice.

    Args:
        labels: Number of each voxel's basin, from 1, shape (n, j, i); 0 where there is no depth.
        peaks: Depth of each one's peak, or of the voxel where it goes on in the slice before or after; shape (count,).
        places: Place of each one's peak in the flattened slab with the slice before and after; -1 where it goes on.
        before: Basins that go on in the slice before the slab, at the voxel where they do; shape (j, i).
        after: The same in the slice after it.
    """

    labels: Labels
    peaks: Floats
    places: Ints
    before: Labels
    after: Labels


def climb(depth: Floats, around: Neighbourhood) -> Basins:
    """Lead every voxel to its deepest neighbour, from there to the next, until one is deeper than all around it.

    Of neighbours of the same depth, the last in the order of the volume counts as the deepest; so every step has one
    aim, and the result does not depend on the slabs.

    Args:
        depth: Shape (n + 2, j, i): a slab with the slice before and after; 0 is outside.
        around: Which voxels are neighbours.
    """
    aims = _aims(depth, around)
    core = np.zeros(depth.shape, bool)
    core[1:-1] = depth[1:-1] > 0
    peak = np.zeros(depth.size, bool)
    peak[aims[core.ravel()]] = True
    numbers = np.cumsum(peak, dtype=np.uint32)
    numbers[~peak] = 0
    labels = np.where(core, numbers[aims].reshape(depth.shape), 0)[1:-1]
    places = np.flatnonzero(peak)
    outside = (places < depth[0].size) | (places >= depth.size - depth[0].size)
    before, after = numbers.reshape(depth.shape)[[0, -1]]
    return Basins(labels, depth.ravel()[places], np.where(outside, -1, places), before, after)


def _aims(depth: Floats, around: Neighbourhood) -> Ints:
    """Where each voxel of the slab ends, as a place in the flattened slab; those of the slices around stay."""
    # Depth and place in one number, to be compared at once: bits of numbers above 0 are in the order of the numbers.
    key = depth.view(np.uint32).astype(np.uint64)
    key <<= np.uint64(32)
    aims = np.arange(depth.size)
    key |= aims.view(np.uint64).reshape(depth.shape)
    inner = slice(depth[0].size, depth.size - depth[0].size)
    aims[inner] = (_largest(key, around)[1:-1] & _LOW).ravel()
    empty = np.flatnonzero(depth.ravel()[inner] <= 0) + inner.start
    aims[empty] = empty
    while True:
        further = aims[aims]
        if np.array_equal(further, aims):
            return aims
        aims = further


def _largest(key: NDArray[np.uint64], around: Neighbourhood) -> NDArray[np.uint64]:
    """The largest of each voxel and its neighbours."""
    boxes = (reduce(_largest_along, axes, key) for axes in around.axes)
    return reduce(lambda one, other: np.maximum(one, other, out=one), boxes)


def _largest_along(key: NDArray[np.uint64], axis: int) -> NDArray[np.uint64]:
    """The largest of each voxel and the ones before and after it along an axis."""
    largest = np.empty_like(key)
    to, of = np.moveaxis(largest, axis, 0), np.moveaxis(key, axis, 0)
    to[:1] = of[:1]
    np.maximum(of[1:], of[:-1], out=to[1:])
    np.maximum(to[:-1], of[1:], out=to[:-1])
    return largest
