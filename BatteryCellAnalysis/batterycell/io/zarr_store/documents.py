"""The JSON documents of a Zarr store, read so that a damaged one becomes one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from batterycell.errors import InputError

_LARGEST_BYTES = 64_000_000
_HALF = "It was written by halves or copied by halves: write or copy it again."


def read_document(path: Path) -> dict[str, Any] | None:
    """A document of a store; None where there is none.

    Raises:
        InputError: if it is no JSON object, or far larger than metadata are.
    """
    if not path.is_file():
        return None
    if path.stat().st_size > _LARGEST_BYTES:
        raise InputError("store-damaged", f"{path} is too large for metadata.", "It is no file of a Zarr store.")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError("store-damaged", f"{path} is damaged: it is no JSON.", _HALF) from error
    if not isinstance(values, dict):
        raise InputError("store-damaged", f"{path} is damaged: it holds no metadata.", _HALF)
    return values


def attributes_of(group: Path) -> dict[str, Any]:
    """The attributes of a group or an array, of Zarr version 2 or 3; those of OME-Zarr 0.5 as if they were 0.4's.

    Raises:
        InputError: if there are no metadata, or they are damaged.
    """
    document = read_document(group / "zarr.json")
    if document is not None:
        attributes = document.get("attributes") or {}
        return {**attributes, **_objects(attributes.get("ome"))}
    if not any((group / name).is_file() for name in (".zgroup", ".zarray", ".zattrs")):
        raise InputError("store-empty", f"{group} holds no metadata of a Zarr store.", _HALF)
    return read_document(group / ".zattrs") or {}


def is_array(folder: Path) -> bool:
    """Whether a folder is a Zarr array."""
    if (folder / ".zarray").is_file():
        return True
    document = read_document(folder / "zarr.json")
    return document is not None and document.get("node_type") == "array"


def damaged(path: Path, reason: str) -> InputError:
    """The error for metadata that say something impossible."""
    return InputError("store-damaged", f"{path} is damaged: {reason}.", _HALF)


def _objects(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
