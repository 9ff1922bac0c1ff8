"""Reading what a stranger wrote: every value of a JSON object is checked for its type and range before it is used."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from batterycell.errors import InputError

HINT = "Ask whoever made the model for a new copy, or export it again."
_MOST = 100_000
_DEEPEST = 32
# Marks that turn the direction of writing, so that a text looks like another.
_TURNING = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}
_TARGETS = ("monai.networks.nets.", "monai.inferers.")


def damaged(place: str, message: str, hint: str = HINT) -> InputError:
    """The error of a model that cannot be trusted."""
    return InputError("model-damaged", f"{place}: {message}.", hint)


class Fields:
    """A JSON object whose values are asked for with what they must be.

    Args:
        values: What was read.
        place: What it is, for messages.

    Raises:
        InputError: if it is no object; every method raises it where a value is missing or not what it must be.
    """

    def __init__(self, values: Any, place: str) -> None:
        if not isinstance(values, dict):
            raise damaged(place, "it must be an object with named values")
        self.values, self.place = values, place

    def text(self, name: str, longest: int, pattern: str = "") -> str:
        """A text without control characters, at most ``longest`` characters, that matches a pattern."""
        return self._text(name, self._get(name, str), longest, pattern)

    def texts(self, name: str, longest: int) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(self._text(name, value, longest) for value in self._get(name, list)[:_MOST])

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number from low to high."""
        return self._whole(name, self._get(name, int), low, high)

    def wholes(self, name: str, low: int, high: int) -> tuple[int, ...]:
        """A list of whole numbers."""
        return tuple(self._whole(name, value, low, high) for value in self._get(name, list)[:_MOST])

    def numbers(self, name: str, count: int) -> tuple[float, ...]:
        """A list of so many finite numbers."""
        return self._row(name, self._get(name, list), count)

    def rows(self, name: str, count: int) -> tuple[tuple[float, ...], ...]:
        """A list of lists of so many finite numbers each."""
        return tuple(self._row(name, row, count) for row in self._get(name, list)[:_MOST])

    def text_rows(self, name: str, count: int, longest: int) -> tuple[tuple[str, ...], ...]:
        """A list of lists of so many texts each."""
        return tuple(self._texts(name, row, count, longest) for row in self._get(name, list)[:_MOST])

    def objects(self, name: str) -> tuple[Fields, ...]:
        """A list of objects."""
        return tuple(Fields(value, f"{self.place}, {name}") for value in self._get(name, list)[:_MOST])

    def object(self, name: str) -> Fields:
        """An object."""
        return Fields(self._get(name, dict), f"{self.place}, {name}")

    def wrong(self, name: str, must: str) -> InputError:
        """The error of a value that is not what it must be."""
        return damaged(self.place, f"{name} must be {must}")

    def _get(self, name: str, kind: type) -> Any:
        value = self.values.get(name)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise damaged(self.place, f"{name} is missing" if value is None else f"{name} is of a wrong type")
        return value

    def _text(self, name: str, value: Any, longest: int, pattern: str = "") -> str:
        if not isinstance(value, str) or len(value) > longest or any(_is_control(letter) for letter in value):
            raise self.wrong(name, f"a text of at most {longest} characters")
        if pattern and not re.fullmatch(pattern, value):
            raise damaged(self.place, f"{name} cannot be {value!r}")
        return value

    def _whole(self, name: str, value: Any, low: int, high: int) -> int:
        if type(value) is not int or not low <= value <= high:
            raise self.wrong(name, f"a whole number from {low} to {high}")
        return value

    def _texts(self, name: str, row: Any, count: int, longest: int) -> tuple[str, ...]:
        if not isinstance(row, list) or len(row) != count or not all(isinstance(value, str) for value in row):
            raise self.wrong(name, f"rows of {count} texts")
        return tuple(self._text(name, value, longest) for value in row)

    def _row(self, name: str, value: Any, count: int) -> tuple[float, ...]:
        if not isinstance(value, list) or len(value) != count or not all(map(is_number, value)):
            raise self.wrong(name, f"{count} numbers")
        return tuple(map(float, value))


def check_plain(values: Any, place: Path) -> None:
    """Check that JSON holds nothing that MONAI's tools would run, though this program would not.

    Raises:
        InputError: if a text is an expression, if something else than a part of MONAI is to be built, or if values are
            nested so deep that nobody wrote them in earnest.
    """
    level: list[Any] = [values]
    for _ in range(_DEEPEST):
        for one in level:
            _check_one(one, place)
        level = [item for one in level for item in _inside(one)]
        if not level:
            return
    raise damaged(str(place), "its values are nested too deep")


def _check_one(value: Any, place: Path) -> None:
    if isinstance(value, str) and value.lstrip().startswith("$"):
        raise _code(place, value)
    if isinstance(value, str) and any(map(_is_surrogate, value)):
        raise damaged(str(place), "it holds half a letter")
    target = value.get("_target_", _TARGETS[0]) if isinstance(value, dict) else _TARGETS[0]
    if not isinstance(target, str) or not target.startswith(_TARGETS):
        raise _code(place, target)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return (*value, *value.values())
    return value if isinstance(value, list) else ()


def _code(place: Path, found: Any) -> InputError:
    return InputError("model-code", f"{place} holds code: {str(found)[:60]!r}.", "A model is plain data, never code.")


def is_number(value: Any) -> bool:
    """Whether it is a finite number of JSON's, of a size that a float holds."""
    return (type(value) is float and math.isfinite(value)) or (type(value) is int and abs(value) < 2**53)


def _is_control(letter: str) -> bool:
    code = ord(letter)
    return (code < 32 and letter not in "\n\t") or 0x7F <= code < 0xA0 or code in _TURNING


def _is_surrogate(letter: str) -> bool:
    return 0xD800 <= ord(letter) < 0xE000
