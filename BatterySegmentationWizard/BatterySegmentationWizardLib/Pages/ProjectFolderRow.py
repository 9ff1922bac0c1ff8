"""The row of the page "Classes" that opens a project folder."""

from pathlib import Path
from typing import Any

import slicer
from batterycell.errors import BatteryCellError, InputError
from batterycell.mrml.wizard.classes import all_labels
from batterycell.mrml.wizard.project_folder import add_project
from batterycell.worker.project import read_opened
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Loading import packagesFor
from BatteryCellAnalysisLib.Requirements import ensure
from BatteryCellAnalysisLib.Sections.Message import Message
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from BatterySegmentationWizardLib.Views.FilePicker import pickFolder
from BatterySegmentationWizardLib.Work.ImageWork import ImageWork

from . import Readiness
from .Situation import Situation

_IMAGES = "images"


class ProjectFolderRow:
    """Connects the row.

    Args:
        ui: The wizard's widgets.
        wizard: Gives the scene and refreshes all pages.
        message: Shows what is wrong.
    """

    def __init__(self, ui: Any, wizard: Any, message: Message) -> None:
        self._ui, self._wizard, self._message = ui, wizard, message
        self.job = wizard.makeJob()
        self._work = ImageWork(self.job)
        self._work.failed.connect(self._onFailed)
        self._progress = ProgressRow(self.job, ui.classesProgressRow, ui.classesProgressBar, ui.classesCancelButton)
        ui.openProjectButton.connect("clicked()", self._onPick)

    def refresh(self, now: Situation) -> None:
        """Show what can be done."""
        self._progress.refresh()
        isTaken = bool(all_labels(self._wizard.scene))
        for widget in (self._ui.openProjectButton, self._ui.projectFullCheckBox):
            self._wizard.setReady(widget, Readiness.whyNotOpenProject(now, isTaken))

    def open(self, folder: Path) -> None:
        """Open a project folder."""
        with self._message.reporting(_("The project cannot be opened."), waitCursor=False):
            images = folder / _IMAGES
            if not images.is_dir():
                message = _("{folder} holds no folder “images”.").format(folder=folder)
                raise InputError("project-empty", message, _("Choose a folder with images/ and labels/."))
            for place in (images, *(path for path in images.iterdir() if path.is_dir())):
                ensure(packagesFor(place))
            settings = {"folder": str(folder), "full": self._ui.projectFullCheckBox.checked}
            self._work.run("project", None, settings, self._onRead)
        self._wizard.refresh()

    def _onPick(self) -> None:
        self.dialog = pickFolder(_("Open project folder"), self.open)

    def _onRead(self, folder: Path) -> None:
        nodes = add_project(self._wizard.scene, read_opened(folder))
        self._wizard.parameters.image = nodes[0]
        slicer.util.setSliceViewerLayers(background=nodes[0], fit=True)
        opened = _("1 image is open.") if len(nodes) == 1 else _("{count} images are open.")
        self._message.say(opened.format(count=len(nodes)))
        self._wizard.refresh()

    def _onFailed(self, error: BatteryCellError) -> None:
        self._message.showError(error)
        self._wizard.refresh()
