"""The table of marked defects: class, severity and note are edited in place, a row is a place in the views."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import qt
from batterycell.annotate.defects import SEVERITIES
from batterycell.tables import Table

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Views.Tables.WordChoice import WordChoice

_COLUMNS = ("id", "class", "severity", "angle_deg", "winding", "note")
_EDITABLE = ("class", "severity", "note")
_ROW_PIXELS = 22
_READ_ONLY = qt.Qt.ItemIsEnabled | qt.Qt.ItemIsSelectable


class DefectTable:
    """Shows defects in a ``QTableWidget``.

    ``chosen`` tells the number of the defect that people selected; ``edited`` tells number, column and new text.

    Args:
        widget: The table.
    """

    def __init__(self, widget: Any) -> None:
        self.chosen, self.edited = Signal(), Signal()
        self._widget, self._isFilling = widget, False
        self._shown: tuple[Any, ...] = ()
        self._classes = WordChoice(widget)
        self._severities = WordChoice(widget)
        self._severities.words = list(SEVERITIES)
        self._layOut()
        widget.connect("itemSelectionChanged()", self._onSelection)
        widget.connect("itemChanged(QTableWidgetItem*)", self._onChanged)

    def show(self, defects: Table | None, colors: Mapping[str, str]) -> None:
        """Show defects; ``colors`` names the classes and their colours (#RRGGBB)."""
        rows = _rows(defects) if defects else []
        if (state := (rows, dict(colors))) == self._shown:
            return
        self._shown, selected = state, self.selected()
        self._classes.words = list(colors)
        self._isFilling = True
        self._fill(rows, colors)
        self._isFilling = False
        self.select(*selected)

    def selected(self) -> list[str]:
        """The numbers of the selected defects."""
        rows = {index.row() for index in self._widget.selectionModel().selectedRows()}
        return [self._widget.item(row, 0).text() for row in sorted(rows)]

    def select(self, *defectIds: str) -> None:
        """Select defects without telling."""
        self._isFilling = True
        self._widget.clearSelection()
        for row in range(self._widget.rowCount):
            if self._widget.item(row, 0).text() in defectIds:
                self._selectRow(row)
        self._isFilling = False

    def again(self) -> None:
        """Show at the next `show` what is true, whatever was typed."""
        self._shown = ()

    def _layOut(self) -> None:
        widget = self._widget
        widget.setColumnCount(len(_COLUMNS))
        widget.setHorizontalHeaderLabels(
            [_("No."), _("Class"), _("Severity"), _("Angle"), _("Winding"), _("Note")]
        )  # fmt: skip
        widget.horizontalHeader().setStretchLastSection(True)
        widget.verticalHeader().setDefaultSectionSize(_ROW_PIXELS)
        widget.verticalHeader().hide()
        for name, delegate in (("class", self._classes), ("severity", self._severities)):
            widget.setItemDelegateForColumn(_COLUMNS.index(name), delegate)

    def _selectRow(self, row: int) -> None:
        model, flags = self._widget.selectionModel(), qt.QItemSelectionModel
        model.select(self._widget.model().index(row, 0), flags.Select | flags.Rows)
        self._widget.scrollToItem(self._widget.item(row, 0))

    def _fill(self, rows: list[tuple[str, ...]], colors: Mapping[str, str]) -> None:
        self._widget.setRowCount(len(rows))
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                self._widget.setItem(row, column, _item(text, _COLUMNS[column]))
            color = colors.get(texts[_COLUMNS.index("class")])
            self._widget.item(row, _COLUMNS.index("class")).setData(qt.Qt.DecorationRole, qt.QColor(color))
        # The note takes what is left.
        for column in range(len(_COLUMNS) - 1):
            self._widget.resizeColumnToContents(column)

    def _onSelection(self) -> None:
        if not self._isFilling and len(selected := self.selected()) == 1:
            self.chosen.emit(selected[0])

    def _onChanged(self, item: Any) -> None:
        if self._isFilling:
            return
        row, column = item.row(), item.column()
        if item.text() != self._shown[0][row][column]:
            self.edited.emit(self._widget.item(row, 0).text(), _COLUMNS[column], item.text())


def _rows(defects: Table) -> list[tuple[str, ...]]:
    columns = [defects[name].tolist() for name in _COLUMNS]
    return [tuple(_text(value) for value in row) for row in zip(*columns, strict=True)]


def _text(value: Any) -> str:
    if isinstance(value, float):
        # 359.99° is 0.0°.
        return f"{round(value, 1) % 360:.1f}°" if np.isfinite(value) else ""
    return str(value)


def _item(text: str, column: str) -> Any:
    item = qt.QTableWidgetItem(text)
    item.setToolTip(text)
    if column not in _EDITABLE:
        item.setFlags(_READ_ONLY)
    return item
