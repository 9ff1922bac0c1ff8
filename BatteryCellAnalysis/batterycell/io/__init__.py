"""Loading: images in, a volume with a voxel size that somebody stated out."""

from __future__ import annotations

from .estimate import Estimate, estimate
from .large import load_kept, load_large
from .load import load_volume
from .options import LoadOptions, RawShape

__all__ = ["Estimate", "LoadOptions", "RawShape", "estimate", "load_kept", "load_large", "load_volume"]
