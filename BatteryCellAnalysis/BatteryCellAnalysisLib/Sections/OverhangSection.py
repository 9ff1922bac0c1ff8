"""Section "Overhang": measure, see the values, go where they are."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError
from batterycell.mrml import add_result, overhang_node, remove_result, table_from_node, volume_of
from batterycell.mrml.geometry import HOLDS_FOR, geometry_text
from batterycell.recipe import AnalyzeRecipe
from batterycell.summary import describe

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Views.OverhangViews import OverhangViews
from BatteryCellAnalysisLib.Views.SliceViews import resetThreeD
from BatteryCellAnalysisLib.Work.JobFolder import makeJobFolder, removeJobFolder
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from . import Readiness, ResultLines
from .Section import Section

_NOT_YET = object()


class OverhangSection:
    """Connects the widgets of the section "Overhang".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self.job = job = panel.makeJob()
        self._section = Section(ui.overhangCollapsibleButton, ui.overhangMessage)
        self._progress = ProgressRow(job, ui.overhangProgressRow, ui.overhangProgressBar, ui.overhangCancelButton)
        self.views = OverhangViews(ui, panel)
        self._volume: Any = None
        self._shown: Any = _NOT_YET
        self._place: str | None = None
        self._geometry = ""
        ui.measureButton.connect("clicked()", self._onMeasure)
        ui.clearButton.connect("clicked()", self._onClear)
        job.finished.connect(self._onFinished)
        job.failed.connect(self._onFailed)

    def forget(self) -> None:
        """Take the message away: another cell was chosen."""
        self._section.clear()

    def refresh(self, now: Readiness.Situation) -> None:
        """Show the result and what can be done."""
        self._progress.refresh()
        self._panel.setReady(self._ui.measureButton, Readiness.whyNotMeasure(now))
        self._panel.setReady(self._ui.anglesSpinBox, Readiness.whyNotLoad(now))
        self._panel.setReady(self._ui.clearButton, Readiness.whyNotClear(now))
        volume = self._panel.parameters.volume
        table = overhang_node(volume) if volume else None
        place = table.GetAttribute(HOLDS_FOR) if table else None
        if table is not self._shown:
            self._shown = table
            self._showResult()
        elif place != self._place:
            self.views.follow(table_from_node(table))
        self._place = place

    def endJobs(self) -> None:
        """Let the views go, for when the scene or the application closes."""
        self.views.stop()

    def _showResult(self) -> None:
        overhang = table_from_node(self._shown) if self._shown else None
        line = ResultLines.overhangLine(describe(overhang)) if overhang else ""
        self._section.setResult(line)
        self._section.say(_("Overhang: {result}.").format(result=line) if line else "")
        self.views.show(overhang)

    def _onMeasure(self) -> None:
        parameters = self._panel.parameters
        with self._section.reporting(_("The overhang cannot be measured.")):
            self._volume, self._geometry = parameters.volume, geometry_text(parameters.volume)
            settings = asdict(AnalyzeRecipe(angles=parameters.angles))
            self.job.start(makeJobFolder("analyze", self._volume, settings))

    def _onClear(self) -> None:
        with self._section.reporting(_("The result cannot be removed.")):
            remove_result(self._panel.parameters.volume)
        self._panel.refresh()

    def _onFinished(self, folder: Path) -> None:
        from batterycell.worker.analyze import read_result

        with self._section.reporting(_("The result cannot be shown.")):
            if self._volume.GetScene() is None:
                raise BatteryCellError("volume-removed", _("The volume was removed."), _("Measure again."))
            if geometry_text(self._volume) != self._geometry:
                raise BatteryCellError("volume-moved", _("The volume was moved meanwhile."), _("Measure again."))
            add_result(self._volume, read_result(folder, volume_of(self._volume)))
            resetThreeD()
        self._end(folder)

    def _onFailed(self, error: BatteryCellError) -> None:
        self._section.showError(error)
        self._end(self.job.folder)

    def _end(self, folder: Path) -> None:
        removeJobFolder(folder)
        self._panel.refresh()
