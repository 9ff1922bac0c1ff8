"""Section "Upright": set the cell upright, and go back."""

from typing import Any

from batterycell.mrml import cell_of, orientation_of, put_back, set_upright, volume_of
from batterycell.orient import find_cell

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Views.SliceViews import resetViews

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
        ui.setUprightButton.connect("clicked()", self._onSetUpright)
        ui.backButton.connect("clicked()", self._onBack)

    def refresh(self, now: Readiness.Situation) -> None:
        """Show how the cell stands and what can be done."""
        volume = self._panel.parameters.volume
        cell = cell_of(volume) if volume and orientation_of(volume) else None
        line = ResultLines.uprightLine(cell) if cell else ""
        self._section.setResult(line)
        if line:
            self._section.say(_("Upright: {result}.").format(result=line))
        self._panel.setReady(self._ui.setUprightButton, Readiness.whyNotSetUpright(now))
        self._panel.setReady(self._ui.backButton, Readiness.whyNotGoBack(now))

    def _onSetUpright(self) -> None:
        volume = self._panel.parameters.volume
        with self._section.reporting(_("The cell cannot be set upright.")):
            cell = find_cell(volume_of(volume))
            self._panel.remember()
            set_upright(volume, cell)
            resetViews()
        self._panel.refresh()

    def _onBack(self) -> None:
        with self._section.reporting(_("The cell cannot be put back.")):
            self._panel.remember()
            put_back(self._panel.parameters.volume)
            resetViews()
        self._panel.refresh()
