"""Page "Apply": a model on a slice, a region, a whole image, a folder of images."""

from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError, Cancelled
from batterycell.mrml.wizard.apply_region import apply_region, ensure_apply_roi, show_apply_roi
from batterycell.mrml.wizard.frame_previews import show_frame_preview
from batterycell.mrml.wizard.frames import view_frame
from batterycell.segment import Frame
from batterycell.segment.model.library import open_model
from batterycell.worker.segment import read_segmented, read_summary
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from BatterySegmentationWizardLib.Steps import StepState
from BatterySegmentationWizardLib.Views.FilePicker import pickFolder
from BatterySegmentationWizardLib.Views.Predictions import Predictions
from BatterySegmentationWizardLib.Views.ViewChoice import ViewChoice
from BatterySegmentationWizardLib.Work.ImageWork import ImageWork
from BatterySegmentationWizardLib.Work.WorkFolders import forgetWork, isBrokenOff, workFolder

from . import Readiness
from .FolderSection import FolderSection
from .ImageChoice import ImageChoice
from .ModelChoice import ModelChoice
from .ModelWords import aboutModel
from .Page import Page
from .Situation import Situation

_PREVIEW = "preview"
_GIVE_UP = "give-up"
_FOREIGN = "image-foreign"


class ApplyPage(Page):
    """Connects the widgets of the page "Apply".

    Args:
        ui: The wizard's widgets.
        wizard: Gives the parameters and refreshes all pages.
    """

    def __init__(self, ui: Any, wizard: Any) -> None:
        super().__init__(ui, wizard, ui.applyMessage)
        self.choice, self.views = ModelChoice(ui.applyModelComboBox, wizard), ViewChoice(ui.applyViewComboBox)
        self.image, self.work = ImageChoice(ui.applyImageSelector, wizard), ImageWork(wizard.makeWarmJob())
        self.shown = Predictions()
        self.folder = FolderSection(ui, wizard, self.work, self.message)
        self._progress = ProgressRow(self.work.job, ui.applyProgressRow, ui.applyProgressBar, ui.applyCancelButton)
        ui.openModelButton.connect("clicked()", self._onOpen)
        ui.applyPreviewButton.connect("clicked()", self._onPreview)
        ui.applyWhereComboBox.connect("activated(int)", self._onWhere)
        ui.segmentButton.connect("clicked()", lambda: self._segment())
        ui.applyUncertaintyButton.connect("clicked(bool)", self._onShowUncertainty)
        ui.applyMessage.connect("linkActivated(QString)", self._onLink)
        self.work.failed.connect(self._onFailed)

    def refresh(self, now: Situation) -> None:
        """Show the model, and what can be done with it."""
        ui, parameters, model = self._ui, self._wizard.parameters, self.choice.model
        self._progress.refresh()
        self.choice.refresh()
        self.image.refresh()
        ui.applyModelLabel.text = aboutModel(model) if model else ""
        ui.applyModelLabel.visible = model is not None
        ui.applyWhereComboBox.setCurrentIndex(int(parameters.applyRegion))
        ui.segmentButton.text = _("Go on segmenting") if self._goesOn(now.hasImage) else _("Segment")
        reason = Readiness.whyNotApply(now, parameters.image, model)
        for widget in (ui.applyPreviewButton, ui.segmentButton):
            self._wizard.setReady(widget, reason)
        self._wizard.setReady(ui.applyWhereComboBox, Readiness.missingImage(now))
        hasMap = now.hasImage and self.shown.uncertaintyOf(parameters.image) is not None
        self._wizard.setReady(ui.applyUncertaintyButton, Readiness.whyNotShowUncertainty(hasMap))
        ui.applyUncertaintyButton.checked = hasMap and self.shown.isUncertaintyShown(parameters.image)
        self.folder.refresh(now, model)

    def state(self, now: Situation) -> StepState:
        """How many segmentations there are of the image, or what is missing for one."""
        count = self.shown.count(self._wizard.parameters.image) if now.hasImage else 0
        if count:
            return StepState(True, _("1 prediction.") if count == 1 else _("{n} predictions.").format(n=count))
        missing = Readiness.missingImage(now) or now.applyProblem
        return StepState(False, missing or ("" if now.hasModel else _("Train a model, or choose one below.")))

    def enter(self) -> None:
        """List the models, and let the views choose themselves."""
        self.choice.listModels()
        self.views.start()
        self._showRegion(self._wizard.parameters.applyRegion)

    def leave(self) -> None:
        """Leave the views to others."""
        self.views.stop()
        self._showRegion(False)

    def endJobs(self) -> None:
        """Forget the nodes of the scene, and what was said of them."""
        self.work.forget()
        self.message.clear()
        self._showNotes([])

    def _settings(self) -> dict[str, Any]:
        parameters = self._wizard.parameters
        settings = {"model": parameters.model, "flips": parameters.applyFlips, "device": parameters.applyDevice}
        if parameters.applyRegion:
            region = apply_region(parameters.image)
            settings["region"] = [region.start, region.stop]
        return {**settings, "uncertainty": parameters.applyUncertainty}

    def _onPreview(self) -> None:
        image = self._wizard.parameters.image
        with self.message.reporting(_("The slice cannot be previewed."), waitCursor=False):
            self._showNotes([])
            frame = view_frame(image, self.views.node, _PREVIEW)
            settings = {**self._settings(), "uncertainty": False, "frames": [asdict(frame)]}
            self.work.run("segment", image, settings, lambda folder: self._showPreview(folder, frame))
        self._wizard.refresh()

    def _segment(self, isForeignToo: bool = False) -> None:
        """Segment the image; one that looks like nothing the model was trained on only where it is asked for."""
        image = self._wizard.parameters.image
        with self.message.reporting(_("The image cannot be segmented."), waitCursor=False):
            self._showNotes([])
            settings = {**self._settings(), "work": str(self._workFolder()), "foreign": isForeignToo}
            self.work.run("segment", image, settings, self._showPrediction)
        self._wizard.refresh()

    def _showPreview(self, folder: Path, frame: Frame) -> None:
        (found,), summary = read_segmented(folder), read_summary(folder)
        self.shown.hide(self.work.image)
        show_frame_preview(self.work.image, frame, found.labels, self.shown.classes(summary))
        self._showNotes(summary["notes"])
        self._wizard.refresh()

    def _showPrediction(self, folder: Path) -> None:
        (found,), summary = read_segmented(folder), read_summary(folder)
        node = self.shown.add(self.work.image, found, summary)
        self._showNotes(summary["notes"])
        self.message.say(
            _("Segmented into {name}; what was there before is hidden, not gone.").format(name=node.GetName())
        )
        self._wizard.refresh()

    def _showNotes(self, told: list[str]) -> None:
        notes = list(dict.fromkeys(told))
        self._ui.applyNotesLabel.text = "\n".join(notes)
        self._ui.applyNotesLabel.visible = bool(notes)

    def _onFailed(self, error: BatteryCellError) -> None:
        if isinstance(error, Cancelled) and self._goesOn(self._wizard.parameters.image is not None):
            words = _("Cancelled; what is finished is kept, and Segment goes on from there.")
            self.message.sayWithLink(words, _GIVE_UP, _("Give it up"))
        elif error.code == _FOREIGN:
            self.message.warnWithLink(error.message, _FOREIGN, _("Segment it all the same"))
        else:
            self.message.showError(error)
        self._wizard.refresh()

    def _onLink(self, link: str) -> None:
        if link == _FOREIGN:
            self._segment(isForeignToo=True)
        if link != _GIVE_UP:
            return
        forgetWork(self._workFolder())
        self.message.clear()
        self._wizard.refresh()

    def _onOpen(self) -> None:
        self.dialog = pickFolder(_("Folder of a model"), self.open)

    def open(self, folder: Path) -> None:
        """Make the model in a folder the current one."""
        with self.message.reporting(_("The model cannot be opened.")):
            self._wizard.parameters.model = str(open_model(folder).folder)
            self.choice.listModels()
        self._wizard.refresh()

    def _onWhere(self, index: int) -> None:
        self._wizard.parameters.applyRegion = index == 1
        if index == 1:
            ensure_apply_roi(self._wizard.parameters.image)
        self._showRegion(index == 1)
        self._wizard.refresh()

    def _showRegion(self, shown: bool) -> None:
        image = self._wizard.parameters.image
        if image is not None and image.GetScene() is not None:
            show_apply_roi(image, shown)

    def _onShowUncertainty(self, shown: bool) -> None:
        self.shown.showUncertainty(self._wizard.parameters.image, shown)
        self._wizard.refresh()

    def _goesOn(self, hasImage: bool) -> bool:
        """Whether the chosen work was broken off."""
        with suppress(BatteryCellError):
            return hasImage and self.choice.model is not None and isBrokenOff(self._workFolder())
        return False

    def _workFolder(self) -> Path:
        parameters = self._wizard.parameters
        return workFolder(parameters.image, self.choice.model.hash, self._settings())
