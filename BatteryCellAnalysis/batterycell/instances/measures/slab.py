"""Slices of everything that is measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from batterycell.slabs import Slab

from .runs import Runs, encode_runs


@dataclass(frozen=True)
class MeasureSlab:
    """Some slices of everything that is measured; what is worked out of them once is kept for all measures.

    Args:
        slab: The instances.
        class_slab: The same slices of the classes.
        images: The same slices of each grey volume, shape (n, j, i).
        row: Index of the first row, where these are some rows of one slice.
    """

    slab: Slab
    class_slab: Slab | None = None
    images: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    row: int = 0

    @cached_property
    def runs(self) -> Runs:
        """The runs of the instances."""
        return encode_runs(self.slab.array, self.slab.start, self.row)

    def blocks(self, voxels: int) -> Iterator[MeasureSlab]:
        """One slice in blocks of its rows of about so many voxels, with the grey values there."""
        _, rows, columns = self.slab.array.shape
        height = max(1, voxels // columns)
        for row in range(0, rows, height):
            here = slice(row, row + height)
            images = {name: image[:, here] for name, image in self.images.items()}
            yield MeasureSlab(Slab(self.slab.start, self.slab.array[:, here]), None, images, row)
