"""The table of models: drafts and the library's."""

from collections.abc import Sequence
from typing import Any

import qt
from batterycell.segment.model.library import Broken, Model
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Signal import Signal

from BatterySegmentationWizardLib.Pages.ModelWords import kindWords, meanDice

_ROW_PIXELS = 22
_DAMAGED = "#d1495b"


class ModelTable:
    """Shows models in a ``QTableWidget``; ``chosen`` tells that another one was selected.

    Args:
        widget: The table.
    """

    def __init__(self, widget: Any) -> None:
        self.chosen = Signal()
        self._widget, self._isFilling = widget, False
        self._models: list[Model | Broken] = []
        titles = [_("Name"), _("Version"), _("Kind"), _("Dice"), _("Classes"), _("Licence"), _("Date")]
        widget.setColumnCount(len(titles))
        widget.setHorizontalHeaderLabels(titles)
        widget.horizontalHeader().setStretchLastSection(True)
        widget.verticalHeader().setDefaultSectionSize(_ROW_PIXELS)
        widget.verticalHeader().hide()
        widget.connect("itemSelectionChanged()", self._onSelection)

    @property
    def current(self) -> Model | Broken | None:
        """The selected model, or folder of a damaged one."""
        rows = {index.row() for index in self._widget.selectionModel().selectedRows()}
        return self._models[min(rows)] if rows else None

    def show(self, models: Sequence[Model | Broken]) -> None:
        """Show models, and keep the selection where it can be kept."""
        chosen = self.current
        self._models, self._isFilling = list(models), True
        self._widget.setRowCount(len(models))
        for row, model in enumerate(models):
            for column, text in enumerate(_texts(model)):
                self._widget.setItem(row, column, _item(text, isinstance(model, Broken)))
        self._widget.resizeColumnsToContents()
        self._isFilling = False
        self.select(str(chosen.folder) if chosen else "")

    def select(self, folder: str) -> None:
        """Select the model in a folder, or none, and tell."""
        self._isFilling = True
        self._widget.clearSelection()
        rows = [row for row, model in enumerate(self._models) if str(model.folder) == folder]
        if rows:
            self._widget.selectRow(rows[0])
        self._isFilling = False
        self.chosen.emit()

    def _onSelection(self) -> None:
        if not self._isFilling:
            self.chosen.emit()


def _texts(model: Model | Broken) -> list[str]:
    if isinstance(model, Broken):
        return [model.folder.name, "", _("damaged"), "", model.problem, "", ""]
    info, dice = model.info, meanDice(model.info)
    names = ", ".join(one.name for one in info.classes)
    score = "" if dice is None else f"{dice:.3f}"
    return [info.name, info.version, kindWords(model.kind), score, names, info.licence, info.created[:10]]


def _item(text: str, isDamaged: bool) -> Any:
    item = qt.QTableWidgetItem(text)
    item.setToolTip(text)
    if isDamaged:
        item.setForeground(qt.QBrush(qt.QColor(_DAMAGED)))
    return item
