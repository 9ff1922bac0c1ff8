"""Volumes that are large for the machine: their voxels lie in a file, of which no more is held than is worked on."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from batterycell.output import replace_file
from batterycell.progress import Progress
from batterycell.volume import Volume

from .estimate import estimate
from .kept import VOXELS, Keeper
from .load import load_volume
from .memory import preview_limit
from .options import LoadOptions


def load_large(path: Path, options: LoadOptions, folder: Path, progress: Progress) -> Volume:
    """Load a volume; one that is large for this machine into a file, which is mapped.

    Args:
        path: As of `load_volume`.
        options: Likewise.
        folder: Where the file may lie; it is gone when the volume is, also after a sudden end.
        progress: Told after every slice.

    Raises:
        InputError: as of `load_volume`.
    """
    if not is_large(path, options):
        return load_volume(path, options, progress)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".voxels-", ignore_cleanup_errors=True) as scratch:
        return load_volume(path, replace(options, scratch=Path(scratch) / "voxels.npy"), progress)


def load_kept(path: Path, options: LoadOptions, keeper: Keeper, progress: Progress, shared: bool = False) -> Volume:
    """Load a volume; the file of one that is large for this machine is kept, so that another start need not unpack it.

    Args:
        path: As of `load_volume`.
        options: Likewise.
        keeper: What the volume is loaded for.
        progress: Told after every slice.
        shared: Whether a small one is kept in a file, too, for other processes.

    Raises:
        InputError: as of `load_volume`.
        OutputError: if there is no room.
    """
    voxels = keeper.path(VOXELS)
    if not (shared or voxels.exists() or is_large(path, options)):
        return load_volume(path, options, progress)
    if not voxels.exists():
        keeper.forget("grid")
    grid = keeper("grid", lambda: _unpacked(path, options, voxels, progress))
    return replace(grid, array=np.asarray(np.load(voxels, mmap_mode="r+")))


def _unpacked(path: Path, options: LoadOptions, voxels: Path, progress: Progress) -> Volume:
    """Write the voxels of a volume into a file, whole or not at all; the volume without them."""
    grids: list[Volume] = []

    def unpack(part: Path) -> None:
        volume = load_volume(path, replace(options, scratch=part), progress)
        if not part.exists():  # a format that is read into memory
            np.save(part, volume.array)
        grids.append(volume.without_voxels())
        with part.open("rb+") as file:
            os.fsync(file.fileno())  # what is kept is believed, also after the power was gone

    replace_file(voxels, unpack)
    return grids[0]


def is_large(path: Path, options: LoadOptions) -> bool:
    """Whether what is asked for of an image is large for this machine, from its headers.

    Raises:
        InputError: as of `load_volume`.
    """
    return not options.single and estimate(path, options).bytes_at(options.step) > preview_limit()
