"""Page "Classes": what the model tells apart; painted below with the Segment Editor."""

from collections.abc import Callable
from typing import Any

from batterycell.errors import InputError
from batterycell.mrml.wizard.classes import (
    add_class,
    class_ids,
    classes_of,
    move_class,
    recolor_class,
    remove_class,
    rename_class,
    use_preset,
)
from batterycell.mrml.wizard.magnified import is_magnified
from batterycell.segment import PRESETS
from BatteryCellAnalysisLib.I18n import _

from BatterySegmentationWizardLib.Steps import StepState
from BatterySegmentationWizardLib.Views.ClassTable import ClassTable, pickColor

from . import Readiness
from .ElsewhereRows import ElsewhereRows
from .Page import Page
from .ProjectFolderRow import ProjectFolderRow
from .Situation import Situation


class ClassesPage(Page):
    """Connects the widgets of the page "Classes".

    Args:
        ui: The wizard's widgets.
        wizard: Gives the parameters and refreshes all pages.
    """

    def __init__(self, ui: Any, wizard: Any) -> None:
        super().__init__(ui, wizard, ui.classesMessage)
        self.table = ClassTable(ui.classTable)
        self._again: Callable[[], None] = lambda: None
        ui.presetComboBox.addItem(_("choose…"))
        ui.presetComboBox.addItems(list(PRESETS))
        ui.presetComboBox.connect("activated(QString)", self._onPreset)
        ui.addClassButton.connect("clicked()", self._onAdd)
        ui.removeClassButton.connect("clicked()", self._onRemove)
        ui.classUpButton.connect("clicked()", lambda: self._move(-1))
        ui.classDownButton.connect("clicked()", lambda: self._move(1))
        ui.classesMessage.connect("linkActivated(QString)", lambda link: self._again())
        self._elsewhere = ElsewhereRows(ui, wizard, self.message)
        self.folder = ProjectFolderRow(ui, wizard, self.message)
        self._connectTable(wizard.paint)

    def refresh(self, now: Situation) -> None:
        """Show the classes and what can be done."""
        self._elsewhere.refresh(now)
        self.folder.refresh(now)
        classes = classes_of(self._wizard.scene)
        seen = [self._isSeen(index) for index in range(len(classes))]
        paint = self._wizard.paint
        self.table.show(classes, seen, paint.current if paint.labels else min(self.table.current, len(classes) - 1))
        row, last = self.table.current, len(classes) - 1
        for button, reason in (
            (self._ui.removeClassButton, Readiness.whyNotChangeClass(row)),
            (self._ui.classUpButton, Readiness.whyNotMoveClass(row, isAtEnd=row == 0)),
            (self._ui.classDownButton, Readiness.whyNotMoveClass(row, isAtEnd=row == last)),
        ):
            self._wizard.setReady(button, reason)

    def state(self, now: Situation) -> StepState:
        """How many classes there are."""
        missing = Readiness.missingClasses(now) or Readiness.missingImage(now)
        line = _("{count} classes. Choose one and paint it below.").format(count=now.classCount)
        if now.hasImage and is_magnified(self._wizard.parameters.image):
            line += " " + _("The voxels are fine: 1 mm in the views is 1 µm.")
        return StepState(not missing, missing or line)

    def _connectTable(self, paint: Any) -> None:
        self.table.chosen.connect(self._onChosen)
        self.table.renamed.connect(self._onRenamed)
        self.table.colorClicked.connect(self._onColor)
        self.table.eyeClicked.connect(self._onEye)
        paint.chosen.connect(self._wizard.refresh)

    def _onPreset(self, name: str) -> None:
        self._ui.presetComboBox.setCurrentIndex(0)
        if name in PRESETS:
            self._changeOrAsk(lambda lose: use_preset(self._wizard.scene, name, lose))

    def _onAdd(self) -> None:
        self._change(lambda: add_class(self._wizard.scene))
        last = self._ui.classTable.rowCount - 1
        self._onChosen(last)
        self.table.edit(last)

    def _onRemove(self) -> None:
        name = self._name(self.table.current)
        self._changeOrAsk(lambda lose: remove_class(self._wizard.scene, name, lose))

    def _move(self, places: int) -> None:
        row = self.table.current
        self._change(lambda: move_class(self._wizard.scene, self._name(row), row + places))

    def _onChosen(self, index: int) -> None:
        self._wizard.paint.choose(index)
        self._wizard.refresh()

    def _onRenamed(self, index: int, name: str) -> None:
        self.table.again()
        self._change(lambda: rename_class(self._wizard.scene, self._name(index), name))

    def _onColor(self, index: int) -> None:
        name, color = self._name(index), classes_of(self._wizard.scene)[index].color
        self.colorDialog = pickColor(color, lambda picked: self._recolor(name, picked))

    def _recolor(self, name: str, color: str) -> None:
        self._change(lambda: recolor_class(self._wizard.scene, name, color))

    def _onEye(self, index: int) -> None:
        labels = self._wizard.paint.labels
        if labels is not None:
            display, segmentId = labels.GetDisplayNode(), class_ids(self._wizard.scene)[index]
            display.SetSegmentVisibility(segmentId, not display.GetSegmentVisibility(segmentId))
        self._wizard.refresh()

    def _isSeen(self, index: int) -> bool:
        labels = self._wizard.paint.labels
        segmentId = class_ids(self._wizard.scene)[index]
        return labels is None or bool(labels.GetDisplayNode().GetSegmentVisibility(segmentId))

    def _name(self, index: int) -> str:
        return classes_of(self._wizard.scene)[index].name

    def _change(self, change: Callable[[], Any]) -> None:
        with self.message.reporting(_("The classes cannot be changed."), waitCursor=False):
            change()
        self._wizard.refresh()

    def _changeOrAsk(self, change: Callable[[bool], Any]) -> None:
        """Change, or, where paint would be lost, say so and offer to do it all the same."""

        def changeUnlessPainted() -> None:
            try:
                change(False)
            except InputError as error:
                if error.code != "class-painted":
                    raise
                self._again = lambda: self._change(lambda: change(True))
                self.message.sayWithLink(error.message, "again", _("Remove it all the same"))

        self._change(changeUnlessPainted)
