"""What of long work is done: a file a piece, each written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from batterycell.errors import OutputError
from batterycell.output import is_abandoned, replace_file, scratch_folder

from .values import from_tree, to_tree

T = TypeVar("T")
_KEY, _TREE = "key", "tree"
_DIGITS = 32
VOXELS = "voxels.npy"
_PIECES = ("*.npz", VOXELS)
_FILES = "files"  # the folder of whole files among the pieces; the piece of one is called as the file is
_BROKEN = (OSError, ValueError, TypeError, KeyError, AttributeError, ImportError, EOFError, zipfile.BadZipFile)


class Keeper:
    """Keeps pieces of work until the result that they are for is complete.

    A piece is found again by its name and by the job that it was made for; one of another job, or a damaged one, is
    made anew. Several processes may work on the same job in one folder: their pieces are the same.

    Args:
        folder: Where they are kept; pieces of another job go.
        job: What decides on them, in JSON's types. Its digest is the ``key``.
        joins: Whether the job was begun by another process, for which this one does pieces.

    Raises:
        OutputError: if that job is no longer the folder's.
    """

    def __init__(self, folder: Path, job: dict[str, Any], joins: bool = False) -> None:
        self.folder, self.job = folder, job
        self.key = hashlib.sha256(json.dumps(job, sort_keys=True).encode()).hexdigest()[:_DIGITS]
        if joins:
            self.require_job()
        else:
            self._begin()

    def _begin(self) -> None:
        if self._is_of_another_job():
            self.clear()
        self.folder.mkdir(parents=True, exist_ok=True)
        for left in self.folder.glob(".*.partial.*"):
            if is_abandoned(left):
                left.unlink(missing_ok=True)
        replace_file(self.path(_KEY), lambda path: _write(path, self.key))

    def require_job(self) -> None:
        """Stop unless the folder is still this job's: a worker may outlive the command that it works for.

        Raises:
            OutputError: if the folder is another job's, or gone.
        """
        if self._is_of_another_job():
            message = f"{self.folder} is no longer kept for this work: another command has begun there."
            raise OutputError("run-taken", message, "Give every command a result folder of its own.")

    @property
    def kept(self) -> int:
        """How many pieces there are."""
        return len(list(self.folder.glob("*.npz")))

    def __call__(self, name: str, work: Callable[[], T]) -> T:
        """What the work returns, or returned at an earlier start: numbers, words, arrays, and dataclasses of these.

        The answer is always read from the file, so that it is the same to the bit at every start.

        Args:
            name: Of the piece, unique in the job, fit for the name of a file.
            work: Makes it.

        Raises:
            OutputError: if it cannot be written.
        """
        path = self.path(f"{name}.npz")
        try:
            found: T = self._read(path)
        except _BROKEN:
            self._save(path, work())
            found = self._read(path)
        return found

    def file(self, path: Path, write: Callable[[Path], T]) -> T:
        """Put a file in its place that some work writes, or that another process wrote.

        Args:
            path: Where it is to be, on the same disk as the pieces.
            write: As of `write_file`.

        Returns:
            What the work returned.

        Raises:
            OutputError: if it cannot be written.
        """
        kept = self.folder / _FILES / path.name
        if not kept.exists():
            self.forget(path.name)
        found = self(path.name, partial(self.write_file, path.name, write))
        kept.replace(path)
        return found

    def write_file(self, name: str, write: Callable[[Path], T]) -> T:
        """Write a file among the pieces, whole or not at all; what the work returned is yet to be kept by that name.

        Args:
            name: Of the file.
            write: Writes the file it is given, in a folder of its own, and returns what `__call__` may return.
        """
        file = self.folder / _FILES / name
        with scratch_folder(file) as scratch:
            found = write(scratch / name)
            (scratch / name).replace(file)
        return found

    def __contains__(self, name: str) -> bool:
        """Whether there is a piece of that name; it may still be damaged."""
        return self.path(f"{name}.npz").is_file()

    def path(self, file: str) -> Path:
        """The place of a file among the pieces."""
        return self.folder / file

    def forget(self, name: str) -> None:
        """Make a piece anew when it is asked for."""
        self.path(f"{name}.npz").unlink(missing_ok=True)

    def forget_files(self) -> None:
        """Let all files be written anew: an earlier start may have written them for another verdict, or not to disk."""
        for piece in self.folder.glob("*.*.npz"):
            piece.unlink(missing_ok=True)
        shutil.rmtree(self.folder / _FILES, ignore_errors=True)

    def clear(self) -> None:
        """Forget every piece; what is not a keeper's own stays."""
        self.forget_files()
        for pattern in _PIECES:
            for file in self.folder.glob(pattern):
                with suppress(OSError):
                    file.unlink()

    def remove(self) -> None:
        """Forget everything, and the folder: it is done."""
        self.clear()
        with suppress(OSError):
            self.path(_KEY).unlink(missing_ok=True)
            self.folder.rmdir()

    def _read(self, path: Path) -> Any:
        with np.load(path, allow_pickle=False) as file:
            if str(file[_KEY]) != self.key:
                raise ValueError(f"{path} is of another job")
            return from_tree(json.loads(str(file[_TREE])), file)

    def _save(self, path: Path, value: Any) -> None:
        arrays: dict[str, Any] = {}
        words = {_TREE: json.dumps(to_tree(value, arrays)), _KEY: self.key}
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, lambda part: np.savez(part, allow_pickle=False, **words, **arrays))

    def _is_of_another_job(self) -> bool:
        try:
            return self.path(_KEY).read_text(encoding="ascii") != self.key
        except (OSError, ValueError):
            return True


def identity(path: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of change of a file, or of all files in a folder: what tells one image from another."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    stats = ((file.relative_to(path.parent).as_posix(), file.stat()) for file in files)
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="ascii")
