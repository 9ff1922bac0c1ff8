"""The buttons that start a ruler or an angle: Slicer's place mode fills it."""

from typing import Any

from batterycell.mrml.rulers import is_finished, new_ruler, remove_ruler, rulers_of
from slicer.util import VTKObservationMixin

from BatteryCellAnalysisLib.Sections import Readiness
from BatteryCellAnalysisLib.Views.Markups.PlaceMode import (
    MODE_CHANGED,
    interactionNode,
    placingInto,
    startPlacing,
    stopPlacing,
)


class RulerButtons(VTKObservationMixin):
    """Follows the place mode; what was begun and not finished is removed when it ends.

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        VTKObservationMixin.__init__(self)
        self._ui, self._panel = ui, panel
        ui.newRulerButton.connect("clicked(bool)", lambda isOn: self._onClicked(isOn, isAngle=False))
        ui.newAngleButton.connect("clicked(bool)", lambda isOn: self._onClicked(isOn, isAngle=True))

    def refresh(self, now: Readiness.Situation) -> None:
        """Show whether clicks place a ruler or an angle."""
        for button in (self._ui.newRulerButton, self._ui.newAngleButton):
            self._panel.setReady(button, Readiness.whyNotMark(now))
        interaction = interactionNode(self._panel.scene)
        if interaction is not None and not self.hasObserver(interaction, MODE_CHANGED, self._onMode):
            self.removeObservers()
            self.addObserver(interaction, MODE_CHANGED, self._onMode)
        self._showState()

    def _onClicked(self, isOn: bool, isAngle: bool) -> None:
        # Ends what the other button began.
        stopPlacing(self._panel.scene)
        if isOn:
            self._panel.remember()
            startPlacing(new_ruler(self._panel.parameters.volume, isAngle), several=False)
        self._panel.refresh()

    def _onMode(self, caller: Any, event: str) -> None:
        if self._placing() is None:
            self._removeUnfinished()
        self._showState()

    def _removeUnfinished(self) -> None:
        volume = self._panel.parameters.volume
        for node in rulers_of(volume) if volume else []:
            if not is_finished(node):
                remove_ruler(node)

    def _placing(self) -> Any:
        volume = self._panel.parameters.volume
        node = placingInto(self._panel.scene)
        return node if volume is not None and node in rulers_of(volume) else None

    def _showState(self) -> None:
        node = self._placing()
        self._ui.newRulerButton.checked = node is not None and node.IsA("vtkMRMLMarkupsLineNode")
        self._ui.newAngleButton.checked = node is not None and node.IsA("vtkMRMLMarkupsAngleNode")
