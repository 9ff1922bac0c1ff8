"""One training in a worker: pause, stop and cancel in; progress, curves and previews out."""

import json
import re
import shutil
import uuid
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import qt
from batterycell.errors import BatteryCellError
from batterycell.segment import Dataset, SegmentClass, TrainSettings
from batterycell.segment.data.files import JSON_FILE, write_dataset
from batterycell.segment.model.places import trainings_folder
from batterycell.segment.train.checkpoint import read_values
from batterycell.segment.train.history import HISTORY_FILE
from batterycell.segment.train.state import CHECKPOINT_FILE
from batterycell.segment.train.validate import PREVIEW_FOLDER
from batterycell.worker.train import PAUSE_FILE, STOP_FILE, read_summary
from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Work.Job import Job
from BatteryCellAnalysisLib.Work.JobFolder import makeJobFolder, removeJobFolder
from BatteryCellAnalysisLib.Work.TimeLeft import TimeLeft

_LOOK_MS = 500
# Of the progress, what is told before the first step.
_PREPARED = 0.015
_DATASET = "dataset"


class TrainRun:
    """Runs one training at a time.

    Signals: ``started()``, ``progressed(fraction, message, seconds left or None)``, ``advanced(run folder)`` when there
    is a new row for the curves, ``previewed(run folder)`` when there are new predictions of monitored frames,
    ``noted(sentences)`` about the device and what else people should know, ``finished(summary)`` as of
    ``batterycell.worker.train.read_summary``, ``failed(error)``.

    Args:
        job: Runs the worker.
    """

    def __init__(self, job: Job) -> None:
        self.advanced, self.previewed, self.noted = Signal(), Signal(), Signal()
        self.started, self.progressed, self.finished, self.failed = job.started, Signal(), Signal(), Signal()
        self.job, self.folder = job, Path()
        self._timeLeft: TimeLeft | None = None
        self._begun = 0.0
        self._seen: dict[str, int] = {}
        self._timer = qt.QTimer()
        self._timer.setInterval(_LOOK_MS)
        self._timer.connect("timeout()", self._look)
        job.progressed.connect(self._onProgress)
        job.finished.connect(self._onFinished)
        job.failed.connect(self._onFailed)

    @property
    def isRunning(self) -> bool:
        """Whether a training runs or waits."""
        return self.job.isRunning

    @property
    def isPaused(self) -> bool:
        """Whether the training was asked to wait."""
        return self.isRunning and (self.job.folder / PAUSE_FILE).exists()

    def begin(self, dataset: Dataset, settings: TrainSettings, startFrom: str) -> None:
        """Begin a training in a folder of its own."""
        self.folder = trainings_folder() / uuid.uuid4().hex[:12]
        write_dataset(dataset, self.folder / _DATASET)
        self._start(settings, startFrom)

    def goOn(self, folder: Path, settings: TrainSettings, startFrom: str) -> None:
        """Go on where a training in a folder was interrupted."""
        self.folder = folder
        self._start(settings, startFrom)

    def pause(self, isPaused: bool) -> None:
        """Let the training wait, or go on."""
        path = self.job.folder / PAUSE_FILE
        path.touch() if isPaused else path.unlink(missing_ok=True)

    def stop(self) -> None:
        """Let the training end with the best so far."""
        (self.job.folder / STOP_FILE).touch()

    def cancel(self) -> None:
        """Ask the training to end; it can go on from where it was."""
        self.job.cancel()

    def endJobs(self) -> None:
        """Look no more."""
        self._timer.stop()

    def _start(self, settings: TrainSettings, startFrom: str) -> None:
        values = {
            "dataset": str(self.folder / _DATASET),
            "run": str(self.folder),
            "train": asdict(settings),
            "start_from": startFrom or None,
        }
        self._seen.clear()
        self._timeLeft = None
        self._timer.start()
        self.job.start(makeJobFolder("train", None, values))

    def _look(self) -> None:
        if self._isNew(self.folder / HISTORY_FILE):
            self.advanced.emit(self.folder)
        if self._isNew(self.folder / PREVIEW_FOLDER):
            self.previewed.emit(self.folder)
        if self._isNew(self.folder / CHECKPOINT_FILE):
            self._note()

    def _note(self) -> None:
        with suppress(OSError, ValueError, LookupError):
            self.noted.emit(read_values(self.folder / CHECKPOINT_FILE)["state"]["notes"])

    def _onProgress(self, fraction: float, message: str, secondsLeft: float | None) -> None:
        """Guess the time left from the steps alone: loading the packages tells nothing of them."""
        if fraction > _PREPARED and self._timeLeft is None:
            self._timeLeft, self._begun = TimeLeft(), fraction
        done = (fraction - self._begun) / (1 - self._begun) if fraction < 1 else 1.0
        left = self._timeLeft.seconds(done) if self._timeLeft else None
        self.progressed.emit(fraction, _short(message), left)

    def _isNew(self, path: Path) -> bool:
        try:
            when = path.stat().st_mtime_ns
        except OSError:
            return False
        isNew = self._seen.get(path.name) != when
        self._seen[path.name] = when
        return isNew

    def _onFinished(self, jobFolder: Path) -> None:
        self._end(jobFolder)
        self.finished.emit(self._summary)

    def _onFailed(self, error: BatteryCellError) -> None:
        self._end(self.job.folder)
        self.failed.emit(error)

    def _end(self, jobFolder: Path) -> None:
        self._timer.stop()
        self._look()
        self._summary: dict[str, Any] = {}
        if (jobFolder / "result").exists():
            self._summary = read_summary(jobFolder)
        removeJobFolder(jobFolder)


def _short(message: str) -> str:
    """The message of a training without what the curves show, so that it fits into the bar."""
    found = re.fullmatch(r"epoch (\d+) of (\d+)(?:, loss [^,]*)?(?:, best mean (Dice .*))?", message)
    return " · ".join(word for word in (f"epoch {found[1]}/{found[2]}", found[3]) if word) if found else message


def classesOf(folder: Path) -> tuple[SegmentClass, ...]:
    """The classes that a training learns, whatever became of the project's since."""
    values = json.loads((folder / _DATASET / JSON_FILE).read_text(encoding="utf-8"))
    return tuple(SegmentClass(**one) for one in values["classes"])


def canGoOn(folder: Path) -> bool:
    """Whether a training was interrupted in a folder."""
    return (folder / _DATASET).is_dir() and not (folder / "model").exists()


def forget(folder: Path) -> None:
    """Remove a training's folder."""
    if folder.parent == trainings_folder():
        shutil.rmtree(folder, ignore_errors=True)
