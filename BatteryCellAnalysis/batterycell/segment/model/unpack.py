"""Unpacking zip files of strangers: only what a model may hold, where it belongs, and no more than was announced."""

from __future__ import annotations

import errno
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from batterycell.errors import InputError

from .contents import MANIFEST, read_manifest
from .fields import damaged

_MOST_ENTRIES = 1000
_LARGEST = 2 * 2**30
# Beyond what deflate reaches on anything but a made bomb of zeros; weights shrink to nine tenths.
_MOST_RATIO = 200
_CHUNK = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
# What macOS adds to zip files.
_ADDED = ("__MACOSX/",)
_DAMAGES = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError)


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """Yield a temporary folder with the model that a zip file holds, at its top or in a folder.

    Raises:
        InputError: if it holds none or several, or anything that could do harm.
    """
    with tempfile.TemporaryDirectory(prefix="batterycell-model-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, path, Path(folder))
        except (*_DAMAGES, OSError) as error:
            # A zip file that points outside itself; what the disk says stays what it is.
            if isinstance(error, OSError) and error.errno != errno.EINVAL:
                raise
            raise damaged(str(path), "it is no zip file, or damaged") from error
        yield Path(folder)


def _unpack(archive: zipfile.ZipFile, path: Path, folder: Path) -> None:
    entries = _entries(archive, path)
    top = _top(entries, path)
    _extract(archive, entries[f"{top}{MANIFEST}"], folder / MANIFEST)
    for name in read_manifest(folder):
        if f"{top}{name}" not in entries:
            raise InputError("model-incomplete", f"{path}: {name} is missing.", "Ask for a new copy.")
        _extract(archive, entries[f"{top}{name}"], folder / name)


def _entries(archive: zipfile.ZipFile, path: Path) -> dict[str, zipfile.ZipInfo]:
    """The files by their names, once all of them were looked at."""
    listed = archive.infolist()
    if len(listed) > _MOST_ENTRIES or sum(entry.file_size for entry in listed) > _LARGEST:
        raise _harmful(path, f"it holds more than {_MOST_ENTRIES} files or {_LARGEST / 2**30:.0f} GB")
    files = [entry for entry in listed if not entry.is_dir() and not entry.filename.startswith(_ADDED)]
    for entry in files:
        problem = _problem(entry)
        if problem:
            raise _harmful(path, f"{entry.filename!r} {problem}")
    if len({entry.filename.casefold() for entry in files}) != len(files):
        raise _harmful(path, "it holds two files of one name")
    return {entry.filename: entry for entry in files}


def _problem(entry: zipfile.ZipInfo) -> str:
    parts = PurePosixPath(entry.filename).parts
    problems = {
        "is encrypted": entry.flag_bits & _ENCRYPTED,
        "is a link": stat.S_ISLNK(entry.external_attr >> 16),
        "leads out of its folder": entry.filename.startswith("/") or ".." in parts or ":" in entry.filename,
        "is packed in a way that models are not": entry.compress_type not in _METHODS,
        "unpacks to far more than it is": entry.file_size > _CHUNK + _MOST_RATIO * entry.compress_size,
    }
    return next((problem for problem, found in problems.items() if found), "")


def _top(entries: dict[str, zipfile.ZipInfo], path: Path) -> str:
    """The folder within the zip file that is the model, with its slash."""
    tops = [name.removesuffix(MANIFEST) for name in entries if PurePosixPath(name).name == MANIFEST]
    if len(tops) != 1:
        message = f"{path} holds {len(tops) or 'no'} models of this program."
        raise InputError("model-foreign", message, f"A model's zip file holds its folder with {MANIFEST}, once.")
    return tops[0]


def _extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, out: Path) -> None:
    """Unpack one file, at most as much as it was announced to hold."""
    out.parent.mkdir(parents=True, exist_ok=True)
    left = entry.file_size
    with archive.open(entry) as packed, out.open("xb") as file:
        while chunk := packed.read(min(_CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                raise _harmful(out, "it holds more than it announces")
            file.write(chunk)


def _harmful(path: Path, what: str) -> InputError:
    return InputError("model-harmful", f"{path} was not unpacked: {what}.", "Use models from people you trust.")
