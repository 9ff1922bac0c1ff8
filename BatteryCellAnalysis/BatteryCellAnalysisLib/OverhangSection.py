"""Section "Overhang": measure, see the values, go where they are."""

from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError
from batterycell.mrml import table_from_node
from batterycell.summary import describe

from . import Readiness, ResultLines, Results
from .I18n import _
from .Job import Job
from .JobFolder import makeJobFolder, removeJobFolder
from .OverhangViews import OverhangViews
from .ProgressRow import ProgressRow
from .Section import Section
from .Views import resetThreeD

_NOT_YET = object()


class OverhangSection:
    """Connects the widgets of the section "Overhang".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
        job: Runs the worker.
    """

    def __init__(self, ui: Any, panel: Any, job: Job) -> None:
        self._ui, self._panel, self.job = ui, panel, job
        self._section = Section(ui.overhangCollapsibleButton, ui.overhangMessage)
        self._progress = ProgressRow(job, ui.overhangProgressRow, ui.overhangProgressBar, ui.overhangCancelButton)
        self.views = OverhangViews(ui, panel)
        self._volume: Any = None
        self._shown: Any = _NOT_YET
        ui.measureButton.connect("clicked()", self._onMeasure)
        ui.clearButton.connect("clicked()", self._onClear)
        job.finished.connect(self._onFinished)
        job.failed.connect(self._onFailed)

    def refresh(self, now: Readiness.Situation) -> None:
        """Show the result and what can be done."""
        self._progress.refresh()
        self._panel.setReady(self._ui.measureButton, Readiness.whyNotMeasure(now))
        self._panel.setReady(self._ui.anglesSpinBox, Readiness.whyNotLoad(now))
        self._panel.setReady(self._ui.clearButton, Readiness.whyNotClear(now))
        if self._panel.parameters.overhangTable is not self._shown:
            self._shown = self._panel.parameters.overhangTable
            self._showResult()

    def _showResult(self) -> None:
        overhang = table_from_node(self._shown) if self._shown else None
        line = ResultLines.overhangLine(describe(overhang)) if overhang else ""
        self._section.setResult(line)
        self._section.say(_("Overhang: {result}.").format(result=line) if line else "")
        self.views.show(self._shown, overhang)

    def _onMeasure(self) -> None:
        parameters = self._panel.parameters
        with self._section.reporting(_("The overhang cannot be measured.")):
            self._volume = parameters.volume
            self.job.start(makeJobFolder(Results.volumeOf(self._volume), parameters.angles))

    def _onClear(self) -> None:
        with self._section.reporting(_("The result cannot be removed.")):
            Results.removeResult(self._panel.parameters.volume)
        self._panel.followVolume()

    def _onFinished(self, folder: Path) -> None:
        from batterycell.worker import read_result

        with self._section.reporting(_("The result cannot be shown.")):
            if self._volume.GetScene() is None:
                raise BatteryCellError("volume-removed", _("The volume was removed."), _("Measure again."))
            Results.addResult(self._volume, read_result(folder, Results.volumeOf(self._volume)))
            resetThreeD()
        self._end(folder)

    def _onFailed(self, error: BatteryCellError) -> None:
        self._section.showError(error)
        self._end(self.job.folder)

    def _end(self, folder: Path) -> None:
        removeJobFolder(folder)
        self._panel.followVolume()
