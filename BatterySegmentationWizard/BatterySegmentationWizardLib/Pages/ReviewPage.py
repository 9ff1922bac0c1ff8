"""Page "Review": what the model predicts beside what was painted; correct, and choose what to label next."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError
from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.wizard.frame_views import show_frame
from batterycell.mrml.wizard.frames import add_frame, frames_of
from batterycell.mrml.wizard.results import add_uncertainty
from batterycell.mrml.wizard.review import fill_from_prediction, mark_disagreement
from batterycell.mrml.wizard.steps import forget_steps, next_redo, next_undo, redo_step, undo_step
from batterycell.worker.advise import read_advice
from BatteryCellAnalysisLib.I18n import _

from BatterySegmentationWizardLib.Steps import StepState
from BatterySegmentationWizardLib.Views.Overlays import Overlays
from BatterySegmentationWizardLib.Views.ViewChoice import sliceNodes
from BatterySegmentationWizardLib.Work.EitherRow import EitherRow
from BatterySegmentationWizardLib.Work.FramePredictions import FramePredictions
from BatterySegmentationWizardLib.Work.ImageWork import ImageWork

from . import Readiness
from .Page import Page
from .ReviewTables import ReviewTables
from .Situation import Situation


class ReviewPage(Page):
    """Connects the widgets of the page "Review".

    Args:
        ui: The wizard's widgets.
        wizard: Gives the parameters and refreshes all pages.
    """

    def __init__(self, ui: Any, wizard: Any) -> None:
        super().__init__(ui, wizard, ui.reviewMessage)
        self.job, adviceJob = wizard.makeWarmJob(), wizard.makeWarmJob()
        self.predictions, self._advice = FramePredictions(self.job), ImageWork(adviceJob)
        row = (ui.reviewProgressRow, ui.reviewProgressBar, ui.reviewCancelButton)
        self._progress = EitherRow((self.job, adviceJob), *row)
        self._overlays, self._isSeen = Overlays(), False
        self.tables = ReviewTables(ui, wizard, self.predictions)
        self._connectButtons()

    def refresh(self, now: Situation) -> None:
        """Show how predictions and labels agree, and what can be done."""
        ui, scene = self._ui, self._wizard.scene
        self._progress.refresh()
        if self._isSeen:
            self.tables.show()
        chosen, hasFound = self.tables.frames, bool(self.predictions.uncertainty)
        for widget, reason in (
            (ui.predictButton, Readiness.whyNotPredict(now)),
            (ui.labelNextButton, Readiness.whyNotAdvise(now)),
            (ui.fillButton, Readiness.whyNotFill(now, len(chosen), hasFound)),
            (ui.fillOverCheckBox, Readiness.whyNotFill(now, len(chosen), hasFound)),
            (ui.showDisagreementButton, Readiness.whyNotCompare(hasFound)),
            (ui.showUncertaintyButton, Readiness.whyNotCompare(hasFound)),
            (ui.showPredictionButton, Readiness.whyNotCompare(hasFound)),
            (ui.undoFillButton, Readiness.whyNotUndo(bool(next_undo(scene)))),
            (ui.redoFillButton, Readiness.whyNotRedo(bool(next_redo(scene)))),
        ):
            self._wizard.setReady(widget, reason)

    def state(self, now: Situation) -> StepState:
        """Whether the frames were predicted."""
        if not now.hasModel:
            return StepState(False, _("Train a model first, or choose one on the page Apply."))
        if not self.predictions.uncertainty:
            return StepState(False, _("Predict the frames to see how well the model does."))
        return StepState(True, _("Correct what is wrong, and train again."))

    def enter(self) -> None:
        """Show what can be compared."""
        self._isSeen = True
        self._showOverlays()

    def leave(self) -> None:
        """Let the views be as they are elsewhere: with labels, without maps."""
        self._isSeen = False
        if self._wizard.scene is not None:
            self._overlays.showLabels(self._wizard.scene, True)
            self._overlays.showDisagreement(self._wizard.scene, False)
            self._overlays.showUncertainty(self._wizard.parameters.image, False)

    def endJobs(self) -> None:
        """Let the scene go."""
        self.predictions.forget()
        self._advice.forget()
        forget_steps(self._wizard.scene)
        self.tables.again()

    def _connectButtons(self) -> None:
        ui = self._ui
        ui.predictButton.connect("clicked()", self._onPredict)
        ui.labelNextButton.connect("clicked()", self._onLabelNext)
        ui.fillButton.connect("clicked()", self._onFill)
        ui.undoFillButton.connect("clicked()", lambda: self._step(undo_step))
        ui.redoFillButton.connect("clicked()", lambda: self._step(redo_step))
        for name in ("Labels", "Prediction", "Disagreement", "Uncertainty"):
            getattr(ui, f"show{name}Button").connect("toggled(bool)", lambda isShown: self._showOverlays())
        self.tables.chosen.connect(self._onChosen)
        self.predictions.done.connect(self._onPredicted)
        self.predictions.failed.connect(self._onFailed)
        self._advice.failed.connect(self._onFailed)
        self._wizard.frames.edited.connect(self._onEdited)

    def _onPredict(self) -> None:
        with self.message.reporting(_("The frames cannot be predicted.")):
            self.predictions.start(self._wizard.scene, self._wizard.parameters.model)
        self._wizard.refresh()

    def _onPredicted(self, notes: list[str]) -> None:
        self.message.say(" ".join(notes))
        self.tables.again()
        self._showOverlays()
        self._wizard.refresh()

    def _onLabelNext(self) -> None:
        parameters = self._wizard.parameters
        labelled = [asdict(frame) for frame in frames_of(self._wizard.scene, parameters.image)]
        with self.message.reporting(_("No advice can be given.")):
            settings = {"model": parameters.model, "labelled": labelled}
            self._advice.run("advise", parameters.image, settings, self._onAdvice)
        self._wizard.refresh()

    def _onAdvice(self, folder: Path) -> None:
        best = read_advice(folder)[0]
        roi = add_frame(self._advice.image, replace(best["frame"], name="next"))
        nodes = sliceNodes()
        show_frame(roi, nodes, nodes[0])
        self._wizard.frames.table.select(roi.GetID())
        self.message.say(_("Label {frame} next. {reason}").format(frame=roi.GetName(), reason=best["reason"]))
        self._wizard.refresh()

    def _onFailed(self, error: BatteryCellError) -> None:
        self.message.showError(error)
        self._wizard.refresh()

    def _onFill(self) -> None:
        with self.message.reporting(_("The frames cannot be filled.")):
            # So that Ctrl+Z takes the fill back as well.
            self._wizard.paint.editor.saveStateForUndo()
            fill_from_prediction(self.tables.frames, self._wizard.parameters.fillOver)
        self._changed()

    def _step(self, step: Any) -> None:
        with self.message.reporting(_("The step cannot be taken back.")):
            step(self._wizard.scene)
        self._changed()

    def _changed(self) -> None:
        self.tables.again()
        self._showOverlays()
        self._wizard.refresh()

    def _onEdited(self) -> None:
        self.tables.again()
        if self._isSeen:
            self._showOverlays()
            self._wizard.refresh()

    def _onChosen(self) -> None:
        chosen = self.tables.frames
        if len(chosen) == 1:
            with self.message.reporting(_("The frame cannot be shown."), waitCursor=False):
                self._wizard.parameters.image = volume_node_of(chosen[0])
                nodes = sliceNodes()
                show_frame(chosen[0], nodes, nodes[0])
        self._showOverlays()
        self._wizard.refresh()

    def _showOverlays(self) -> None:
        """Let the views show what the buttons say."""
        if not self._isSeen:
            return
        ui, scene = self._ui, self._wizard.scene
        if ui.showDisagreementButton.checked:
            mark_disagreement(scene)
        self._overlays.showLabels(scene, ui.showLabelsButton.checked)
        self._overlays.showPrediction(scene, ui.showPredictionButton.checked)
        self._overlays.showDisagreement(scene, ui.showDisagreementButton.checked)
        self._showUncertainty(ui.showUncertaintyButton.checked)

    def _showUncertainty(self, isShown: bool) -> None:
        chosen = self.tables.frames
        unsure = self.predictions.uncertainty.get(chosen[0].GetID()) if len(chosen) == 1 else None
        if isShown and unsure is not None:
            add_uncertainty(volume_node_of(chosen[0]), unsure)
        self._overlays.showUncertainty(self._wizard.parameters.image, isShown and unsure is not None)
