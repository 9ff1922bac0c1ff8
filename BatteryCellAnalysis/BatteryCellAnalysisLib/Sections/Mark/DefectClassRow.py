"""The row of widgets that chooses the class of the next defect, and adds, renames and removes classes."""

from collections.abc import Callable
from typing import Any

from batterycell.annotate.defects import CLASSES
from batterycell.mrml.defect_classes import (
    add_defect_class,
    check_class_name,
    check_removable,
    defect_classes,
    remove_defect_class,
    rename_defect_class,
)

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Sections import Readiness
from BatteryCellAnalysisLib.Sections.Section import Section


class DefectClassRow:
    """Connects the class's combo box and its buttons.

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
        section: Shows messages.
    """

    def __init__(self, ui: Any, panel: Any, section: Section) -> None:
        self._ui, self._panel, self._section = ui, panel, section
        ui.markClassComboBox.connect("activated(int)", self._onChosen)
        ui.markClassComboBox.connect("editTextChanged(QString)", lambda text: self._showReady())
        ui.placeButton.connect("pressed()", self.adopt)
        ui.addClassButton.connect("clicked()", self._onAdd)
        ui.renameClassButton.connect("clicked()", self._onRename)
        ui.removeClassButton.connect("clicked()", self._onRemove)

    @property
    def typed(self) -> str:
        """The name in the combo box."""
        return str(self._ui.markClassComboBox.currentText).strip()

    def adopt(self) -> None:
        """Choose the typed class where it is one, also when nobody pressed Enter."""
        if self.typed in self._classes():
            self._panel.parameters.markClass = self.typed

    def refresh(self, now: Readiness.Situation) -> None:
        """Show the classes of the volume and what can be done."""
        combo, classes = self._ui.markClassComboBox, self._classes()
        if self._panel.parameters.markClass not in classes:
            self._panel.parameters.markClass = classes[0]
        chosen = self._panel.parameters.markClass
        state = (classes, chosen)
        if state != getattr(self, "_shown", None):
            self._shown = state
            wasBlocked = combo.blockSignals(True)
            combo.clear()
            combo.addItems(classes)
            combo.setCurrentIndex(classes.index(chosen))
            combo.blockSignals(wasBlocked)
        self._panel.setReady(combo, Readiness.whyNotMark(now))
        self._missing = Readiness.whyNotMark(now)
        self._showReady()

    def _classes(self) -> list[str]:
        volume = self._panel.parameters.volume
        return defect_classes(volume) if volume else list(CLASSES)

    def _showReady(self) -> None:
        isNew = self.typed.casefold() not in {name.casefold() for name in self._classes()}
        typeNew = self._missing or ("" if isNew else _("Type a new name first."))
        chooseOld = self._missing or (_("Choose one of the classes first.") if isNew else "")
        for button in (self._ui.addClassButton, self._ui.renameClassButton):
            self._panel.setReady(button, typeNew)
        self._panel.setReady(self._ui.removeClassButton, chooseOld)

    def _onChosen(self, index: int) -> None:
        self._panel.parameters.markClass = self._ui.markClassComboBox.itemText(index)

    def _onAdd(self) -> None:
        self._change(check_class_name, lambda volume, name: add_defect_class(volume, name))

    def _onRename(self) -> None:
        old = self._panel.parameters.markClass
        self._change(check_class_name, lambda volume, name: rename_defect_class(volume, old, name))

    def _onRemove(self) -> None:
        self._change(check_removable, remove_defect_class)

    def _change(self, check: Callable[[Any, str], Any], change: Callable[[Any, str], Any]) -> None:
        parameters, name = self._panel.parameters, self.typed
        with self._section.reporting(_("The class cannot be changed.")):
            check(parameters.volume, name)
            self._panel.remember()
            change(parameters.volume, name)
            parameters.markClass = " ".join(name.split())
        self._panel.refresh()
