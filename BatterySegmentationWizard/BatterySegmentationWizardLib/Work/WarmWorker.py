"""A worker that stays, so that a slice is predicted within a second: the network's packages are loaded once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from batterycell.errors import BatteryCellError, Cancelled
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Work.Job import CANCEL_FILE, GRACE_SECONDS, JobState, ProcessProtocol
from BatteryCellAnalysisLib.Work.TimeLeft import TimeLeft
from BatteryCellAnalysisLib.Work.WorkerOutput import ProgressLine, parseLine


class WarmProcess(ProcessProtocol, Protocol):
    """A child process that can be told something as well."""

    def tell(self, line: str) -> None:
        """Write a line to its standard input."""


class WarmWorker:
    """Keeps one process and hands it job after job; it is started again when it crashed or had to be ended.

    Args:
        process: The child process.
        callLater: Calls a function after some seconds; ``callLater(seconds, function)``.
    """

    def __init__(self, process: WarmProcess, callLater: Callable[[float, Callable[[], None]], None]) -> None:
        self.callLater = callLater
        self._process = process
        self._isUp, self._isWanted, self._rest = False, False, b""
        self._job: WarmJob | None = None
        process.outputReceived.connect(self._onOutput)
        process.ended.connect(self._onEnded)

    @property
    def isBusy(self) -> bool:
        """Whether a job runs."""
        return self._job is not None

    def warmUp(self) -> None:
        """Start the process, unless it runs."""
        self._isWanted = True
        if not self._isUp:
            self._isUp, self._rest = True, b""
            self._process.start(["-m", "batterycell.worker", "--serve"])

    def take(self, job: "WarmJob") -> None:
        """Run a job; it is told how it goes."""
        if self.isBusy:
            raise RuntimeError("a job is running")
        self.warmUp()
        self._job = job
        self._process.tell(str(job.folder))

    def endNow(self) -> None:
        """End the process without asking, and start it only when it is needed again."""
        self._isWanted = False
        if self._job is not None:
            self._job.state = JobState.CANCELLING
        self.endProcess()

    def endProcess(self) -> None:
        """End the process; where it is wanted, another takes its place."""
        if self._isUp:
            self._process.endTree()

    def _onOutput(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._onLine(line)

    def _onLine(self, line: bytes) -> None:
        done, job = _parseDone(line), self._job
        message = parseLine(line)
        if job is None:
            return
        if done is not None:
            self._job = None
            job.onDone(done)
        elif message is not None:
            job.onMessage(message)

    def _onEnded(self, exitCode: int) -> None:
        """Tell the job; a process that came to an end between jobs is not started again and again."""
        job, self._job, self._isUp = self._job, None, False
        if job is None:
            return
        if self._isWanted:
            self.callLater(0, self._warmUpAgain)
        lines = self._process.errorText().strip().splitlines()
        job.onCrash(_crashed(exitCode, lines[-1] if lines else ""))

    def _warmUpAgain(self) -> None:
        if self._isWanted:
            self.warmUp()


class WarmJob:
    """Runs one job at a time in a worker that stays; to whom it reports it is what `Job` is.

    Signals: ``started()``, ``progressed(fraction, message, seconds left or None)``, ``finished(folder)``,
    ``failed(error)``.

    Args:
        worker: The worker, of which there is one for all.
    """

    def __init__(self, worker: WarmWorker) -> None:
        self.started, self.progressed, self.finished, self.failed = Signal(), Signal(), Signal(), Signal()
        self.state, self.folder = JobState.IDLE, Path()
        self._worker, self._runs = worker, 0
        self._error: BatteryCellError | None = None

    @property
    def isRunning(self) -> bool:
        """Whether the job has not ended yet."""
        return self.state is not JobState.IDLE

    def start(self, folder: Path) -> None:
        """Start a job in a folder."""
        self.folder, self._error, self._timeLeft = folder, None, TimeLeft()
        self._runs += 1
        self._worker.take(self)
        self.state = JobState.RUNNING
        self.started.emit()

    def cancel(self) -> None:
        """Ask the worker to stop; end its process when it does not within the grace time."""
        if self.state is not JobState.RUNNING:
            return
        self.state = JobState.CANCELLING
        (self.folder / CANCEL_FILE).touch()
        run = self._runs
        self._worker.callLater(GRACE_SECONDS, lambda: self._endIfStill(run))

    def endNow(self) -> None:
        """End the worker without asking, for when the scene or the application closes."""
        self._worker.endNow()

    def onMessage(self, message: Any) -> None:
        """The worker told how far it is, or what is wrong."""
        if isinstance(message, ProgressLine):
            self.progressed.emit(message.fraction, message.message, self._timeLeft.seconds(message.fraction))
        else:
            self._error = message

    def onDone(self, exitCode: int) -> None:
        """The job came to its end."""
        wasCancelled, self.state = self.state is JobState.CANCELLING, JobState.IDLE
        if wasCancelled:
            self.failed.emit(Cancelled())
        elif exitCode == 0 and self._error is None:
            self.finished.emit(self.folder)
        else:
            self.failed.emit(self._error or _crashed(exitCode, ""))

    def onCrash(self, error: BatteryCellError) -> None:
        """The process ended before the job did."""
        self._error = self._error or error
        self.onDone(-1)

    def _endIfStill(self, run: int) -> None:
        if self.isRunning and run == self._runs:
            self._worker.endProcess()


def _parseDone(line: bytes) -> int | None:
    """The exit code of a job that is done; None where the line says something else."""
    try:
        content = json.loads(line)
    except ValueError:
        return None
    return int(content["exit_code"]) if isinstance(content, dict) and "done" in content else None


def _crashed(exitCode: int, reason: str) -> BatteryCellError:
    message = _("The worker process ended unexpectedly (exit code {code}).").format(code=exitCode)
    return BatteryCellError("worker-crashed", message, reason or _("Try again."))
