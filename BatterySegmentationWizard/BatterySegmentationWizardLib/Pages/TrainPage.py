"""Page "Train": from what was painted to a model, in a process of its own."""

from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError, Cancelled
from batterycell.mrml.wizard.classes import classes_of
from batterycell.mrml.wizard.curves import show_training
from batterycell.mrml.wizard.frame_views import show_frame
from batterycell.mrml.wizard.frames import frame_nodes, role_of_frame
from batterycell.mrml.wizard.project import scene_dataset
from batterycell.mrml.wizard.project_node import get_note, set_note
from batterycell.mrml.wizard.rounds import add_round, round_of
from batterycell.mrml.wizard.training_previews import show_training_previews
from batterycell.segment import TrainSettings
from batterycell.segment.data.checks import require_trainable
from batterycell.segment.model.drafts import keep_draft
from batterycell.segment.train.history import HISTORY_FILE, read_history
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from BatterySegmentationWizardLib.Steps import StepState
from BatterySegmentationWizardLib.TrainChoices import chosenSettings, effortMinutes
from BatterySegmentationWizardLib.Views.TrainLayout import TrainLayout
from BatterySegmentationWizardLib.Views.ViewChoice import sliceNodes
from BatterySegmentationWizardLib.Work.TrainRun import TrainRun, canGoOn, forget

from . import Readiness
from .Page import Page
from .Situation import Situation
from .StartChoice import StartChoice
from .TrainProblems import TrainProblems

_INTERRUPTED = "Training"


class TrainPage(Page):
    """Connects the widgets of the page "Train"; ``run`` is the training under way.

    Args:
        ui: The wizard's widgets.
        wizard: Gives the parameters and refreshes all pages.
    """

    def __init__(self, ui: Any, wizard: Any) -> None:
        super().__init__(ui, wizard, ui.trainMessage)
        self.run = TrainRun(wizard.makeJob())
        self.start, self.problems = (
            StartChoice(ui.trainStartComboBox, wizard),
            TrainProblems(ui.trainProblemsLabel, wizard),
        )
        self.layout = TrainLayout()
        self._progress = ProgressRow(self.run, ui.trainProgressRow, ui.trainProgressBar, ui.trainCancelButton)
        self._isSeen = False
        ui.trainButton.connect("clicked()", self._onTrain)
        ui.pauseButton.connect("clicked(bool)", self._onPause)
        ui.stopButton.connect("clicked()", self._onStop)
        ui.curvesButton.connect("clicked(bool)", self._onCurves)
        ui.trainMessage.connect("linkActivated(QString)", lambda link: self._onAnew())
        wizard.frames.edited.connect(self._onEdited)
        self.problems.changed.connect(wizard.refresh)
        self.run.advanced.connect(self._onAdvanced)
        self.run.previewed.connect(self._onPreviewed)
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
        ui.trainButton.text = _("Go on training") if self._interrupted() else _("Train")
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
        ui.curvesButton.checked = self.layout.isShown

    def state(self, now: Situation) -> StepState:
        """Whether there is a model, or what is missing for one."""
        if self.run.isRunning:
            return StepState(False, _("Paused.") if self.run.isPaused else _("Training…"))
        if now.hasModel:
            return StepState(True, _("There is a model: review it, apply it, or train it on."))
        missing = Readiness.missingClasses(now) or Readiness.missingFrames(now) or self.problems.first
        return StepState(False, missing or _("Ready to train."))

    def enter(self) -> None:
        """Look what can be gone on from, and what is missing."""
        self._isSeen = True
        self.start.list()
        self.problems.look()
        if self.run.isRunning:
            self._showCurves()

    def leave(self) -> None:
        """Give the views back."""
        self._isSeen = False
        self.layout.hide()

    def endJobs(self) -> None:
        """Look no more; what runs is ended by the wizard."""
        self.run.endJobs()
        self.problems.stop()

    def _onTrain(self) -> None:
        parameters, scene = self._wizard.parameters, self._wizard.scene
        with self.message.reporting(_("The training cannot be started.")):
            interrupted = self._interrupted()
            if interrupted:
                self.run.goOn(
                    Path(interrupted["folder"]), TrainSettings(**interrupted["settings"]), interrupted["start"]
                )
            else:
                settings = chosenSettings(parameters)
                dataset = scene_dataset(scene, settings, start_from=parameters.trainStart)
                require_trainable(dataset, settings)
                self.run.begin(dataset, settings, parameters.trainStart)
                self._remember(settings, parameters.trainStart)
            self._ui.trainNotesLabel.visible = False
            self._showCurves()
            self._showMonitored()
        self._wizard.refresh()

    def _onAnew(self) -> None:
        """Forget the interrupted training."""
        interrupted = self._interrupted()
        if interrupted and not self.run.isRunning:
            forget(Path(interrupted["folder"]))
        set_note(self._wizard.scene, _INTERRUPTED, None)
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
        self._showCurves() if isShown else self.layout.hide()
        self._wizard.refresh()

    def _onEdited(self) -> None:
        if self._isSeen:
            self.problems.look()

    def _onAdvanced(self, folder: Path) -> None:
        with self.message.reporting(_("The curves cannot be shown."), waitCursor=False, keepMessage=True):
            classes = classes_of(self._wizard.scene)
            charts = show_training(self._wizard.scene, read_history(folder / HISTORY_FILE, classes), classes)
            self.layout.put(*charts)

    def _onPreviewed(self, folder: Path) -> None:
        with self.message.reporting(_("The preview cannot be shown."), waitCursor=False, keepMessage=True):
            show_training_previews(self._wizard.scene, folder)

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
            self._wizard.parameters.trainStart = str(draft.folder)
            set_note(self._wizard.scene, _INTERRUPTED, None)
            forget(self.run.folder)
            self.message.say(_summaryText(summary))
        self.start.list()
        self._wizard.refresh()

    def _onFailed(self, error: BatteryCellError) -> None:
        if isinstance(error, Cancelled) and self._interrupted():
            words = _("Cancelled; what was learned so far is kept, and the training can go on.")
            self.message.sayWithLink(words, "anew", _("Give it up"))
        else:
            self.message.showError(error)
        self._wizard.refresh()

    def _showCurves(self) -> None:
        self.layout.show()
        if (self.run.folder / HISTORY_FILE).is_file():
            self._onAdvanced(self.run.folder)

    def _showMonitored(self) -> None:
        """Bring the views to what is monitored."""
        rois = [roi for roi in frame_nodes(self._wizard.scene) if role_of_frame(roi) == "monitoring"]
        if rois:
            nodes = sliceNodes()
            show_frame(rois[0], nodes, nodes[0])

    def _interrupted(self) -> dict[str, Any] | None:
        """The training that was interrupted in this project; None where none was."""
        note = get_note(self._wizard.scene, _INTERRUPTED)
        return note if note and not self.run.isRunning and canGoOn(Path(note["folder"])) else None

    def _remember(self, settings: TrainSettings, startFrom: str) -> None:
        values = {"folder": str(self.run.folder), "settings": vars(settings), "start": startFrom}
        set_note(self._wizard.scene, _INTERRUPTED, values)


def _summaryText(summary: dict[str, Any]) -> str:
    dice = ", ".join(f"{name} {value:.3f}" for name, value in summary["dice"].items())
    minutes = summary["training"]["minutes"]
    return _("Done in {minutes:.1f} min. Validation Dice: {dice}.").format(minutes=minutes, dice=dice or _("none"))
