"""Export without holding up the window: a snapshot of the scene in small steps, then a worker that draws and writes."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError, Cancelled, explain
from batterycell.mrml.snapshot import write_snapshot
from batterycell.output import clean_up
from batterycell.worker.export import SNAPSHOT_FOLDER

from BatteryCellAnalysisLib.Signal import Signal

from .Job import Job
from .JobFolder import makeJobFolder, removeJobFolder

# A step of the window's own work, and its share of an export.
_STEP_SECONDS = 0.02
_SNAPSHOT_SHARE = 0.1


class ExportJob:
    """Runs one export at a time.

    Signals: ``started()``, ``progressed(fraction, message, seconds left or None)``, ``finished(folder)`` with the job's
    folder, ``failed(error)``. The job's folder is gone when these have been told.

    Args:
        job: Runs the worker.
        callLater: Calls a function after some seconds; ``callLater(seconds, function)``.
    """

    def __init__(self, job: Job, callLater: Callable[[float, Callable[[], None]], None]) -> None:
        self.started = Signal()
        self.progressed = Signal()
        self.finished = Signal()
        self.failed = Signal()
        self.leftOut: list[str] = []
        self._job, self._callLater = job, callLater
        self._steps: Any = None
        self._folder, self._out = Path(), Path()
        job.progressed.connect(self._onProgress)
        job.finished.connect(self._onFinished)
        job.failed.connect(self._onFailed)

    @property
    def isRunning(self) -> bool:
        """Whether an export has not ended yet."""
        return self._steps is not None or self._job.isRunning

    def start(self, scene: Any, settings: dict[str, Any]) -> None:
        """Start an export; settings as of ``batterycell.worker.export``."""
        if self.isRunning:
            raise RuntimeError("an export is running")
        self._folder, self._out = makeJobFolder("export", None, settings), Path(settings["out"])
        (self._folder / SNAPSHOT_FOLDER).mkdir()
        self._steps = write_snapshot(scene, self._folder / SNAPSHOT_FOLDER)
        self.started.emit()
        self._callLater(0, self._step)

    def cancel(self) -> None:
        """Ask the export to stop."""
        if self._steps is not None:
            self._onFailed(Cancelled())
        else:
            self._job.cancel()

    def endNow(self) -> None:
        """End the export without asking, for when the scene or the application closes."""
        if self._steps is not None:
            self._onFailed(Cancelled())
        else:
            self._job.endNow()

    def _step(self) -> None:
        """Go on with the snapshot for a moment."""
        try:
            end = time.monotonic() + _STEP_SECONDS
            while self._steps is not None:
                self.progressed.emit(_SNAPSHOT_SHARE * next(self._steps), "", None)
                if time.monotonic() >= end:
                    break
        except StopIteration as done:
            self._startWorker(done.value)
        except Exception as error:  # noqa: BLE001 - else the export would seem to run for ever
            self._onFailed(explain(error))
        if self._steps is not None:
            self._callLater(0, self._step)

    def _startWorker(self, leftOut: list[str]) -> None:
        self._steps, self.leftOut = None, leftOut
        self._job.start(self._folder)

    def _onProgress(self, fraction: float, message: str, secondsLeft: float | None) -> None:
        self.progressed.emit(_SNAPSHOT_SHARE + (1 - _SNAPSHOT_SHARE) * fraction, message, secondsLeft)

    def _onFinished(self, folder: Path) -> None:
        self.finished.emit(folder)
        removeJobFolder(folder)

    def _onFailed(self, error: BatteryCellError) -> None:
        self._steps = None
        removeJobFolder(self._folder)
        # A worker that had to be ended leaves its unfinished folder beside the place of the result.
        clean_up(self._out)
        self.failed.emit(error)
