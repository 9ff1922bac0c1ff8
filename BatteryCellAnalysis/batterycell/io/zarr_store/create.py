"""Writing OME-Zarr through the package zarr, of version 2 or 3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.volume import UM_PER_MM, Volume

from .arrays import need_zarr
from .store import OWN

_AXES = [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]
_LEVEL = 3
Sides = tuple[int, int, int]


def create_group(path: Path, version: str) -> None:
    """Make an empty store of a version of OME-Zarr.

    Raises:
        InputError: if the package is missing, or too old for the version.
    """
    zarr = need_zarr()
    if _is_old(zarr):
        if version != "0.4":
            message = f"OME-Zarr {version} cannot be written with zarr {zarr.__version__}."
            raise InputError("zarr-old", message, "Use Python 3.11 or later and zarr 3, or write 0.4.")
        zarr.open_group(str(path), mode="w")
    else:
        zarr.open_group(str(path), mode="w", zarr_format=2 if version == "0.4" else 3)


def create_array(path: Path, shape: Sides, chunks: Sides, dtype: np.dtype[Any], version: str) -> None:
    """Make an array of which every chunk will be written, also where it holds nothing."""
    from numcodecs import Blosc

    zarr = need_zarr()
    if _is_old(zarr):
        packing = Blosc(cname="zstd", clevel=_LEVEL, shuffle=Blosc.SHUFFLE)
        how = {"dimension_separator": "/", "compressor": packing, "fill_value": 0}
        zarr.open_array(str(path), mode="w", shape=shape, chunks=chunks, dtype=dtype, **how)
        return
    common: dict[str, Any] = {"shape": shape, "chunks": chunks, "dtype": dtype, "fill_value": 0, "overwrite": True}
    if version == "0.4":
        packing = Blosc(cname="zstd", clevel=_LEVEL, shuffle=Blosc.SHUFFLE)
        names = {"name": "v2", "separator": "/"}
        zarr.create_array(str(path), zarr_format=2, compressors=packing, chunk_key_encoding=names, **common)
    else:
        blosc = zarr.codecs.BloscCodec(cname="zstd", clevel=_LEVEL, shuffle="shuffle", typesize=dtype.itemsize)
        zarr.create_array(str(path), zarr_format=3, compressors=blosc, dimension_names=list("zyx"), **common)


def write_slices(path: Path, start: int, slices: NDArray[Any]) -> None:
    """Write slices of an array, shape (n, j, i), from ``start`` on."""
    zarr = need_zarr()
    if _is_old(zarr):
        array = zarr.open_array(str(path), mode="r+", write_empty_chunks=True)
    else:
        with zarr.config.set({"array.write_empty_chunks": True}):
            array = zarr.open_array(str(path), mode="r+")
    array[start : start + len(slices)] = slices


def write_attributes(path: Path, place: Volume, levels: int, version: str, label: dict[str, Any] | None) -> None:
    """Say where the volume lies and how large its voxels are, on every level.

    Args:
        path: The store.
        place: The grid of the finest level.
        levels: How many there are; their arrays are called 0, 1 ...
        version: Of OME-Zarr.
        label: The attributes ``image-label`` of labels; None for grey values.
    """
    first = place.to_ras([0.0, 0.0, 0.0]) * UM_PER_MM
    offset = (float(first[2]), float(-first[1]), float(-first[0]))
    datasets = [_dataset(number, place.voxel_size_um, offset) for number in range(levels)]
    kind = "mean of 2 × 2 × 2 voxels" if label is None else "most frequent of 2 × 2 × 2 voxels"
    found: dict[str, Any] = {"name": place.name, "axes": _AXES, "datasets": datasets, "type": kind}
    own = {"ijk_to_ras": place.ijk_to_ras.tolist(), "voxel_size_source": place.voxel_size_source}
    named = {} if label is None else {"image-label": {**label, "version": version}}
    if version == "0.4":
        values: dict[str, Any] = {"multiscales": [{"version": version, **found}], **named, OWN: own}
    else:
        values = {"ome": {"version": version, "multiscales": [found], **named}, OWN: own}
    need_zarr().open_group(str(path), mode="r+").attrs.update(values)


def _dataset(number: int, size: tuple[float, float, float], offset: tuple[float, float, float]) -> dict[str, Any]:
    """A level, whose first voxel's centre lies between those of the voxels that it stands for."""
    factor = 2**number
    scale = [value * factor for value in size]
    shift = [start + value * (factor - 1) / 2 for start, value in zip(offset, size, strict=True)]
    steps = [{"type": "scale", "scale": scale}, {"type": "translation", "translation": shift}]
    return {"path": f"{number}", "coordinateTransformations": steps}


def _is_old(zarr: Any) -> bool:
    return int(zarr.__version__.split(".")[0]) < 3
