"""One format into another, slab by slab: memory is bounded, and what is done outlives a sudden end."""

from __future__ import annotations

from .convert import Conversion, convert
from .settings import ConvertSettings

__all__ = ["Conversion", "ConvertSettings", "convert"]
