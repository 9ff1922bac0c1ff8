"""Volumes as TIFF stacks that say how large their voxels are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.volume import Volume

# What ImageJ itself opens; all else is written as OME-TIFF.
_IMAGEJ_TYPES = ("uint8", "uint16", "float32")
_IMAGEJ_BYTES = 3_900_000_000


def write_tiff(volume: Volume, path: Path, labels: Sequence[str] = ()) -> None:
    """Write a stack, one page a slice, with its voxel size in µm.

    ImageJ's kind of TIFF where it can hold the voxels, else OME-TIFF. TIFF knows no orientation: that is lost.

    Args:
        volume: What to write.
        path: Where to.
        labels: A name for each slice, kept where ImageJ's kind is written.

    Raises:
        OSError: if it cannot be written.
    """
    import tifffile

    array = volume.array.astype(np.uint8) if volume.array.dtype == bool else volume.array
    tifffile.imwrite(path, array, **tiff_words(volume, array.dtype, array.nbytes, labels))


def tiff_words(volume: Volume, dtype: np.dtype[Any], size: int, labels: Sequence[str] = ()) -> dict[str, Any]:
    """How tifffile is told to write a stack.

    Args:
        volume: Its grid; its voxels are not looked at.
        dtype: Of its voxels.
        size: Bytes of its voxels.
        labels: A name for each slice.
    """
    if dtype.name in _IMAGEJ_TYPES and size < _IMAGEJ_BYTES:
        _, y, x = volume.voxel_size_um
        return {"imagej": True, "resolution": (1 / x, 1 / y), "metadata": _imagej(volume, labels)}
    return {"ome": True, "bigtiff": size > _IMAGEJ_BYTES, "metadata": _ome(volume)}


def _imagej(volume: Volume, labels: Sequence[str]) -> dict[str, Any]:
    metadata = {"axes": "ZYX", "unit": "um", "spacing": volume.voxel_size_um[0]}
    return {**metadata, "Labels": list(labels)} if labels else metadata


def _ome(volume: Volume) -> dict[str, Any]:
    sizes = dict(zip("ZYX", volume.voxel_size_um, strict=True))
    units = {f"PhysicalSize{axis}Unit": "µm" for axis in sizes}
    return {"axes": "ZYX", **{f"PhysicalSize{axis}": size for axis, size in sizes.items()}, **units}
