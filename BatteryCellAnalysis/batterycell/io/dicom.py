"""Folders of DICOM slices, one file a slice."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from batterycell.volume import Volume

from .dicom_grid import Slice, make_grid, order_by_position
from .options import LoadOptions
from .pixels import Grid, allocate, unreadable
from .placing import place

DICOM_SUFFIXES = (".dcm", ".dicom", ".ima")
_WHOLE_TYPES = ("uint8", "int8", "uint16", "int16", "uint32", "int32")
# What pydicom and its decoders raise on damaged files and missing tags.
_DAMAGE = (
    OSError,
    EOFError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    TypeError,
    RuntimeError,
    struct.error,
)


def list_dicom(folder: Path) -> list[Path]:
    """The files in a folder that are DICOM, whatever their names are."""
    return sorted(file for file in folder.iterdir() if file.is_file() and _is_dicom(file))


def read_dicom(folder: Path, options: LoadOptions, progress: Progress) -> Volume:
    """Read the one DICOM series in a folder, in the order of the slices' positions.

    Raises:
        InputError: if slices are missing, differ, cannot be read, or belong to several series, or nobody says the
            voxel size.
    """
    source, volume = open_dicom(folder, options, progress.part(0.0, 0.2))
    target, array = allocate(source.shape, source.dtype, folder, options)
    slices = source.shape[0]
    for index in range(slices):
        target[index] = source.read(index, index + 1)[0]
        progress.part(0.2, 1.0).report((index + 1) / slices, f"loading slice {index + 1} of {slices}")
    return replace(volume, array=array)


def open_dicom(folder: Path, options: LoadOptions, progress: Progress) -> tuple[SlabSource, Volume]:
    """Open the one DICOM series in a folder: its slices in the order of their positions, and its grid without voxels.

    Raises:
        InputError: if slices are missing, differ, cannot be read, or belong to several series, or nobody says the
            voxel size.
    """
    slices = order_by_position(_only_series(folder, _read_headers(folder, progress)))
    matrix, stated = make_grid(slices)
    first, dtype = slices[0].header, _voxel_type(slices)
    shape = len(slices), int(first.Rows), int(first.Columns)

    def read(start: int, stop: int) -> NDArray[Any]:
        found = [_pixels(each, shape) for each in slices[start:stop]]
        return np.array(found, dtype).reshape(-1, *shape[1:])

    nothing = Volume(np.zeros((1, 1, 1), dtype), matrix, "", folder.resolve().name)
    return SlabSource(shape, dtype, read), place(nothing, stated, options, folder)


def grid_of_dicom(folder: Path, options: LoadOptions) -> Grid:
    """Shape and type of a folder of DICOM slices, from the header of one slice and their number."""
    files = list_dicom(folder)
    with _plain_words(files[0]):
        first = Slice(files[0], _read(files[0], stop_before_pixels=True))
        return (len(files), int(first.header.Rows), int(first.header.Columns)), _voxel_type([first])


def _is_dicom(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(132)[128:] == b"DICM"


def _read_headers(folder: Path, progress: Progress) -> list[Slice]:
    files = list_dicom(folder)
    slices = []
    for index, file in enumerate(files):
        with _plain_words(file):
            slices.append(Slice(file, _read(file, stop_before_pixels=True)))
        progress.report((index + 1) / len(files), f"reading header {index + 1} of {len(files)}")
    return [each for each in slices if "Rows" in each.header]


def _only_series(folder: Path, slices: list[Slice]) -> list[Slice]:
    names = {str(each.header.get("SeriesInstanceUID", "")): _series_name(each) for each in slices}
    if len(names) > 1:
        listed = ", ".join(sorted(names.values()))
        raise InputError("several-series", f"{folder} holds {len(names)} DICOM series: {listed}.", "Keep one of them.")
    if not slices:
        raise InputError("no-images", f"There are no images in {folder}.", "Give the folder that holds the slices.")
    return slices


def _series_name(each: Slice) -> str:
    return f"{each.header.get('SeriesNumber', '')} {each.header.get('SeriesDescription', '')}".strip() or "unnamed"


def _voxel_type(slices: list[Slice]) -> np.dtype[Any]:
    """The smallest type that holds every rescaled value; float32 where values are rescaled to fractions."""
    if not all(factor.is_integer() for each in slices for factor in each.rescale):
        return np.dtype(np.float32)
    bounds = [bound for each in slices for bound in each.value_range]
    types = [np.iinfo(name) for name in _WHOLE_TYPES]
    return next((np.dtype(t.dtype) for t in types if t.min <= min(bounds) and max(bounds) <= t.max), np.dtype("f8"))


def _pixels(each: Slice, shape: tuple[int, ...]) -> NDArray[Any]:
    """The rescaled values of one slice of a volume of that shape."""
    with _plain_words(each.path):
        pixels = np.asarray(_read(each.path).pixel_array)
    if pixels.shape != shape[1:]:
        raise _odd(each, pixels.shape, shape)
    slope, intercept = each.rescale
    return pixels if (slope, intercept) == (1.0, 0.0) else np.asarray(pixels * slope + intercept)


def _odd(each: Slice, found: tuple[int, ...], wanted: tuple[int, ...]) -> InputError:
    sizes = " × ".join(map(str, found)), " × ".join(map(str, wanted[1:]))
    return InputError(
        "slice-odd",
        f"{each.path} has {sizes[0]} pixels, the first slice {sizes[1]}.",
        "All slices need one size and one grey value a pixel.",
    )


def _read(file: Path, stop_before_pixels: bool = False) -> Any:
    import pydicom

    return pydicom.dcmread(file, stop_before_pixels=stop_before_pixels)


@contextmanager
def _plain_words(file: Path) -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except _DAMAGE as error:
            raise unreadable(file, error) from error
