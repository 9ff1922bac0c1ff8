"""A progress row for several runners of which one runs at a time."""

from collections.abc import Sequence
from typing import Any

from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow, Runner


class EitherRow(ProgressRow):
    """Shows whichever of its runners runs.

    Args:
        runners: What runs, one at a time.
        row: The row's ``QWidget``.
        bar: Its ``QProgressBar``.
        cancelButton: Its ``QPushButton``.
    """

    def __init__(self, runners: Sequence[Runner], row: Any, bar: Any, cancelButton: Any) -> None:
        super().__init__(_Either(runners), row, bar, cancelButton)


class _Either:
    """Several runners as one."""

    def __init__(self, runners: Sequence[Runner]) -> None:
        self.started, self.progressed = Signal(), Signal()
        self._runners = runners
        for runner in runners:
            runner.started.connect(self.started.emit)
            runner.progressed.connect(self.progressed.emit)

    @property
    def isRunning(self) -> bool:
        """Whether one of them runs."""
        return any(runner.isRunning for runner in self._runners)

    def cancel(self) -> None:
        """Ask the one that runs to stop."""
        for runner in self._runners:
            if runner.isRunning:
                runner.cancel()
