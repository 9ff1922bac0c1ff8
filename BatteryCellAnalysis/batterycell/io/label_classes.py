"""What the values of a label volume mean: their names and colours, and what somebody says about them."""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from batterycell import palette
from batterycell.errors import UsageError

LARGEST_VALUE = 65535
_ENTRY = re.compile(r"(?:(\d+)\s*=\s*)?([^=]+)")
# The words by which people call the phases of an electrode, each with the colour that it has everywhere.
_KNOWN = (
    (re.compile(r"\b(pore|void|air|gas|electrolyte)", re.IGNORECASE), palette.PORE),
    (re.compile(r"\b(active|particle|nmc|ncm|nca|lco|lfp|lmo|cathode|graphite)", re.IGNORECASE),
     palette.ACTIVE_MATERIAL),
    (re.compile(r"\b(binder|cbd|carbon|pvdf)", re.IGNORECASE), palette.BINDER),
    (re.compile(r"\b(additive|conductive|silicon)", re.IGNORECASE), palette.ADDITIVE),
    (re.compile(r"\boverhang", re.IGNORECASE), palette.OVERHANG),
    (re.compile(r"\banode", re.IGNORECASE), palette.ANODE),
)  # fmt: skip
# Steps of the golden ratio never come back to a hue.
_HUE_STEP = 0.618034


@dataclass(frozen=True)
class LabelClass:
    """One class of a label volume.

    Args:
        value: Its value in the volume, at least 1.
        name: What people call it.
        color: ``"#RRGGBB"``.
        stored: Its value in the file.
    """

    value: int
    name: str
    color: str
    stored: int


@dataclass(frozen=True)
class StatedClass:
    """What somebody says about a class.

    Args:
        name: Its name.
        stored: Its value in the file; None where the name, or the number that the name is, says which.
    """

    name: str
    stored: int | None = None


def parse_classes(words: str) -> tuple[StatedClass, ...]:
    """Read ``NAME,…`` or ``VALUE=NAME,…``.

    Raises:
        UsageError: if a name or a value is missing, too large, or comes twice.
    """
    found = tuple(_stated(word.strip()) for word in words.split(",") if word.strip())
    names, values = [one.name.casefold() for one in found], [one.stored for one in found if one.stored is not None]
    if not found or len(set(names)) < len(names) or len(set(values)) < len(values):
        raise UsageError("classes", f"{words!r} names no classes, or one twice.", "Write e.g. 0=pore,1=NMC,2=binder.")
    return found


def to_words(stated: Iterable[StatedClass]) -> str:
    """The words of `parse_classes`."""
    return ",".join(one.name if one.stored is None else f"{one.stored}={one.name}" for one in stated)


def class_color(name: str, number: int) -> str:
    """The colour of a class: that of its phase where its name tells it, else one of its own.

    Args:
        name: Its name.
        number: Its place among the classes, from 0.
    """
    known = next((color for words, color in _KNOWN if words.search(name)), None)
    return known or "#" + "".join(f"{round(255 * part):02X}" for part in _hue(number))


def with_colors(classes: Sequence[LabelClass]) -> tuple[LabelClass, ...]:
    """The classes, no two of one colour."""
    taken: set[str] = set()
    found = []
    for number, one in enumerate(classes):
        color = one.color if one.color not in taken else class_color("", number)
        taken.add(color)
        found.append(LabelClass(one.value, one.name, color, one.stored))
    return tuple(found)


def _hue(number: int) -> tuple[float, float, float]:
    return colorsys.hsv_to_rgb((0.58 + number * _HUE_STEP) % 1.0, 0.55, 0.85)


def _stated(word: str) -> StatedClass:
    match = _ENTRY.fullmatch(word)
    value = int(match[1]) if match and match[1] else None
    if match is None or not match[2].strip() or (value is not None and value > LARGEST_VALUE):
        raise UsageError("classes", f"{word!r} is no class.", f"Write VALUE=NAME, values from 0 to {LARGEST_VALUE}.")
    return StatedClass(match[2].strip(), value)
