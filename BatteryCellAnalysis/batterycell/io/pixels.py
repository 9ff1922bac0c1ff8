"""Grey values: from colours, in types that Slicer knows, in one array."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError

from .binning import BlockMeans, Target, binned_shape
from .mapped import Filled
from .options import LoadOptions

# Shape (slices, rows, columns) and type of the voxels in a file.
Grid = tuple[tuple[int, ...], "np.dtype[Any]"]


def to_grey(pixels: NDArray[Any], path: Path) -> NDArray[Any]:
    """Grey values, shape (..., rows, columns), of colours, shape (..., rows, columns, channels).

    Raises:
        InputError: if red, green and blue differ anywhere.
    """
    colours = pixels[..., : 3 if pixels.shape[-1] >= 3 else 1]
    if not np.all(colours == colours[..., :1]):
        raise InputError("colour-image", f"{path} is a colour (RGB) image.", "Export it as grey values, 8 or 16 bit.")
    return np.ascontiguousarray(colours[..., 0])


def allocate(
    shape: tuple[int, ...], dtype: np.dtype[Any], path: Path, options: LoadOptions
) -> tuple[Target, NDArray[Any]]:
    """The one array of a volume, and what to fill slice by slice so that it is filled.

    Args:
        shape: Slices, rows, columns of the image.
        dtype: What the file holds; see `plain_type` for what becomes of it.
        path: For the message.
        options: Whether a preview is wanted, and where the voxels are kept.

    Raises:
        InputError: if the voxels are no numbers, or the memory does not suffice.
    """
    kept = binned_shape(shape, options.step)
    try:
        array = _new_array(kept, plain_type(dtype, path), options.scratch)
    except MemoryError as error:
        size = np.prod(kept, dtype=float) * dtype.itemsize / 2**30
        raise InputError("too-large", f"{path} needs {size:.1f} GiB of memory.", "Load a preview of it.") from error
    if options.step > 1:
        return BlockMeans(shape, array, options.step), array
    return (array if options.scratch is None else Filled(array)), array


def _new_array(shape: tuple[int, ...], dtype: np.dtype[Any], scratch: Path | None) -> NDArray[Any]:
    if scratch is None or 0 in shape:
        return np.empty(shape, dtype)
    array = np.lib.format.open_memmap(scratch, "w+", dtype, shape)
    _reserve(scratch)
    return np.asarray(array)


def _reserve(path: Path) -> None:
    """Take the room of a file that has holes: a disk that is full later would end the process."""
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)


def unreadable(path: Path, error: Exception) -> InputError:
    """The error for an image file that cannot be read."""
    if isinstance(error, PermissionError):
        return InputError("no-permission", f"{path} may not be read.", "Ask for permission to read it.")
    reason = " ".join((str(error) or type(error).__name__).split()).split(": header=")[0].rstrip(".")[:200]
    return InputError(
        "image-unreadable", f"{path} is not a readable image: {reason}.", "It is damaged, cut off, or no image at all."
    )


def plain_type(dtype: np.dtype[Any], path: Path) -> np.dtype[Any]:
    """The type in which voxels are kept: bool, float16, 64-bit integers and byte orders as Slicer knows them.

    Raises:
        InputError: if the voxels are no numbers.
    """
    if dtype.kind not in "buif":
        raise InputError("voxel-type", f"{path} holds {dtype} values, not grey values.", "Export it as grey values.")
    if dtype.kind == "b":
        return np.dtype(np.uint8)
    if dtype.kind == "f":
        return np.dtype(np.float32 if dtype.itemsize <= 4 else np.float64)
    return np.dtype(np.float64) if dtype.itemsize == 8 else dtype.newbyteorder("=")
