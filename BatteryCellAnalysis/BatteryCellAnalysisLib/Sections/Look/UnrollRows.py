"""The rows of the section "Look" that unroll the cell."""

from pathlib import Path
from typing import Any

from batterycell.mrml import cell_of
from batterycell.mrml.unrolled import add_unrolled, unrolled_of
from batterycell.mrml.windings import set_windings, windings_of
from batterycell.result import cell_to_json
from batterycell.worker.unroll import read_unrolled, read_windings

from BatteryCellAnalysisLib.Parameters import ALONG_WINDING
from BatteryCellAnalysisLib.Sections import Readiness, ResultLines
from BatteryCellAnalysisLib.Sections.Section import Section
from BatteryCellAnalysisLib.Views.Unrolled.View import UnrolledView
from BatteryCellAnalysisLib.Work.CellWork import CellWork

_UM = 1000.0
# Of the can's radius: where a cell is unrolled unless someone says otherwise.
_USUAL_RADIUS = 0.75


class UnrollRows:
    """Connects the rows: settings, Unroll, Show.

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters.
        section: Says what was done.
        work: Runs the worker.
    """

    def __init__(self, ui: Any, panel: Any, section: Section, work: CellWork) -> None:
        self._ui, self._panel, self._section, self._work = ui, panel, section, work
        self.view = UnrolledView()
        ui.showUnrolledButton.connect("clicked()", self._onShow)

    def refresh(self, now: Readiness.Situation) -> None:
        """Show what can be done."""
        ui, volume = self._ui, self._panel.parameters.volume
        unrolled = unrolled_of(volume) if now.hasVolume else None
        isAlongWinding = self._panel.parameters.unrollAlong == ALONG_WINDING
        for widget in (ui.unrollFirstSpinBox, ui.unrollLastSpinBox):
            widget.visible = isAlongWinding
        for widget in (ui.unrollRadiusLabel, ui.unrollRadiusSlider):
            widget.visible = not isAlongWinding
        self._setRanges(volume if now.hasVolume else None)
        self._panel.setReady(ui.unrollButton, Readiness.whyNotUnroll(now))
        self._panel.setReady(ui.showUnrolledButton, Readiness.whyNotShowUnrolled(unrolled is not None))
        self.view.keep(unrolled)

    def unroll(self) -> None:
        """Unroll as the rows say."""
        parameters, volume = self._panel.parameters, self._panel.parameters.volume
        windings = windings_of(volume)
        settings = {
            "along": "axis",
            "radius_mm": parameters.unrollRadiusUm / _UM or None,
            "depth_mm": parameters.unrollDepthUm / _UM or None,
            "cell": cell_to_json(cell_of(volume)),
        }
        span = None
        if parameters.unrollAlong == ALONG_WINDING:
            span = tuple(sorted((parameters.unrollFirst, parameters.unrollLast)))
            text = windings.to_json() if windings else None
            settings |= {"along": "winding", "winding": span, "windings": text}
        self._work.run("unroll", settings, lambda folder: self._onUnrolled(volume, folder, span))

    def _onUnrolled(self, volume: Any, folder: Path, span: tuple[int, int] | None) -> None:
        windings = read_windings(folder)
        if windings is not None:
            set_windings(volume, windings)
        self.view.show(add_unrolled(volume, read_unrolled(folder), span))
        self._section.say(ResultLines.unrolledLine(span))

    def _onShow(self) -> None:
        self.view.show(unrolled_of(self._panel.parameters.volume))

    def _setRanges(self, volume: Any) -> None:
        cell = cell_of(volume) if volume else None
        if cell is None:
            return
        radius = cell.can.outer_radius_mm * _UM
        self._ui.unrollRadiusSlider.maximum = radius
        if not 0 < self._panel.parameters.unrollRadiusUm <= radius:
            self._panel.parameters.unrollRadiusUm = round(_USUAL_RADIUS * radius)
        windings = windings_of(volume)
        for box in (self._ui.unrollFirstSpinBox, self._ui.unrollLastSpinBox):
            box.maximum = windings.count if windings else 999
