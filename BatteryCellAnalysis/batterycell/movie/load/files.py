"""Every file that a movie is read from, for provenance."""

from __future__ import annotations

from pathlib import Path

from batterycell.io.names import natural_key
from batterycell.io.slices import list_slices

from .said import side_file


def movie_files(path: Path) -> list[Path]:
    """The files of a movie: itself, the frames in its folder or beside its header, and what says times and energies."""
    beside = side_file(path)
    return [*_own(path), *([beside] if beside else [])]


def _own(path: Path) -> list[Path]:
    if path.is_dir():
        headers = sorted(path.glob("*.hdr"))
        return _own(headers[0]) if headers else sorted(list_slices(path), key=natural_key)
    if path.suffix.lower() == ".hdr":
        return [path, *sorted(path.parent.glob(f"{path.stem}_a*.xim"), key=natural_key)]
    return [path]
