"""What every page of the wizard can do."""

from typing import Any

from BatteryCellAnalysisLib.Sections.Message import Message

from BatterySegmentationWizardLib.Steps import StepState

from .Situation import Situation


class Page:
    """One page: its message, and where its step stands. Pages change nodes and parameters, the wizard refreshes all.

    Args:
        ui: The wizard's widgets.
        wizard: Gives the parameters, the scene and runners, and refreshes all pages.
        messageLabel: The page's ``QLabel`` for messages.
    """

    def __init__(self, ui: Any, wizard: Any, messageLabel: Any) -> None:
        self._ui, self._wizard = ui, wizard
        self.message = Message(messageLabel)

    def refresh(self, now: Situation) -> None:
        """Show what is there and what can be done."""

    def state(self, now: Situation) -> StepState:
        """Where the step stands."""
        return StepState()

    def enter(self) -> None:
        """The page is shown now."""

    def leave(self) -> None:
        """The page is not shown any more."""

    def endJobs(self) -> None:
        """Let go of views and nodes, for when the scene or the application closes."""

    def forget(self) -> None:
        """Take the message away: it is about another image."""
        self.message.clear()
