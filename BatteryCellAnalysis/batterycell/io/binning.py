"""Previews: blocks of voxels become one, their mean, slice by slice, so that the whole is never in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import UsageError
from batterycell.volume import Volume

LARGEST_STEP = 16


class Target(Protocol):
    """What a reader fills with slices, one after the other."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Slices, rows and columns that are put in."""

    def __setitem__(self, index: int, image: NDArray[Any], /) -> None:
        """Put in a slice, shape (rows, columns)."""


def check_step(step: int) -> None:
    """Refuse previews that cannot be made.

    Raises:
        UsageError: if the step is not between 1 and 16.
    """
    if not 1 <= step <= LARGEST_STEP:
        raise UsageError("step", f"A preview of 1:{step} cannot be made.", f"Choose 1 to {LARGEST_STEP}.")


def binned_shape(shape: tuple[int, ...], step: int) -> tuple[int, ...]:
    """Shape of a preview; voxels at the end that fill no block are left out."""
    return tuple(n // step for n in shape)


class BlockMeans:
    """A target that keeps the means of blocks of voxels only.

    Args:
        shape: Slices, rows and columns that will be put in, in this order.
        array: Where the means go, shape ``binned_shape(shape, step)``; whole numbers are rounded.
        step: Voxels along each axis of a block.
    """

    def __init__(self, shape: tuple[int, ...], array: NDArray[Any], step: int) -> None:
        self.shape, self.array, self._step = shape, array, step
        kind = np.float64 if array.dtype.kind == "f" else np.int64
        self._sum: NDArray[Any] = np.zeros(array.shape[1:], kind)

    def __setitem__(self, index: int, image: NDArray[Any], /) -> None:
        block, place = divmod(index, self._step)
        if block == len(self.array):
            return
        if place == 0:
            self._sum[...] = 0
        self._add(image.astype(self.array.dtype, copy=False))
        if place == self._step - 1:
            self._keep(block)

    def _add(self, image: NDArray[Any]) -> None:
        step = self._step
        rows, columns = (n * step for n in self._sum.shape)
        for row in range(step):
            for column in range(step):
                self._sum += image[row:rows:step, column:columns:step]

    def _keep(self, block: int) -> None:
        mean = self._sum / self._step**3
        self.array[block] = mean if self.array.dtype.kind == "f" else np.rint(mean)


def bin_array(array: NDArray[Any], step: int) -> NDArray[Any]:
    """Means of the blocks of an array that is in memory; the array itself for a step of 1."""
    if step == 1:
        return array
    means = BlockMeans(array.shape, np.empty(binned_shape(array.shape, step), array.dtype), step)
    for index, image in enumerate(array):
        means[index] = image
    return means.array


def as_preview(volume: Volume, step: int) -> Volume:
    """A volume whose array holds means of blocks, with the geometry and the name of a preview.

    Args:
        volume: The preview's array with the geometry and the name of the whole.
        step: Voxels along each axis of a block.
    """
    if step == 1:
        return volume
    source = volume.voxel_size_source + preview_words(step)
    matrix = np.asarray(volume.ijk_to_ras @ coarser_grid(step), np.float64)
    return replace(volume, ijk_to_ras=matrix, voxel_size_source=source, name=f"{volume.name} preview 1:{step}")


def coarser_grid(step: int) -> NDArray[np.float64]:
    """Matrix (4, 4) from (i, j, k) of a preview to (i, j, k) of the whole: a block stands where its centre is."""
    matrix = np.diag([step, step, step, 1.0])
    matrix[:3, 3] = (step - 1) / 2
    return matrix


def preview_words(step: int) -> str:
    """What is added to where a voxel size comes from, so that results tell that they come from a preview."""
    return f"; preview, means of {step} × {step} × {step} voxels" if step > 1 else ""
