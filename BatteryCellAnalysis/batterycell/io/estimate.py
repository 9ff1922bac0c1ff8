"""How large an image is in memory, from its headers, before it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from batterycell.progress import Progress

from .binning import LARGEST_STEP, binned_shape
from .checks import SMALLEST_SIDE, check_exists
from .dicom import grid_of_dicom, read_dicom
from .load import Reader, permitted, reader_of
from .medical import grid_of_oriented, read_oriented
from .options import LoadOptions
from .pixels import Grid, plain_type
from .raw import grid_of_raw, read_raw
from .region import check_region
from .slices import grid_of_slices, read_slices
from .stacks import grid_of_stack, read_stack
from .zarr_store.read import grid_of_zarr, read_zarr, steps_of_zarr

_NO_OPTIONS = LoadOptions()


@dataclass(frozen=True)
class Estimate:
    """What an image would take.

    Args:
        shape: Slices, rows, columns.
        dtype: NumPy's name of the voxel type in memory.
        steps: The previews that are there already, as voxels along each axis; empty where each is as dear as another.
    """

    shape: tuple[int, ...]
    dtype: str
    steps: tuple[int, ...] = ()

    @property
    def bytes(self) -> int:
        """Memory of the whole image."""
        return self.bytes_at(1)

    def bytes_at(self, step: int) -> int:
        """Memory of a preview of which each voxel stands for ``step`` voxels along each axis."""
        return prod(binned_shape(self.shape, step)) * np.dtype(self.dtype).itemsize

    def preview_step(self, limit: int) -> int:
        """The finest preview that needs no more than ``limit`` bytes; 1 where the whole image does not."""
        possible = self.steps or range(1, LARGEST_STEP + 1)
        steps = [step for step in possible if step <= LARGEST_STEP and min(self.shape) // step >= SMALLEST_SIDE]
        return next((step for step in steps if self.bytes_at(step) <= limit), max(steps, default=1))


def estimate(path: Path, options: LoadOptions = _NO_OPTIONS) -> Estimate:
    """Shape, type and memory of an image from its headers; of a folder from its first slice and their number.

    Args:
        path: File or folder, as for `load_volume`.
        options: What the user says about the image.

    Raises:
        InputError: if it is none that can be loaded.
    """
    check_exists(path)
    with permitted(path):
        reader = reader_of(path, options)
        if reader not in _GRIDS:
            reader(path, options, Progress())  # says why not
        shape, dtype = _GRIDS[reader](path, options)
        steps = steps_of_zarr(path) if reader is read_zarr else ()
    if options.region:
        check_region(options.region, shape, path)
        shape, steps = tuple(stop - start for start, stop in options.region), ()
    return Estimate(shape, plain_type(dtype, path).name, steps)


_GRIDS: dict[Reader, Callable[[Path, LoadOptions], Grid]] = {
    read_slices: grid_of_slices,
    read_stack: grid_of_stack,
    read_raw: grid_of_raw,
    read_dicom: grid_of_dicom,
    read_oriented: grid_of_oriented,
    read_zarr: grid_of_zarr,
}
