"""Section "Can & winding": measure the can, the winding and what does not belong into it; see it, go there."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError
from batterycell.measured import Stage, quantity_table
from batterycell.mrml import add_stages, remove_stages, set_cell, stages_of, tolerances_of, volume_of
from batterycell.mrml.geometry import geometry_text
from batterycell.mrml.stages import state_of_stages
from batterycell.mrml.verdicts import judge_by
from batterycell.recipe import AnalyzeRecipe
from batterycell.result import PouchResult

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Views.MapChoice import MapChoice, offerMap
from BatteryCellAnalysisLib.Views.TableChoice import TableChoice, setTable
from BatteryCellAnalysisLib.Work.JobFolder import makeJobFolder, removeJobFolder
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from . import Readiness, ResultLines
from .Section import Section

STAGES = ("can", "winding", "inclusions")
_NOT_YET = object()


class CanWindingSection:
    """Connects the widgets of the section "Can & winding".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self.job = job = panel.makeJob()
        self._section = Section(ui.canWindingCollapsibleButton, ui.canWindingMessage)
        self._progress = ProgressRow(job, ui.canWindingProgressRow, ui.canWindingProgressBar, ui.canWindingCancelButton)
        self._quantities = setTable(ui.canWindingQuantitiesTableView)
        self.maps = MapChoice(ui.canWindingMapComboBox, ui.canWindingMapFrame)
        self._tables = TableChoice(ui.canWindingTableComboBox, ui.canWindingTableView, panel)
        self._volume: Any = None
        self._shown: Any = _NOT_YET
        self._geometry = ""
        ui.canWindingMeasureButton.connect("clicked()", self._onMeasure)
        ui.canWindingClearButton.connect("clicked()", self._onClear)
        job.finished.connect(self._onFinished)
        job.failed.connect(self._onFailed)

    def forget(self) -> None:
        """Take the message away: another cell was chosen."""
        self._section.clear()

    def refresh(self, now: Readiness.Situation) -> None:
        """Show what was found and what can be done."""
        self._progress.refresh()
        self._panel.setReady(self._ui.canWindingMeasureButton, Readiness.whyNotMeasure(now))
        volume = self._panel.parameters.volume
        state = state_of_stages(volume, STAGES) if volume is not None else ()
        if state != self._shown:
            self._shown = state
            self._show([stage for stage in stages_of(volume) if stage.name in STAGES] if state else [])
        self._panel.setReady(self._ui.canWindingClearButton, Readiness.whyNotClearStages(now, bool(state)))

    def _show(self, stages: list[Stage]) -> None:
        volume = self._panel.parameters.volume
        line = ResultLines.stagesLine(stages)
        self._section.setResult(ResultLines.stagesLine(stages, isShort=True))
        self._section.sayLines(ResultLines.withNotes(line, stages))
        self._quantities.show(ResultLines.quantityRows(quantity_table(stages)) if stages else None)
        self._ui.canWindingQuantitiesTableView.visible = bool(stages)
        self._ui.canWindingQuantitiesTableView.resizeColumnsToContents()
        self.maps.show([offerMap(one, volume) for stage in stages for one in stage.maps])
        self._tables.show(ResultLines.tablesByTitle(stages))

    def _onMeasure(self) -> None:
        with self._section.reporting(_("Can and winding cannot be measured.")):
            self._volume = self._panel.parameters.volume
            self._geometry = geometry_text(self._volume)
            percent = self._panel.parameters.voxelSizePercent
            self.job.start(
                makeJobFolder("analyze", self._volume, asdict(AnalyzeRecipe(stages=STAGES, voxel_size_percent=percent)))
            )

    def _onClear(self) -> None:
        volume = self._panel.parameters.volume
        with self._section.reporting(_("The result cannot be removed.")):
            remove_stages(volume, STAGES)
            judge_by(volume, tolerances_of(volume))
        self._panel.refresh()

    def _onFinished(self, folder: Path) -> None:
        from batterycell.worker.analyze import read_result

        with self._section.reporting(_("The result cannot be shown.")):
            if self._volume.GetScene() is None:
                raise BatteryCellError("volume-removed", _("The volume was removed."), _("Measure again."))
            if geometry_text(self._volume) != self._geometry:
                raise BatteryCellError("volume-moved", _("The volume was moved meanwhile."), _("Measure again."))
            result = read_result(folder, volume_of(self._volume))
            if isinstance(result, PouchResult):
                raise BatteryCellError("pouch", _("This is a pouch cell."), _("Measure it in the section Overhang."))
            set_cell(self._volume, result.cell)
            add_stages(self._volume, result.stages)
            judge_by(self._volume, tolerances_of(self._volume))
        self._end(folder)

    def _onFailed(self, error: BatteryCellError) -> None:
        self._section.showError(error)
        self._end(self.job.folder)

    def _end(self, folder: Path) -> None:
        removeJobFolder(folder)
        self._panel.refresh()
