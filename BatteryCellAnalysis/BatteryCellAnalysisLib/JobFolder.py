"""Job folders: what a worker reads and writes, in the application's temporary folder."""

import shutil
import tempfile
from pathlib import Path

from batterycell.io.checks import check_volume
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe
from batterycell.volume import Volume


def makeJobFolder(volume: Volume, angles: int) -> Path:
    """Write a measuring job and return its folder.

    Raises:
        InputError: if nothing can be measured in the volume; Slicer's own loaders do not look.
    """
    from batterycell.mrml.files import write_volume
    from batterycell.worker import write_job

    check_volume(volume, Path(volume.name), Progress())
    folder = Path(tempfile.mkdtemp(prefix="batterycell-job-"))
    path = folder / "volume.nrrd"
    write_volume(volume, path, compress=False)
    write_job(folder, path, AnalyzeRecipe(angles=angles))
    return folder


def removeJobFolder(folder: Path) -> None:
    """Remove a job folder and everything in it."""
    shutil.rmtree(folder, ignore_errors=True)
