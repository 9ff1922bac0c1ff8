"""Checks of settings."""

from __future__ import annotations

from dataclasses import fields
from math import isfinite
from typing import Any

from batterycell.errors import UsageError


def require(condition: bool, message: str, hint: str) -> None:
    """Refuse a setting that no cell or scan can have.

    Raises:
        UsageError: if the condition does not hold.
    """
    if not condition:
        raise UsageError("phantom-setting", message, hint)


def require_numbers(settings: Any) -> None:
    """Refuse NaN and infinity in any field of a dataclass.

    Raises:
        UsageError: if there is one.
    """
    for each in fields(settings):
        value = getattr(settings, each.name)
        numbers = [v for v in (value if isinstance(value, tuple) else (value,)) if isinstance(v, int | float)]
        require(all(map(isfinite, numbers)), f"{each.name} is {value}, which is no number.", "Give a number.")
