"""Loading: images in, a volume with a voxel size that somebody stated out."""

from __future__ import annotations

from .load import load_volume
from .options import LoadOptions, RawShape

__all__ = ["LoadOptions", "RawShape", "load_volume"]
