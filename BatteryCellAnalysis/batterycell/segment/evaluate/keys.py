"""What the values of label files stand for, in predictions and truths alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.segment.classes import SegmentClass
from batterycell.segment.data.class_files import StatedClasses, name_classes
from batterycell.segment.data.dataset import BACKGROUND_NAME
from batterycell.segment.data.label_files import LARGEST_VALUE, LabelFile, read_label_file
from batterycell.segment.data.label_values import find_key

from .pairs import Pair

_VALUE_NAME = re.compile(r"class (\d{1,5})")
_CHUNK = 1 << 18


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
class CommonKey:
    """What the values of label files stand for.

    Args:
        classes: The classes in order.
        tables: Of each file, shape (65536,): the label (0 unknown, n + 1 for class n) of each value.
        kept: Files that stay in memory: those of a single pair need not be read twice.
    """

    classes: tuple[SegmentClass, ...]
    tables: dict[Path, NDArray[np.uint8]]
    kept: dict[Path, LabelFile] = field(default_factory=dict)

    def read(self, path: Path) -> LabelFile:
        """The labels of a file."""
        return self.kept.get(path) or read_label_file(path)


def find_common_key(pairs: Sequence[Pair], reading: Reading) -> CommonKey:
    """What the values of all files stand for; of several pairs only the values are kept in memory.

    Raises:
        InputError: if a file cannot be read, or if a truth names a class that no prediction knows.
    """
    kept: dict[Path, LabelFile] = {}
    predictions = [_look_at(pair.prediction, kept, len(pairs) == 1) for pair in pairs]
    truths = [_look_at(pair.truth, kept, len(pairs) == 1) for pair in pairs]
    stated, files = reading.classes, [*predictions, *truths]
    if stated is None:
        _check_names(predictions, truths)
        stated = _stated_by_names(files, reading.full)
    key = find_key(files, stated, reading.full)
    return CommonKey(key.classes, {file.path: key.table(file) for file in files}, kept)


def _look_at(path: Path, kept: dict[Path, LabelFile], keep: bool) -> LabelFile:
    """The file with each of its values once."""
    file = read_label_file(path)
    if keep:
        kept[path] = file
    return _values_only(file)


def class_key(name: str) -> str:
    """A class's name as it is compared: without regard to case and spaces."""
    return " ".join(name.split()).casefold()


def _values_only(file: LabelFile) -> LabelFile:
    """The file with each of its values once, found in parts: counting all at once takes eight bytes a voxel."""
    flat, found = file.volume.array.reshape(-1), np.zeros(LARGEST_VALUE + 1, bool)
    for start in range(0, len(flat), _CHUNK):
        found[flat[start : start + _CHUNK]] = True
    values = np.flatnonzero(found).astype(np.uint16).reshape(1, 1, -1)
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
