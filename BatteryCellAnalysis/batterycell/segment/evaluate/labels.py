"""A prediction and its truth on one grid, in the same labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.io.sizes import StatedSize, is_stated
from batterycell.segment.classes import UNKNOWN, SegmentClass
from batterycell.segment.data.dataset import background_label
from batterycell.segment.data.label_files import LabelFile, place_labels
from batterycell.volume import Volume

from .keys import CommonKey
from .pairs import Pair

# Headers are written with few digits.
_SAME_SIZE = 0.01


@dataclass(frozen=True)
class Compared:
    """A prediction and a truth on one grid, in the same labels.

    Args:
        classes: The classes of the values 1, 2 …
        truth: Shape (slices, rows, columns); 0 unknown.
        prediction: Likewise; 0 where nothing was predicted.
    """

    classes: tuple[SegmentClass, ...]
    truth: NDArray[np.uint8]
    prediction: NDArray[np.uint8]


def read_pair(pair: Pair, key: CommonKey, full: bool = False) -> Compared:
    """Read a prediction and its truth, in the same labels.

    Raises:
        InputError: if they differ in size, voxel size or place.
    """
    truth, prediction = key.read(pair.truth), key.read(pair.prediction)
    _check_voxels(truth, prediction)
    placed = place_labels(truth, prediction.volume, prediction.path)
    arrays = [key.tables[pair.truth][placed.array], key.tables[pair.prediction][prediction.volume.array]]
    background = background_label(key.classes)
    if full and background != UNKNOWN:
        for array in arrays:
            array[array == UNKNOWN] = background
    return Compared(key.classes, *arrays)


def _check_voxels(truth: LabelFile, prediction: LabelFile) -> None:
    """Check that voxels are of one size, where both files state it."""
    own, other = prediction.volume, truth.volume
    if not (_says_size(own) and _says_size(other)):
        return
    if not np.allclose(own.voxel_size_um, other.voxel_size_um, rtol=_SAME_SIZE):
        texts = [" × ".join(f"{size:.4g}" for size in volume.voxel_size_um) for volume in (own, other)]
        message = f"{prediction.path} has voxels of {texts[0]} µm (z, y, x), {truth.path} of {texts[1]} µm."
        raise InputError("voxels-differ", message, "Both must be labels of one image, on its own grid.")


def _says_size(volume: Volume) -> bool:
    """Whether somebody stated the voxel size; 1 mm is what programs write that do not know it."""
    known = is_stated(volume.voxel_size_source) and volume.voxel_size_source != "palette"
    return known and not StatedSize(volume.voxel_size_um).is_default
