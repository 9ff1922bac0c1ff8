"""Job folders: what a worker reads and writes, in the folder for temporary files."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from batterycell.io.exchange import VOXELS_FILE, write_volume_json, write_voxels
from batterycell.mrml import volume_of
from batterycell.mrml.mapped import keep_voxels, voxels_of
from batterycell.mrml.object_labels import is_segmentation, labels_grid, write_labels
from batterycell.output import host
from batterycell.volume import Volume
from batterycell.worker import write_job
from batterycell.worker.jobs import JOB_PREFIX

from .Steps import runInSteps


def makeJobFolder(
    verb: str, volumeNode: Any, settings: dict[str, Any], writeMore: Callable[[Path], dict[str, Any]] | None = None
) -> Path:
    """Write a job and return its folder, at once however large the volume is.

    The worker maps the file of the volume's voxels. There is one where the volume was loaded here and not changed
    since; else one is written in steps, while the window lives and the worker waits.

    Args:
        verb: What the worker does, one of ``batterycell.worker.VERBS``.
        volumeNode: The volume it works on; None where it needs none.
        settings: What the verb asks for, in JSON's types.
        writeMore: Writes what else the work needs into the folder, and returns the settings that name it.

    Raises:
        InputError: if the node holds no grey values.
    """
    volume = None if volumeNode is None else volume_of(volumeNode)
    folder = _makeFolder()
    more = writeMore(folder) if writeMore else {}
    path = None if volume is None else describeVolume(volumeNode, folder / "volume.json")
    write_job(folder, verb, path, {**settings, **more})
    return folder


def describeVolume(volumeNode: Any, path: Path) -> Path:
    """Write where the voxels of a volume lie, as `makeJobFolder` does for its one; for work on several.

    Raises:
        InputError: if the node holds no grey values.
    """
    volume = volume_of(volumeNode)
    write_volume_json(volume, voxels_of(volumeNode) or _writeVoxels(volumeNode, volume), path)
    return path


def describeLabels(labelsNode: Any, path: Path) -> Path:
    """Write where the voxels of labels lie, those of a segmentation beside it, in steps.

    Raises:
        InputError: if the node holds no labels.
    """
    if not is_segmentation(labelsNode):
        return describeVolume(labelsNode, path)
    grid, voxels = labels_grid(labelsNode), path.with_name(f"labels_{VOXELS_FILE}")
    write_volume_json(grid, voxels, path)
    runInSteps(write_labels(labelsNode, voxels), voxels)
    return path


def makeLabelsFolder(
    verb: str, labelsNode: Any, settings: dict[str, Any], writeMore: Callable[[Path], dict[str, Any]]
) -> Path:
    """Write a job on labels and return its folder; otherwise as `makeJobFolder`.

    Raises:
        InputError: if the node holds no labels.
    """
    folder = _makeFolder()
    more = writeMore(folder)
    write_job(folder, verb, describeLabels(labelsNode, folder / "labels.json"), {**settings, **more})
    return folder


def removeJobFolder(folder: Path) -> None:
    """Remove a job folder and everything in it."""
    shutil.rmtree(folder, ignore_errors=True)


def makeScratchFolder() -> Path:
    """A folder for what workers read or keep; it goes with those of jobs of a desktop that has ended."""
    return _makeFolder()


def _writeVoxels(volumeNode: Any, volume: Volume) -> Path:
    """Begin to write the voxels into a file that goes when the image goes."""
    folder = _makeFolder()
    path = folder / VOXELS_FILE
    keep_voxels(volumeNode, path, folder)
    runInSteps(write_voxels(volume.array, path), path)
    return path


def _makeFolder() -> Path:
    return Path(tempfile.mkdtemp(prefix=f"{JOB_PREFIX}.{host()}.{os.getpid()}."))
