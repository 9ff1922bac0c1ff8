"""How an image is cut into windows that a network sees at once, and how their predictions are blended."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from batterycell.segment.model.info import NetworkSpec

Place = tuple[int, int, int]


@dataclass(frozen=True)
class Grid:
    """Windows of one size that cover an image, evenly spread.

    Args:
        size: Slices, rows, columns of a window.
        starts: First voxels of the windows along each axis.
        shape: Slices, rows, columns of the image.
    """

    size: Place
    starts: tuple[tuple[int, ...], ...]
    shape: Place

    @property
    def places(self) -> list[Place]:
        """First voxel (k, j, i) of every window."""
        return [(k, j, i) for k, j, i in product(*self.starts)]

    def slices(self, place: Place) -> tuple[slice, slice, slice]:
        """Where a window lies in the image."""
        k, j, i = (slice(start, start + size) for start, size in zip(place, self.size, strict=True))
        return k, j, i

    @property
    def is_overlapping(self) -> bool:
        """Whether some voxel lies in several windows."""
        pairs = ((size, pair) for size, starts in zip(self.size, self.starts, strict=True) for pair in pairwise(starts))
        return any(after - before < size for size, (before, after) in pairs)

    @property
    def weight(self) -> NDArray[np.float32]:
        """What a window's prediction counts for, shape `size`: less and less towards borders that others cover too."""
        rising = [_ramp(size, starts) for size, starts in zip(self.size, self.starts, strict=True)]
        return _outer(rising)

    @property
    def sums(self) -> tuple[NDArray[np.float32], ...]:
        """The sums of all weights, which are a product of one factor (1, 1, n) an axis: factors shaped to broadcast."""
        return tuple(self._sum(axis) for axis in range(3))

    def _sum(self, axis: int) -> NDArray[np.float32]:
        ramp, total = _ramp(self.size[axis], self.starts[axis]), np.zeros(self.shape[axis], np.float32)
        for start in self.starts[axis]:
            total[start : start + self.size[axis]] += ramp
        return total.reshape([-1 if other == axis else 1 for other in range(3)])


def cut(shape: Place, spec: NetworkSpec, edge: int, overlap: int) -> Grid:
    """Windows for an image; whole where it is not larger than a window.

    Args:
        shape: Slices, rows, columns of the image, multiples of what the network halves.
        spec: The network; two-dimensional ones predict slice by slice.
        edge: Rows and columns (3D: slices too) of a window.
        overlap: Least voxels that neighbours share.
    """
    edges = (edge if spec.dimension == "3d" else 1, edge, edge)
    overlaps = (overlap if spec.dimension == "3d" else 0, overlap, overlap)
    multiples = (spec.multiple if spec.dimension == "3d" else 1, spec.multiple, spec.multiple)
    each = [_place(*numbers) for numbers in zip(shape, edges, overlaps, multiples, strict=True)]
    size = (each[0][0], each[1][0], each[2][0])
    return Grid(size, tuple(starts for _, starts in each), shape)


def _place(length: int, edge: int, overlap: int, multiple: int) -> tuple[int, tuple[int, ...]]:
    """Size and starts of windows along one axis: as few as do, no larger than they must be, evenly spread.

    All start at multiples of what the network halves: pixels that are halved with other neighbours than in the whole
    image are judged otherwise, one in thirty even differently.
    """
    edge = math.ceil(edge / multiple) * multiple
    if edge >= length:
        return length, (0,)
    overlap = min(overlap, edge // 2 // multiple * multiple)
    count = 1 + math.ceil((length - edge) / ((edge - overlap) // multiple * multiple))
    size, span = length % multiple, length // multiple
    while size - math.ceil(span / (count - 1)) * multiple < overlap and span > 0:
        size, span = size + multiple, span - 1
    starts = [round(number * span / (count - 1)) * multiple for number in range(count)]
    return size, tuple(dict.fromkeys(starts))


def _ramp(size: int, starts: tuple[int, ...]) -> NDArray[np.float32]:
    """A weight that rises as sin² over what two neighbours share, so that no seam is seen."""
    ramp = np.ones(size, np.float32)
    shared = 0 if len(starts) < 2 else size - (starts[1] - starts[0])
    if shared > 0:
        rise = np.sin((np.arange(shared) + 0.5) * (np.pi / 2 / shared)) ** 2
        ramp[:shared] = rise
        ramp[-shared:] = np.minimum(ramp[-shared:], rise[::-1])
    return ramp


def _outer(ramps: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    z, y, x = ramps
    return np.asarray(z[:, None, None] * y[:, None] * x, np.float32)
