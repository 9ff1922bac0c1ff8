"""Section "Upright": set the cell upright, turn and flip it, harden that, and go back."""

from collections.abc import Callable
from typing import Any

from batterycell.mrml import (
    cell_of,
    foreign_transform,
    harden_orientation,
    is_hardened,
    put_back,
    set_upright,
    turn_cell,
)

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Views.KeptInView import keptInView
from BatteryCellAnalysisLib.Work.CellWork import CellWork
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from . import Readiness, ResultLines
from .Section import Section


class UprightSection:
    """Connects the widgets of the section "Upright".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self._section = Section(ui.uprightCollapsibleButton, ui.uprightMessage)
        self._work = CellWork(panel, self._section)
        self._progress = ProgressRow(self.job, ui.uprightProgressRow, ui.uprightProgressBar, ui.uprightCancelButton)
        self._shown: Any = ("", None)
        self._turns = _turns(ui)
        for button, axis, degrees in self._turns:
            button.connect("clicked()", lambda axis=axis, degrees=degrees: self._onTurn(axis, degrees))
        ui.setUprightButton.connect("clicked()", self._onSetUpright)
        ui.backButton.connect("clicked()", lambda: self._edit(put_back))
        ui.hardenButton.connect("clicked()", lambda: self._edit(harden_orientation))

    @property
    def job(self) -> Any:
        """The runner of the section's worker."""
        return self._work.job

    def forget(self) -> None:
        """Take the message away: another cell was chosen."""
        self._section.clear()

    def refresh(self, now: Readiness.Situation) -> None:
        """Show how the cell stands and what can be done."""
        self._progress.refresh()
        self._showState(now)
        self._panel.setReady(self._ui.setUprightButton, Readiness.whyNotSetUpright(now))
        self._panel.setReady(self._ui.backButton, Readiness.whyNotGoBack(now))
        self._panel.setReady(self._ui.hardenButton, Readiness.whyNotHarden(now))
        for button, _axis, _degrees in self._turns:
            self._panel.setReady(button, Readiness.whyNotTurn(now))

    def _showState(self, now: Readiness.Situation) -> None:
        """Say how the cell stands; a message about something else stays while that does not change."""
        foreign = foreign_transform(self._panel.parameters.volume) if now.underOtherTransform else None
        line = self._line(now)
        self._section.setResult(line)
        state = (line, foreign and foreign.GetName())
        if state == self._shown:
            return
        self._shown = state
        self._section.say(_("Upright: {result}.").format(result=line) if line else "")
        if foreign:
            words = _("The volume stands under the transform “{name}”, which is not of this module.")
            self._section.warn(words.format(name=foreign.GetName()), _("Take it out or harden it in Transforms."))

    def _line(self, now: Readiness.Situation) -> str:
        """How the cell stands; empty where it stands as scanned."""
        volume = self._panel.parameters.volume
        if now.isUpright:
            return ResultLines.uprightLine(cell_of(volume))
        if now.isTurned:
            return _("turned, not set upright")
        return _("turned and hardened, not set upright") if volume and is_hardened(volume) else ""

    def _onSetUpright(self) -> None:
        with self._section.reporting(_("The cell cannot be set upright.")):
            self._work.withCell(self._setUpright)

    def _setUpright(self) -> None:
        self._edit(lambda volume: set_upright(volume, cell_of(volume)))

    def _onTurn(self, axis: str, degrees: int) -> None:
        self._edit(lambda volume: turn_cell(volume, axis, degrees))

    def _edit(self, edit: Callable[[Any], Any]) -> None:
        """Change how the cell stands, so that it can be undone."""
        with self._section.reporting(_("The cell cannot be turned.")):
            volume = self._panel.parameters.volume
            self._panel.remember()
            with keptInView(volume):
                edit(volume)
            self._shown = None
        self._panel.refresh()


def _turns(ui: Any) -> tuple[tuple[Any, str, int], ...]:
    """Each button with its axis and how far it turns, as Slicer's standard views look along the axes."""
    return (
        (ui.turnAxialLeftButton, "S", -90),
        (ui.turnAxialRightButton, "S", 90),
        (ui.turnAxialFlipButton, "S", 180),
        (ui.turnCoronalLeftButton, "A", 90),
        (ui.turnCoronalRightButton, "A", -90),
        (ui.turnCoronalFlipButton, "A", 180),
        (ui.turnSagittalLeftButton, "R", -90),
        (ui.turnSagittalRightButton, "R", 90),
        (ui.turnSagittalFlipButton, "R", 180),
    )
