"""Voxels and moments of instances, in closed form of their runs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Column

from .context import Context, Derived, Measure, MeasureSlab

Floats = NDArray[np.float64]


class Voxels:
    """Number of voxels of each instance; ``counts`` has shape (count,)."""

    def __init__(self, context: Context) -> None:
        self._sums = np.zeros(context.count + 1)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Voxels of instances 1..count."""
        return self._sums[1:].astype(np.int64)

    def add(self, slab: MeasureSlab) -> None:
        """Count the voxels of some slices."""
        self._sums += np.bincount(slab.runs.label, slab.runs.length, len(self._sums))

    def result(self) -> dict[str, NDArray[Any]]:
        """The column ``voxels``."""
        return {"voxels": self.counts}


def voxel_size(context: Context) -> float:
    """Volume of a voxel in µm³, in 2D its area in the slice in µm²."""
    return float(np.prod(context.voxel_um[3 - context.dimension :]))


def size_column(context: Context) -> Column:
    """The column of the area or volume."""
    if context.dimension == 2:
        return Column("area_um2", "Area", "µm²", "Number of pixels times the area of one.")
    return Column("volume_um3", "Volume", "µm³", "Number of voxels times the volume of one.")


def _make_size(context: Context) -> Derived:
    voxels, name = context.share(Voxels), size_column(context).name
    return Derived(lambda: {name: voxels.counts * voxel_size(context)})


MEASURES = (
    Measure(
        "voxels",
        "Voxels",
        lambda _: (Column("voxels", "Voxels", "", "Number of voxels."),),
        "N, the number of voxels of the label.",
        "Count.",
        lambda context: context.share(Voxels),
    ),
    Measure(
        "volume",
        "Volume or area",
        lambda context: (size_column(context),),
        "N times the size of a voxel: V = N·hx·hy·hz; in 2D A = N·hx·hy.",
        "Gundersen and Jensen 1987, J. Microsc. 147, 229 (point counting, unbiased).",
        _make_size,
    ),
)
