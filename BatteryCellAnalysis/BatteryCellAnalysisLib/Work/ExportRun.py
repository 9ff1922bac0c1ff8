"""Writing a result folder without freezing the window: views and scenes must be made in the application itself."""

from collections.abc import Callable
from pathlib import Path

from batterycell.errors import BatteryCellError
from batterycell.output import result_folder
from batterycell.pipeline import write_results
from batterycell.progress import Progress
from batterycell.provenance import Sources
from batterycell.result import CellResult

from BatteryCellAnalysisLib.Signal import Signal

from .TimeLeft import TimeLeft


class ExportRun:
    """Writes one result folder and lets the window live between its steps.

    Signals: ``started()``, ``progressed(fraction, message, seconds left or None)``, ``ended()``.

    Args:
        processEvents: Lets the window react.
    """

    def __init__(self, processEvents: Callable[[], None]) -> None:
        self.started = Signal()
        self.progressed = Signal()
        self.ended = Signal()
        self.isRunning = False
        self._processEvents = processEvents
        self._isCancelled = False

    def start(self, result: CellResult, out: Path, overwrite: bool, sources: Sources) -> list[str]:
        """Write the folder and return when it is complete.

        Returns:
            What went other than usual, one sentence each.

        Raises:
            BatteryCellError: if it cannot be written or was cancelled; nothing is left behind then.
        """
        if self.isRunning:
            raise BatteryCellError("busy", "An export is running.", "Wait until it is done.")
        self.isRunning, self._isCancelled = True, False
        self.started.emit()
        try:
            with result_folder(out, overwrite) as folder:
                summary = write_results(result, folder, sources, self._progress())
        finally:
            self.isRunning = False
            self.ended.emit()
        return list(summary["notes"])

    def cancel(self) -> None:
        """Stop before the next step."""
        self._isCancelled = True

    endNow = cancel

    def _progress(self) -> Progress:
        timeLeft = TimeLeft()

        def report(fraction: float, message: str) -> None:
            self.progressed.emit(fraction, message, timeLeft.seconds(fraction))
            self._processEvents()

        return Progress(report, lambda: self._isCancelled)
