"""Grey values: from colours, in types that Slicer knows, in one array."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError


def to_grey(pixels: NDArray[Any], path: Path) -> NDArray[Any]:
    """Grey values, shape (..., rows, columns), of colours, shape (..., rows, columns, channels).

    Raises:
        InputError: if red, green and blue differ anywhere.
    """
    colours = pixels[..., : 3 if pixels.shape[-1] >= 3 else 1]
    if not np.all(colours == colours[..., :1]):
        raise InputError("colour-image", f"{path} is a colour (RGB) image.", "Export it as grey values, 8 or 16 bit.")
    return np.ascontiguousarray(colours[..., 0])


def allocate(shape: tuple[int, ...], dtype: np.dtype[Any], path: Path) -> NDArray[Any]:
    """The one array that is filled slice by slice.

    Args:
        shape: Slices, rows, columns.
        dtype: What the file holds; bool, float16, 64-bit integers and foreign byte orders become what Slicer knows.
        path: For the message.

    Raises:
        InputError: if the voxels are no numbers, or the memory does not suffice.
    """
    if dtype.kind not in "buif":
        raise InputError("voxel-type", f"{path} holds {dtype} values, not grey values.", "Export it as grey values.")
    try:
        return np.empty(shape, _plain_type(dtype))
    except MemoryError as error:
        size = np.prod(shape, dtype=float) * dtype.itemsize / 2**30
        raise InputError("too-large", f"{path} needs {size:.1f} GiB of memory.", "Crop or bin it.") from error


def unreadable(path: Path, error: Exception) -> InputError:
    """The error for an image file that cannot be read."""
    if isinstance(error, PermissionError):
        return InputError("no-permission", f"{path} may not be read.", "Ask for permission to read it.")
    reason = " ".join((str(error) or type(error).__name__).split()).split(": header=")[0].rstrip(".")[:200]
    return InputError(
        "image-unreadable", f"{path} is not a readable image: {reason}.", "It is damaged, cut off, or no image at all."
    )


def _plain_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    if dtype.kind == "b":
        return np.dtype(np.uint8)
    if dtype.kind == "f":
        return np.dtype(np.float32 if dtype.itemsize <= 4 else np.float64)
    return np.dtype(np.float64) if dtype.itemsize == 8 else dtype.newbyteorder("=")
