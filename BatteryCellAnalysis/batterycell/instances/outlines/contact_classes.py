"""The classes that are measured beside instances: their numbers, and the names of their columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.instances.measures.context import Context
from batterycell.slabs import Slab, SlabSource


class ClassPlaces:
    """The named classes in order, place 1 being the first; 0 is what lies outside or has no name.

    Args:
        names: Name of each class by its number; 0 may be one of them.
    """

    def __init__(self, names: Mapping[int, str]) -> None:
        self.names = tuple(names.values())
        self.numbers = tuple(names)
        # One entry more than the largest number: larger numbers are clipped to it, and have no name.
        self._place = np.zeros(max(self.numbers, default=0) + 2, np.uint8 if len(names) < 255 else np.uint32)
        self._place[list(self.numbers)] = np.arange(1, len(names) + 1)

    def of(self, slab: Slab) -> Slab:
        """The places of the classes in a slab."""
        following = None if slab.following is None else self._of(slab.following)
        return Slab(slab.start, self._of(slab.array), following)

    def _of(self, classes: NDArray[Any]) -> NDArray[Any]:
        return self._place.take(classes, mode="clip")

    @property
    def words(self) -> tuple[str, ...]:
        """The names as parts of columns' names: small letters, digits and ``_``; numbered where two are alike."""
        words: list[str] = []
        for number, name in zip(self.numbers, self.names, strict=True):
            word = re.sub(r"\W+", "_", name.lower()).strip("_") or f"class_{number}"
            words.append(word if word not in words else f"{word}_{number}")
        return tuple(words)


def class_labels(context: Context, what: str) -> SlabSource:
    """The label volume of the classes.

    Raises:
        InputError: if there is none, or no class has a name.
    """
    found = context.companions.class_labels
    if found is None or not context.companions.class_names:
        message = f"{what} needs the label volume of the classes and their names."
        raise InputError("classes-missing", message, "Give the classes beside the objects, or leave the measure out.")
    return found
