"""Section "Export": write the folder that the command line writes."""

from pathlib import Path
from typing import Any

import qt
import slicer
from batterycell.mrml import input_path, result_of
from batterycell.provenance import Sources, input_files

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Requirements import TO_EXPORT, ensure
from BatteryCellAnalysisLib.Work.ExportRun import ExportRun
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from . import Readiness
from .Section import Section

_COMMAND = "3D Slicer, module Battery Cell Analysis, Export"


class ExportSection:
    """Connects the widgets of the section "Export".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self.job = run = ExportRun(slicer.app.processEvents)
        panel.addRunner(run)
        self._section = Section(ui.exportCollapsibleButton, ui.exportMessage)
        self._progress = ProgressRow(run, ui.exportProgressRow, ui.exportProgressBar, ui.exportCancelButton)
        ui.folderPathEdit.connect("currentPathChanged(QString)", self._onFolder)
        ui.exportButton.connect("clicked()", self._onExport)
        run.ended.connect(panel.refresh)
        ui.exportMessage.connect("linkActivated(QString)", lambda link: qt.QDesktopServices.openUrl(qt.QUrl(link)))

    def refresh(self, now: Readiness.Situation) -> None:
        """Show the folder and what can be done."""
        self._progress.refresh()
        folder = self._panel.parameters.exportFolder
        if self._ui.folderPathEdit.currentPath != folder:
            self._ui.folderPathEdit.currentPath = folder
        self._panel.setReady(self._ui.exportButton, Readiness.whyNotExport(now))

    def _onFolder(self, path: str) -> None:
        self._panel.parameters.exportFolder = path

    def _onExport(self) -> None:
        parameters = self._panel.parameters
        out = Path(parameters.exportFolder)
        with self._section.reporting(_("The result cannot be exported."), waitCursor=False):
            ensure(TO_EXPORT)
            notes = self.job.start(result_of(parameters.volume), out, parameters.overwrite, self._sources())
            self._finish(out, notes)

    def _finish(self, out: Path, notes: list[str]) -> None:
        report = qt.QUrl.fromLocalFile(str(out / "report.html")).toString()
        words = " ".join([_("Written to {folder}.").format(folder=out.name), *notes])
        self._section.sayWithLink(words, report, _("Open the report"))
        self._section.setResult(out.name)

    def _sources(self) -> Sources:
        path = input_path(self._panel.parameters.volume)
        return Sources(tuple(input_files(path)) if path else (), _COMMAND)
