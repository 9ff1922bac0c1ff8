"""Page "Publish": drafts become models of the library; models are searched, taken in, passed on and removed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from batterycell.errors import BatteryCellError
from batterycell.segment.model import export_model, import_model, publish
from batterycell.segment.model.library import (
    Broken,
    Model,
    list_broken,
    list_drafts,
    search_models,
)
from batterycell.segment.model.naming import folder_name
from batterycell.segment.model.removal import remove_folder
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Views.Later import Later

from BatterySegmentationWizardLib.Steps import StepState
from BatterySegmentationWizardLib.Views.FilePicker import pickFile, pickFolder, pickNewFile
from BatterySegmentationWizardLib.Views.ModelTable import ModelTable

from . import Readiness
from .Page import Page
from .PublishForm import PublishForm
from .Situation import Situation

_AGAIN = "again"
_AFTER_TYPING_MS = 200


class PublishPage(Page):
    """Connects the widgets of the page "Publish".

    Args:
        ui: The wizard's widgets.
        wizard: Gives the parameters and refreshes all pages.
    """

    def __init__(self, ui: Any, wizard: Any) -> None:
        super().__init__(ui, wizard, ui.publishMessage)
        self.table, self.form = ModelTable(ui.modelTable), PublishForm(ui)
        self._again: Callable[[], None] = lambda: None
        self._drafts = len(list_drafts())
        self._search = Later(_AFTER_TYPING_MS)
        ui.modelSearchEdit.connect("textChanged(QString)", lambda words: self._search.start())
        ui.useModelButton.connect("clicked()", self._onUse)
        ui.importModelButton.connect("clicked()", self._onImportFile)
        ui.importFolderButton.connect("clicked()", self._onImportFolder)
        ui.exportModelButton.connect("clicked()", self._onExport)
        ui.removeModelButton.connect("clicked()", self._onRemove)
        ui.publishButton.connect("clicked()", lambda: self.publish())
        ui.publishMessage.connect("linkActivated(QString)", lambda link: self._again())
        self._search.connect(self.listModels)
        self.table.chosen.connect(self._onChosen)
        self.form.edited.connect(wizard.refresh)

    @property
    def model(self) -> Model | None:
        """The chosen model; None where none is, or a damaged one."""
        current = self.table.current
        return current if isinstance(current, Model) else None

    def refresh(self, now: Situation) -> None:
        """Show what can be done."""
        ui, model, current = self._ui, self.model, self.table.current
        isOwn = isinstance(current, Broken) or (model is not None and model.kind in ("own", "draft"))
        for widget, reason in (
            (ui.useModelButton, Readiness.whyNotUseModel(model is not None)),
            (ui.exportModelButton, Readiness.whyNotUseModel(model is not None)),
            (ui.removeModelButton, Readiness.whyNotRemoveModel(current is not None, isOwn)),
            (ui.publishButton, Readiness.whyNotPublish(model is not None, self.form.hasLicence)),
        ):
            self._wizard.setReady(widget, Readiness.whyNotStart(now) or reason)

    def state(self, now: Situation) -> StepState:
        """How many models wait to be published."""
        if self._drafts:
            words = _("1 model waits to be published.") if self._drafts == 1 else _("{n} models wait to be published.")
            return StepState(False, words.format(n=self._drafts))
        return StepState(False, "" if now.hasModel else _("Train a model first, or import one."))

    def enter(self) -> None:
        """List the models; the latest draft is chosen where nothing is."""
        self.listModels()
        drafts = list_drafts()
        if self.table.current is None and drafts:
            self.table.select(str(drafts[0].folder))

    def endJobs(self) -> None:
        """Forget what was typed a moment ago."""
        self._search.stop()
        self.form.edited.stop()

    def choose(self, models: list[Model]) -> None:
        """Choose the first of some models."""
        self.table.select(str(models[0].folder) if models else "")

    def listModels(self) -> None:
        """List what there is now, as far as it is searched for."""
        words = self._ui.modelSearchEdit.text
        drafts = list_drafts()
        self._drafts = len(drafts)
        broken = [] if words.strip() else list_broken()
        self.table.show([*search_models(words, drafts), *search_models(words), *broken])
        self._wizard.notices.refreshDrafts()

    def publish(self) -> None:
        """Publish the chosen model with what is typed."""
        model, said = self.model, self.form.said

        def done(published: Model) -> None:
            self._replaceCurrent(model, published)
            self._done(published, _("Published as {key}: it stands in the library."))

        self._try(_("The model cannot be published."), lambda overwrite: publish(model, said, overwrite), done)

    def importModel(self, path: Path) -> None:
        """Take a model into the library, from a zip file or a folder."""
        failure = _("The model cannot be imported.")
        self._try(
            failure,
            lambda overwrite: import_model(path, overwrite=overwrite),
            lambda model: self._done(model, _("Imported {key}.")),
        )

    def exportModel(self, path: Path) -> None:
        """Write the chosen model as a zip file; people were asked whether an older one may be replaced."""
        with self.message.reporting(_("The model cannot be exported.")):
            self.message.say(_("Exported as {path}.").format(path=export_model(self.model, path, overwrite=True)))

    def _onUse(self) -> None:
        self._wizard.parameters.model = str(self.model.folder)
        self.message.say(_("{key} is the current model now.").format(key=self.model.key))
        self._wizard.refresh()

    def _onImportFile(self) -> None:
        self.dialog = pickFile(_("Model to import"), _("Models (*.zip)"), self.importModel)

    def _onImportFolder(self) -> None:
        self.dialog = pickFolder(_("Folder of the model to import"), self.importModel)

    def _onExport(self) -> None:
        self.dialog = pickNewFile(_("Model as a zip file"), f"{folder_name(self.model.info)}.zip", self.exportModel)

    def _onRemove(self) -> None:
        current = self.table.current
        name = current.key if isinstance(current, Model) else current.folder.name
        self._again = lambda: self._remove(current, name)
        self.message.sayWithLink(
            _("Remove {name} from this computer for good?").format(name=name), _AGAIN, _("Remove it")
        )

    def _remove(self, current: Model | Broken, name: str) -> None:
        self._again = lambda: None
        with self.message.reporting(_("The model cannot be removed.")):
            remove_folder(current.folder)
            self.message.say(_("Removed {name}.").format(name=name))
        self.listModels()
        self._wizard.refresh()

    def _try(
        self, failure: str, act: Callable[[bool], Model], done: Callable[[Model], None], overwrite: bool = False
    ) -> None:
        """Act; where a model of that name and version is in the way, offer to replace it."""
        with self.message.reporting(failure):
            try:
                done(act(overwrite))
            except BatteryCellError as error:
                if error.code != "model-exists":
                    raise
                self._again = lambda: self._try(failure, act, done, overwrite=True)
                self.message.sayWithLink(error.message, _AGAIN, _("Replace it"))

    def _done(self, model: Model, words: str) -> None:
        self._ui.modelSearchEdit.text = ""
        self._search.stop()
        self.listModels()
        self.table.select(str(model.folder))
        self.message.say(words.format(key=model.key))
        self._wizard.refresh()

    def _replaceCurrent(self, draft: Model, published: Model) -> None:
        """A draft that was published lies elsewhere now."""
        parameters = self._wizard.parameters
        for field in ("model", "trainStart"):
            if getattr(parameters, field) == str(draft.folder):
                setattr(parameters, field, str(published.folder))

    def _onChosen(self) -> None:
        self.form.show(self.model)
        self._wizard.refresh()
