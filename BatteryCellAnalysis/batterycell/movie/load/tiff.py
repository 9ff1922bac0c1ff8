"""Movies as TIFF: many pages, or one file a frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.io.images import read_image
from batterycell.io.names import natural_key
from batterycell.io.slices import list_slices, of_one_kind
from batterycell.io.tiff_file import TIFF_SUFFIXES, open_tiff, read_page
from batterycell.io.tiff_sizes import stated_size
from batterycell.movie.index import FrameIndex
from batterycell.movie.movie import Movie
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

from .options import MovieOptions

_Pixel = tuple[float, float] | None


def read_tiff(path: Path, options: MovieOptions, progress: Progress) -> Movie:
    """Read a file whose pages are frames, a page at a time when it is needed.

    Raises:
        InputError: if it is damaged, or its pages differ.
    """
    with open_tiff(path) as tiff:
        planes = _planes(tiff)
        first = read_page(tiff.pages[0], path) if planes is None else planes[0]
        count = len(tiff.pages) if planes is None else len(planes)
        kinds = {(*page.shape[:2], str(page.dtype)) for page in tiff.pages}
        interval = (tiff.imagej_metadata or {}).get("finterval")
        pixel, source = _pixel(tiff)
    if len(kinds) > 1:
        listed = ", ".join(f"{rows} × {columns} pixels {kind}" for rows, columns, kind in sorted(kinds)[:4])
        raise InputError("slice-odd", f"{path} mixes frames of {listed}.", "All frames need one size and type.")
    times = np.arange(count, dtype=float) * float(interval) if interval else None
    index = FrameIndex(times, times_source="ImageJ metadata" if interval else "not stated")
    if planes is not None:
        return Movie(SlabSource.of_array(planes), index, pixel, source, path.name.split(".")[0])
    frames = SlabSource((count, *first.shape), first.dtype, lambda start, stop: _pages(path, first, start, stop))
    return Movie(frames, index, pixel, source, path.name.split(".")[0])


def _planes(tiff: Any) -> NDArray[Any] | None:
    """Three or four frames that a program wrote as the colours of one page, plane after plane; None for all else."""
    page = tiff.pages[0]
    return np.asarray(page.asarray()) if len(tiff.pages) == 1 and page.axes == "SYX" else None


def read_series(path: Path, options: MovieOptions, progress: Progress) -> Movie:
    """Read a folder with one picture a frame, in the order of their numbers.

    Raises:
        InputError: if there are none, or they differ.
    """
    files = sorted(of_one_kind(path, list_slices(path)), key=natural_key) if list_slices(path) else []
    if not files:
        raise InputError("no-images", f"There are no frames in {path}.", "Give the folder that holds the frames.")
    first = read_image(files[0])
    pixel, source = _pixel_of(files[0])
    frames = SlabSource(
        (len(files), *first.shape), first.dtype, lambda start, stop: _files(files[start:stop], files[0], first)
    )
    for file in files:
        _check_like(read_image(file), first, file, files[0])
        progress.report(0.5, "looking at the frames")
    return Movie(frames, FrameIndex(), pixel, source, path.resolve().name)


def _pages(path: Path, first: NDArray[Any], start: int, stop: int) -> NDArray[Any]:
    with open_tiff(path) as tiff:
        pages = [read_page(tiff.pages[number], path) for number in range(start, stop)]
    return np.array(pages, first.dtype).reshape(-1, *first.shape)


def _files(files: list[Path], of: Path, first: NDArray[Any]) -> NDArray[Any]:
    images = [_check_like(read_image(file), first, file, of) for file in files]
    return np.array(images, first.dtype).reshape(-1, *first.shape)


def _check_like(image: NDArray[Any], first: NDArray[Any], file: Path, of: Path) -> NDArray[Any]:
    if image.shape != first.shape or image.dtype != first.dtype:
        seen, wanted = (f"{one.shape[0]} × {one.shape[1]} pixels {one.dtype}" for one in (image, first))
        raise InputError("slice-odd", f"{file} has {seen}, {of.name} {wanted}.", "All frames need one size and type.")
    return image


def _pixel_of(file: Path) -> tuple[_Pixel, str]:
    if file.suffix.lower() not in TIFF_SUFFIXES:
        return None, "not stated"
    with open_tiff(file) as tiff:
        return _pixel(tiff)


def _pixel(tiff: Any) -> tuple[_Pixel, str]:
    stated = stated_size(tiff)
    _, y, x = stated.zyx_um
    return ((y, x), stated.source) if y and x else (None, "not stated")
