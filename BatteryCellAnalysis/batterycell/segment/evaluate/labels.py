"""Labels of predictions and truths: read as a project's are, in one order of classes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.io.sizes import StatedSize, is_stated
from batterycell.segment.classes import UNKNOWN, SegmentClass
from batterycell.segment.data.class_files import StatedClasses, name_classes
from batterycell.segment.data.dataset import BACKGROUND_NAME, background_label
from batterycell.segment.data.label_files import LabelFile, place_labels, read_label_file
from batterycell.segment.data.label_values import LabelKey, find_key
from batterycell.volume import Volume

from .pairs import Pair

# Headers are written with few digits.
_SAME_SIZE = 0.01
_VALUE_NAME = re.compile(r"class (\d{1,5})")


@dataclass(frozen=True)
class Reading:
    """How labels are read.

    Args:
        classes: The classes and their values, where somebody states them; None for what the files say.
        full: Whether what nobody painted is background; else it is unknown, and does not count.
    """

    classes: StatedClasses | None = None
    full: bool = False


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


def find_common_key(pairs: Sequence[Pair], reading: Reading) -> LabelKey:
    """What the values of all files stand for; of each file only the values are kept in memory.

    Raises:
        InputError: if a file cannot be read, or if a truth names a class that no prediction knows.
    """
    predictions = [_values_only(read_label_file(pair.prediction)) for pair in pairs]
    truths = [_values_only(read_label_file(pair.truth)) for pair in pairs]
    if reading.classes is not None:
        return find_key([*predictions, *truths], reading.classes, reading.full)
    _check_names(predictions, truths)
    stated = _stated_by_names([*predictions, *truths], reading.full)
    return find_key([*predictions, *truths], stated, reading.full)


def read_pair(pair: Pair, key: LabelKey, full: bool = False) -> Compared:
    """Read a prediction and its truth, in the same labels.

    Raises:
        InputError: if they differ in size, voxel size or place.
    """
    truth, prediction = read_label_file(pair.truth), read_label_file(pair.prediction)
    _check_voxels(truth, prediction)
    placed = place_labels(truth, prediction.volume, prediction.path)
    arrays = [key.table(truth)[placed.array], key.table(prediction)[prediction.volume.array]]
    background = background_label(key.classes)
    if full and background != UNKNOWN:
        for array in arrays:
            array[array == UNKNOWN] = background
    return Compared(key.classes, *arrays)


def class_key(name: str) -> str:
    """A class's name as it is compared: without regard to case and spaces."""
    return " ".join(name.split()).casefold()


def _values_only(file: LabelFile) -> LabelFile:
    """The file with each of its values once."""
    values = np.array(file.values, np.uint16).reshape(1, 1, -1)
    return replace(file, volume=replace(file.volume, array=values))


def _stated_by_names(files: Sequence[LabelFile], full: bool) -> StatedClasses | None:
    """The classes that segments name, for files of values only; None where all files have names, or none has."""
    classes = {class_key(one.name): SegmentClass(one.name, one.color) for file in files for one in file.segments}
    if not classes or all(file.segments for file in files):
        return None
    if full and BACKGROUND_NAME not in classes:
        classes = {BACKGROUND_NAME: name_classes([BACKGROUND_NAME, "other"])[0], **classes}
    return StatedClasses(tuple(classes.values()), _values_in_names(classes))


def _values_in_names(names: Iterable[str]) -> tuple[int, ...] | None:
    """The values after which classes without names were called when a model learned them, e.g. "class 255"."""
    found = [_VALUE_NAME.fullmatch("class 0" if name == BACKGROUND_NAME else name) for name in names]
    return tuple(int(match[1]) for match in found if match) if all(found) else None


def _check_names(predictions: Sequence[LabelFile], truths: Sequence[LabelFile]) -> None:
    known = {class_key(one.name): one.name for file in predictions for one in file.segments}
    for file in truths:
        lacking = [one.name for one in file.segments if one.value in file.values and class_key(one.name) not in known]
        if known and lacking:
            message = f"{file.path} has a class {lacking[0]}, no prediction has: they have {', '.join(known.values())}."
            raise InputError("classes-differ", message, "Name the segments alike in both.")


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
