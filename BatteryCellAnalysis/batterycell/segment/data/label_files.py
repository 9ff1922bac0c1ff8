"""What was painted: label files, whatever program wrote them, on the grid of their image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.io import LoadOptions
from batterycell.io.medical import ORIENTED_SUFFIXES
from batterycell.io.segments import Segment, read_segments
from batterycell.volume import Volume

from .grid import Grid, sample_labels
from .images import read_any, sizes_differ

LARGEST_VALUE = 65535
_NRRD = (".nrrd", ".nhdr")
_NO_SIZE_NEEDED = LoadOptions(needs_voxel_size=False)
# Labels may reach so many voxels beyond the image: brushes and rounded headers do.
_SPILL = 1.0


@dataclass(frozen=True)
class LabelFile:
    """A label file as it was read.

    Args:
        path: The file.
        volume: Its values, uint16.
        segments: Names of values, where the file has them.
        is_placed: Whether the file says where in the world it lies.
    """

    path: Path
    volume: Volume
    segments: tuple[Segment, ...]
    is_placed: bool

    @property
    def values(self) -> list[int]:
        """The values that occur, rising."""
        counts = np.bincount(self.volume.array.ravel(), minlength=1)
        return [int(value) for value in np.flatnonzero(counts)]


def read_label_file(path: Path) -> LabelFile:
    """Read labels: a segmentation (.seg.nrrd), a label volume or a picture.

    Raises:
        InputError: if it cannot be read, or holds no labels.
    """
    name = path.name.lower()
    segments: tuple[Segment, ...] = ()
    if name.endswith(_NRRD):
        volume, segments = read_segments(path)
    else:
        volume = _read_palette(path) or read_any(path, _NO_SIZE_NEEDED)
    whole = replace(volume, array=_whole_numbers(volume.array, path))
    return LabelFile(path, whole, segments, name.endswith(ORIENTED_SUFFIXES))


def place_labels(labels: LabelFile, grid: Volume, image_path: Path) -> Volume:
    """The file's values on the grid of its image.

    Args:
        labels: The file.
        grid: The image.
        image_path: Its file; where that does not say where it lies, equal sizes are equal places.

    Raises:
        InputError: if the sizes differ, or something was painted outside the image.
    """
    both_placed = labels.is_placed and image_path.name.lower().endswith(ORIENTED_SUFFIXES)
    fits = labels.volume.array.shape == grid.array.shape
    if fits and (not both_placed or _same_place(labels.volume, grid)):
        return replace(grid, array=labels.volume.array)
    if not labels.is_placed:
        raise sizes_differ(image_path, grid, labels.path, labels.volume)
    _check_inside(labels, grid)
    return _resampled(labels, grid)


def _read_palette(path: Path) -> Volume | None:
    """A picture with a palette holds labels, not colours."""
    from PIL import Image

    if path.suffix.lower() != ".png" or not path.is_file():
        return None
    with Image.open(path) as picture:
        if picture.mode != "P":
            return None
        return Volume.from_stack(np.asarray(picture)[None], (1.0, 1.0, 1.0), "palette", path.stem)


def _whole_numbers(array: NDArray[Any], path: Path) -> NDArray[np.uint16]:
    if array.dtype.kind == "f" and not np.array_equal(array, np.rint(array)):
        raise InputError("labels-fractions", f"{path} holds fractions, not labels.", "Export it as whole numbers.")
    if array.size and (array.min() < 0 or array.max() > LARGEST_VALUE):
        message = f"{path} holds values from {array.min():g} to {array.max():g}."
        raise InputError("labels-range", message, f"Labels are 0 to {LARGEST_VALUE}.")
    return array.astype(np.uint16, copy=False)


def _same_place(labels: Volume, grid: Volume) -> bool:
    """Whether two grids begin at one voxel and run alike; the size of voxels may have been corrected by hand."""
    first, other = (volume.ijk_to_ras[:3, :3] / volume.spacing_mm for volume in (labels, grid))
    offset = np.abs(labels.to_ijk(grid.ijk_to_ras[:3, 3]))
    return bool(np.allclose(first, other, atol=1e-3) and np.all(offset < 0.5))


def _check_inside(labels: LabelFile, grid: Volume) -> None:
    painted = np.argwhere(labels.volume.array)[:, ::-1]
    ijk = grid.to_ijk(labels.volume.to_ras(painted))
    last = np.array(grid.array.shape[::-1]) - 1
    outside = int(np.any((ijk < -_SPILL) | (ijk > last + _SPILL), axis=1).sum())
    if outside:
        message = f"{outside} of {len(painted)} voxels painted in {labels.path} lie outside the image {grid.name}."
        raise InputError("labels-outside", message, "See that labels and image belong together and are not shifted.")


def _resampled(labels: LabelFile, grid: Volume) -> Volume:
    """Segments count from 1, so that few values need more than a byte; two bytes are sampled one by one."""
    low, high = (replace(labels.volume, array=part) for part in _bytes(labels.volume.array))
    target = Grid.of(grid)
    array = sample_labels(low, target).astype(np.uint16)
    if high.array.any():
        array += sample_labels(high, target).astype(np.uint16) * 256
    return replace(grid, array=array)


def _bytes(array: NDArray[np.uint16]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    return (array & 255).astype(np.uint8), (array >> 8).astype(np.uint8)
