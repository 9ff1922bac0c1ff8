"""The button that turns Slicer's place mode on for the chosen class of defects."""

from typing import Any

from batterycell.mrml.cell import role_of
from batterycell.mrml.defect_classes import ROLE, class_of, defect_list, defect_lists, ensure_defect_lists
from slicer.util import VTKObservationMixin

from BatteryCellAnalysisLib.Sections import Readiness
from BatteryCellAnalysisLib.Views.Markups.PlaceMode import (
    MODE_CHANGED,
    interactionNode,
    placingInto,
    startPlacing,
    stopPlacing,
)


class PlaceButton(VTKObservationMixin):
    """Follows the place mode, and the class chosen in the panel.

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        VTKObservationMixin.__init__(self)
        self._ui, self._panel = ui, panel
        ui.placeButton.connect("clicked(bool)", self._onClicked)
        ui.placeSeveralCheckBox.connect("toggled(bool)", lambda several: self._goOn())

    def isPlacing(self) -> bool:
        """Whether clicks place defects of the chosen volume."""
        volume = self._panel.parameters.volume
        return volume is not None and placingInto(volume.GetScene()) in defect_lists(volume)

    def refresh(self, now: Readiness.Situation) -> None:
        """Show whether clicks place defects, and place those of the class chosen meanwhile."""
        self._panel.setReady(self._ui.placeButton, Readiness.whyNotMark(now))
        self._panel.setReady(self._ui.placeSeveralCheckBox, Readiness.whyNotMark(now))
        self._observe()
        self._goOn()
        self._showState()

    def _observe(self) -> None:
        interaction = interactionNode(self._panel.scene)
        if interaction is not None and not self.hasObserver(interaction, MODE_CHANGED, self._onMode):
            self.removeObservers()
            self.addObserver(interaction, MODE_CHANGED, self._onMode)

    def _goOn(self) -> None:
        node = placingInto(self._panel.scene)
        if node is None or role_of(node) != ROLE:
            return
        if not self.isPlacing():
            # Another cell was chosen, or this one was removed.
            stopPlacing(self._panel.scene)
        elif class_of(node) != self._panel.parameters.markClass or self._isOtherMode():
            self._start()

    def _isOtherMode(self) -> bool:
        several = bool(interactionNode(self._panel.scene).GetPlaceModePersistence())
        return several != self._panel.parameters.placeSeveral

    def _onClicked(self, isOn: bool) -> None:
        if isOn:
            ensure_defect_lists(self._panel.parameters.volume)
            self._start()
            self._panel.refresh()
        else:
            stopPlacing(self._panel.scene)

    def _start(self) -> None:
        parameters = self._panel.parameters
        startPlacing(defect_list(parameters.volume, parameters.markClass), parameters.placeSeveral)

    def _onMode(self, caller: Any, event: str) -> None:
        self._showState()

    def _showState(self) -> None:
        self._ui.placeButton.checked = self.isPlacing()
