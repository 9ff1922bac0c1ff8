"""Label volumes in which every value is an object already, such as other programs write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

from .label_classes import LabelClass, class_color
from .label_stored import open_stored
from .label_values import check_whole
from .labels import LabelVolume, stem
from .options import LoadOptions

LARGEST_NUMBER = 2**32 - 1
_NAME = "object"


def open_numbered(path: Path, options: LoadOptions, name: str, progress: Progress) -> LabelVolume:
    """Open a volume of numbered objects; 0 is nothing, numbers may have gaps.

    Args:
        path: File or folder.
        options: What the user says of its voxel size and shape.
        name: What the objects are; empty for "object".
        progress: Told how far it is.

    Returns:
        A label volume of one class whose `LabelVolume.numbers` are the objects'.

    Raises:
        InputError: if it cannot be read, or holds no numbers.
    """
    stored = open_stored(path, options, progress.part(0.0, 0.5))
    numbers = _read_as(stored.source, np.dtype(np.uint32), lambda array: _numbers(array, path))
    if not any(slab.array.any() for slab in numbers.slabs()):
        raise InputError("labels-empty", f"{path} holds no objects: every voxel is 0.", "Segment something first.")
    inside = _read_as(numbers, np.dtype(np.uint8), lambda array: (array > 0).astype(np.uint8))
    name = name or _NAME
    classes = (LabelClass(1, name, class_color(name, 0), 1),)
    place = stored.place
    made = LabelVolume(inside, place.ijk_to_ras, place.voxel_size_source, stem(path), classes)
    return replace(made, numbers=numbers)


def _numbers(array: NDArray[Any], path: Path) -> NDArray[np.uint32]:
    check_whole(array, path, LARGEST_NUMBER)
    return array.astype(np.uint32, copy=False)


def _read_as(source: SlabSource, dtype: np.dtype[Any], made: Any) -> SlabSource:
    return SlabSource(source.shape, dtype, lambda start, stop: made(source.read(start, stop)))
