"""Page "Measure": how well a model does, as a table of frames and classes."""

import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import qt
from batterycell.errors import BatteryCellError, InputError
from batterycell.mrml.wizard.compared import (
    TAUGHT,
    painted_frames,
    write_frame_pairs,
    write_predicted_pairs,
    write_whole_pair,
)
from batterycell.mrml.wizard.project_tables import EVALUATION, project_table, put_table
from batterycell.segment import Frame, SegmentClass
from batterycell.tables import Table, write_csv
from batterycell.worker import RESULT_FOLDER
from batterycell.worker.evaluate import read_scores
from batterycell.worker.evaluate import read_summary as read_evaluated
from batterycell.worker.segment import read_segmented, read_summary
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Requirements import TO_EXPORT, ensure
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from BatterySegmentationWizardLib.Steps import StepState
from BatterySegmentationWizardLib.Views.FilePicker import pickFolder, pickNewFile
from BatterySegmentationWizardLib.Views.ScoreTable import ScoreTable
from BatterySegmentationWizardLib.Work.ImageWork import ImageWork

from . import Readiness
from .CompareChoice import CompareChoice
from .ImageChoice import ImageChoice
from .ObjectsRows import ObjectsRows
from .Page import Page
from .Situation import Situation

_COMMAND = "3D Slicer, module Battery Segmentation Wizard, Measure"


class MeasurePage(Page):
    """Connects the widgets of the page "Measure".

    Args:
        ui: The wizard's widgets.
        wizard: Gives the parameters and refreshes all pages.
    """

    def __init__(self, ui: Any, wizard: Any) -> None:
        super().__init__(ui, wizard, ui.measureMessage)
        self.table = ScoreTable(ui.measureTable)
        self.choice = CompareChoice(ui.measurePredictionComboBox, ui.measureTruthComboBox, wizard)
        self.image, self.work = ImageChoice(ui.measureImageSelector, wizard), ImageWork(wizard.makeWarmJob())
        self._progress = ProgressRow(
            self.work.job, ui.measureProgressRow, ui.measureProgressBar, ui.measureCancelButton
        )
        self.objects = ObjectsRows(ui, wizard)
        self._folder: Path | None = None
        self._pairs: list[dict[str, Any]] = []
        self._isSeen = False
        ui.evaluateButton.connect("clicked()", self._onEvaluate)
        ui.measureCsvButton.connect("clicked()", self._onCsv)
        ui.measureReportButton.connect("clicked()", self._onReport)
        ui.measureMessage.connect("linkActivated(QString)", lambda link: qt.QDesktopServices.openUrl(qt.QUrl(link)))
        self.work.failed.connect(self._onFailed)

    def refresh(self, now: Situation) -> None:
        """Show the table, and what can be done."""
        ui = self._ui
        self._progress.refresh()
        if self._isSeen:
            self.choice.refresh()
            self.image.refresh()
            self.table.show(self._table())
            self.objects.refresh(now)
        missing = self.choice.missing if now.hasImage and self._isSeen else ""
        reason = Readiness.whyNotEvaluate(now, self.choice.prediction is None, missing)
        hasTable = self.table.hasRows
        self._wizard.setReady(ui.evaluateButton, reason)
        self._wizard.setReady(ui.measureCsvButton, Readiness.whyNotSaveTable(hasTable))
        self._wizard.setReady(
            ui.measureReportButton, Readiness.whyNotStart(now) or Readiness.whyNotSaveTable(bool(self._pairs))
        )

    def state(self, now: Situation) -> StepState:
        """The mean Dice, or what is missing for one."""
        table = self._table()
        if table is None:
            return StepState(False, Readiness.missingImage(now) or _("Compare a prediction with what you painted."))
        isMean = (table["image"] == "mean") & (table["class"] == "mean")
        return StepState(True, _("Mean Dice {dice:.3f}.").format(dice=float(table["dice"][isMean][0])))

    def enter(self) -> None:
        """List what can be compared."""
        self._isSeen = True
        self.choice.refresh()

    def leave(self) -> None:
        """List nothing any more."""
        self._isSeen = False
        self.objects.stop()

    def endJobs(self) -> None:
        """Forget the nodes of the scene."""
        self.work.forget()
        self.objects.stop()
        self.choice.forget()
        self._forgetPairs()
        self.message.clear()
        self._showNotes([])

    def _onEvaluate(self) -> None:
        image, found, truth = self._wizard.parameters.image, self.choice.prediction, self.choice.truth
        with self.message.reporting(_("The labels cannot be compared.")):
            folder = self._newFolder()
            if found is None:
                self._predict(image, painted_frames(image))
            else:
                pairs = write_frame_pairs(image, found, folder) if truth is None else None
                self._evaluate(pairs or write_whole_pair(image, found, truth, folder))
        self._wizard.refresh()

    def _predict(self, image: Any, frames: list[Frame]) -> None:
        """Let the current model segment the frames first."""
        if not frames:
            hint = _("Paint in a frame: best in one with the role validation.")
            raise InputError("nothing-painted", _("Nothing is painted in a frame of this image."), hint)
        parameters = self._wizard.parameters
        settings = {"model": parameters.model, "device": parameters.applyDevice, "frames": [*map(asdict, frames)]}
        self.work.run("segment", image, settings, lambda folder: self._onPredicted(folder, image, frames))

    def _onPredicted(self, folder: Path, image: Any, frames: list[Frame]) -> None:
        labels = [one.labels for one in read_segmented(folder)]
        predicted = {frame.name: one for frame, one in zip(frames, labels, strict=True)}
        classes = [SegmentClass(**one) for one in read_summary(folder)["classes"]]
        self._evaluate(write_predicted_pairs(image, predicted, classes, self._folder))

    def _evaluate(self, pairs: list[dict[str, Any]]) -> None:
        self._pairs = pairs
        self.work.run("evaluate", None, self._settings(withReport=False), self._onEvaluated)

    def _settings(self, withReport: bool) -> dict[str, Any]:
        tolerance = self._wizard.parameters.measureTolerance
        return {"pairs": self._pairs, "tolerance_px": tolerance, "report": withReport, "command": _COMMAND}

    def _onEvaluated(self, folder: Path) -> None:
        put_table(self._wizard.scene, EVALUATION, read_scores(folder), "Evaluation")
        self._showNotes([*self._taughtNotes(), *read_evaluated(folder)["notes"]])
        self._wizard.refresh()

    def _showNotes(self, notes: list[str]) -> None:
        self._ui.measureNotesLabel.text = "\n".join(notes)
        self._ui.measureNotesLabel.visible = bool(notes)

    def _taughtNotes(self) -> list[str]:
        endings = tuple(f"({role})" for role in TAUGHT)
        count = sum(pair["name"].endswith(endings) for pair in self._pairs)
        if not count:
            return []
        words = _("{count} of {all} frames are there to train: how well a model does is told by the others.")
        return [words.format(count=count, all=len(self._pairs))]

    def _onCsv(self) -> None:
        self.dialog = pickNewFile(_("Table as CSV"), "dice.csv", self.saveTable)

    def saveTable(self, path: Path) -> None:
        """Write the table with all its columns."""
        with self.message.reporting(_("The table cannot be saved.")):
            write_csv(self._table(), path)
            self.message.say(_("Saved as {path}.").format(path=path))

    def _onReport(self) -> None:
        self.dialog = pickFolder(_("Folder for the report"), self.saveReport)

    def saveReport(self, folder: Path) -> None:
        """Write tables, pictures and the page into a new folder there."""
        with self.message.reporting(_("The report cannot be saved.")):
            ensure(TO_EXPORT)
            settings = self._settings(withReport=True)
            self.work.run("evaluate", None, settings, lambda job: self._onReported(job, folder / "evaluation"))
        self._wizard.refresh()

    def _onReported(self, job: Path, out: Path) -> None:
        if out.exists():
            hint = _("Choose another folder.")
            raise InputError("output-exists", _("{path} exists.").format(path=out), hint)
        shutil.copytree(job / RESULT_FOLDER, out)
        page = qt.QUrl.fromLocalFile(str(out / "report.html")).toString()
        self.message.sayWithLink(_("Saved in {path}.").format(path=out), page, _("Open the report"))
        self._wizard.refresh()

    def _onFailed(self, error: BatteryCellError) -> None:
        self.message.showError(error)
        self._wizard.refresh()

    def _table(self) -> Table | None:
        return project_table(self._wizard.scene, EVALUATION)

    def _newFolder(self) -> Path:
        """A folder for the labels that are compared; that of the last time is gone."""
        self._forgetPairs()
        self._folder = Path(tempfile.mkdtemp(prefix="batterycell-compared-"))
        return self._folder

    def _forgetPairs(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._folder, self._pairs = None, []
