"""Section "Can & winding": measure the can, the winding and what does not belong into it; see it, go there."""

from typing import Any

from batterycell.errors import BatteryCellError
from batterycell.measured import quantity_table
from batterycell.mrml import add_stages, remove_stages, set_cell, stages_of, tolerances_of
from batterycell.mrml.stages import state_of_stages
from batterycell.mrml.verdicts import judge_by
from batterycell.recipe import AnalyzeRecipe
from batterycell.result import AnyResult, PouchResult

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Views.Maps.Choice import MapChoice, offerMap
from BatteryCellAnalysisLib.Views.Shown import Shown
from BatteryCellAnalysisLib.Views.Tables.Choice import TableChoice, setTable
from BatteryCellAnalysisLib.Work.CellWork import CellWork
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from . import Readiness, ResultLines
from .Section import Section

STAGES = ("can", "winding", "inclusions")


class CanWindingSection:
    """Connects the widgets of the section "Can & winding".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self._section = Section(ui.canWindingCollapsibleButton, ui.canWindingMessage)
        self._work = CellWork(panel, self._section)
        self.job = job = self._work.job
        self._progress = ProgressRow(job, ui.canWindingProgressRow, ui.canWindingProgressBar, ui.canWindingCancelButton)
        self._quantities = setTable(ui.canWindingQuantitiesTableView)
        self.maps = MapChoice(ui.canWindingMapComboBox, ui.canWindingMapFrame)
        self._tables = TableChoice(ui.canWindingTableComboBox, ui.canWindingTableView, lambda: panel.parameters.volume)
        self._shown = Shown(self._readState, self._show)
        ui.canWindingMeasureButton.connect("clicked()", self._onMeasure)
        ui.canWindingClearButton.connect("clicked()", self._onClear)

    def forget(self) -> None:
        """Take the message away: another cell was chosen."""
        self._section.clear()

    def refresh(self, now: Readiness.Situation) -> None:
        """Show what was found and what can be done."""
        self._progress.refresh()
        self._panel.setReady(self._ui.canWindingMeasureButton, Readiness.whyNotMeasure(now))
        found = self._shown.refresh()
        self._panel.setReady(self._ui.canWindingClearButton, Readiness.whyNotClearStages(now, bool(found)))

    def _readState(self) -> tuple[Any, Any]:
        volume = self._panel.parameters.volume
        return state_of_stages(volume, STAGES) if volume is not None else ((), ())

    def _show(self, found: Any) -> None:
        volume = self._panel.parameters.volume
        stages = stages_of(volume, STAGES) if found else ()
        line = ResultLines.stagesLine(stages)
        self._section.setResult(ResultLines.stagesLine(stages, isShort=True))
        self._section.sayLines(ResultLines.withNotes(line, stages))
        self._quantities.show(ResultLines.quantityRows(quantity_table(stages)) if stages else None)
        self._ui.canWindingQuantitiesTableView.visible = bool(stages)
        self._ui.canWindingQuantitiesTableView.resizeColumnsToContents()
        self.maps.show([offerMap(one, volume) for stage in stages for one in stage.maps])
        self._tables.show(ResultLines.tablesByTitle(stages))

    def _onMeasure(self) -> None:
        percent = self._panel.parameters.voxelSizePercent
        with self._section.reporting(_("Can and winding cannot be measured.")):
            self._work.measure(AnalyzeRecipe(stages=STAGES, voxel_size_percent=percent), self._keep)

    def _onClear(self) -> None:
        volume = self._panel.parameters.volume
        with self._section.reporting(_("The result cannot be removed.")):
            remove_stages(volume, STAGES)
            judge_by(volume, tolerances_of(volume))
        self._panel.refresh()

    def _keep(self, volume: Any, result: AnyResult) -> None:
        if isinstance(result, PouchResult):
            raise BatteryCellError("pouch", _("This is a pouch cell."), _("Measure it in the section Overhang."))
        set_cell(volume, result.cell)
        add_stages(volume, result.stages)
        judge_by(volume, tolerances_of(volume))
