"""Job folders: what a worker reads and writes, in the application's temporary folder."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from batterycell.io.checks import check_volume
from batterycell.mrml import volume_of
from batterycell.mrml.files import write_volume
from batterycell.progress import Progress
from batterycell.worker import write_job


def makeJobFolder(verb: str, volumeNode: Any, settings: dict[str, Any]) -> Path:
    """Write a job and return its folder.

    Args:
        verb: What the worker does, one of ``batterycell.worker.VERBS``.
        volumeNode: The volume it works on; None where it needs none.
        settings: What the verb asks for, in JSON's types.

    Raises:
        InputError: if nothing can be measured in the volume; Slicer's own loaders do not look.
    """
    volume = None if volumeNode is None else volume_of(volumeNode)
    if volume is not None:
        check_volume(volume, Path(volume.name), Progress())
    folder = Path(tempfile.mkdtemp(prefix="batterycell-job-"))
    path = None if volume is None else folder / "volume.nrrd"
    if volume is not None and path is not None:
        write_volume(volume, path, compress=False)
    write_job(folder, verb, path, settings)
    return folder


def removeJobFolder(folder: Path) -> None:
    """Remove a job folder and everything in it."""
    shutil.rmtree(folder, ignore_errors=True)
