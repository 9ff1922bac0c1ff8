"""Which class a value of a label file stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.segment.classes import MOST_CLASSES, UNKNOWN, SegmentClass, check_classes

from .class_files import StatedClasses, default_color, name_classes
from .dataset import BACKGROUND_NAME
from .label_files import LARGEST_VALUE, LabelFile


@dataclass(frozen=True)
class LabelKey:
    """What the values of a project's label files stand for.

    Args:
        classes: The classes in order.
        of_values: Label (n + 1 for class n) by value, for files without names.
    """

    classes: tuple[SegmentClass, ...]
    of_values: dict[int, int]

    def table(self, file: LabelFile) -> NDArray[np.uint8]:
        """Shape (65536,): the label of each value of a file.

        Raises:
            InputError: if a value that occurs stands for no class.
        """
        labels = self._of_segments(file) if file.segments else self.of_values
        table = np.zeros(LARGEST_VALUE + 1, np.uint8)
        for value in file.values:
            if value not in labels and value != UNKNOWN:
                raise _unknown_value(value, file, self.classes)
            table[value] = labels.get(value, UNKNOWN)
        return table

    def _of_segments(self, file: LabelFile) -> dict[int, int]:
        numbers = {_plain(one.name): n + 1 for n, one in enumerate(self.classes)}
        return {one.value: numbers[_plain(one.name)] for one in file.segments if _plain(one.name) in numbers}


def find_key(files: Sequence[LabelFile], stated: StatedClasses | None, full: bool) -> LabelKey:
    """What the values of label files stand for.

    Args:
        files: All label files of the project.
        stated: What classes.json says; without it, segments' names count, then values.
        full: Whether the value 0 is a class too: the first one where there are as many values as classes; elsewhere a
            class called background is made of it, when frames are cut out.

    Raises:
        InputError: if no classes come of it.
    """
    values = sorted({value for file in files if not file.segments for value in file.values})
    if len(values) > MOST_CLASSES + 1:
        raise _too_many(files)
    if stated is None:
        return _key_of_names(files, values, full) or _key_of_values(values, full)
    first = 0 if full and 0 in values and max(values) < len(stated.classes) else 1
    named = stated.values or range(first, first + len(stated.classes))
    return LabelKey(stated.classes, {value: n + 1 for n, value in enumerate(named)})


def _key_of_names(files: Sequence[LabelFile], values: list[int], full: bool) -> LabelKey | None:
    """Classes as the segments are called; None where no file has names."""
    found = {_plain(one.name): SegmentClass(one.name, one.color) for file in reversed(files) for one in file.segments}
    order = dict.fromkeys(_plain(one.name) for file in files for one in file.segments)
    if not order:
        return None
    classes = [found[name] for name in order]
    if full and BACKGROUND_NAME not in order:
        classes.insert(0, SegmentClass(BACKGROUND_NAME, default_color(0)))
    return LabelKey(check_classes(classes), {n + 1: n + 1 for n in range(len(classes))})


def _key_of_values(values: list[int], full: bool) -> LabelKey:
    """A class for each value, 0 among them if everything is labelled."""
    counted = [value for value in values if value or full]
    if len(counted) == 1 and not full:
        message = f"The labels hold no value but {counted[0]} (0 is unknown)."
        raise InputError("classes-count", message, "Where 0 means background, say so: --full.")
    classes = name_classes(f"class {value}" if value else BACKGROUND_NAME for value in counted)
    return LabelKey(classes, {value: n + 1 for n, value in enumerate(counted)})


def _plain(name: str) -> str:
    return name.strip().casefold()


def _unknown_value(value: int, file: LabelFile, classes: Sequence[SegmentClass]) -> InputError:
    name = next((f"segment {one.name}" for one in file.segments if one.value == value), f"value {value}")
    known = ", ".join(one.name for one in classes)
    message = f"The {name} in {file.path} is none of the {len(classes)} classes: {known}."
    return InputError("label-unknown", message, "Add it to classes.json, with its name and value, or erase it.")


def _too_many(files: Sequence[LabelFile]) -> InputError:
    worst = max((file for file in files if not file.segments), key=lambda file: len(file.values))
    message = f"{worst.path} holds {len(worst.values)} different values, too many for labels."
    return InputError("labels-values", message, "See that it is no grey image.")
