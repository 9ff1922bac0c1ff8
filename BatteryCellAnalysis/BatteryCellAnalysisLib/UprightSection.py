"""Section "Upright": set the cell upright, and go back."""

from typing import Any

from batterycell.orient import find_cell

from . import Readiness, ResultLines, Results
from .I18n import _
from .Section import Section
from .Views import resetViews


class UprightSection:
    """Connects the widgets of the section "Upright".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self._section = Section(ui.uprightCollapsibleButton, ui.uprightMessage)
        ui.setUprightButton.connect("clicked()", self._onSetUpright)
        ui.backButton.connect("clicked()", self._onBack)

    def refresh(self, now: Readiness.Situation) -> None:
        """Show how the cell stands and what can be done."""
        upright = self._panel.parameters.upright
        line = ResultLines.uprightLine(Results.uprightCell(upright)) if upright else ""
        self._section.setResult(line)
        if line:
            self._section.say(_("Upright: {result}.").format(result=line))
        self._panel.setReady(self._ui.setUprightButton, Readiness.whyNotSetUpright(now))
        self._panel.setReady(self._ui.backButton, Readiness.whyNotGoBack(now))

    def _onSetUpright(self) -> None:
        volume = self._panel.parameters.volume
        with self._section.reporting(_("The cell cannot be set upright.")):
            Results.setUpright(volume, find_cell(Results.volumeOf(volume)))
            resetViews()
        self._panel.followVolume()

    def _onBack(self) -> None:
        with self._section.reporting(_("The cell cannot be put back.")):
            Results.goBack(self._panel.parameters.volume)
            resetViews()
        self._panel.followVolume()
