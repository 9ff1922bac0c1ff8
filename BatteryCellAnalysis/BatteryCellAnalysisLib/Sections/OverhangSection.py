"""Section "Overhang": measure, see the values, go where they are."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError
from batterycell.mrml import (
    add_result,
    overhang_node,
    remove_result,
    stages_of,
    table_from_node,
    tolerances_of,
    volume_of,
)
from batterycell.mrml.geometry import HOLDS_FOR, geometry_text
from batterycell.mrml.stages import state_of_stages
from batterycell.mrml.verdicts import verdict_of
from batterycell.recipe import AnalyzeRecipe
from batterycell.summary import describe

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Views.MapChoice import offerMap
from BatteryCellAnalysisLib.Views.OverhangViews import OverhangViews
from BatteryCellAnalysisLib.Views.SliceViews import resetThreeD
from BatteryCellAnalysisLib.Views.TableChoice import TableChoice
from BatteryCellAnalysisLib.Work.JobFolder import makeJobFolder, removeJobFolder
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from . import Readiness, ResultLines
from .EndsSource import EndsSource
from .Section import Section
from .VerdictRow import VerdictRow

STAGES = ("overhang", "objects", "pouch")
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
        self._source = EndsSource(ui.overhangSourceComboBox, panel)
        self._verdict = VerdictRow(ui, panel, self._section)
        self.views = OverhangViews(ui, panel)
        self._details = TableChoice(ui.overhangTableComboBox, ui.overhangDetailsTableView, panel)
        self._volume: Any = None
        self._shown: Any = _NOT_YET
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
        for widget in (self._ui.anglesSpinBox, self._ui.overhangSourceComboBox):
            self._panel.setReady(widget, Readiness.whyNotLoad(now))
        self._source.refresh()
        self._verdict.refresh(now)
        state = self._state()
        self._panel.setReady(self._ui.clearButton, Readiness.whyNotClear(now))
        if state != self._shown:
            self._shown = state
            self._show()

    def endJobs(self) -> None:
        """Let the views go, for when the scene or the application closes."""
        self.views.stop()

    def _state(self) -> tuple[Any, ...]:
        """What tells whether there is something else to show; empty where nothing is."""
        volume = self._panel.parameters.volume
        table, stages = (overhang_node(volume), state_of_stages(volume)) if volume is not None else (None, ())
        return (table, table and table.GetAttribute(HOLDS_FOR), stages) if table or stages else ()

    def _show(self) -> None:
        volume = self._panel.parameters.volume
        table = overhang_node(volume) if self._shown else None
        stages = [stage for stage in stages_of(volume) if stage.name in STAGES] if self._shown else []
        overhang = table_from_node(table) if table else None
        line = ResultLines.overhangLine(describe(overhang), stages) if overhang else ResultLines.stagesLine(stages)
        self._section.setResult(line)
        self._section.sayLines(
            ResultLines.withNotes(_("Overhang: {result}.").format(result=line) if line else "", stages)
        )
        maps = [] if overhang else [offerMap(one, volume) for stage in stages for one in stage.maps]
        self.views.show(overhang, maps)
        verdict = verdict_of(volume) if self._shown else None
        self._verdict.show(verdict)
        judged = [verdict.to_stage()] if verdict else []
        self._details.show(ResultLines.tablesByTitle([*judged, *stages]))

    def _onMeasure(self) -> None:
        parameters = self._panel.parameters
        with self._section.reporting(_("The overhang cannot be measured.")):
            self._volume, self._geometry = parameters.volume, geometry_text(parameters.volume)
            percent = parameters.voxelSizePercent
            recipe = AnalyzeRecipe(angles=parameters.angles, stages=STAGES[:2], voxel_size_percent=percent)
            self.job.start(makeJobFolder("analyze", self._volume, asdict(recipe), self._source.settings))

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
            result = read_result(folder, volume_of(self._volume))
            others = [stage for stage in stages_of(self._volume) if stage.name not in STAGES]
            stages, tolerances = (*result.stages, *others), tolerances_of(self._volume)
            add_result(self._volume, replace(result, stages=stages, tolerances=tolerances))
            resetThreeD()
        self._end(folder)

    def _onFailed(self, error: BatteryCellError) -> None:
        self._section.showError(error)
        self._end(self.job.folder)

    def _end(self, folder: Path) -> None:
        removeJobFolder(folder)
        self._panel.refresh()
