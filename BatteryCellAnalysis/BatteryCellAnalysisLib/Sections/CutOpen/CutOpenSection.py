"""Section "Cut open": the cell in 3D, cut open by a box."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import slicer
from batterycell.clip import Cut
from batterycell.errors import BatteryCellError, Cancelled
from batterycell.mrml.clipping import apply_cut, cut_open, invert_cut, remove_orphans, reset_cut
from batterycell.mrml.cut_roi import cut_of, has_handles, show_handles

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Sections import Readiness, ResultLines
from BatteryCellAnalysisLib.Sections.Section import Section
from BatteryCellAnalysisLib.Views.Markups.CutWatch import CutWatch
from BatteryCellAnalysisLib.Work.CellWork import CellWork
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from .CutShapes import CutShapes
from .RenderingRow import RenderingRow

# Turns of a wheel or a slider that follow each other this closely are one step of undo.
_ONE_EDIT_S = 1.0


class CutOpenSection:
    """Connects the widgets of the section "Cut open".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self._section = Section(ui.cutOpenCollapsibleButton, ui.cutOpenMessage)
        self._rendering, self._shapes = RenderingRow(ui, panel, self._section), CutShapes(ui)
        self._work, self._watch = CellWork(panel, self._section), CutWatch(panel.remember)
        self._progress = ProgressRow(self.job, ui.cutOpenProgressRow, ui.cutOpenProgressBar, ui.cutOpenCancelButton)
        self._wanted, self._withoutCell, self._edited = "", "", ("", 0.0)
        self._connectSignals()

    @property
    def job(self) -> Any:
        """The runner of the section's worker, which finds the cell."""
        return self._work.job

    def forget(self) -> None:
        """Take the message away: another cell was chosen."""
        self._section.clear()

    def refresh(self, now: Readiness.Situation) -> None:
        """Cut what is to be cut, show how, and what can be done."""
        volume = self._panel.parameters.volume if now.hasVolume and not now.volumeProblem else None
        remove_orphans(self._panel.scene)
        cut = cut_of(volume) if volume else None
        if volume is not None:
            apply_cut(volume)
        self._progress.refresh()
        self._watch.follow(volume)
        self._rendering.refresh(now, volume)
        self._showCut(volume, cut)
        self._setReady(now, cut)

    def endJobs(self) -> None:
        """Let the scene go, for when it or the application closes."""
        self._watch.follow(None)
        self._withoutCell = ""

    def _connectSignals(self) -> None:
        ui = self._ui
        for button, kind in self._buttons():
            button.connect("clicked()", lambda kind=kind: self._onCut(kind))
        ui.cutInvertCheckBox.connect("clicked(bool)", self._onInvert)
        ui.cutHandlesCheckBox.connect("clicked(bool)", self._onHandles)
        ui.cutResetButton.connect("clicked()", self._onReset)
        ui.cutAngleSlider.connect("valueChanged(double)", lambda value: self._cutAgain("quarter", "half"))
        for box in (ui.cutSlabHeightSpinBox, ui.cutSlabThicknessSpinBox):
            box.connect("valueChanged(double)", lambda value: self._cutAgain("slab"))
        self._watch.changed.connect(self._panel.refresh)
        self.job.failed.connect(self._onNotFound)

    def _buttons(self) -> tuple[tuple[Any, str], ...]:
        ui = self._ui
        return (
            (ui.cutFitButton, "fit"),
            (ui.cutQuarterButton, "quarter"),
            (ui.cutHalfButton, "half"),
            (ui.cutSlabButton, "slab"),
        )

    def _onCut(self, kind: str) -> None:
        """Cut along the cell where it is known or can be found, else along the volume."""
        self._wanted = kind
        with self._section.reporting(_("The cell cannot be cut open.")):
            if self._panel.parameters.volume.GetID() == self._withoutCell:
                self._cut()
            else:
                self._work.withCell(self._cut)

    def _onNotFound(self, error: BatteryCellError) -> None:
        volume = self._panel.parameters.volume
        if isinstance(error, Cancelled) or volume is None:
            return
        self._withoutCell = volume.GetID()
        self._cut()
        self._section.say(_("No round cell was found: cut along the axes of the volume."))

    def _cut(self) -> None:
        def cut(volume: Any) -> None:
            made = self._shapes.make(volume, self._wanted)
            self._panel.remember()
            cut_open(volume, made)
            if made.kind == "fit":
                show_handles(volume, True)
            self._rendering.ensureShown(volume)

        self._edit(cut)

    def _cutAgain(self, *kinds: str) -> None:
        """Let a cut that is there follow its slider or its boxes."""
        volume = self._panel.parameters.volume
        now = cut_of(volume) if volume else None
        if now is None or now.kind not in kinds:
            return

        def cut(volume: Any) -> None:
            made = replace(self._shapes.make(volume, now.kind), removes_inside=now.removes_inside)
            self._rememberOnce(now.kind)
            cut_open(volume, made)

        self._edit(cut)

    def _rememberOnce(self, what: str) -> None:
        (before, at), now = self._edited, time.monotonic()
        if before != what or now - at > _ONE_EDIT_S:
            self._panel.remember()
        self._edited = what, now

    def _onInvert(self, isInverted: bool) -> None:
        self._panel.remember()
        self._edit(lambda volume: invert_cut(volume, isInverted))

    def _onHandles(self, isShown: bool) -> None:
        self._edit(lambda volume: show_handles(volume, isShown))

    def _onReset(self) -> None:
        self._panel.remember()
        self._edit(reset_cut)

    def _edit(self, edit: Callable[[Any], Any]) -> None:
        """Change the cut, and let the views draw once."""
        with slicer.util.RenderBlocker():
            with self._section.reporting(_("The cell cannot be cut open."), waitCursor=False):
                edit(self._panel.parameters.volume)
            self._panel.refresh()

    def _showCut(self, volume: Any, cut: Cut | None) -> None:
        ui = self._ui
        ui.cutInvertCheckBox.checked = cut is not None and cut.removes_inside
        ui.cutHandlesCheckBox.checked = volume is not None and has_handles(volume)
        self._section.setResult(ResultLines.cutLine(cut, self._shapes.show(volume, cut)))

    def _setReady(self, now: Readiness.Situation, cut: Cut | None) -> None:
        ui, setReady = self._ui, self._panel.setReady
        makers = (ui.cutAngleSlider, ui.cutSlabHeightSpinBox, ui.cutSlabThicknessSpinBox)
        for widget in (*makers, *(button for button, _kind in self._buttons())):
            setReady(widget, Readiness.whyNotCut(now))
        for widget in (ui.cutInvertCheckBox, ui.cutHandlesCheckBox, ui.cutResetButton):
            setReady(widget, Readiness.whyNotChangeCut(now, cut is not None))
