"""Section above the pages that need networks: which packages are missing, and what computes where they are there."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError
from batterycell.worker.device import read_device
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Sections.Message import Message
from BatteryCellAnalysisLib.Work.Job import Job
from BatteryCellAnalysisLib.Work.JobFolder import makeJobFolder, removeJobFolder
from BatteryCellAnalysisLib.Work.OwnPackages import packagesFolder
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from BatterySegmentationWizardLib.Packages import missingToApply, missingToTrain, requirementLines
from BatterySegmentationWizardLib.Views.FilePicker import pickFolder

from . import Readiness
from .Situation import Situation

_TORCH = "torch"


class PackagesSection:
    """Says what is missing and installs it where it is asked to; what Slicer ships stays as it is.

    To apply a model that carries an ONNX copy takes one small package; to train takes PyTorch.

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
        self._isSeen, self._isToTrain = False, False
        self._known: dict[str, list[str]] = {}
        ui.installButton.connect("clicked()", lambda: self.install())
        ui.wheelsButton.connect("clicked()", self._onWheels)
        self.job.finished.connect(self._onInstalled)
        self.job.failed.connect(self._onNotInstalled)
        self.look.finished.connect(self._onLooked)
        self.look.failed.connect(self._onLookFailed)

    @property
    def trainProblem(self) -> str:
        """What is missing before networks can be trained; empty where nothing is."""
        return _problem(self._missing(True))

    @property
    def applyProblem(self) -> str:
        """What is missing before the current model can be applied; empty where nothing is."""
        return _problem(self._missing(False))

    def refresh(self, now: Situation) -> None:
        """Show what is missing, or what computes."""
        self._progress.refresh()
        self._showMissing()
        for widget in (self._ui.installButton, self._ui.wheelsButton, self._ui.packagesGpuCheckBox):
            self._wizard.setReady(widget, Readiness.whyNotStart(now))

    def show(self, isToTrain: bool, isToApply: bool) -> None:
        """Show the section on pages that need networks, and have a worker ready where one is needed at once."""
        self._isSeen, self._isToTrain = isToTrain or isToApply, isToTrain
        self._ui.BatteryWizardPackages.visible = self._isSeen
        # Another module may have installed some meanwhile.
        self._known.clear()
        self._showMissing()
        if self._isSeen and not self._missing(isToTrain):
            self._lookForDevice()
            if isToApply:
                self._wizard.warm.warmUp()

    def _showMissing(self) -> None:
        ui, missing = self._ui, self._missing(self._isToTrain)
        ui.packagesFrame.visible = bool(missing)
        ui.packagesLabel.text = _words(missing)
        ui.packagesGpuCheckBox.visible = _TORCH in missing
        ui.deviceLabel.text = self._device
        ui.deviceLabel.visible = bool(self._device) and not missing

    def install(self, wheels: str = "") -> None:
        """Install what is missing, from the internet or from a folder of wheels."""
        settings = {
            "requirements": requirementLines(self._missing(self._isToTrain)),
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

    def _missing(self, isToTrain: bool) -> list[str]:
        """What is missing, looked for once for each model: a look takes longer than a refresh may."""
        model = "" if isToTrain else str(self._wizard.parameters.model)
        key = _TORCH if isToTrain else f"{model}:"
        if key not in self._known:
            self._known[key] = missingToTrain() if isToTrain else missingToApply(model)
        return self._known[key]

    def _onWheels(self) -> None:
        self.dialog = pickFolder(_("Folder with the .whl files"), lambda folder: self.install(str(folder)))

    def _onInstalled(self, folder: Path) -> None:
        removeJobFolder(folder)
        self._known.clear()
        self._device = ""
        self.message.say(_("Installed into {folder}.").format(folder=packagesFolder()))
        self.show(self._isSeen and self._isToTrain, self._isSeen and not self._isToTrain)
        self._wizard.refresh()

    def _onNotInstalled(self, error: BatteryCellError) -> None:
        removeJobFolder(self.job.folder)
        self.message.showError(error)
        self._wizard.refresh()

    def _lookForDevice(self) -> None:
        if not self._device and not self.look.isRunning:
            self.look.start(makeJobFolder("device", None, {}))

    def _onLooked(self, folder: Path) -> None:
        found = read_device(folder)
        removeJobFolder(folder)
        self._device = _("Computes on {why}.").format(why=found["why"]) if found["why"] else ""
        self._wizard.refresh()

    def _onLookFailed(self, error: BatteryCellError) -> None:
        removeJobFolder(self.look.folder)
        # Who leaves the page or the scene ends it.
        if error.code != "cancelled":
            self.message.showError(error)
        self._wizard.refresh()


def _problem(missing: list[str]) -> str:
    names = ", ".join(missing)
    words = _("Install the package {names} first.") if len(missing) == 1 else _("Install the packages {names} first.")
    return words.format(names=names) if missing else ""


def _words(missing: list[str]) -> str:
    if _TORCH not in missing:
        words = _(
            "To apply this model takes the package {names}, which Slicer does not have: about 20 MB to download. It "
            "comes from PyPI and goes into {folder}; nothing of Slicer changes."
        )
    else:
        words = _(
            "Networks need the packages {names}, which Slicer does not have: about 0.3 GB to download, 3 GB with "
            "those for graphics cards. They come from PyPI and download.pytorch.org and go into {folder}; nothing of "
            "Slicer changes."
        )
    return words.format(names=", ".join(missing), folder=packagesFolder())
