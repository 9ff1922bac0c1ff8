"""Volumes that are large for the machine: their voxels lie in a file, of which no more is held than is worked on."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from batterycell.progress import Progress
from batterycell.volume import Volume

from .estimate import estimate
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
    if options.single or estimate(path, options).bytes_at(options.step) <= preview_limit():
        return load_volume(path, options, progress)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".voxels-", ignore_cleanup_errors=True) as scratch:
        return load_volume(path, replace(options, scratch=Path(scratch) / "voxels.npy"), progress)
