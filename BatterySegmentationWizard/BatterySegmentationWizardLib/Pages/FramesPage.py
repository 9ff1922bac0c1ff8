"""Page "Frames": where people paint, each place with a role."""

from collections.abc import Callable
from typing import Any

from batterycell.mrml import undo
from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.wizard.classes import classes_of
from batterycell.mrml.wizard.frame_views import show_frame
from batterycell.mrml.wizard.frames import (
    add_box_frame,
    add_slice_frame,
    frame_nodes,
    remove_frame,
    rename_frame,
    select_frame,
    set_full,
    set_role,
)
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Signal import Signal

from BatterySegmentationWizardLib.Images import shownImage
from BatterySegmentationWizardLib.Steps import StepState
from BatterySegmentationWizardLib.Views.FrameCounts import FrameCounts
from BatterySegmentationWizardLib.Views.FrameRows import rowOf
from BatterySegmentationWizardLib.Views.FrameTable import FrameTable
from BatterySegmentationWizardLib.Views.FrameWatch import FrameWatch
from BatterySegmentationWizardLib.Views.ViewChoice import ViewChoice, sliceNodes

from . import Readiness
from .Page import Page
from .Situation import Situation

_CHANGES: dict[str, Callable[[Any, Any], None]] = {"name": rename_frame, "role": set_role, "full": set_full}


class FramesPage(Page):
    """Connects the widgets of the page "Frames"; ``edited`` tells, a moment later, of changed frames or paint.

    Args:
        ui: The wizard's widgets.
        wizard: Gives the parameters and refreshes all pages.
    """

    def __init__(self, ui: Any, wizard: Any) -> None:
        super().__init__(ui, wizard, ui.framesMessage)
        self.table, self.views = FrameTable(ui.frameTable), ViewChoice(ui.frameViewComboBox)
        self._isSeen = False
        self.counts, self._watch = FrameCounts(), FrameWatch(lambda: undo.remember(wizard.scene))
        ui.addFrameButton.connect("clicked()", self._onAdd)
        ui.addBoxButton.connect("clicked()", self._onAddBox)
        ui.goToFrameButton.connect("clicked()", self._onGoTo)
        ui.removeFrameButton.connect("clicked()", self._onRemove)
        ui.undoFrameButton.connect("clicked()", lambda: self._step(undo.undo))
        ui.redoFrameButton.connect("clicked()", lambda: self._step(undo.redo))
        self.table.chosen.connect(lambda: self._show(zoom=False))
        self.table.edited.connect(self._onEdited)
        self._watch.moved.connect(self.counts.forgetFrame)
        self._watch.painted.connect(self.counts.forgetImage)
        self._watch.changed.connect(wizard.refresh)
        self.counts.changed.connect(wizard.refresh)
        self.edited = Signal()
        for signal in (self._watch.changed, self.counts.changed):
            signal.connect(self.edited.emit)

    def refresh(self, now: Situation) -> None:
        """Show the frames and what can be done."""
        scene, ui = self._wizard.scene, self._ui
        self._watch.follow(scene)
        self.counts.follow(scene)
        if self._isSeen:
            rows = [rowOf(roi, self.counts.of(roi.GetID())) for roi in frame_nodes(scene)]
            self.table.show(rows, classes_of(scene))
        chosen = len(self.table.selected())
        for button, reason in (
            (ui.addFrameButton, Readiness.whyNotAddFrame(now)),
            (ui.addBoxButton, Readiness.whyNotAddFrame(now)),
            (ui.goToFrameButton, Readiness.whyNotUseFrames(chosen)),
            (ui.removeFrameButton, Readiness.whyNotUseFrames(chosen)),
            (ui.undoFrameButton, Readiness.whyNotUndo(undo.can_undo(scene))),
            (ui.redoFrameButton, Readiness.whyNotRedo(undo.can_redo(scene))),
        ):
            self._wizard.setReady(button, reason)

    def state(self, now: Situation) -> StepState:
        """How many frames there are, and what is painted in them."""
        missing = Readiness.missingFrames(now)
        return StepState(not missing, missing or _framesLine(now))

    def enter(self) -> None:
        """Let the views choose themselves, and the chosen frame be dragged."""
        self._isSeen = True
        self.views.start()
        self._wizard.refresh()
        self._grip()

    def leave(self) -> None:
        """Leave the views to others."""
        self._isSeen = False
        self.views.stop()
        if self._wizard.scene is not None:
            select_frame(self._wizard.scene, None)

    def endJobs(self) -> None:
        """Let the scene go."""
        self._watch.follow(None)
        self._watch.changed.stop()
        self.counts.follow(None)

    def _onAdd(self) -> None:
        parameters, view = self._wizard.parameters, self.views.node
        # What is seen is what is meant.
        parameters.image = shownImage(view) or parameters.image
        edge = parameters.frameSize or None
        self._add(lambda: add_slice_frame(parameters.image, view, parameters.frameRole, pixels=edge))

    def _onAddBox(self) -> None:
        parameters = self._wizard.parameters
        self._add(lambda: add_box_frame(parameters.image, role=parameters.frameRole))

    def _add(self, add: Callable[[], Any]) -> None:
        added = []
        self._change(lambda: added.append(add()))
        self.table.select(*(roi.GetID() for roi in added))
        self._grip()
        self._wizard.refresh()

    def _onRemove(self) -> None:
        self._change(lambda: [remove_frame(roi) for roi in self._chosen()])

    def _onEdited(self, frameId: str, what: str, value: Any) -> None:
        self.table.again()
        roi = self._wizard.scene.GetNodeByID(frameId)
        self._change(lambda: _CHANGES[what](roi, value))

    def _onGoTo(self) -> None:
        self._show(zoom=True)

    def _show(self, zoom: bool) -> None:
        chosen = self._chosen()
        if len(chosen) == 1:
            with self.message.reporting(_("The frame cannot be shown."), waitCursor=False):
                self._wizard.parameters.image = volume_node_of(chosen[0])
                show_frame(chosen[0], sliceNodes(), self.views.node, zoom)
        self._grip()
        self._wizard.refresh()

    def _chosen(self) -> list[Any]:
        return [self._wizard.scene.GetNodeByID(frameId) for frameId in self.table.selected()]

    def _grip(self) -> None:
        """Let the chosen frame, and no other, be dragged."""
        chosen = self._chosen()
        select_frame(self._wizard.scene, chosen[0] if len(chosen) == 1 else None)

    def _change(self, change: Callable[[], Any]) -> None:
        with self.message.reporting(_("The frames cannot be changed."), waitCursor=False):
            undo.remember(self._wizard.scene)
            change()
        self._wizard.refresh()

    def _step(self, step: Callable[[Any], bool]) -> None:
        step(self._wizard.scene)
        self._wizard.refresh()


def _framesLine(now: Situation) -> str:
    counts = [f"{now.roles.count(role)} {role}" for role in dict.fromkeys(now.roles)]
    frames = _("1 frame") if len(now.roles) == 1 else _("{count} frames").format(count=len(now.roles))
    return f"{frames}: {', '.join(counts)}."
