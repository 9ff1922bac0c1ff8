"""Volumes between processes of one machine: voxels as they lie in memory, to be mapped rather than read."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError, OutputError
from batterycell.progress import Progress
from batterycell.volume import Volume

VOXELS_FILE = "volume.npy"
_BLOCK_BYTES = 16_000_000
_LOOK_SECONDS = 0.02
_PATIENCE_SECONDS = 60.0


def write_volume_json(volume: Volume, voxels: Path, path: Path) -> None:
    """Write what a volume is beside its voxels, which lie in a file of their own.

    Args:
        volume: The volume; its array is not looked at.
        voxels: Its voxels, a ``.npy`` file, written or being written.
        path: What to write; of voxels beside it only the name is written, so that both can be moved.
    """
    values = {
        "voxels": voxels.name if voxels.parent == path.parent else voxels.absolute().as_posix(),
        "ijk_to_ras": volume.ijk_to_ras.tolist(),
        "voxel_size_source": volume.voxel_size_source,
        "name": volume.name,
    }
    path.write_text(json.dumps(values, ensure_ascii=False) + "\n", encoding="utf-8")


def open_volume_json(path: Path, progress: Progress | None = None) -> Volume:
    """Open a volume of `write_volume_json`, waiting for voxels that are still being written.

    Returns:
        The volume; its array is the file itself, mapped: a page is read when it is touched, and what is changed stays
        in this process.

    Raises:
        OutputError: if the voxels could not be written.
        Cancelled: if the user asked to stop.
    """
    values = json.loads(path.read_text(encoding="utf-8"))
    voxels = path.parent / values["voxels"]
    _wait_for(voxels, progress or Progress())
    matrix = np.array(values["ijk_to_ras"], float)
    return Volume(map_voxels(voxels), matrix, values["voxel_size_source"], values["name"])


def map_voxels(path: Path) -> NDArray[Any]:
    """An array that is a ``.npy`` file; what is changed in it stays in memory."""
    mapped = np.load(path, mmap_mode="c", allow_pickle=False)
    return np.asarray(mapped)


def write_voxels(array: NDArray[Any], path: Path) -> Iterator[float]:
    """Write a ``.npy`` file in steps of some milliseconds, for those who must not be held up.

    Args:
        array: What to write; contiguous.
        path: The file, which appears under its name when it is complete.

    Yields:
        What fraction is written.

    Raises:
        OSError: if it cannot be written; those who wait for it learn it from `report_failure`.
    """
    with _part(path).open("wb") as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(array))
        flat = array.reshape(-1)
        count = max(1, _BLOCK_BYTES // array.itemsize)
        for start in range(0, flat.size, count):
            file.write(flat[start : start + count].data)
            yield min(1.0, (start + count) / flat.size)
    _part(path).replace(path)


def report_failure(path: Path, error: OSError) -> None:
    """Tell those who wait for a file of `write_voxels` that it will not come, and why."""
    if path.parent.is_dir():  # else nobody waits for it any more
        _error(path).write_text(error.strerror or str(error), encoding="utf-8")


def failed(path: Path) -> bool:
    """Whether `report_failure` told that a file will not come."""
    return _error(path).exists()


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _error(path: Path) -> Path:
    return path.with_name(path.name + ".error")


def _wait_for(path: Path, progress: Progress) -> None:
    size, since = -1, time.monotonic()
    while not path.exists():
        progress.report(0.0, "waiting for the volume")
        if failed(path):
            raise _unwritable(path, _error(path).read_text(encoding="utf-8"))
        now = _part(path).stat().st_size if _part(path).exists() else 0
        if now != size:
            size, since = now, time.monotonic()
        elif time.monotonic() - since > _PATIENCE_SECONDS:
            raise InputError("volume-gone", f"The volume's file {path} does not come.", "Try again.")
        time.sleep(_LOOK_SECONDS)


def _unwritable(path: Path, reason: str) -> OutputError:
    message = f"The volume cannot be handed over in {path.parent}: {reason}."
    return OutputError("exchange-unwritable", message, "Make room in the folder for temporary files.")
