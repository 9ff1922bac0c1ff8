"""A folder of images, segmented as ``batterycell segment`` does."""

from pathlib import Path
from typing import Any

import qt
from batterycell.errors import InputError
from batterycell.io import LoadOptions
from batterycell.segment.model.library import Model
from batterycell.worker.segment_files import read_rows
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Loading import packagesFor
from BatteryCellAnalysisLib.Requirements import ensure
from BatteryCellAnalysisLib.Sections.Message import Message

from BatterySegmentationWizardLib.Work.ImageWork import ImageWork

from . import Readiness
from .Situation import Situation

_COMMAND = "3D Slicer, module Battery Segmentation Wizard, Apply"


class FolderSection:
    """Connects the widgets of the group "A folder of images".

    Args:
        ui: The wizard's widgets.
        wizard: Gives the parameters and refreshes all pages.
        work: Runs the worker.
        message: The page's.
    """

    def __init__(self, ui: Any, wizard: Any, work: ImageWork, message: Message) -> None:
        self._ui, self._wizard, self._work, self._message = ui, wizard, work, message
        ui.applyFolderButton.connect("clicked()", self._onSegment)
        for edit in (ui.applyFolderPathEdit, ui.applyOutPathEdit):
            edit.connect("currentPathChanged(QString)", lambda path: wizard.refresh())
        ui.applyMessage.connect("linkActivated(QString)", self._onLink)

    def refresh(self, now: Situation, model: Model | None) -> None:
        """Show whether it can be done."""
        hasFolders = bool(self._ui.applyFolderPathEdit.currentPath and self._ui.applyOutPathEdit.currentPath)
        reason = Readiness.whyNotApplyToFolder(now, model is not None, hasFolders)
        self._wizard.setReady(self._ui.applyFolderButton, reason)

    def _onSegment(self) -> None:
        with self._message.reporting(_("The folder cannot be segmented.")):
            source = Path(self._ui.applyFolderPathEdit.currentPath)
            ensure(packagesFor(source))
            self._work.run("segment_files", None, self._settings(source), self._onDone)
        self._wizard.refresh()

    def _settings(self, source: Path) -> dict[str, Any]:
        parameters = self._wizard.parameters
        return {
            "sources": [str(source)],
            "model": parameters.model,
            "out": self._ui.applyOutPathEdit.currentPath,
            "reading": LoadOptions(parseSize(self._ui.applyVoxelSizeEdit.text)).to_json(),
            "uncertainty": parameters.applyUncertainty,
            "flips": parameters.applyFlips,
            "device": parameters.applyDevice,
            "command": _COMMAND,
        }

    def _onDone(self, folder: Path) -> None:
        rows = read_rows(folder)
        failed = [f"{row['image']}: {row['message']}" for row in rows if row["status"] == "failed"]
        words = _("{done} of {count} images are segmented.").format(done=len(rows) - len(failed), count=len(rows))
        out = qt.QUrl.fromLocalFile(self._ui.applyOutPathEdit.currentPath).toString()
        self._message.sayWithLink(" ".join([words, *failed[:3]]), out, _("Open the folder"))
        self._wizard.refresh()

    def _onLink(self, link: str) -> None:
        if link.startswith("file:"):
            qt.QDesktopServices.openUrl(qt.QUrl(link))


def parseSize(text: str) -> tuple[float, float, float] | None:
    """Voxel size (z, y, x) in µm as people type it; None where nothing is typed.

    Raises:
        InputError: if these are not three positive numbers.
    """
    if not text.strip():
        return None
    try:
        z, y, x = (float(part) for part in text.replace("×", ",").replace(";", ",").split(","))
    except ValueError:
        raise _notASize(text) from None
    if not min(z, y, x) > 0:
        raise _notASize(text)
    return z, y, x


def _notASize(text: str) -> InputError:
    return InputError(
        "voxel-size", _("{text} is no voxel size.").format(text=text), _("Write z, y, x in µm: 20, 10, 10.")
    )
