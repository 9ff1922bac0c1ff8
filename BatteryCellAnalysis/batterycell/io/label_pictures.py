"""Labels in pictures: TIFF stacks and folders of slices, a palette's numbers being labels, not colours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.slabs import SlabSource

from .images import read_image
from .load import no_images
from .names import order_slices
from .pixels import unreadable
from .sizes import StatedSize
from .slices import list_slices, of_one_kind
from .stacks import only_series
from .tiff_file import TIFF_SUFFIXES, is_plain_grey, open_tiff, read_page
from .tiff_sizes import stated_size


@dataclass(frozen=True)
class TiffStack:
    """The pages of a TIFF file as slices.

    Args:
        shape: Slices, rows, columns.
        dtype: Of the stored values.
        stated: What the file says of its voxel size.
        offset: Where in the file all values lie one after the other; meaningless where they do not.
        pages: Reads them page by page; None where they lie one after the other.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    stated: StatedSize
    offset: int = 0
    pages: SlabSource | None = None


def tiff_stack(path: Path) -> TiffStack:
    """Look into a TIFF file of one or many pages.

    Raises:
        InputError: if it is damaged, or in colours.
    """
    with open_tiff(path) as tiff:
        series, stated = only_series(tiff, path), stated_size(tiff)
        page = series.keyframe
        shape = (len(series.pages), page.imagelength, page.imagewidth)
        if series.dataoffset is not None and is_plain_grey(page):
            dtype = np.dtype(series.dtype).newbyteorder(page.parent.byteorder)
            return TiffStack(shape, dtype, stated, series.dataoffset)
        first = _labels(page, path)
        source = SlabSource(shape, first.dtype, partial(_read_pages, path))
        return TiffStack(shape, first.dtype, stated, pages=source)


def slice_stack(path: Path) -> tuple[SlabSource, StatedSize]:
    """A folder of label slices, or one picture, read slice by slice whenever they are asked for.

    Raises:
        InputError: if there are none, they differ, or cannot be read.
    """
    files = order_slices(of_one_kind(path, list_slices(path))) if path.is_dir() else [path]
    if not files:
        raise no_images(path)
    first = _read_slice(files[0])
    source = SlabSource((len(files), *first.shape), first.dtype, partial(_read_files, files, first))
    return source, _stated(files[0])


def _stated(first: Path) -> StatedSize:
    if first.suffix.lower() not in TIFF_SUFFIXES:
        return StatedSize()
    with open_tiff(first) as tiff:
        return stated_size(tiff)


def _read_pages(path: Path, start: int, stop: int) -> NDArray[Any]:
    with open_tiff(path) as tiff:
        series = only_series(tiff, path)
        pages = list(series.pages)[start:stop]
        shape = (series.keyframe.imagelength, series.keyframe.imagewidth)
        return _stacked([_labels(page, path) for page in pages], shape)
    raise unreadable(path, ValueError("its pages are damaged"))


def _labels(page: Any, path: Path) -> NDArray[Any]:
    """Values of a page; of a palette, the numbers of its colours."""
    is_palette = page.keyframe.colormap is not None and page.keyframe.axes == "YX"
    return np.asarray(page.asarray()) if is_palette else read_page(page, path)


def _read_files(files: list[Path], first: NDArray[Any], start: int, stop: int) -> NDArray[Any]:
    return _stacked([_like(_read_slice(file), first, file, files[0]) for file in files[start:stop]], first.shape)


def _stacked(slices: list[NDArray[Any]], shape: tuple[int, ...]) -> NDArray[Any]:
    """Slices as one array, also where there are none."""
    return np.stack(slices) if slices else np.zeros((0, *shape), np.uint8)


def _read_slice(file: Path) -> NDArray[Any]:
    from PIL import Image

    if file.suffix.lower() == ".png":
        try:
            with Image.open(file) as picture:
                if picture.mode == "P":
                    return np.asarray(picture)
        except (OSError, SyntaxError, ValueError) as error:
            raise unreadable(file, error) from error
    if file.suffix.lower() in TIFF_SUFFIXES:
        with open_tiff(file) as tiff:
            if tiff.pages[0].keyframe.colormap is not None:
                return _labels(tiff.pages[0], file)
    return read_image(file)


def _like(image: NDArray[Any], first: NDArray[Any], file: Path, first_file: Path) -> NDArray[Any]:
    if image.shape == first.shape:
        return image.astype(first.dtype, copy=False)
    rows, columns = image.shape
    message = (
        f"{file} has {columns} × {rows} pixels, unlike {first_file.name} with {first.shape[1]} × {first.shape[0]}."
    )
    raise InputError("slice-odd", message, "All slices of a stack need one size.")
