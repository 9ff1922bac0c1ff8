"""Autosave: a folder for each desktop that runs, from which the project is reopened when the desktop is gone.

The paint and all that is known beside it lie in one file that is replaced whole, so that nothing half-written is ever
found. Images lie in their own files; those that have none are written once beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import uuid
import zipfile
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from batterycell.errors import InputError
from batterycell.output import host, is_abandoned, replace_file
from batterycell.segment.model.places import library_folder

from .classes import sync_classes
from .snapshot import Snapshot, stamp_of, take_snapshot

_FILE, _ALIVE, _SUFFIX, _ROOT = "project.npz", "alive", "autosave", "autosave"
_VALUES = "project"
# A desktop says that it is there at least each minute; where its process cannot be asked for, this long counts.
_SILENT_S = 180.0
_DAMAGE = (OSError, ValueError, LookupError, EOFError, zipfile.BadZipFile)


def autosave_folder() -> Path:
    """The folder of the autosaves of this user's desktops."""
    return library_folder() / _ROOT


class Autosave:
    """Saves the project of one running desktop.

    Args:
        root: Folder of the autosaves of all desktops.
    """

    def __init__(self, root: Path) -> None:
        self.folder = Path(root) / f"{uuid.uuid4().hex[:8]}.{host()}.{os.getpid()}.{_SUFFIX}"
        self._written = ""
        self._voxels: set[str] = set()

    def snapshot(self, scene: Any) -> Snapshot | None:
        """Copy the project out of the scene, on the main thread.

        Returns:
            None where there is no image yet, or nothing has changed since the last one that was written.
        """
        if self.folder.is_dir():
            (self.folder / _ALIVE).touch()
        sync_classes(scene)
        stamp = stamp_of(scene)
        if stamp == self._written:
            return None
        taken = take_snapshot(scene)
        return replace(taken, stamp=stamp) if taken.values["images"] else None

    def write(self, snapshot: Snapshot) -> Path:
        """Write a snapshot, on any thread; the one before stays until this one is complete.

        Returns:
            The folder.

        Raises:
            OutputError: if it cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / _ALIVE).touch()
        for name in snapshot.voxels.keys() - self._voxels:
            replace_file(self.folder / f"{name}.npy", partial(np.save, arr=snapshot.voxels[name]))
            self._voxels.add(name)
        values = {**snapshot.values, "saved": datetime.now(timezone.utc).isoformat(timespec="seconds")}
        arrays: dict[str, Any] = {_VALUES: np.array(json.dumps(values, ensure_ascii=False)), **snapshot.paint}
        replace_file(self.folder / _FILE, lambda path: np.savez_compressed(path, **arrays))
        self._written = snapshot.stamp
        return self.folder

    def save(self, scene: Any) -> bool:
        """Take a snapshot and write it at once; False where nothing has changed."""
        snapshot = self.snapshot(scene)
        if snapshot is not None:
            self.write(snapshot)
        return snapshot is not None

    def end(self) -> None:
        """Remove the autosave: for when the project was saved, or given up on purpose."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._written, self._voxels = "", set()


def left_behind(root: Path, own: Path | None = None) -> list[Path]:
    """Autosaves of desktops that are gone without ending them, the newest first; ``own`` is not looked at."""
    folders = (folder for folder in Path(root).glob(f"*.{_SUFFIX}") if folder != own and (folder / _FILE).is_file())
    return sorted(filter(_is_left, folders), key=lambda folder: (folder / _FILE).stat().st_mtime, reverse=True)


def read_snapshot(folder: Path) -> Snapshot:
    """Read an autosave.

    Raises:
        InputError: if it is damaged, or of a later version.
    """
    try:
        with np.load(folder / _FILE, allow_pickle=False) as file:
            values = json.loads(str(file[_VALUES]))
            paint = {name: file[name] for name in file.files if name != _VALUES}
        names = [one["voxels"] for one in values["volumes"] if one["voxels"]]
        voxels = {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in names}
    except _DAMAGE as error:
        message = f"The autosave {folder} cannot be read: {error}."
        raise InputError("autosave-unreadable", message, "Try an older one.") from error
    return Snapshot(values, paint, voxels)


def saved_when(folder: Path) -> datetime:
    """When an autosave was written, in local time."""
    return datetime.fromtimestamp((folder / _FILE).stat().st_mtime).astimezone()


def discard(folder: Path) -> None:
    """Remove an autosave."""
    shutil.rmtree(folder, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    """Whether nobody writes to an autosave any more."""
    if os.name == "posix" and f".{host()}." in folder.name:
        return is_abandoned(folder)
    alive = folder / _ALIVE
    return not alive.exists() or time.time() - alive.stat().st_mtime > _SILENT_S
