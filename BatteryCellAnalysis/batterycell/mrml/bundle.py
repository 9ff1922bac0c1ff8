"""A scene as one file (MRB) that Slicer opens with a double click."""

from __future__ import annotations

import os
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np

from batterycell.errors import InputError, OutputError
from batterycell.progress import Progress

from .quiet import quiet_stderr, quiet_vtk
from .snapshot import DATA_FOLDER, SCENE_FILE, write_snapshot

_CHUNK_BYTES = 4_000_000
# Grey values hardly become smaller with more effort, and large volumes would be packed longer than they were measured.
_FAST, _PACKED_BYTES = 1, 150_000_000


def save_scene(scene: Any, path: Path) -> None:
    """Write a scene with all its data; nothing half-written is left behind.

    Args:
        scene: The scene.
        path: Ends in ``.mrb``; replaced if it exists.

    Raises:
        OutputError: if the file cannot be written.
    """
    try:
        # The runtime packs from another folder: a relative path would lead elsewhere.
        with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=path.absolute().parent) as folder, quiet_vtk():
            # The bundle keeps its file's name inside, so that the name must be final from the start.
            unfinished = Path(folder) / path.name
            with quiet_stderr():
                done = scene.WriteToMRB(str(unfinished))
            if not done:
                raise OSError("writing stopped")
            unfinished.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def write_bundle(scene: Any, path: Path, progress: Progress) -> list[str]:
    """Write a scene as `save_scene` does, but with all digits of its tables, and leaving the scene untouched.

    Args:
        scene: The scene.
        path: Ends in ``.mrb``.
        progress: Told how far it is; asked whether to stop.

    Returns:
        Names of nodes whose data Slicer could not write.

    Raises:
        OutputError: if the file cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=path.absolute().parent) as folder:
        steps = write_snapshot(scene, Path(folder))
        try:
            while True:
                progress.report(0.3 * next(steps), "writing the scene")
        except StopIteration as end:
            left_out: list[str] = end.value
        pack_snapshot(Path(folder), path, progress.part(0.3, 1.0))
    return left_out


def pack_snapshot(folder: Path, path: Path, progress: Progress) -> None:
    """Pack a snapshot into one file (MRB) that Slicer opens with a double click.

    Args:
        folder: The snapshot.
        path: Ends in ``.mrb``.
        progress: Told how far it is; asked whether to stop.

    Raises:
        OutputError: if the file cannot be written.
    """
    files = [folder / SCENE_FILE, *sorted((folder / DATA_FOLDER).iterdir())]
    shares = np.cumsum([0, *(file.stat().st_size for file in files)], dtype=float)
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_FAST) as bundle:
            for file, start, end in zip(files, shares, shares[1:], strict=False):
                name = f"{path.stem}/{file.relative_to(folder).as_posix()}"
                is_small = file.stat().st_size <= _PACKED_BYTES
                bundle.compression = zipfile.ZIP_DEFLATED if is_small else zipfile.ZIP_STORED
                with file.open("rb") as source, bundle.open(name, "w", force_zip64=True) as target:
                    _pack(source, target, progress.part(start / shares[-1], end / shares[-1]))
    except OSError as error:
        raise _unwritable(path, error) from error


def _pack(source: IO[bytes], target: IO[bytes], progress: Progress) -> None:
    size = os.fstat(source.fileno()).st_size
    while chunk := source.read(_CHUNK_BYTES):
        progress.report((source.tell() - len(chunk)) / size, "packing the scene")
        target.write(chunk)


def _unwritable(path: Path, error: OSError) -> OutputError:
    message = f"{path} cannot be written: {error}."
    return OutputError("scene-unwritable", message, "Is there room, and may you write there?")


def load_scene(scene: Any, path: Path) -> None:
    """Add the content of a scene file to a scene, also where the application's own reader is absent.

    Args:
        scene: The scene.
        path: An ``.mrb``, or an ``.mrml`` with its files beside it.

    Raises:
        InputError: if the file is no scene, or something that it needs is missing.
    """
    with tempfile.TemporaryDirectory(prefix="batterycell-") as folder:
        scene.SetURL(str(path.absolute() if path.suffix.lower() == ".mrml" else _unpacked(path, Path(folder))))
        with quiet_vtk(), quiet_stderr():
            loaded = scene.Import()
        if not loaded:
            raise InputError(
                "scene-unreadable", f"{path} cannot be read, or a file that it needs.", "Save the scene again, as .mrb."
            )


def _unpacked(path: Path, folder: Path) -> Path:
    """The scene inside an MRB, unpacked into a folder."""
    try:
        with zipfile.ZipFile(path) as bundle:
            bundle.extractall(folder)
        return next(folder.rglob("*.mrml"))
    except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error, StopIteration) as error:
        raise InputError("scene-unreadable", f"{path} is no scene: {error}", "Choose an .mrb file.") from error
