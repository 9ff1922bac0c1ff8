"""Objects side by side in one frame of blocks of 2 × 2 × 2 voxels, so that all are walked through at once.

All voxels of such a block touch each other, and which blocks touch is known of the voxels in them: so the blocks are
connected exactly as the voxels are (26 neighbours, in a slice 8), with an eighth of the places to go to.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from .runs import Floats, Ints

# Steps (k, j, i) to the 26 blocks around one.
STEPS = tuple(step for step in product((-1, 0, 1), repeat=3) if any(step))
_BITS = np.array(list(product((0, 1), repeat=3)))


@dataclass(frozen=True)
class Frame:
    """Blocks of some objects; between objects, and between rows, there are empty blocks.

    Args:
        codes: Which voxels of a block are of the object, a bit each, shape (p,); 0 outside.
        base: Place of the first block of each object, shape (n,).
        strides: How many places apart neighbours along (k, j, i) are.
        nodes: Places of the blocks of objects, rising, shape (b,).
        which: The object of each of these, rising, shape (b,).
        size: Voxel size (z, y, x) in µm.
    """

    codes: NDArray[np.uint8]
    base: Ints
    strides: Ints
    nodes: Ints
    which: Ints
    size: Floats

    def offsets(self) -> Ints:
        """How many places away the 26 neighbours are, as in `STEPS`."""
        return np.asarray(np.array(STEPS) @ self.strides)

    def voxels(self, places: Ints, which: Ints) -> Ints:
        """The voxel (k, j, i) in each block that is nearest to the middle of the object's part of it, shape (p, 3)."""
        rest = places - self.base[which]
        blocks = [rest // self.strides[0], rest % self.strides[0] // self.strides[1], rest % self.strides[1]]
        return np.asarray(2 * np.stack(blocks, axis=1) + _middle_voxels()[self.codes[places]])

    def holds(self, voxels: Ints, which: Ints) -> NDArray[np.bool_]:
        """Whether voxels (..., 3) are of their objects; they must be in the objects' bounding boxes."""
        places = self.base[which] + (voxels >> 1) @ self.strides
        bits = (voxels & 1) @ np.array([4, 2, 1])
        return np.asarray(self.codes[places] >> bits & 1, bool)


def make_frame(which: Ints, places: Ints, size: Floats) -> Frame:
    """Put objects side by side.

    Args:
        which: Object of each voxel, 0..n - 1, rising, shape (v,).
        places: (k, j, i) of each voxel in its object's bounding box, shape (3, v).
        size: Voxel size (z, y, x) in µm.
    """
    blocks = places >> 1
    begins = np.flatnonzero(np.diff(which, prepend=-1))
    depths = np.maximum.reduceat(blocks[0], begins) + 2
    rows, columns = (blocks[1:].max(axis=1) + 2).tolist()
    strides = np.array([rows * columns, columns, 1])
    base = (np.cumsum(depths) - depths + 1) * strides[0] + columns + 1
    at = base[which] + strides @ blocks
    bits = 1 << (np.array([4, 2, 1]) @ (places & 1))
    codes = np.bincount(at, bits, base[-1] + (depths[-1] + 1) * strides[0]).astype(np.uint8)
    nodes = np.flatnonzero(codes)
    return Frame(codes, base, strides, nodes, np.searchsorted(base, nodes, "right") - 1, size)


@lru_cache(maxsize=1)
def touching() -> NDArray[np.bool_]:
    """Whether two blocks touch by their voxels: by step of `STEPS` and by both codes, shape (26, 256, 256)."""
    codes = np.arange(256)
    found = np.zeros((len(STEPS), 256, 256), bool)
    for n, step in enumerate(STEPS):
        for one, bit in enumerate(_BITS):
            apart = np.abs(_BITS + 2 * np.array(step) - bit).max(axis=1)
            reached = sum(1 << int(4 * k + 2 * j + i) for (k, j, i), far in zip(_BITS, apart, strict=True) if far <= 1)
            found[n] |= (codes >> one & 1 > 0)[:, None] & (codes & reached > 0)
    return found


@lru_cache(maxsize=1)
def _middle_voxels() -> Ints:
    """The voxel (k, j, i) of a block nearest to the middle of its voxels, by its code, shape (256, 3)."""
    inside = (np.arange(256)[:, None] >> np.arange(8) & 1).astype(bool)
    middles = inside @ _BITS / np.maximum(1, inside.sum(axis=1))[:, None]
    apart = ((_BITS - middles[:, None]) ** 2).sum(axis=2)
    return np.asarray(_BITS[np.where(inside, apart, np.inf).argmin(axis=1)])
