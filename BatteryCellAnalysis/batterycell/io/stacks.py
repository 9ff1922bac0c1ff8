"""TIFF files with many pages: plain, OME, ImageJ, BigTIFF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.volume import Volume

from .binning import Target
from .checks import single_image
from .options import LoadOptions
from .pixels import Grid, allocate, unreadable
from .raw import fill_from_file
from .sizes import decide_voxel_size
from .tiff_file import is_plain_grey, open_tiff, read_page
from .tiff_sizes import stated_size


def read_stack(path: Path, options: LoadOptions, progress: Progress) -> Volume:
    """Read a TIFF file whose pages are the slices.

    Raises:
        InputError: if it is damaged, holds no single grey stack, or nobody says the voxel size.
    """
    with open_tiff(path) as tiff:
        series = only_series(tiff, path)
        size, source = decide_voxel_size(stated_size(tiff), options, path)
        array = _fill(series, options, path, progress)
    return Volume.from_stack(array, size, source, path.stem.removesuffix(".ome"))


def grid_of_stack(path: Path, options: LoadOptions) -> Grid:
    """Shape and type of a TIFF stack."""
    with open_tiff(path) as tiff:
        series = only_series(tiff, path)
        return _shape(series, path), np.dtype(series.dtype)


def only_series(tiff: Any, path: Path) -> Any:
    """The one series of an open ``tifffile.TiffFile``.

    Raises:
        InputError: if there are several, or pages differ.
    """
    first, *others = tiff.series
    if others:
        raise _odd(others[0].keyframe, first.keyframe, path)
    if first.kind == "uniform":
        _check_pages(path)
    return first


def _check_pages(path: Path) -> None:
    """Files without metadata: tifffile takes it from a few pages that all are alike."""
    with open_tiff(path) as tiff:
        first = tiff.pages[0]
        for page in tiff.pages:
            if (page.shape, page.dtype) != (first.shape, first.dtype):
                raise _odd(page, first, path)


def _odd(page: Any, usual: Any, path: Path) -> InputError:
    return InputError(
        "slice-odd",
        f"{path}: page {page.index + 1} has {_describe(page)}, page {usual.index + 1} {_describe(usual)}.",
        "All slices of a stack need one size and type.",
    )


def _describe(page: Any) -> str:
    return f"{page.imagewidth} × {page.imagelength} pixels {page.dtype}"


def _shape(series: Any, path: Path, single: bool = False) -> tuple[int, int, int]:
    page = series.keyframe
    return _count_slices(series, path, single), page.imagelength, page.imagewidth


def _count_slices(series: Any, path: Path, single: bool) -> int:
    sides = [f"{n} {axis}" for axis, n in zip(series.axes, series.shape, strict=True) if n > 1 and axis not in "YXS"]
    if not sides and single:
        return 1
    if not sides:
        raise single_image(path)
    if len(sides) > 1:
        raise InputError("several-volumes", f"{path} holds {' × '.join(sides)} images.", "Export one grey volume.")
    return int(sides[0].split()[0])


def _fill(series: Any, options: LoadOptions, path: Path, progress: Progress) -> NDArray[Any]:
    page = series.keyframe
    target, array = allocate(_shape(series, path, options.single), np.dtype(series.dtype), path, options)
    if series.dataoffset is not None and is_plain_grey(page):
        dtype = np.dtype(series.dtype).newbyteorder(page.parent.byteorder)
        fill_from_file(target, path, series.dataoffset, dtype, progress)
    else:
        _fill_pages(target, list(series.pages), path, progress)
    return array


def _fill_pages(target: Target, pages: list[Any], path: Path, progress: Progress) -> None:
    slices = target.shape[0]
    if len(pages) != slices or None in pages:
        raise unreadable(path, ValueError(f"not all of its {slices} pages are there"))
    for index, page in enumerate(pages):
        target[index] = read_page(page, path)
        progress.report((index + 1) / slices, f"loading slice {index + 1} of {slices}")
