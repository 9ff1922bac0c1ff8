"""Read tolerances from a small TOML or JSON file."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from batterycell.errors import InputError

from .known import ENDS, did_you_mean, is_known
from .limits import EVERY_OVERHANG, SEVERITIES, Limit, Tolerances

_NUMBERS = ("nominal", "lower", "upper", "plus_minus")
_ROW_NUMBERS = (*_NUMBERS, "read_percent")
_HINT = "docs/tolerances.md shows an example."


def read_tolerances(path: Path) -> Tolerances:
    """Read limits of quantities from a file; what a name or a number gets wrong is told with its line.

    Args:
        path: A TOML or JSON file: a table a quantity with ``nominal``, ``lower``, ``upper``, ``plus_minus`` and
            ``severity``; the table ``overhang`` holds for every single overhang.

    Returns:
        The limits.

    Raises:
        InputError: if the file cannot be read, or is not what it should be.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InputError("tolerances-unreadable", f"{path} cannot be read: {reason}.", "Check the path.") from error
    values = _parsed(path, text)
    file = _File(path, text)
    title = values.pop("title", "")
    # What a result folder keeps of its tolerances has them in a table of their own.
    values = values["limits"] if set(values) == {"limits"} and isinstance(values["limits"], dict) else values
    if not isinstance(title, str):
        raise file.error("title", "title is no text", "Write it in quotation marks.")
    limits = tuple(file.limits(values))
    if not limits:
        raise InputError("tolerances-empty", f"{path} limits nothing.", _HINT)
    return Tolerances(limits, title, path.name)


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        values: Any = json.loads(text) if path.suffix.lower() == ".json" else _parse_toml(text)
    except ValueError as error:
        kind = "JSON" if path.suffix.lower() == ".json" else "TOML"
        raise InputError("tolerances-unreadable", f"{path} is no {kind}: {error}.", _HINT) from error
    if not isinstance(values, dict):
        raise InputError("tolerances-unreadable", f"{path} holds no tables of limits.", _HINT)
    return values


def _parse_toml(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return dict(tomllib.loads(text))


class _File:
    """The text of a file, to tell in which line something stands."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._lines = path, text.splitlines()

    def error(self, name: str, message: str, hint: str = _HINT, key: str = "") -> InputError:
        """An error about a table of the file, or about a key in it."""
        line = self._line(name, 0)
        line = self._line(key, line or 0) or line if key else line
        place = f"{self._path}, line {line}" if line else str(self._path)
        return InputError("tolerances", f"{place}: {message}.", hint)

    def _line(self, name: str, first: int) -> int | None:
        """The number of the line, from a first one on, in which a name begins something; None if none does."""
        word = r"""["']?""" + re.escape(name.split(".")[-1]) + r"""["']?"""
        pattern = re.compile(rf"""^\s*\[\s*(\w+\.)*{word}\s*\]|(^|[\s{{,.]){word}\s*[=:.]""")
        lines = enumerate(self._lines, start=1)
        return next((n for n, text in lines if n >= first and pattern.search(text.split("#")[0])), None)

    def limits(self, values: dict[str, Any]) -> Iterator[Limit]:
        """The limits of all tables."""
        for name, entry in values.items():
            if not is_known(name):
                raise self.error(name, f"there is no quantity {name}", did_you_mean(name))
            if not isinstance(entry, dict):
                raise self.error(name, f"{name} is no table of limits", f"Write {name} = {{ upper = ... }}.")
            yield from self._rows(entry) if name == EVERY_OVERHANG else [self._limit(name, entry)]

    def _rows(self, entry: dict[str, Any]) -> Iterator[Limit]:
        """The limits of every overhang: of all ends, and of single ends, which may stand in tables of their own."""
        own = {key: value for key, value in entry.items() if key not in ENDS}
        if own:
            yield self._limit(EVERY_OVERHANG, own)
        for end in (key for key in entry if key in ENDS):
            if not isinstance(entry[end], dict):
                raise self.error(end, f"{EVERY_OVERHANG}.{end} is no table of limits")
            yield self._limit(f"{EVERY_OVERHANG}.{end}", entry[end])

    def _limit(self, name: str, entry: dict[str, Any]) -> Limit:
        numbers = _ROW_NUMBERS if name.split(".")[0] == EVERY_OVERHANG else _NUMBERS
        for key in entry:
            if key not in (*numbers, "severity"):
                known = (*numbers, "severity", *(ENDS if name == EVERY_OVERHANG else ()))
                raise self.error(name, f"{name} has no {key}", did_you_mean(key, known), key)
        severity = entry.get("severity", "major")
        if severity not in SEVERITIES:
            raise self.error(name, f"{name} has the severity {severity!r}", f"Known are {', '.join(SEVERITIES)}.")
        return self._checked(name, {key: self._number(name, key, entry[key]) for key in numbers if key in entry},
                             severity)  # fmt: skip

    def _number(self, name: str, key: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.error(name, f"{key} of {name} is no number: {value!r}", "Write numbers without units.", key)
        return float(value)

    def _checked(self, name: str, numbers: dict[str, float], severity: Any) -> Limit:
        band = numbers.pop("plus_minus", None)
        if band is not None:
            if "nominal" not in numbers or band < 0 or {"lower", "upper"} & set(numbers):
                raise self.error(name, f"plus_minus of {name} needs a nominal value, and no lower or upper beside it")
            numbers |= {"lower": numbers["nominal"] - band, "upper": numbers["nominal"] + band}
        if not {"lower", "upper"} & set(numbers):
            raise self.error(name, f"{name} has neither a lower nor an upper limit")
        if numbers.get("lower", -math.inf) > numbers.get("upper", math.inf):
            raise self.error(name, f"the lower limit of {name} lies above its upper limit")
        if not 0 <= numbers.get("read_percent", 0.0) <= 100:
            raise self.error(name, f"read_percent of {name} lies outside 0 to 100")
        return Limit(name, severity=severity, **numbers)
