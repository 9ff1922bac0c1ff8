"""A scene as one file (MRB) that Slicer opens with a double click."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path
from typing import Any

from batterycell.errors import InputError, OutputError

from .quiet import quiet_stderr, quiet_vtk


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
        raise OutputError(
            "scene-unwritable", f"{path} cannot be written: {error}.", "Is there room, and may you write there?"
        ) from error


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
        zipfile.ZipFile(path).extractall(folder)
        return next(folder.rglob("*.mrml"))
    except (OSError, zipfile.BadZipFile, StopIteration) as error:
        raise InputError("scene-unreadable", f"{path} is no scene: {error}", "Choose an .mrb file.") from error
