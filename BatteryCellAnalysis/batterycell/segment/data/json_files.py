"""JSON that people and other programs write: whatever is wrong with it becomes one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from batterycell.errors import InputError

# Beyond it, and beyond all places in an image, whole numbers no longer become floats; NaN is not below it either.
_LARGEST = 1e15


def read_json(path: Path) -> Any:
    """What a JSON file says.

    Raises:
        InputError: if it is no JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise damaged(path, f"line {error.lineno}: {error.msg}") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise damaged(path, "it is no JSON text") from error


def write_json(path: Path, values: Any) -> None:
    """Write JSON for people and programs."""
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def damaged(path: Path, reason: str) -> InputError:
    """The error for a file that does not say what it should."""
    return InputError("json-damaged", f"{path} cannot be used: {reason}.", "Mend it, or remove it and start anew.")


def numbers(value: Any, count: int, path: Path, what: str) -> tuple[float, ...]:
    """A list of finite numbers.

    Raises:
        InputError: if it is something else.
    """
    is_list = isinstance(value, list) and len(value) == count
    if not is_list or not all(_is_number(one) for one in value):
        raise damaged(path, f"{what} is not {count} numbers")
    return tuple(float(one) for one in value)


def entries(values: Any, key: str, path: Path) -> list[dict[str, Any]]:
    """The objects of a list, or of a list that is an object's value.

    Raises:
        InputError: if it is something else.
    """
    found = values.get(key) if isinstance(values, dict) else values
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise damaged(path, f"it is no list of {key}")
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST
