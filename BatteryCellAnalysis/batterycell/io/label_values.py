"""Which values a label file holds, how often, and what each becomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

from .label_classes import LARGEST_VALUE, LabelClass, StatedClass, class_color, with_colors
from .segments import Segment

MOST_CLASSES = 250
_NUMBERED = "See that it is no grey image; where every value is an object of its own: instances --numbered."
_FEW = 64
# Counting takes eight bytes a voxel.
_SLAB_VOXELS = 1 << 22
_NAME_ZERO = "Where 0 is a phase, name it: --classes 0=pore,1=NMC."


@dataclass(frozen=True)
class ValueCounts:
    """Values of a label file.

    Args:
        path: The file.
        counts: Number of voxels of each value, shape (65536,).
    """

    path: Path
    counts: NDArray[np.int64]

    @property
    def values(self) -> list[int]:
        """The values that occur, rising."""
        return [int(value) for value in np.flatnonzero(self.counts)]

    def share(self, values: Sequence[int]) -> float:
        """Share of all voxels that have one of some values."""
        return float(self.counts[list(values)].sum() / max(1, self.counts.sum()))


def count_values(source: SlabSource, path: Path, progress: Progress) -> ValueCounts:
    """Read all labels once, and see that they are labels.

    Args:
        source: Values as they are stored.
        path: For messages.
        progress: Told after every slab.

    Raises:
        InputError: if there are fractions, negative or large values, or no voxels.
    """
    counts = np.zeros(LARGEST_VALUE + 1, np.int64)
    for slab in source.slabs(_SLAB_VOXELS):
        progress.report(slab.start / source.shape[0], "reading the labels")
        whole = whole_numbers(slab.array, path)
        found = np.bincount(whole.ravel(), minlength=1)
        counts[: len(found)] += found
    if not counts.any():
        raise InputError("labels-empty", f"{path} holds no voxels.", "Export it again.")
    return ValueCounts(path, counts)


def whole_numbers(array: NDArray[Any], path: Path) -> NDArray[Any]:
    """The same values as unsigned whole numbers, of any shape.

    Raises:
        InputError: if they are no labels.
    """
    if array.dtype.kind == "b" or array.dtype in (np.uint8, np.uint16):
        return array.view(np.uint8) if array.dtype.kind == "b" else array
    check_whole(array, path, LARGEST_VALUE)
    return array.astype(np.uint16)


def check_whole(array: NDArray[Any], path: Path, largest: int) -> None:
    """Refuse what are no labels.

    Args:
        array: Values of any shape.
        path: For messages.
        largest: The largest label that may be.

    Raises:
        InputError: if there are fractions, negative or larger values, or what is no number.
    """
    if array.dtype.kind == "f" and not (np.isfinite(array).all() and np.array_equal(array, np.rint(array))):
        raise _fractions(array, path)
    low, high = array.min(initial=0), array.max(initial=0)
    if low < 0:
        message = f"{path} holds negative values, down to {low:g}."
        raise InputError("labels-negative", message, f"Labels are 0 to {largest}; export it unsigned.")
    if high > largest:
        message = f"{path} holds values up to {high:g}; labels are 0 to {largest}."
        raise InputError("labels-range", message, _NUMBERED)


def classes_of(
    found: ValueCounts, segments: Sequence[Segment], stated: Sequence[StatedClass]
) -> tuple[LabelClass, ...]:
    """What the values of a file mean: as stated, else as the file names them, else by their numbers.

    Args:
        found: The values that occur.
        segments: Names in the file.
        stated: What somebody says.

    Raises:
        InputError: if a class has no voxels, there are none, or too many.
    """
    known = {one.value: (one.name, one.color) for one in segments}
    values = [value for value in found.values if value or any(one.stored == 0 for one in stated)]
    if not values:
        raise InputError("labels-empty", f"{found.path} holds no labels: every voxel is 0.", _NAME_ZERO)
    if len(values) > MOST_CLASSES:
        message = f"{found.path} holds {len(values)} different values, too many for classes."
        raise InputError("labels-values", message, _NUMBERED)
    named = _stated(found, known, stated) if stated else {}
    if not any(one.stored is not None for one in stated):
        named = {value: known.get(value, (f"class {value}", ""))[0] for value in values} | named
    if len(named) == 1 and found.share(list(named)) == 1.0:
        name = next(iter(named.values()))
        raise InputError("labels-constant", f"Every voxel of {found.path} is {name}.", "There is nothing to measure.")
    return _numbered(named, known)


def absent_of(found: ValueCounts, stated: Sequence[StatedClass]) -> tuple[StatedClass, ...]:
    """Stated classes without a voxel, as a sample may lack one of a lot's classes; none where it has none at all."""
    absent = tuple(one for one in stated if one.stored is not None and not _occurs(found, one.stored))
    return absent if len(absent) < len(stated) else ()


def _occurs(found: ValueCounts, value: int) -> bool:
    return value <= LARGEST_VALUE and bool(found.counts[value])


def note_of_absent(absent: Sequence[StatedClass]) -> tuple[str, ...]:
    """That classes have no voxels, in a sentence."""
    if not absent:
        return ()
    words = ", ".join(f"{one.name} ({one.stored})" for one in absent)
    return (f"No voxel is {words}: measured without. If that cannot be, look at the values that were named.",)


def table_of(classes: Sequence[LabelClass]) -> NDArray[np.uint8]:
    """The class's value of every stored value, 0 for nothing, shape (65536,)."""
    table = np.zeros(LARGEST_VALUE + 1, np.uint8)
    for one in classes:
        table[one.stored] = one.value
    return table


def notes_of(found: ValueCounts, classes: Sequence[LabelClass]) -> tuple[str, ...]:
    """What was left out, in sentences."""
    named = {one.stored for one in classes}
    left = [value for value in found.values if value not in named]
    if not left:
        return ()
    words = ", ".join(map(str, left[:8])) + (" …" if len(left) > 8 else "")
    share = 100 * found.share(left)
    which = f"The value{'s' * (len(left) > 1)} {words} ({share:.3g} % of the voxels)"
    if left == [0]:
        return (f"{which} is taken for nothing, outside of every class. {_NAME_ZERO}",)
    return (f"{which} belong{'s' * (len(left) == 1)} to no class that was named, and count as nothing.",)


def _stated(found: ValueCounts, known: dict[int, tuple[str, str]], stated: Sequence[StatedClass]) -> dict[int, str]:
    """Names by stored value, of what somebody says; a bare name is that of a segment, or a number."""
    numbers = {name.casefold(): value for value, (name, _) in known.items()}
    named: dict[int, str] = {}
    for one in stated:
        value = one.stored if one.stored is not None else numbers.get(one.name.casefold())
        if value is None and one.name.isdigit():
            value = int(one.name)
        if value is None or not _occurs(found, value):
            raise _missing(found, one, known)
        named[value] = one.name if one.stored is not None else known.get(value, (f"class {value}", ""))[0]
    return named


def _numbered(named: dict[int, str], known: dict[int, tuple[str, str]]) -> tuple[LabelClass, ...]:
    rows = sorted(named.items())
    colors = [known.get(value, ("", ""))[1] or class_color(name, n) for n, (value, name) in enumerate(rows)]
    classes = [LabelClass(n + 1, name, colors[n], value) for n, (value, name) in enumerate(rows)]
    return with_colors(classes)


def _missing(found: ValueCounts, one: StatedClass, known: dict[int, tuple[str, str]]) -> InputError:
    if one.stored is None:
        names = ", ".join(name for name, _ in known.values())
        has = f"its classes are {names}" if names else "it does not name its values"
        hint = "Name values as VALUE=NAME, e.g. 0=pore,1=NMC."
        return InputError("class-unknown", f"{found.path} has no class {one.name}: {has}.", hint)
    words = ", ".join(map(str, found.values[:_FEW]))
    message = f"No voxel of {found.path} has the value {one.stored} ({one.name}); it holds {words}."
    return InputError("class-missing", message, "Leave the class out, or correct its value.")


def _fractions(array: NDArray[Any], path: Path) -> InputError:
    if not np.isfinite(array).all():
        count = int(array.size - np.isfinite(array).sum())
        message = f"{path} holds {count} voxels that are no number (NaN or infinite)."
        return InputError("labels-not-finite", message, "Replace them by a label.")
    odd = array[array != np.rint(array)].flat[0]
    message = f"{path} holds fractions such as {float(odd):.4g}, not labels."
    return InputError("labels-fractions", message, "Give labels: whole numbers, one a class.")
