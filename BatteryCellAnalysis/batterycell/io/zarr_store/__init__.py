"""OME-Zarr: volumes in chunks and levels (ngff.openmicroscopy.org, 0.4 and 0.5), through the package zarr."""

from __future__ import annotations

from .names import is_store

__all__ = ["is_store"]
