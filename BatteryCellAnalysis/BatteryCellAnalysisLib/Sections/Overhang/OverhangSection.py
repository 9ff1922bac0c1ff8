"""Section "Overhang": measure, see the values, go where they are."""

from dataclasses import replace
from typing import Any

from batterycell.mrml import (
    add_result,
    overhang_node,
    remove_result,
    stages_of,
    table_from_node,
    tolerances_of,
)
from batterycell.mrml.geometry import HOLDS_FOR
from batterycell.mrml.stages import state_of_stages
from batterycell.mrml.verdicts import verdict_of
from batterycell.recipe import AnalyzeRecipe
from batterycell.result import AnyResult
from batterycell.summary import describe

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Sections import Readiness, ResultLines
from BatteryCellAnalysisLib.Sections.Section import Section
from BatteryCellAnalysisLib.Views.Maps.Choice import offerMap
from BatteryCellAnalysisLib.Views.OverhangViews import OverhangViews
from BatteryCellAnalysisLib.Views.Shown import Shown
from BatteryCellAnalysisLib.Views.SliceViews import resetThreeD
from BatteryCellAnalysisLib.Views.Tables.Choice import TableChoice
from BatteryCellAnalysisLib.Work.CellWork import CellWork
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from .EndsSource import EndsSource
from .VerdictRow import VerdictRow

STAGES = ("overhang", "objects", "pouch")


class OverhangSection:
    """Connects the widgets of the section "Overhang".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self._section = Section(ui.overhangCollapsibleButton, ui.overhangMessage)
        self._work = CellWork(panel, self._section)
        self.job = job = self._work.job
        self._progress = ProgressRow(job, ui.overhangProgressRow, ui.overhangProgressBar, ui.overhangCancelButton)
        self._source = EndsSource(ui.overhangSourceComboBox, panel)
        self._verdict = VerdictRow(ui, panel, self._section)
        self.views = OverhangViews(ui, panel)
        self._details = TableChoice(
            ui.overhangTableComboBox, ui.overhangDetailsTableView, lambda: panel.parameters.volume
        )
        self._shown = Shown(self._readState, self._show)
        ui.measureButton.connect("clicked()", self._onMeasure)
        ui.clearButton.connect("clicked()", self._onClear)

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
        self._panel.setReady(self._ui.clearButton, Readiness.whyNotClear(now))
        self._shown.refresh()

    def endJobs(self) -> None:
        """Let the views go, for when the scene or the application closes."""
        self.views.stop()

    def _readState(self) -> tuple[Any, Any]:
        volume = self._panel.parameters.volume
        if volume is None:
            return (), ()
        table, (heads, where) = overhang_node(volume), state_of_stages(volume)
        return ((table, heads) if table or heads else ()), (table and table.GetAttribute(HOLDS_FOR), where)

    def _show(self, found: Any) -> None:
        volume = self._panel.parameters.volume
        table = overhang_node(volume) if found else None
        stages = stages_of(volume, STAGES) if found else ()
        overhang = table_from_node(table) if table else None
        line = ResultLines.overhangLine(describe(overhang), stages) if overhang else ResultLines.stagesLine(stages)
        self._section.setResult(line)
        self._section.sayLines(
            ResultLines.withNotes(_("Overhang: {result}.").format(result=line) if line else "", stages)
        )
        maps = [] if overhang else [offerMap(one, volume) for stage in stages for one in stage.maps]
        self.views.show(overhang, maps)
        verdict = verdict_of(volume) if found else None
        self._verdict.show(verdict)
        judged = [verdict.to_stage()] if verdict else []
        self._details.show(ResultLines.tablesByTitle([*judged, *stages]))

    def _onMeasure(self) -> None:
        parameters = self._panel.parameters
        percent = parameters.voxelSizePercent
        with self._section.reporting(_("The overhang cannot be measured.")):
            recipe = AnalyzeRecipe(angles=parameters.angles, stages=STAGES[:2], voxel_size_percent=percent)
            self._work.measure(replace(recipe, **self._source.recipe()), self._keep, self._source.writeLabels)

    def _onClear(self) -> None:
        with self._section.reporting(_("The result cannot be removed.")):
            remove_result(self._panel.parameters.volume)
        self._panel.refresh()

    def _keep(self, volume: Any, result: AnyResult) -> None:
        others = [stage for stage in stages_of(volume) if stage.name not in STAGES]
        add_result(volume, replace(result, stages=(*result.stages, *others), tolerances=tolerances_of(volume)))
        resetThreeD()
