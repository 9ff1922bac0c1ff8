"""One run of a worker process: progress out, cancel in."""

from collections.abc import Callable, Sequence
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

from batterycell.errors import BatteryCellError, Cancelled

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Signal import Signal

from .TimeLeft import TimeLeft
from .WorkerOutput import ProgressLine, WorkerOutput

GRACE_SECONDS = 3.0
CANCEL_FILE = "cancel"


class ProcessProtocol(Protocol):
    """A child process that reports what it writes and that it ended."""

    outputReceived: Signal
    ended: Signal

    def start(self, arguments: Sequence[str]) -> None:
        """Start Python with these arguments."""

    def endTree(self) -> None:
        """End the process and everything it started, children first."""

    def errorText(self) -> str:
        """What the process wrote to its standard error."""


class JobState(Enum):
    """Where a job stands."""

    IDLE = auto()
    RUNNING = auto()
    CANCELLING = auto()


class Job:
    """Runs one worker at a time and says how it goes.

    Signals: ``started()``, ``progressed(fraction, message, seconds left or None)``, ``finished(folder)``,
    ``failed(error)``.

    Args:
        process: The child process.
        callLater: Calls a function after some seconds; ``callLater(seconds, function)``.
    """

    def __init__(self, process: ProcessProtocol, callLater: Callable[[float, Callable[[], None]], None]) -> None:
        self.started = Signal()
        self.progressed = Signal()
        self.finished = Signal()
        self.failed = Signal()
        self.state = JobState.IDLE
        self.folder = Path()
        self._process = process
        self._callLater = callLater
        self._error: BatteryCellError | None = None
        self._runs = 0
        process.outputReceived.connect(self._onOutput)
        process.ended.connect(self._onEnded)

    @property
    def isRunning(self) -> bool:
        """Whether the worker has not ended yet."""
        return self.state is not JobState.IDLE

    def start(self, folder: Path) -> None:
        """Start the worker on a job folder."""
        if self.isRunning:
            raise RuntimeError("a job is running")
        self.folder, self.state, self._error = folder, JobState.RUNNING, None
        self._output, self._timeLeft = WorkerOutput(), TimeLeft()
        self._runs += 1
        self._process.start(["-m", "batterycell.worker", str(folder)])
        self.started.emit()

    def cancel(self) -> None:
        """Ask the worker to stop, and end it when it does not within the grace time."""
        if self.state is not JobState.RUNNING:
            return
        self.state = JobState.CANCELLING
        (self.folder / CANCEL_FILE).touch()
        run = self._runs
        self._callLater(GRACE_SECONDS, lambda: self._endIfStill(run))

    def endNow(self) -> None:
        """End the worker without asking, for when the scene or the application closes."""
        if self.isRunning:
            self.state = JobState.CANCELLING
            self._process.endTree()

    def _endIfStill(self, run: int) -> None:
        if self.isRunning and run == self._runs:
            self._process.endTree()

    def _onOutput(self, data: bytes) -> None:
        for message in self._output.feed(data):
            if not isinstance(message, ProgressLine):
                self._error = message
            elif self.state is JobState.RUNNING:
                self.progressed.emit(message.fraction, message.message, self._timeLeft.seconds(message.fraction))

    def _onEnded(self, exitCode: int) -> None:
        wasCancelled = self.state is JobState.CANCELLING
        self.state = JobState.IDLE
        if wasCancelled:
            self.failed.emit(Cancelled())
        elif exitCode == 0 and self._error is None:
            self.finished.emit(self.folder)
        else:
            self.failed.emit(self._error or self._crashed(exitCode))

    def _crashed(self, exitCode: int) -> BatteryCellError:
        message = _("The worker process ended unexpectedly (exit code {code}).").format(code=exitCode)
        lines = self._process.errorText().strip().splitlines()
        return BatteryCellError("worker-crashed", message, lines[-1] if lines else _("Try again with fewer angles."))
