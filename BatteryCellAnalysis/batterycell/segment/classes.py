"""The classes that a model tells apart: named, coloured, ordered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from batterycell import palette
from batterycell.errors import InputError

# The value of a pixel that nobody painted; class n of the order has the value n + 1.
UNKNOWN = 0
MOST_CLASSES = 32
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True)
class SegmentClass:
    """One class.

    Args:
        name: What people call it; no two classes of a project share a name.
        color: ``"#RRGGBB"``.
    """

    name: str
    color: str


_CATHODE = (
    SegmentClass("pore", palette.PORE),
    SegmentClass("active material", palette.ACTIVE_MATERIAL),
    SegmentClass("binder", palette.BINDER),
)
_OVERHANG = (
    SegmentClass("background", palette.BACKGROUND_CLASS),
    SegmentClass("cathode", palette.CATHODE),
    SegmentClass("anode overhang", palette.OVERHANG),
)
# The models that ship tell them apart under the same names, so that a training can go on from one.
PRESETS: dict[str, tuple[SegmentClass, ...]] = {
    "cell overhang": _OVERHANG,
    "cell overhang and can": (*_OVERHANG, SegmentClass("can", palette.CAN)),
    "cathode microstructure": _CATHODE,
    "cathode microstructure, additive apart": (*_CATHODE, SegmentClass("additive", palette.ADDITIVE)),
}


def check_classes(classes: Sequence[SegmentClass]) -> tuple[SegmentClass, ...]:
    """The classes, if a model can be made of them.

    Raises:
        InputError: if there are fewer than two or too many, or if a name or a colour is missing, wrong or twice there.
    """
    if not 2 <= len(classes) <= MOST_CLASSES:
        message = f"{len(classes)} classes cannot be told apart; there must be 2 to {MOST_CLASSES}."
        raise InputError("classes-count", message, "Add what is not of interest as a class of its own: background.")
    names = [one.name.strip() for one in classes]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None or not all(names):
        message = f"Two classes are called {twice!r}." if twice else "A class has no name."
        raise InputError("classes-names", message, "Give every class a name of its own.")
    wrong = next((one for one in classes if not _COLOR.fullmatch(one.color)), None)
    if wrong is not None:
        raise InputError("classes-color", f"{wrong.color!r} is not a colour.", "Write colours as #RRGGBB.")
    return tuple(classes)
