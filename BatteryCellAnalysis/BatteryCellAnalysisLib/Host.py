"""What the panels of both modules share: runners that keep others waiting, and widgets that say what is missing."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from .Work.Job import Job


class Host(ABC):
    """Gives its parts runners of workers, and enables what can run; who derives from it refreshes its parts.

    Args:
        makeJob: Makes a runner of workers.
    """

    def __init__(self, makeJob: Callable[[], Job]) -> None:
        self._makeJob = makeJob
        self._toolTips: dict[str, str] = {}
        self._runners: list[Any] = []

    @property
    def isBusy(self) -> bool:
        """Whether a runner runs."""
        return any(runner.isRunning for runner in self._runners)

    def makeJob(self) -> Job:
        """A runner of workers for a part; while it runs, the others wait."""
        job = self._makeJob()
        self.addRunner(job)
        return job

    def addRunner(self, runner: Any) -> None:
        """Let the other parts wait while a runner runs."""
        self._runners.append(runner)
        runner.started.connect(self.refresh)

    def endRunners(self) -> None:
        """End what runs without asking, for when the scene or the application closes."""
        for runner in self._runners:
            runner.endNow()

    def setReady(self, widget: Any, reason: str) -> None:
        """Enable a widget, or disable it and let its tooltip say why."""
        toolTip = self._toolTips.setdefault(widget.objectName, widget.toolTip)
        widget.enabled = not reason
        widget.toolTip = reason or toolTip

    @abstractmethod
    def refresh(self) -> None:
        """Show how everything stands."""
