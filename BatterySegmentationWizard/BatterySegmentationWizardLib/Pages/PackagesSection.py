"""Section above the pages that need networks: which packages are missing, and what computes where they are there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError
from batterycell.segment.needs import missing_packages
from batterycell.worker.device import read_device
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Sections.Message import Message
from BatteryCellAnalysisLib.Work.Job import Job
from BatteryCellAnalysisLib.Work.JobFolder import makeJobFolder, removeJobFolder
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from BatterySegmentationWizardLib.Views.FilePicker import pickFolder
from BatterySegmentationWizardLib.Work.OwnPackages import packagesFolder, requirementLines

from . import Readiness
from .Situation import Situation


class PackagesSection:
    """Says what is missing and installs it where it is asked to; what Slicer ships stays as it is.

    Args:
        ui: The wizard's widgets.
        wizard: Gives runners, and refreshes all pages.
        makeJob: Makes a runner for which nobody waits.
    """

    def __init__(self, ui: Any, wizard: Any, makeJob: Callable[[], Job]) -> None:
        self._ui, self._wizard = ui, wizard
        self.message = Message(ui.packagesMessage)
        self.job, self.look = wizard.makeJob(), makeJob()
        self._progress = ProgressRow(self.job, ui.packagesProgressRow, ui.packagesProgressBar, ui.packagesCancelButton)
        self._device = ""
        self._isSeen, self._needsWarm = False, False
        self._missing = missing_packages(packagesFolder())
        ui.installButton.connect("clicked()", lambda: self.install())
        ui.wheelsButton.connect("clicked()", self._onWheels)
        self.job.finished.connect(self._onInstalled)
        self.job.failed.connect(self._onNotInstalled)
        self.look.finished.connect(self._onLooked)
        self.look.failed.connect(self._onLookFailed)

    @property
    def problem(self) -> str:
        """What is missing before networks can be used; empty where nothing is."""
        names = ", ".join(self._missing)
        return _("Install the packages {names} first.").format(names=names) if names else ""

    def refresh(self, now: Situation) -> None:
        """Show what is missing, or what computes."""
        ui, isMissing = self._ui, bool(self._missing)
        self._progress.refresh()
        ui.packagesFrame.visible = isMissing
        ui.packagesLabel.text = self._words()
        ui.deviceLabel.text = self._device
        ui.deviceLabel.visible = bool(self._device) and not isMissing
        for widget in (ui.installButton, ui.wheelsButton, ui.packagesGpuCheckBox):
            self._wizard.setReady(widget, Readiness.whyNotStart(now))

    def show(self, isSeen: bool, needsWarm: bool) -> None:
        """Show the section on pages that need networks, and have a worker ready where one is needed at once."""
        self._isSeen, self._needsWarm = isSeen, needsWarm
        self._ui.BatteryWizardPackages.visible = isSeen
        if isSeen and not self._missing:
            self._lookForDevice()
            self._warmUp()

    def install(self, wheels: str = "") -> None:
        """Install what is missing, from the internet or from a folder of wheels."""
        settings = {
            "requirements": requirementLines(),
            "folder": str(packagesFolder()),
            "wheels": wheels,
            "gpu": bool(self._ui.packagesGpuCheckBox.checked),
        }
        with self.message.reporting(_("The packages cannot be installed.")):
            self._wizard.warm.endNow()
            self.job.start(makeJobFolder("install", None, settings))
        self._wizard.refresh()

    def endJobs(self) -> None:
        """Stop looking."""
        self.look.endNow()

    def _words(self) -> str:
        return _(
            "Networks need the packages {names}, which Slicer does not have: about 0.3 GB to download, 3 GB with "
            "those for graphics cards. They come from PyPI and download.pytorch.org and go into {folder}; nothing of "
            "Slicer changes."
        ).format(names=", ".join(self._missing), folder=packagesFolder())

    def _onWheels(self) -> None:
        self.dialog = pickFolder(_("Folder with the .whl files"), lambda folder: self.install(str(folder)))

    def _onInstalled(self, folder: Path) -> None:
        removeJobFolder(folder)
        self._missing = missing_packages(packagesFolder())
        self.message.say(_("Installed into {folder}.").format(folder=packagesFolder()))
        self.show(self._isSeen, self._needsWarm)
        self._wizard.refresh()

    def _onNotInstalled(self, error: BatteryCellError) -> None:
        removeJobFolder(self.job.folder)
        self.message.showError(error)
        self._wizard.refresh()

    def _lookForDevice(self) -> None:
        if not self._device and not self.look.isRunning:
            self.look.start(makeJobFolder("device", None, {}))

    def _warmUp(self) -> None:
        if self._needsWarm:
            self._wizard.warm.warmUp()

    def _onLooked(self, folder: Path) -> None:
        found = read_device(folder)
        removeJobFolder(folder)
        self._missing = found["missing"]
        if not self._missing:
            self._device = _("Computes on {why}.").format(why=found["why"])
        self._wizard.refresh()

    def _onLookFailed(self, error: BatteryCellError) -> None:
        removeJobFolder(self.look.folder)
        # Who leaves the page or the scene ends it.
        if error.code != "cancelled":
            self.message.showError(error)
        self._wizard.refresh()
