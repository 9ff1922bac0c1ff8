"""NRRD, NIfTI and MetaImage: files that know their orientation, read as Slicer reads them."""

from __future__ import annotations

from pathlib import Path

from batterycell.progress import Progress
from batterycell.volume import Volume

from .options import LoadOptions
from .placing import place


def read_oriented(path: Path, options: LoadOptions, progress: Progress) -> Volume:
    """Read one NRRD, NIfTI or MetaImage file.

    Raises:
        InputError: if it cannot be read, or nobody says the voxel size.
    """
    from batterycell.mrml.files import read_volume

    progress.report(0.0, "Loading")
    volume = read_volume(path)
    return place(volume, "header", options, path)
