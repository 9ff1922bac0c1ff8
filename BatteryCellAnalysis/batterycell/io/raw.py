"""Voxels without a header, whose shape a person describes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.volume import Volume

from .binning import Target
from .options import LoadOptions, RawShape
from .pixels import Grid, allocate
from .sizes import StatedSize, decide_voxel_size

RAW_SUFFIXES = (".raw", ".vol", ".bin")


def read_raw(path: Path, options: LoadOptions, progress: Progress) -> Volume:
    """Read a raw file.

    Raises:
        InputError: if its shape is not described, does not fit its length, or nobody says the voxel size.
    """
    raw, dtype = _described(path, options)
    size, source = decide_voxel_size(StatedSize(), options, path)
    target, array = allocate(raw.shape, dtype, path, options)
    fill_from_file(target, path, raw.offset, dtype, progress)
    return Volume.from_stack(array, size, source, path.stem)


def grid_of_raw(path: Path, options: LoadOptions) -> Grid:
    """Shape and type of a described raw file."""
    raw, dtype = _described(path, options)
    return raw.shape, dtype


def _described(path: Path, options: LoadOptions) -> tuple[RawShape, np.dtype[Any]]:
    if options.raw is None:
        raise InputError(
            "raw-shape-unknown",
            f"{path} does not say how its voxels lie.",
            "Describe them, e.g. --raw-shape 100,728,728 --raw-type uint16 (slices,rows,columns).",
        )
    dtype = _voxel_type(options.raw)
    _check_length(path, options.raw, dtype)
    return options.raw, dtype


def fill_from_file(target: Target, path: Path, offset: int, dtype: np.dtype[Any], progress: Progress) -> None:
    """Fill a volume slice by slice with voxels that lie one after the other in a file.

    Args:
        target: What to fill.
        path: The file.
        offset: Bytes before the first voxel.
        dtype: Type and byte order in the file.
        progress: Told after every slice.

    Raises:
        InputError: if the file is too short.
    """
    slices, rows, columns = target.shape
    with path.open("rb") as file:
        file.seek(offset)
        for index in range(slices):
            voxels = np.fromfile(file, dtype, rows * columns)
            if voxels.size < rows * columns:
                raise InputError("cut-off", f"{path} ends within slice {index + 1} of {slices}.", "Copy it again.")
            target[index] = voxels.reshape(rows, columns)
            progress.report((index + 1) / slices, f"loading slice {index + 1} of {slices}")


def _voxel_type(raw: RawShape) -> np.dtype[Any]:
    try:
        return np.dtype(raw.dtype).newbyteorder(">" if raw.big_endian else "<")  # type: ignore[no-any-return]
    except TypeError as error:
        raise InputError("voxel-type", f"There is no voxel type {raw.dtype}.", "Use e.g. uint16 or float32.") from error


def _check_length(path: Path, raw: RawShape, dtype: np.dtype[Any]) -> None:
    expected = raw.offset + int(np.prod(raw.shape, dtype=object)) * dtype.itemsize
    found = path.stat().st_size
    if found != expected or min(raw.shape) < 1 or raw.offset < 0:
        sides = " × ".join(map(str, raw.shape))
        raise InputError(
            "raw-length",
            f"{path} has {found} bytes; {sides} voxels {raw.dtype} after {raw.offset} bytes would be {expected}.",
            "Check shape, type and offset (or copy the file again).",
        )
