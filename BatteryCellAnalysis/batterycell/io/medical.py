"""NRRD, NIfTI and MetaImage: files that know their orientation, read as Slicer reads them."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.volume import UM_PER_MM, Volume

from .binning import bin_array
from .headers import NiftiHeader, check_nifti_length, read_nifti_header, text_header_unit
from .memory import preview_limit
from .options import LoadOptions
from .pixels import Grid, allocate
from .placing import place
from .sizes import StatedSize, describe
from .units import unit_um
from .voxel_data import fill_from_voxels, find_voxels

_NIFTI = (".nii", ".nii.gz")
ORIENTED_SUFFIXES = (".nrrd", ".nhdr", ".mha", ".mhd", *_NIFTI)


def read_oriented(path: Path, options: LoadOptions, progress: Progress) -> Volume:
    """Read one NRRD, NIfTI or MetaImage file.

    Raises:
        InputError: if it cannot be read, or nobody says the voxel size.
    """
    progress.report(0.0, "loading")
    with path.open("rb"):  # may it be read at all?
        pass
    is_filled = options.step > 1 or _is_large(path, options)
    volume = _preview(path, options, progress) if is_filled else _whole(path)
    return placed(volume, options, path)


def placed(volume: Volume, options: LoadOptions, path: Path) -> Volume:
    """A volume as its file's header and the user place it.

    Args:
        volume: As Slicer's readers place it; its voxels are not looked at.
        options: What the user says.
        path: The file.

    Raises:
        InputError: if nobody says the voxel size, or the axes are sheared.
    """
    if path.name.lower().endswith(_NIFTI):
        return place(volume, _stated_by_nifti(read_nifti_header(path), volume), options, path)
    volume = in_millimetres(volume, path)
    return place(volume, StatedSize(volume.voxel_size_um, "header"), options, path)


def _whole(path: Path) -> Volume:
    # The one stage that speaks MRML reads the file; it knows nothing of this one.
    from batterycell.mrml.files import read_volume

    if path.name.lower().endswith(_NIFTI):
        check_nifti_length(path, read_nifti_header(path).length)
    return read_volume(path)


def _is_large(path: Path, options: LoadOptions) -> bool:
    """Whether the voxels belong into the file that the options name, rather than into memory."""
    if options.scratch is None:
        return False
    shape, dtype = grid_of_oriented(path, options)
    return prod(shape) * dtype.itemsize > preview_limit()


def _preview(path: Path, options: LoadOptions, progress: Progress) -> Volume:
    """Means of blocks, or the voxels, in the grid of the whole; slice by slice where they lie in a usual way."""
    from batterycell.mrml.files import read_grid

    voxels = find_voxels(path)
    if voxels is None:
        whole = _whole(path)
        return replace(whole, array=bin_array(whole.array, options.step))
    shape, dtype, matrix = read_grid(path)
    target, array = allocate(shape, dtype, path, options)
    fill_from_voxels(target, voxels, dtype, progress)
    return Volume(array, matrix, "file", path.stem.removesuffix(".nii"))


def write_oriented(volume: Volume, path: Path, compress: bool = True) -> None:
    """Write one NRRD, NIfTI or MetaImage file.

    Raises:
        OutputError: if it cannot be written.
    """
    from batterycell.mrml.files import write_volume

    write_volume(volume, path, compress)


def grid_of_oriented(path: Path, options: LoadOptions) -> Grid:
    """Shape and type that the header of one NRRD, NIfTI or MetaImage file states."""
    from batterycell.mrml.files import read_grid

    shape, dtype, _ = read_grid(path)
    return shape, dtype


def _stated_by_nifti(header: NiftiHeader, volume: Volume) -> StatedSize:
    if header.has_unit:
        return StatedSize(volume.voxel_size_um, "NIfTI header")
    numbers = describe(tuple(size / UM_PER_MM for size in volume.voxel_size_um)).removesuffix(" µm")
    return StatedSize(source=f"its NIfTI header gives {numbers} (z, y, x) without a unit")


def in_millimetres(volume: Volume, path: Path) -> Volume:
    """Slicer takes the numbers of a text header for millimetres, whatever unit stands beside them."""
    unit = text_header_unit(path)
    um = UM_PER_MM if unit is None else unit_um(unit)
    if um is None:
        raise InputError("unit-unknown", f"{path} gives lengths in {unit}.", "Write its lengths in mm.")
    return replace(volume, ijk_to_ras=np.diag([um / UM_PER_MM] * 3 + [1.0]) @ volume.ijk_to_ras)
