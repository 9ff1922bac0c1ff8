"""Which folders are Zarr stores."""

from __future__ import annotations

from pathlib import Path

STORE_SUFFIXES = (".ome.zarr", ".zarr")
_METADATA = ("zarr.json", ".zgroup", ".zarray", ".zattrs")


def is_store(path: Path) -> bool:
    """Whether a folder is a Zarr store, or what should be one: by its metadata, or by its name."""
    return path.is_dir() and (is_store_name(path) or any((path / name).is_file() for name in _METADATA))


def is_store_name(path: Path) -> bool:
    """Whether a path is called like a store."""
    return path.name.lower().endswith(STORE_SUFFIXES)


def store_stem(path: Path) -> str:
    """What a store is called without its suffix; a part of one, after the store and the part."""
    name = path.resolve().name
    suffix = next((suffix for suffix in STORE_SUFFIXES if name.lower().endswith(suffix)), "")
    return name[: len(name) - len(suffix)] or "volume"
