"""From files to a volume node, in a process of its own, through the headless loader."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError, explain
from batterycell.io.zarr_store import is_store
from batterycell.mrml.loaded import add_loaded
from batterycell.worker import RESULT_FOLDER
from batterycell.worker.load import LoadSettings, read_choice

from .Requirements import TO_READ_PICTURES, TO_READ_TIFF, TO_READ_ZARR, ensure
from .Signal import Signal
from .Work.Job import Job
from .Work.JobFolder import makeJobFolder, removeJobFolder


class Loading:
    """Loads one volume at a time.

    Signals: ``loaded(node)``, ``asked(choice)`` for a large image of which a preview may be enough, ``failed(error)``.

    Args:
        job: Runs the worker.
        getScene: The scene to load into.
    """

    def __init__(self, job: Job, getScene: Callable[[], Any]) -> None:
        self.job = job
        self.settings = LoadSettings()
        self.loaded = Signal()
        self.asked = Signal()
        self.failed = Signal()
        self._getScene = getScene
        job.finished.connect(self._onFinished)
        job.failed.connect(self._onFailed)

    def start(self, settings: LoadSettings) -> None:
        """Begin to load.

        Raises:
            BatteryCellError: if a package to read it with is missing.
        """
        ensure(TO_READ_TIFF if settings.sample else packagesFor(Path(settings.path)) if settings.path else ())
        self.settings = settings
        self.job.start(makeJobFolder("load", None, asdict(settings)))

    def _onFinished(self, folder: Path) -> None:
        choice = read_choice(folder)
        if choice is not None:
            removeJobFolder(folder)
            self.asked.emit(choice)
            return
        try:
            # From here on the folder belongs to the node.
            node = add_loaded(self._getScene(), folder / RESULT_FOLDER, folder)
        except (BatteryCellError, OSError, MemoryError) as error:
            self._onFailed(explain(error))
            return
        self.loaded.emit(node)

    def _onFailed(self, error: BatteryCellError) -> None:
        removeJobFolder(self.job.folder)
        self.failed.emit(error)


def packagesFor(path: Path) -> Iterable[str]:
    """The packages that reading a path needs."""
    if is_store(path):
        return TO_READ_ZARR
    suffixes = {file.suffix.lower() for file in (path.iterdir() if path.is_dir() else [path])}
    if suffixes & {".tif", ".tiff", ".btf", ".tf8"}:
        return TO_READ_TIFF
    return TO_READ_PICTURES if suffixes & {".png", ".bmp", ".jpg", ".jpeg"} else ()
