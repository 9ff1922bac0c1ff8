"""Voxels added up in coarse cells: what is left of a large volume for its representativity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.slabs import SlabSource

Floats = NDArray[np.float64]
SlabValues = Callable[[NDArray[Any]], NDArray[Any]]
# Cells of a volume; the covariance's integral, which is what counts, does not depend on their size.
MOST_CELLS = 1 << 17


@dataclass(frozen=True)
class Cells:
    """A grid of cells, each of some voxels; those at the far ends may be smaller.

    Args:
        voxels: Shape of the volume in voxels (k, j, i).
        factors: Voxels of a cell along (k, j, i).
        voxel_um: Voxel size (z, y, x) in µm.
        dimension: 3, or 2 where each slice is looked at on its own.
    """

    voxels: tuple[int, int, int]
    factors: tuple[int, int, int]
    voxel_um: tuple[float, float, float]
    dimension: int = 3

    @classmethod
    def of_volume(
        cls, voxels: tuple[int, int, int], voxel_um: tuple[float, float, float], dimension: int = 3, most: int = 0
    ) -> Cells:
        """The finest cells, as cubic as can be, of which there are not more than ``most``; in 2D one slice thick."""
        factors = np.ones(3, int)
        while _shape(voxels, factors).prod() > (most or MOST_CELLS):
            size = factors * np.asarray(voxel_um, float)
            size[(_shape(voxels, factors) == 1) | (np.arange(3) < 3 - dimension)] = np.inf
            if not np.isfinite(size).any():
                break
            factors[np.argmin(size)] += 1
        return cls(voxels, (int(factors[0]), int(factors[1]), int(factors[2])), voxel_um, dimension)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of cells along (k, j, i)."""
        k, j, i = _shape(self.voxels, np.array(self.factors)).tolist()
        return k, j, i

    @property
    def size_um(self) -> Floats:
        """Size of a cell (z, y, x) in µm."""
        return np.asarray(np.multiply(self.factors, self.voxel_um))

    @property
    def slab_voxels(self) -> int:
        """Voxels of a slab that are worked on at a time."""
        return 1 << 22

    def add(self, totals: Floats, start: int, values: NDArray[Any]) -> None:
        """Add slices, shape (n, j, i), of which the first is slice ``start``, to the cells' totals."""
        for axis in (2, 1, 0):
            if self.factors[axis] > 1:
                places = np.arange(values.shape[axis]) + (start if axis == 0 else 0)
                edges = np.flatnonzero(np.diff(places // self.factors[axis], prepend=-1))
                values = np.add.reduceat(values, edges, axis=axis, dtype=_sum_type(values))
        first = start // self.factors[0]
        totals[first : first + len(values)] += values

    def total(self, source: SlabSource, values_of: SlabValues) -> Floats:
        """What all voxels of a volume add up to in each cell; ``values_of`` gives the values of some slices."""
        totals = np.zeros(self.shape)
        for slab in source.slabs(self.slab_voxels):
            self.add(totals, slab.start, values_of(slab.array))
        return totals


def _shape(voxels: tuple[int, int, int], factors: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(-(-np.asarray(voxels) // factors))


def _sum_type(values: NDArray[Any]) -> type[Any]:
    return np.float64 if values.dtype.kind == "f" else np.int32
