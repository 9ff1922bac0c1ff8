"""Section "Export": pictures of the scene as it stands, and everything of the cell in a folder."""

import json
from pathlib import Path
from typing import Any

import qt
from batterycell.errors import BatteryCellError
from batterycell.mrml import input_path
from batterycell.output import check_free
from batterycell.pictures.shots import keep_layout
from batterycell.provenance import input_files
from batterycell.worker import RESULT_FOLDER

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Requirements import TO_DRAW, TO_EXPORT, ensure
from BatteryCellAnalysisLib.Work.ExportJob import ExportJob
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow
from BatteryCellAnalysisLib.Work.QtProcess import callLater

from . import Readiness
from .Section import Section

_COMMAND = "3D Slicer, module Battery Cell Analysis, Export"
_CHOICES = ("pictureWidthSpinBox", "drawViewsCheckBox", "drawLayoutCheckBox", "drawRulersCheckBox")


class ExportSection:
    """Connects the widgets of the section "Export".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self._out, self._isPicturesOnly = Path(), False
        self.job = job = ExportJob(panel.makeJob(), callLater)
        panel.addRunner(job)
        self._section = Section(ui.exportCollapsibleButton, ui.exportMessage)
        self._progress = ProgressRow(job, ui.exportProgressRow, ui.exportProgressBar, ui.exportCancelButton)
        ui.folderPathEdit.connect("currentPathChanged(QString)", self._onFolder)
        ui.exportButton.connect("clicked()", lambda: self._start(picturesOnly=False))
        ui.picturesButton.connect("clicked()", lambda: self._start(picturesOnly=True))
        job.finished.connect(self._onFinished)
        job.failed.connect(self._onFailed)
        ui.exportMessage.connect("linkActivated(QString)", lambda link: qt.QDesktopServices.openUrl(qt.QUrl(link)))

    def forget(self) -> None:
        """Take the message away: another cell was chosen."""
        self._section.clear()

    def refresh(self, now: Readiness.Situation) -> None:
        """Show the folder and what can be done."""
        self._progress.refresh()
        parameters = self._panel.parameters
        if self._ui.folderPathEdit.currentPath != parameters.exportFolder:
            self._ui.folderPathEdit.currentPath = parameters.exportFolder
        noPictures = not (parameters.drawViews or parameters.drawLayout or parameters.drawRulers)
        self._panel.setReady(self._ui.exportButton, Readiness.whyNotExport(now))
        self._panel.setReady(self._ui.picturesButton, Readiness.whyNotSavePictures(now, noPictures))
        for name in _CHOICES:
            self._panel.setReady(getattr(self._ui, name), Readiness.whyNotLoad(now))

    def _onFolder(self, path: str) -> None:
        self._panel.parameters.exportFolder = path

    def _start(self, picturesOnly: bool) -> None:
        parameters = self._panel.parameters
        self._out, self._isPicturesOnly = Path(parameters.exportFolder), picturesOnly
        with self._section.reporting(_("The cell cannot be exported.")):
            check_free(self._out, parameters.overwrite)
            ensure(TO_DRAW if picturesOnly else TO_EXPORT)
            keep_layout(self._panel.scene)
            self.job.start(self._panel.scene, self._settings(picturesOnly))

    def _settings(self, picturesOnly: bool) -> dict[str, Any]:
        parameters = self._panel.parameters
        source = input_path(parameters.volume)
        return {
            "volume": parameters.volume.GetID(),
            "out": str(self._out.absolute()),
            "overwrite": parameters.overwrite,
            "pictures": {
                "width": parameters.pictureWidth,
                "views": parameters.drawViews,
                "layout": parameters.drawLayout,
                "rulers": parameters.drawRulers,
            },
            "pictures_only": picturesOnly,
            "files": [str(path) for path in input_files(source)] if source else [],
            "command": _COMMAND,
        }

    def _onFinished(self, folder: Path) -> None:
        values = json.loads((folder / RESULT_FOLDER / "export.json").read_text(encoding="utf-8"))
        leftOut = [_("{name} is in the scene without its data.").format(name=name) for name in self.job.leftOut]
        words = " ".join([_("Written to {folder}.").format(folder=self._out.name), *values["notes"], *leftOut])
        target, linkText = self._out, _("Open the folder")
        if not self._isPicturesOnly:
            target, linkText = self._out / "report.html", _("Open the report")
        self._section.sayWithLink(words, qt.QUrl.fromLocalFile(str(target.absolute())).toString(), linkText)
        self._section.setResult(self._out.name)
        self._panel.refresh()

    def _onFailed(self, error: BatteryCellError) -> None:
        self._section.showError(error)
        self._panel.refresh()
