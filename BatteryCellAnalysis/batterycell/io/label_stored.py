"""Label files as they are stored: read slab by slab from the file itself where its voxels lie there as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from batterycell.volume import Volume

from .checks import check_exists
from .dicom import list_dicom, open_dicom
from .headers import check_nifti_length, read_nifti_header
from .images import PICTURE_SUFFIXES
from .label_pictures import slice_stack, tiff_stack
from .load import load_volume, permitted
from .medical import ORIENTED_SUFFIXES, placed
from .memory import preview_limit
from .options import LoadOptions
from .raw import RAW_SUFFIXES, grid_of_raw
from .segments import Segment, read_segments, stored_segments
from .sizes import StatedSize, decide_voxel_size
from .slices import list_slices
from .tiff_file import TIFF_SUFFIXES
from .voxel_data import PackedSlices, VoxelData, fill_from_voxels, find_voxels
from .zarr_store import is_store
from .zarr_store.read import open_zarr

# Of voxels that are said to be the same.
_SAME_PLACE = 0.5
_NRRD, _NIFTI = (".nrrd", ".nhdr"), (".nii", ".nii.gz")
_NOTHING: NDArray[np.uint8] = np.zeros((1, 1, 1), np.uint8)


@dataclass(frozen=True)
class StoredLabels:
    """A label file as it is stored.

    Args:
        source: Its values, in the file's type.
        place: The grid, without voxels.
        segments: Names of values, where the file has them.
        is_direct: Whether reading it again costs no more than reading the file.
    """

    source: SlabSource
    place: Volume
    segments: tuple[Segment, ...] = ()
    is_direct: bool = True


def open_stored(path: Path, options: LoadOptions, progress: Progress) -> StoredLabels:
    """Open a label file, or a folder of label slices.

    Raises:
        InputError: if it cannot be read, or nobody says how large its voxels are.
    """
    check_exists(path)
    with permitted(path):
        return _opener(path, options)(path, options, progress)


def _opener(path: Path, options: LoadOptions) -> Callable[[Path, LoadOptions, Progress], StoredLabels]:
    name = path.name.lower()
    if is_store(path):
        return _zarr
    if path.is_dir() and not list_slices(path) and list_dicom(path):
        return _dicom
    if path.is_dir() or name.endswith(PICTURE_SUFFIXES):
        return _pictures
    if options.raw is not None or name.endswith(RAW_SUFFIXES):
        return _raw
    if name.endswith(TIFF_SUFFIXES):
        return _tiff
    return _oriented if name.endswith(ORIENTED_SUFFIXES) else _loaded


def _loaded(path: Path, options: LoadOptions, progress: Progress) -> StoredLabels:
    """What has no way of its own is read whole, or refused."""
    volume = load_volume(path, options, progress)
    return StoredLabels(SlabSource.of_array(volume.array), volume)


def _zarr(path: Path, options: LoadOptions, progress: Progress) -> StoredLabels:
    found = open_zarr(path, options)
    return StoredLabels(found.source, found.place, found.segments, is_direct=False)


def _pictures(path: Path, options: LoadOptions, progress: Progress) -> StoredLabels:
    source, stated = slice_stack(path)
    return StoredLabels(source, _stack_place(path, stated, options), is_direct=False)


def _dicom(path: Path, options: LoadOptions, progress: Progress) -> StoredLabels:
    source, place = open_dicom(path, options, progress)
    return StoredLabels(source, place, is_direct=False)


def _tiff(path: Path, options: LoadOptions, progress: Progress) -> StoredLabels:
    found = tiff_stack(path)
    source = found.pages or _from_file(path, found.offset, found.shape, found.dtype)
    return StoredLabels(source, _stack_place(path, found.stated, options), is_direct=found.pages is None)


def _raw(path: Path, options: LoadOptions, progress: Progress) -> StoredLabels:
    shape, dtype = grid_of_raw(path, options)
    offset = options.raw.offset if options.raw else 0
    source = _from_file(path, offset, _three(shape), dtype)
    return StoredLabels(source, _stack_place(path, StatedSize(), options))


def _stack_place(path: Path, stated: StatedSize, options: LoadOptions) -> Volume:
    size, source = decide_voxel_size(stated, options, path)
    return Volume.from_stack(_NOTHING, size, source, path.stem)


def _oriented(path: Path, options: LoadOptions, progress: Progress) -> StoredLabels:
    from batterycell.mrml.files import read_grid

    name = path.name.lower()
    segments = stored_segments(path) if name.endswith(_NRRD) else ()
    voxels = find_voxels(path)
    if voxels is None or segments is None:
        return _segmentation(path, options)
    if name.endswith(_NIFTI):
        check_nifti_length(path, read_nifti_header(path).length)
    shape, dtype, matrix = read_grid(path)
    source = _voxels(voxels, _three(shape), dtype, progress)
    return StoredLabels(source, placed(Volume(_NOTHING, matrix, "", path.stem), options, path), segments)


def _segmentation(path: Path, options: LoadOptions) -> StoredLabels:
    """Segments in several layers, or voxels that only Slicer's own readers find."""
    if not path.name.lower().endswith(_NRRD):
        return _loaded(path, options, Progress())
    volume, segments = read_segments(path)
    return StoredLabels(SlabSource.of_array(volume.array), placed(volume, options, path), segments)


def _voxels(voxels: VoxelData, shape: tuple[int, int, int], dtype: np.dtype[Any], progress: Progress) -> SlabSource:
    if not voxels.packed:
        order = dtype.newbyteorder(">" if voxels.big_endian else "<")
        return _from_file(voxels.path, voxels.offset, shape, order)
    if np.prod(shape, dtype=object) * dtype.itemsize > preview_limit():
        return SlabSource(shape, dtype.newbyteorder("="), PackedSlices(voxels, shape, dtype).read)
    array = np.empty(shape, dtype)
    fill_from_voxels(array, voxels, dtype, progress)
    return SlabSource.of_array(array)


def _from_file(path: Path, offset: int, shape: tuple[int, int, int], dtype: np.dtype[Any]) -> SlabSource:
    """Voxels as they lie in a file; read rather than mapped, so that what was read leaves the memory again."""
    missing = offset + int(np.prod(shape, dtype=object)) * dtype.itemsize - path.stat().st_size
    if missing > 0:
        raise InputError("cut-off", f"{path} ends {missing} bytes before its last voxel.", "Copy it again.")
    plain = dtype.newbyteorder("=")
    return SlabSource(shape, plain, partial(_read_slices, path, offset, dtype, shape[1:]))


def _read_slices(
    path: Path, offset: int, dtype: np.dtype[Any], size: tuple[int, int], start: int, stop: int
) -> NDArray[Any]:
    count = size[0] * size[1]
    array = np.fromfile(path, dtype, (stop - start) * count, offset=offset + start * count * dtype.itemsize)
    if array.size < (stop - start) * count:
        raise InputError("cut-off", f"{path} ends before its slice {stop}.", "Copy it again.")
    return array.reshape(-1, *size).astype(dtype.newbyteorder("="), copy=False)


def _three(shape: tuple[int, ...]) -> tuple[int, int, int]:
    slices, rows, columns = shape
    return slices, rows, columns


def open_on_grid(
    path: Path, grid: Volume, shape: tuple[int, int, int], options: LoadOptions, is_placed: bool
) -> SlabSource:
    """Grey values that lie on the grid of a label volume.

    Args:
        path: File or folder.
        grid: The labels' grid; its voxels are not looked at.
        shape: Slices, rows, columns of the labels.
        options: What the user says of the voxel size.
        is_placed: Whether the labels' file says where in the world it lies.

    Raises:
        InputError: if the image cannot be read, or lies elsewhere.
    """
    stored = open_stored(path, replace(options, voxel_size_um=grid.voxel_size_um), Progress())
    if stored.source.shape != shape:
        sides = [" × ".join(map(str, sizes)) for sizes in (stored.source.shape, shape)]
        message = f"{path} has {sides[0]} voxels (z, y, x), the labels {grid.name} have {sides[1]}."
        raise InputError("sizes-differ", message, "Give the image from which the labels were made.")
    off = np.abs(grid.to_ijk(stored.place.to_ras(_corners(shape))) - _corners(shape)).max()
    if is_placed and says_place(path) and off > _SAME_PLACE:
        message = f"{path} lies {off:.3g} voxels off the labels {grid.name}."
        raise InputError("places-differ", message, "Resample it to the labels' grid, or give the image they come from.")
    return stored.source


def says_place(path: Path) -> bool:
    """Whether a file says where in the world it lies."""
    return path.name.lower().endswith(ORIENTED_SUFFIXES)


def _corners(shape: tuple[int, int, int]) -> NDArray[np.float64]:
    """First and last voxel (i, j, k), shape (2, 3)."""
    return np.array([np.zeros(3), np.array(shape[::-1]) - 1.0])
