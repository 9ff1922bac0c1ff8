"""Lines on top of the wizard: a project that can be reopened, models that wait to be published."""

from pathlib import Path
from typing import Any

import slicer
from batterycell.errors import BatteryCellError, InputError
from batterycell.mrml.wizard.autosave import autosave_folder, discard, left_behind, read_snapshot, saved_when
from batterycell.mrml.wizard.classes import all_labels
from batterycell.mrml.wizard.reopen import reopen
from batterycell.mrml.wizard.snapshot import Snapshot
from batterycell.segment.model.library import list_drafts
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Loading import packagesFor
from BatteryCellAnalysisLib.Requirements import ensure
from BatteryCellAnalysisLib.Sections.Message import Message

from BatterySegmentationWizardLib.Work.ProjectKeeper import ProjectKeeper


class Notices:
    """Looks for both when the wizard is made; nothing is asked, and nothing is lost where nobody answers.

    Args:
        ui: The wizard's widgets.
        wizard: Gives the scene and the parameters.
    """

    def __init__(self, ui: Any, wizard: Any) -> None:
        self._wizard, self._ui = wizard, ui
        self._reopen, self._draft = Message(ui.reopenNotice), Message(ui.draftNotice)
        self.keeper = ProjectKeeper(lambda: wizard.scene, autosave_folder())
        self.keeper.failed.connect(self._onNotSaved)
        self._left: list[Path] = []
        ui.reopenNotice.connect("linkActivated(QString)", self._onReopenLink)
        ui.draftNotice.connect("linkActivated(QString)", self._onDraftLink)
        self.look()

    def look(self) -> None:
        """Look what was left behind."""
        self._left = left_behind(autosave_folder(), self.keeper.autosave.folder)
        self._showLeft()
        self._showDrafts()

    def start(self) -> None:
        """Keep the project from now on."""
        self.keeper.start()

    def end(self) -> None:
        """The project was closed on purpose."""
        self.keeper.end()

    def refreshDrafts(self) -> None:
        """Take the line about drafts away once there are none."""
        if not list_drafts():
            self._clear(self._draft)

    def _showLeft(self) -> None:
        if not self._left:
            self._clear(self._reopen)
            return
        when = saved_when(self._left[0]).strftime("%Y-%m-%d %H:%M")
        older = _(" There are {count} older ones.").format(count=len(self._left) - 1) if len(self._left) > 1 else ""
        text = _("Slicer ended without saving the project of {when}.").format(when=when) + older
        self._say(self._reopen, text, {"reopen": _("Reopen"), "discard": _("Discard")})

    def _showDrafts(self) -> None:
        drafts = list_drafts()
        if not drafts:
            self._clear(self._draft)
            return
        names = ", ".join(draft.info.name for draft in drafts[:3]) + (", …" if len(drafts) > 3 else "")
        text = _("Not published yet: {names}.").format(names=names)
        self._say(self._draft, text, {"publish": _("Publish"), "later": _("Not now")})

    def _onDraftLink(self, link: str) -> None:
        self._clear(self._draft)
        if link == "publish":
            self._wizard.openPublish(list_drafts()[:1])

    def _onReopenLink(self, link: str) -> None:
        folder = self._left[0]
        if link == "discard":
            self._drop(folder)
            return
        with self._reopen.reporting(_("The project cannot be reopened."), keepMessage=True):
            self._reopenProject(folder)

    def _reopenProject(self, folder: Path) -> None:
        scene = self._wizard.scene
        if all_labels(scene):
            hint = _("Save it and close the scene; this line stays until you decide.")
            raise InputError("scene-taken", _("There is a project in the scene."), hint)
        snapshot = read_snapshot(folder)
        _ensurePackages(snapshot)
        nodes = reopen(scene, snapshot)
        self._wizard.parameters.image = nodes[0]
        slicer.util.setSliceViewerLayers(background=nodes[0], fit=True)
        # The old one goes only when a new one stands.
        self.keeper.save()
        self.keeper.wait()
        self._drop(folder)
        self._wizard.refresh()

    def _drop(self, folder: Path) -> None:
        discard(folder)
        self._left = [other for other in self._left if other != folder]
        self._showLeft()

    def _say(self, message: Message, text: str, links: dict[str, str]) -> None:
        message.sayWithLinks(text, links)
        self._ui.BatteryWizardNotice.visible = True

    def _clear(self, message: Message) -> None:
        """Take a line away; without lines there is no room for them either."""
        message.clear()
        self._ui.BatteryWizardNotice.visible = bool(self._ui.reopenNotice.text or self._ui.draftNotice.text)

    def _onNotSaved(self, error: BatteryCellError) -> None:
        self._ui.BatteryWizardNotice.visible = True
        self._reopen.warn(_("The project cannot be kept: {reason}").format(reason=error.message), error.hint)


def _ensurePackages(snapshot: Snapshot) -> None:
    paths = [Path(one["path"]) for one in snapshot.values["volumes"] if one["path"]]
    for path in paths:
        ensure(packagesFor(path) if path.exists() else ())
