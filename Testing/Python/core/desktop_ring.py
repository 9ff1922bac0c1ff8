"""The desktop ring's modules that work without an application, for tests."""

from __future__ import annotations

import importlib
from typing import Any


def lib(name: str) -> Any:
    """A module of the desktop ring by its name; untyped, as that ring is."""
    return importlib.import_module(f"BatteryCellAnalysisLib.{name}")
