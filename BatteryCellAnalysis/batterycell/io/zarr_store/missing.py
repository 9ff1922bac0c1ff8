"""Chunks that a store lacks. Zarr reads them as one value, so that a half-copied volume looks whole."""

from __future__ import annotations

import os
from pathlib import Path

from batterycell.errors import InputError

from .arrays import ArrayMeta
from .store import Store

_MOST_NAMED = 3


def missing_chunks(meta: ArrayMeta) -> list[str]:
    """The names of the chunks that are not there, or are empty files."""
    there = _files(meta.path)
    return [name for name in meta.names if not there.get(name)]


def check_chunks(store: Store, level: int, fill: bool) -> str:
    """Refuse a level that lacks chunks, or say so.

    Args:
        store: The store.
        level: Which of its levels.
        fill: Whether the user says that what lacks holds nothing but the fill value.

    Returns:
        What to add to where the voxel size comes from; empty where nothing lacks.

    Raises:
        InputError: if chunks lack and the user does not say so, or all lack.
    """
    meta = store.levels[level].meta
    missing, total = missing_chunks(meta), sum(1 for _ in meta.names)
    if not missing:
        return ""
    if fill and len(missing) < total:
        return f"; {len(missing)} of {total} chunks are not there and count as {meta.fill:g}"
    named = ", ".join(missing[:_MOST_NAMED]) + (" …" if len(missing) > _MOST_NAMED else "")
    message = f"{meta.path} lacks {len(missing)} of its {total} chunks: {named}."
    raise InputError("chunks-missing", message, _hint(store, len(missing) == total))


def _hint(store: Store, is_empty: bool) -> str:
    if is_empty or store.own:
        return "It was written or copied by halves: do that again."
    return "Copy it again; if its program left out chunks of nothing but the fill value, say so with --fill-missing."


def _files(folder: Path) -> dict[str, int]:
    """Sizes of the files in an array's folder, by their names in it; links to elsewhere do not count."""
    found: dict[str, int] = {}
    for here, _, names in os.walk(folder):
        inside = Path(here).relative_to(folder).as_posix()
        prefix = "" if inside == "." else f"{inside}/"
        found.update({f"{prefix}{name}": _size(Path(here, name)) for name in names})
    return found


def _size(path: Path) -> int:
    return 0 if path.is_symlink() else path.stat().st_size
