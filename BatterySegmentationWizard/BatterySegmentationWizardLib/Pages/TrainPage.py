"""Page "Train": from what was painted to a model, in a process of its own."""

from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError, Cancelled
from batterycell.mrml.wizard.project import scene_dataset
from batterycell.mrml.wizard.rounds import add_round, round_of
from batterycell.segment.data.checks import require_trainable
from batterycell.segment.model.drafts import keep_draft
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from BatterySegmentationWizardLib.Steps import StepState
from BatterySegmentationWizardLib.TrainChoices import chosenSettings, effortMinutes
from BatterySegmentationWizardLib.Work.Interrupted import Interrupted
from BatterySegmentationWizardLib.Work.TrainRun import TrainRun, forget

from . import Readiness
from .Page import Page
from .Situation import Situation
from .StartChoice import StartChoice
from .TrainCurves import TrainCurves
from .TrainProblems import TrainProblems


class TrainPage(Page):
    """Connects the widgets of the page "Train"; ``run`` is the training under way.

    Args:
        ui: The wizard's widgets.
        wizard: Gives the parameters and refreshes all pages.
    """

    def __init__(self, ui: Any, wizard: Any) -> None:
        super().__init__(ui, wizard, ui.trainMessage)
        self.run = TrainRun(wizard.makeJob())
        self.start = StartChoice(ui.trainStartComboBox, wizard)
        self.problems = TrainProblems(ui.trainProblemsLabel, wizard)
        self.curves = TrainCurves(self.run, wizard, self.message)
        self._interrupted = Interrupted(self.run, lambda: wizard.scene)
        self._progress = ProgressRow(self.run, ui.trainProgressRow, ui.trainProgressBar, ui.trainCancelButton)
        self._isSeen = False
        ui.trainButton.connect("clicked()", self._onTrain)
        ui.pauseButton.connect("clicked(bool)", self._onPause)
        ui.stopButton.connect("clicked()", self._onStop)
        ui.curvesButton.connect("clicked(bool)", self._onCurves)
        ui.trainMessage.connect("linkActivated(QString)", lambda link: self._onAnew())
        wizard.frames.edited.connect(self._onEdited)
        self.problems.changed.connect(wizard.refresh)
        self.run.noted.connect(self._onNoted)
        self.run.finished.connect(self._onFinished)
        self.run.failed.connect(self._onFailed)

    def refresh(self, now: Situation) -> None:
        """Show what is chosen, what is missing, and what can be done."""
        ui, wizard = self._ui, self._wizard
        self._progress.refresh()
        self.start.refresh()
        if self._isSeen:
            self.problems.refresh()
        minutes = effortMinutes(wizard.parameters)
        ui.effortHintLabel.text = _("about {minutes:.0f} min at most").format(minutes=minutes) if minutes else ""
        ui.trainButton.text = _("Go on training") if self._interrupted.isThere else _("Train")
        isRunning = self.run.isRunning
        for widget, reason in (
            (ui.trainButton, Readiness.whyNotTrain(now, self.problems.reason)),
            (ui.pauseButton, Readiness.whyNotSteerTraining(isRunning)),
            (ui.stopButton, Readiness.whyNotSteerTraining(isRunning)),
            (ui.expertCollapsibleButton, Readiness.whyNotStart(now)),
            (ui.trainStartComboBox, Readiness.whyNotStart(now)),
            (ui.effortComboBox, Readiness.whyNotStart(now)),
        ):
            wizard.setReady(widget, reason)
        ui.pauseButton.checked = self.run.isPaused
        ui.pauseButton.text = _("Paused") if self.run.isPaused else _("Pause")
        ui.curvesButton.checked = self.curves.layout.isShown

    def state(self, now: Situation) -> StepState:
        """Whether there is a model, or what is missing for one."""
        if self.run.isRunning:
            return StepState(False, _("Paused.") if self.run.isPaused else _("Training…"))
        if now.hasModel and not now.isShipped:
            return StepState(True, _("There is a model: review it, apply it, or train it on."))
        missing = Readiness.missingClasses(now) or Readiness.missingFrames(now) or self.problems.first
        return StepState(False, missing or _("Ready to train."))

    def enter(self) -> None:
        """Look what can be gone on from, and what is missing."""
        self._isSeen = True
        self.start.list()
        self.problems.look()
        if self.run.isRunning:
            self.curves.show()
        elif self._interrupted.isThere:
            self._offerToGoOn()

    def leave(self) -> None:
        """Give the views back."""
        self._isSeen = False
        self.curves.layout.hide()

    def endJobs(self) -> None:
        """Look no more; what runs is ended by the wizard."""
        self.run.endJobs()
        self.problems.stop()

    def _onTrain(self) -> None:
        with self.message.reporting(_("The training cannot be started.")):
            self._interrupted.goOn() if self._interrupted.isThere else self._begin()
            self._ui.trainNotesLabel.visible = False
            self.curves.show()
            self.curves.showMonitored()
        self._wizard.refresh()

    def _begin(self) -> None:
        parameters = self._wizard.parameters
        settings = chosenSettings(parameters)
        dataset = scene_dataset(self._wizard.scene, settings, start_from=parameters.trainStart)
        require_trainable(dataset, settings)
        self.run.begin(dataset, settings, parameters.trainStart)
        self._interrupted.note(settings, parameters.trainStart)

    def _onAnew(self) -> None:
        self._interrupted.giveUp()
        self.message.clear()
        self._wizard.refresh()

    def _onPause(self, isPaused: bool) -> None:
        if self.run.isRunning:
            self.run.pause(isPaused)
        self._wizard.refresh()

    def _onStop(self) -> None:
        self.run.stop()
        self._ui.stopButton.enabled = False

    def _onCurves(self, isShown: bool) -> None:
        self.curves.show() if isShown else self.curves.layout.hide()
        self._wizard.refresh()

    def _onEdited(self) -> None:
        if self._isSeen:
            self.problems.look()

    def _onNoted(self, notes: list[str]) -> None:
        # The first tells the device, which is told above already where nobody wished for another.
        notes = notes[1:] if self._wizard.parameters.trainDevice == "auto" else notes
        self._ui.trainNotesLabel.text = " ".join(notes)
        self._ui.trainNotesLabel.visible = bool(notes)

    def _onFinished(self, summary: dict[str, Any]) -> None:
        with self.message.reporting(_("The model cannot be kept."), waitCursor=False):
            draft = keep_draft(Path(summary["model"]))
            add_round(self._wizard.scene, round_of(draft.info))
            self._wizard.parameters.model = str(draft.folder)
            self.start.choose(str(draft.folder))
            self._interrupted.end()
            forget(self.run.folder)
            self.message.say(_summaryText(summary))
        self.start.list()
        self._wizard.refresh()

    def _onFailed(self, error: BatteryCellError) -> None:
        if isinstance(error, Cancelled) and self._interrupted.isThere:
            self._offerToGoOn()
        else:
            self.message.showError(error)
        self._wizard.refresh()

    def _offerToGoOn(self) -> None:
        words = _("A training was interrupted; it can go on, with frames and labels as they were.")
        self.message.sayWithLink(words, "anew", _("Give it up"))


def _summaryText(summary: dict[str, Any]) -> str:
    dice = ", ".join(f"{name} {value:.3f}" for name, value in summary["dice"].items())
    minutes = summary["training"]["minutes"]
    took = _("{minutes:.1f} min").format(minutes=minutes)
    took = took if minutes >= 1 else _("{seconds:.0f} s").format(seconds=max(1.0, 60 * minutes))
    return _("Done in {took}. Validation Dice: {dice}.").format(took=took, dice=dice or _("none"))
