"""The classes of a project folder: stated in classes.json, by the segments' names, or by the labels' values."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from batterycell import palette
from batterycell.segment.classes import SegmentClass, check_classes

from .json_files import damaged, entries, read_json, write_json

CLASSES_FILE = "classes.json"
_COLORS = (
    palette.BACKGROUND_CLASS,
    palette.CATHODE,
    palette.ANODE,
    palette.OVERHANG,
    palette.SEPARATOR,
    palette.TAB,
    palette.CAN,
)
# Steps of the golden ratio never come back to a hue.
_HUE_STEP = 0.618034


@dataclass(frozen=True)
class StatedClasses:
    """Classes, and which values stand for them in label files.

    Args:
        classes: In order.
        values: One a class; None where the file does not say it.
    """

    classes: tuple[SegmentClass, ...]
    values: tuple[int, ...] | None


def read_classes(path: Path) -> StatedClasses:
    """Read classes.json: a list of ``{"name", "color", "value"}``, the last two optional.

    Raises:
        InputError: if it cannot be used.
    """
    found = entries(read_json(path), "classes", path)
    classes = check_classes([_class(n, one, path) for n, one in enumerate(found)])
    values = [one["value"] for one in found if "value" in one]
    if values and (len(values) < len(found) or not all(_is_value(one) for one in values)):
        raise damaged(path, "each class needs a value from 0 to 65535, or none of them")
    if len(set(values)) < len(values):
        raise damaged(path, "two classes have the same value")
    return StatedClasses(classes, tuple(values) or None)


def write_classes(path: Path, classes: Sequence[SegmentClass]) -> None:
    """Write classes.json, with the values that this program gives to classes."""
    write_json(path, {"classes": [{**asdict(one), "value": n + 1} for n, one in enumerate(classes)]})


def name_classes(names: Iterable[str]) -> tuple[SegmentClass, ...]:
    """Classes with colours of their own.

    Raises:
        InputError: if a model cannot be made of them.
    """
    return check_classes([SegmentClass(name, default_color(n)) for n, name in enumerate(names)])


def default_color(number: int) -> str:
    """A colour for the class of a number."""
    if number < len(_COLORS):
        return _COLORS[number]
    parts = colorsys.hsv_to_rgb(number * _HUE_STEP % 1.0, 0.6, 0.9)
    return "#" + "".join(f"{round(255 * part):02X}" for part in parts)


def _class(number: int, values: dict[str, Any], path: Path) -> SegmentClass:
    name, color = values.get("name"), values.get("color", default_color(number))
    if not isinstance(name, str) or not isinstance(color, str):
        raise damaged(path, f"class {number + 1} needs a name, and a colour like #RRGGBB")
    return SegmentClass(name, color)


def _is_value(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 65535
