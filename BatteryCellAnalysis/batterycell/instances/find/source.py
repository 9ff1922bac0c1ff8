"""Labels as they come: checked slab by slab, and brought to whole numbers of 0 and above."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.slabs import SlabSource

_WHOLE = "The labels are stored as decimal numbers; all are whole, and were taken as labels."


@dataclass
class LabelReader:
    """Reads labels, refuses what is none, and remembers what must be told.

    Args:
        source: The labels as stored.
        notes: Filled while reading.
    """

    source: SlabSource
    notes: set[str] = field(default_factory=set)

    @property
    def labels(self) -> SlabSource:
        """The same labels as unsigned whole numbers.

        Reading raises InputError where a label is negative, no whole number, or above 2³² - 1.
        """
        kind = self.source.dtype
        if kind.kind not in "buif":
            raise InputError("labels-type", f"{kind} are no labels.", "Give whole numbers, 0 for nothing.")
        if kind.kind in "bu" and kind.itemsize <= 4:
            unsigned = np.dtype(np.uint8) if kind.kind == "b" else kind.newbyteorder("=")
            return replace(self.source, dtype=unsigned, read=lambda a, b: _plain(self.source.read(a, b), unsigned))
        return replace(self.source, dtype=np.dtype(np.uint32), read=self._read)

    def _read(self, start: int, stop: int) -> NDArray[Any]:
        values = self.source.read(start, stop)
        if not values.size:
            return values.astype(np.uint32)
        if values.dtype.kind == "f":
            _require_whole(values)
            self.notes.add(_WHOLE)
        _require_range(values)
        return values.astype(np.uint32)


def _plain(values: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """As cc3d takes it: in one piece, in the machine's byte order, and writable although it is only read."""
    return np.require(values.astype(dtype, copy=False), requirements=("C", "W"))


def _require_whole(values: NDArray[Any]) -> None:
    if not (values == np.rint(values)).all():  # not-a-number is unequal to itself
        wrong = values[values != np.rint(values)][0]
        hint = "Segment the image first, or threshold the probabilities into labels."
        raise InputError("labels-not-whole", f"A label is {wrong:g}, which is no whole number.", hint)


def _require_range(values: NDArray[Any]) -> None:
    if values.dtype.kind != "u" and values.min() < 0:
        hint = "Give labels from 0 on, 0 for nothing."
        raise InputError("labels-negative", f"A label is {values.min():g}; labels cannot be below 0.", hint)
    if values.max() > np.iinfo(np.uint32).max:
        raise InputError("labels-large", f"A label is {values.max():g}, above 2³² - 1.", "Number the labels anew.")


def present_values(labels: SlabSource) -> tuple[int, ...]:
    """Every label value above 0 that occurs, rising."""
    found: set[int] = set()
    for slab in labels.slabs():
        for each in slab.array:
            found.update(_values(each))
    return tuple(sorted(found - {0}))


def lowest_other(labels: SlabSource, value: int) -> int | None:
    """The lowest label beside one, usually of what is around objects: pores, nothing; None where there is no other."""
    lowest: int | None = None
    for slab in labels.slabs():
        others = slab.array[slab.array != value]
        if others.size:
            lowest = min(int(others.min()), lowest if lowest is not None else int(others.min()))
        if lowest == 0:
            break
    return lowest


def _values(slice_: NDArray[Any]) -> list[int]:
    small = slice_.dtype.itemsize <= 2 and slice_.dtype.kind == "u"
    found = np.flatnonzero(np.bincount(slice_.ravel())) if small else np.unique(slice_)
    return [int(value) for value in found]
