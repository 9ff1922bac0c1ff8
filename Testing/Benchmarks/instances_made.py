"""Label volumes of ellipsoids in all directions, as large and with as many objects as asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

VOXEL_UM = (3.0, 2.0, 1.5)
_BLOCK = 128


@dataclass(frozen=True)
class Made:
    """A volume that is made of the same block again and again, its labels counted on.

    Args:
        block: Labels of one block, shape (b, b, b), uint32.
        times: How often it stands along each axis.
        per_block: Objects in a block.
    """

    block: NDArray[np.uint32]
    times: int
    per_block: int

    @property
    def count(self) -> int:
        """Objects in all."""
        return self.times**3 * self.per_block

    @property
    def size(self) -> int:
        """Voxels along each axis."""
        return self.times * len(self.block)

    def layers(self) -> Iterator[NDArray[np.uint32]]:
        """The volume from its first slice to its last, a layer of blocks at a time."""
        there = self.block != 0
        for k in range(self.times):
            layer = np.zeros((len(self.block), self.size, self.size), np.uint32)
            for j in range(self.times):
                for i in range(self.times):
                    number = (k * self.times + j) * self.times + i
                    window = layer[:, _span(j, self.block), _span(i, self.block)]
                    np.add(self.block, np.uint32(number * self.per_block), out=window, where=there)
            yield layer

    def volume(self) -> NDArray[np.uint32]:
        """All of it, shape (size, size, size)."""
        whole = np.empty((self.size,) * 3, np.uint32)
        for k, layer in enumerate(self.layers()):
            whole[_span(k, self.block)] = layer
        return whole


def _span(index: int, block: NDArray[np.uint32]) -> slice:
    return slice(index * len(block), (index + 1) * len(block))


def make_ellipsoids(size: int, objects: int, seed: int = 0) -> Made:
    """A cube of about that many voxels along each axis, with at least that many objects."""
    times = max(1, round(size / _BLOCK))
    per_axis = int(np.ceil(round((objects / times**3) ** (1 / 3), 6)))
    edge = size // times
    block = np.zeros((edge,) * 3, np.uint32)
    rng, cell = np.random.default_rng(seed), edge / per_axis
    for number, place in enumerate(np.ndindex(per_axis, per_axis, per_axis), 1):
        _put(block, number, (np.array(place) + 0.5) * cell - 0.5, cell, rng)
    return Made(block, times, per_axis**3)


def _put(
    block: NDArray[np.uint32], number: int, middle: NDArray[np.float64], cell: float, rng: np.random.Generator
) -> None:
    """One ellipsoid inside of its cell."""
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    inverse = turn / (cell * rng.uniform(0.28, 0.5, 3)) ** 2 @ turn.T
    low, high = np.ceil(middle - cell / 2).astype(int), np.floor(middle + cell / 2).astype(int) + 1
    grid = np.stack(np.meshgrid(*(np.arange(a, b) for a, b in zip(low, high, strict=True)), indexing="ij"), -1) - middle
    window = block[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]
    window[np.einsum("...a,ab,...b->...", grid, inverse, grid) <= 1] = number
    window[tuple(np.round(middle).astype(int) - low)] = number  # however small the cell


def grey_of(labels: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """A grey volume: each object its own grey, and noise."""
    rng = np.random.default_rng(1)
    grey = (labels * np.uint32(2654435761) >> np.uint32(18)).astype(np.uint16)
    return grey + rng.integers(0, 2000, labels.shape, np.uint16)
