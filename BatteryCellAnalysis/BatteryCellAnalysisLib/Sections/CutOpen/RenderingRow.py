"""The row of the section "Cut open" that shows the volume in 3D, or not."""

from typing import Any

from batterycell.mrml import cell_of
from batterycell.mrml.clipping import apply_cut
from batterycell.mrml.cut_camera import look_into
from batterycell.mrml.rendering import hide_rendering, needs_preview, show_rendering, shown_look

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Parameters import LOOKS
from BatteryCellAnalysisLib.Sections import Readiness
from BatteryCellAnalysisLib.Sections.Section import Section
from BatteryCellAnalysisLib.Views.ThreeDView import firstCamera


class RenderingRow:
    """Connects the check boxes "Show" and "Full resolution" and the choice of a look.

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
        section: Shows what goes wrong.
    """

    def __init__(self, ui: Any, panel: Any, section: Section) -> None:
        self._ui, self._panel, self._section = ui, panel, section
        ui.cutShowCheckBox.connect("clicked(bool)", self._onShow)

    def refresh(self, now: Readiness.Situation, volume: Any) -> None:
        """Follow the chosen look while the volume is shown, and show what can be done."""
        shown = shown_look(volume) if volume else None
        if shown is not None and shown != (self._look(), self._isFull(volume)):
            with self._section.reporting(_("The volume cannot be shown in 3D.")):
                self.show(volume)
        ui = self._ui
        ui.cutShowCheckBox.checked = shown is not None
        for widget in (ui.cutShowCheckBox, ui.cutLookComboBox):
            self._panel.setReady(widget, Readiness.whyNotShow(now))
        isLarge = volume is not None and needs_preview(volume)
        self._panel.setReady(ui.cutFullCheckBox, Readiness.whyNotShowFull(now, isLarge))

    def show(self, volume: Any) -> None:
        """Show a volume in 3D, cut as it is, in the chosen look."""
        show_rendering(volume, self._look(), self._isFull(volume))
        apply_cut(volume)

    def ensureShown(self, volume: Any) -> None:
        """Show a volume in 3D where it is not, and look into its cut."""
        if shown_look(volume) is None:
            self.show(volume)
        camera = firstCamera()
        if camera is not None:
            look_into(camera, volume, cell_of(volume))

    def _look(self) -> str:
        return LOOKS[self._panel.parameters.cutLook]

    def _isFull(self, volume: Any) -> bool:
        return self._panel.parameters.cutFull or not needs_preview(volume)

    def _onShow(self, isShown: bool) -> None:
        volume = self._panel.parameters.volume
        with self._section.reporting(_("The volume cannot be shown in 3D.")):
            if isShown:
                self.ensureShown(volume)
            else:
                hide_rendering(volume)
        self._panel.refresh()
