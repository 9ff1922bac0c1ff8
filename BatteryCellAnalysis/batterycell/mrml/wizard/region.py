"""Blocks of whole voxels of an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.segment import Frame
from batterycell.segment.data.grid import Grid
from batterycell.volume import Volume

# Single voxels (k, j, i), shape (3, ...).
Places = NDArray[np.int64]
_Triple = tuple[int, int, int]
_CORNERS = np.stack(np.meshgrid(*[(-0.5, 0.5)] * 3), axis=-1).reshape(-1, 3)


@dataclass(frozen=True)
class Region:
    """A block of voxels.

    Args:
        start: First voxel (k, j, i).
        stop: One past the last voxel (k, j, i).
    """

    start: _Triple
    stop: _Triple

    @classmethod
    def at(cls, start: Any, shape: Any) -> Region:
        """The block of a shape that starts at a voxel."""
        low, high = np.array(start, int), np.array(start, int) + np.array(shape, int)
        return cls(_triple(low), _triple(high))

    @classmethod
    def of(cls, volume: Volume) -> Region:
        """All voxels of a volume."""
        return cls.at((0, 0, 0), volume.array.shape)

    @classmethod
    def around(cls, places: Places) -> Region:
        """The smallest block that holds some voxels, shape (3, n), of which there is one at least."""
        return cls(_triple(places.min(axis=1)), _triple(places.max(axis=1) + 1))

    @property
    def shape(self) -> _Triple:
        """Shape (k, j, i)."""
        return _triple(np.array(self.stop) - self.start)

    @property
    def extent(self) -> tuple[int, ...]:
        """First and last voxel along i, j, k, as VTK writes it."""
        pairs = zip(self.start[::-1], self.stop[::-1], strict=True)
        return tuple(number for low, high in pairs for number in (low, high - 1))

    def common(self, other: Region) -> Region | None:
        """The voxels in both; None where there are none."""
        low, high = np.maximum(self.start, other.start), np.minimum(self.stop, other.stop)
        return Region(_triple(low), _triple(high)) if (low < high).all() else None

    def union(self, other: Region) -> Region:
        """The smallest block that holds both."""
        return Region(_triple(np.minimum(self.start, other.start)), _triple(np.maximum(self.stop, other.stop)))

    def slices_in(self, whole: Region) -> tuple[slice, ...]:
        """Where it lies in the array of a larger region."""
        pairs = zip(self.start, self.stop, whole.start, strict=True)
        return tuple(slice(low - origin, high - origin) for low, high, origin in pairs)

    def crop(self, volume: Volume) -> Volume:
        """This part of a volume, sharing its memory, in its place."""
        matrix = volume.ijk_to_ras.copy()
        matrix[:3, 3] = volume.to_ras(self.start[::-1])
        array = volume.array[self.slices_in(Region.of(volume))]
        return Volume(array, matrix, volume.voxel_size_source, volume.name)


def region_of(frame: Frame, volume: Volume, margin: int = 0) -> Region | None:
    """The block of a volume's voxels around a frame.

    Args:
        frame: The frame.
        volume: Its image's grid.
        margin: Voxels more on every side.

    Returns:
        None where the frame lies outside the volume.
    """
    corners = _CORNERS * frame.size_mm
    return _around(volume.to_ijk(corners @ frame.to_ras[:3, :3].T + frame.to_ras[:3, 3]), volume, margin)


def region_about(grid: Grid, volume: Volume, margin: int = 1) -> Region | None:
    """The block of a volume's voxels around another grid; None where that lies outside the volume."""
    size = np.array(grid.shape[::-1])
    matrix = grid.in_voxels_of(volume)
    return _around((_CORNERS * size + (size - 1) / 2) @ matrix[:3, :3].T + matrix[:3, 3], volume, margin)


def _around(ijk: NDArray[np.float64], volume: Volume, margin: int) -> Region | None:
    # A frame of whole voxels ends half-way between them, but for rounding.
    low, high = np.ceil(ijk.min(0) - 0.499) - margin, np.floor(ijk.max(0) + 0.499) + 1 + margin
    return Region(_triple(low[::-1]), _triple(high[::-1])).common(Region.of(volume))


def _triple(numbers: NDArray[Any]) -> _Triple:
    first, second, third = (int(number) for number in np.asarray(numbers).tolist())
    return first, second, third
