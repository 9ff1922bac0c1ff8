"""Folders of slices: one picture a slice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.volume import Volume

from .images import SLICE_SUFFIXES, read_image
from .names import order_slices
from .options import LoadOptions
from .pixels import Grid, allocate
from .sizes import StatedSize, decide_voxel_size
from .tiff_file import TIFF_SUFFIXES, open_tiff
from .tiff_sizes import stated_size


def list_slices(folder: Path) -> list[Path]:
    """The pictures in a folder, in no order; hidden files and everything else are left out."""
    return [file for file in folder.iterdir() if _is_slice(file)]


def read_slices(folder: Path, options: LoadOptions, progress: Progress) -> Volume:
    """Read a folder of slices.

    Raises:
        InputError: if slices are missing, differ, cannot be read, or nobody says the voxel size.
    """
    files = order_slices(of_one_kind(folder, list_slices(folder)))
    size, source = decide_voxel_size(_stated(files[0]), options, folder)
    return Volume.from_stack(_fill(files, options, progress), size, source, folder.resolve().name)


def read_slice(file: Path, options: LoadOptions, progress: Progress) -> Volume:
    """Read one picture as a volume of one slice.

    Raises:
        InputError: if it cannot be read, or nobody says the voxel size.
    """
    size, source = decide_voxel_size(_stated(file), options, file)
    progress.report(1.0, "loaded the slice")
    return Volume.from_stack(read_image(file)[None], size, source, file.stem)


def grid_of_slices(folder: Path, options: LoadOptions) -> Grid:
    """Shape and type of a folder of slices, from one slice and their number."""
    files = list_slices(folder)
    first = read_image(min(files))
    return (len(files), *first.shape), first.dtype


def _is_slice(file: Path) -> bool:
    return file.suffix.lower() in SLICE_SUFFIXES and not file.name.startswith(".") and file.is_file()


def of_one_kind(folder: Path, files: list[Path]) -> list[Path]:
    """The files, if they are of one kind.

    Raises:
        InputError: if they are not.
    """
    kinds = Counter(file.suffix.lower() for file in files)
    if len(kinds) > 1:
        counts = ", ".join(f"{count} {suffix}" for suffix, count in kinds.most_common())
        raise InputError("mixed-kinds", f"{folder} mixes kinds of images: {counts}.", "Keep one kind in the folder.")
    return files


def _stated(first: Path) -> StatedSize:
    if first.suffix.lower() not in TIFF_SUFFIXES:
        return StatedSize()
    with open_tiff(first) as tiff:
        return stated_size(tiff)


def _fill(files: list[Path], options: LoadOptions, progress: Progress) -> NDArray[Any]:
    first = read_image(files[0])
    target, array = allocate((len(files), *first.shape), first.dtype, files[0].parent, options)
    for index, file in enumerate(files):
        image = first if index == 0 else read_image(file)
        _check_like(image, first, file, files[0])
        target[index] = image
        progress.report((index + 1) / len(files), f"loading slice {index + 1} of {len(files)}")
    return array


def _check_like(image: NDArray[Any], first: NDArray[Any], file: Path, first_file: Path) -> None:
    if image.shape != first.shape or image.dtype != first.dtype:
        raise InputError(
            "slice-odd",
            f"{file} has {_describe(image)}, unlike {first_file.name} with {_describe(first)}.",
            "All slices of a stack need one size and type.",
        )


def _describe(image: NDArray[Any]) -> str:
    rows, columns = image.shape
    return f"{columns} × {rows} pixels {np.dtype(image.dtype).name}"
