"""The row of a section that shows a running job: bar, time left, Cancel."""

from typing import Any, Protocol

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Signal import Signal

from .TimeLeft import describeTimeLeft


class Runner(Protocol):
    """Something that runs for a while and can be asked to stop."""

    started: Signal
    progressed: Signal

    @property
    def isRunning(self) -> bool:
        """Whether it runs."""

    def cancel(self) -> None:
        """Ask it to stop."""


class ProgressRow:
    """Visible while its runner runs.

    Args:
        runner: What runs.
        row: The row's ``QWidget``.
        bar: Its ``QProgressBar``.
        cancelButton: Its ``QPushButton``.
    """

    def __init__(self, runner: Runner, row: Any, bar: Any, cancelButton: Any) -> None:
        self._runner, self._row, self._bar, self._cancelButton = runner, row, bar, cancelButton
        cancelButton.connect("clicked()", self._onCancel)
        runner.started.connect(self._onStarted)
        runner.progressed.connect(self._onProgress)
        self.refresh()

    def refresh(self) -> None:
        """Show the row while the runner runs."""
        self._row.visible = self._runner.isRunning
        self._cancelButton.enabled = self._runner.isRunning

    def _onStarted(self) -> None:
        self.refresh()
        self._onProgress(0.0, _("starting"), None)

    def _onProgress(self, fraction: float, message: str, secondsLeft: float | None) -> None:
        words = [word for word in (message, describeTimeLeft(secondsLeft)) if word]
        self._bar.value = round(fraction * self._bar.maximum)
        self._bar.format = " · ".join(["%p%", *words])

    def _onCancel(self) -> None:
        self._runner.cancel()
        self._cancelButton.enabled = False
        self._bar.format = _("stopping")
