"""A segmented cell: its labels, what they mean, and how sure they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.volume import Volume

Image = NDArray[np.float32]

CATHODE, OVERHANG, ANODE = 1, 2, 3  # classes as `LabelledCell.coded` tells them apart
_HINT = "Name the segments cathode and anode overhang, or give their values."


@dataclass(frozen=True)
class LabelClasses:
    """Which values of a label volume mean what; the defaults are those of the wizard's classes for overhang.

    Args:
        cathode: Values of the cathode.
        overhang: Values of the anode beyond the level at which the cathode ends.
        anode: Values of the rest of the anode. Without it, where an anode ends below its cathode cannot be told.
    """

    cathode: tuple[int, ...] = (2,)
    overhang: tuple[int, ...] = (3,)
    anode: tuple[int, ...] = ()

    @classmethod
    def of_names(cls, values: Mapping[str, int]) -> LabelClasses:
        """The classes by what people call them: cathode, overhang (anode overhang), anode, in any capitals.

        Args:
            values: Value of each name.

        Raises:
            InputError: if no name tells the cathode or the overhang.
        """
        words = {name.casefold(): value for name, value in values.items()}
        overhang = tuple(value for name, value in words.items() if "overhang" in name)
        cathode, anode = (
            tuple(value for name, value in words.items() if part in name and value not in overhang)
            for part in ("cathode", "anode")
        )
        if not cathode or not overhang:
            missing = "overhang" if cathode else "cathode"
            raise InputError("labels-classes", f"None of {', '.join(values) or 'no names'} is the {missing}.", _HINT)
        return cls(cathode, overhang, anode)

    @property
    def meaning(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """The code of each class, and the values that have it."""
        return (CATHODE, self.cathode), (ANODE, self.anode), (OVERHANG, self.overhang)


@dataclass(frozen=True)
class LabelledCell:
    """A segmented cell.

    Args:
        labels: Whole numbers, in the cell's RAS.
        classes: What they mean.
        uncertainty: On the same voxels, percent: 100 (1 - (p - q)), p and q the probabilities of the likeliest and
            the next class, as models give it; None where nothing is known of it.
    """

    labels: Volume
    classes: LabelClasses
    uncertainty: Volume | None = None

    def coded(self, part: tuple[slice, slice, slice]) -> NDArray[np.uint8]:
        """What each voxel of a part is: 0, `CATHODE`, `OVERHANG` or `ANODE`."""
        array = self.labels.array[part]
        code = np.zeros(array.shape, np.uint8)
        for one, labels in zip(code, array, strict=True):  # slice by slice, so that memory holds the result alone
            for value, values in self.classes.meaning:
                one[np.isin(labels, values)] = value
        return code


def share(code: NDArray[np.uint8], wanted: tuple[int, ...], lead: Image | None) -> Image:
    """Probability of some classes in places with a likeliest class and its lead over the next (0..1), same shape.

    With two classes in question p + q = 1, so that p = (1 + lead) / 2; without a lead, p = 1.
    """
    mine = np.isin(code, wanted).astype(np.float32)
    return mine if lead is None else np.asarray(0.5 + (mine - np.float32(0.5)) * lead, np.float32)
