"""The list of frames: a row is a place in the views; name, role and completeness are edited in place."""

from collections.abc import Sequence
from typing import Any

import qt
from batterycell import palette
from batterycell.segment import ROLES, SegmentClass
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Views.Tables.WordChoice import WordChoice

from .FrameRows import FrameRow

_NAME, _IMAGE, _PLACE, _ROLE, _PAINTED, _CLASSES, _FULL = range(7)
_WIDTHS = {_NAME: 62, _IMAGE: 82, _PLACE: 60, _ROLE: 104, _PAINTED: 60, _CLASSES: 64, _FULL: 36}
_ROW_PIXELS = 24
_SWATCH_PIXELS = 12
_PLAIN = qt.Qt.ItemIsEnabled | qt.Qt.ItemIsSelectable


class FrameTable:
    """Shows frames in a ``QTableWidget``.

    ``chosen`` tells that people chose rows, ``edited`` a frame's id, ``"name"``, ``"role"`` or ``"full"``, and the new
    text or state.

    Args:
        widget: The table.
    """

    def __init__(self, widget: Any) -> None:
        self.chosen, self.edited = Signal(), Signal()
        self._widget, self._isFilling = widget, False
        self._rows: list[FrameRow] = []
        self._classes: tuple[SegmentClass, ...] = ()
        self._roles = WordChoice(widget)
        self._roles.words = list(ROLES)
        self._layOut()
        widget.connect("itemSelectionChanged()", self._onSelection)
        widget.connect("itemChanged(QTableWidgetItem*)", self._onChanged)

    def show(self, rows: Sequence[FrameRow], classes: Sequence[SegmentClass]) -> None:
        """Show frames; the chosen ones stay chosen."""
        if list(rows) == self._rows and tuple(classes) == self._classes:
            return
        selected = self.selected()
        self._rows, self._classes = list(rows), tuple(classes)
        self._isFilling = True
        self._widget.setRowCount(len(rows))
        for number, row in enumerate(rows):
            self._fillRow(number, row)
        self._isFilling = False
        self.select(*selected)

    def again(self) -> None:
        """Show at the next `show` what is true, whatever was typed."""
        self._rows = []

    def selected(self) -> list[str]:
        """The ids of the chosen frames."""
        rows = sorted({index.row() for index in self._widget.selectionModel().selectedRows()})
        return [self._rows[row].id for row in rows if row < len(self._rows)]

    def select(self, *ids: str) -> None:
        """Choose frames without telling."""
        self._isFilling = True
        self._widget.clearSelection()
        model, flags = self._widget.selectionModel(), qt.QItemSelectionModel
        for number, row in enumerate(self._rows):
            if row.id in ids:
                model.select(self._widget.model().index(number, 0), flags.Select | flags.Rows)
                self._widget.scrollToItem(self._widget.item(number, 0))
        self._isFilling = False

    def _layOut(self) -> None:
        widget = self._widget
        titles = [_("Frame"), _("Image"), _("Slice"), _("Role"), _("Painted"), _("Classes"), _("Full")]
        widget.setColumnCount(len(titles))
        widget.setHorizontalHeaderLabels(titles)
        tip = _("Tick a frame in which every pixel is labelled; else unpainted pixels are unknown.")
        widget.horizontalHeaderItem(_FULL).setToolTip(tip)
        for column, pixels in _WIDTHS.items():
            widget.setColumnWidth(column, pixels)
        widget.horizontalHeader().setStretchLastSection(True)
        widget.horizontalHeader().setDefaultAlignment(int(qt.Qt.AlignLeft | qt.Qt.AlignVCenter))
        widget.horizontalHeader().setMinimumSectionSize(30)
        widget.verticalHeader().setDefaultSectionSize(_ROW_PIXELS)
        widget.verticalHeader().hide()
        widget.setIconSize(qt.QSize(8 * _SWATCH_PIXELS, _SWATCH_PIXELS))
        widget.setItemDelegateForColumn(_ROLE, self._roles)

    def _fillRow(self, number: int, row: FrameRow) -> None:
        painted = "" if row.painted is None else _percent(row.painted)
        for column, text in enumerate((row.name, row.image, row.place, row.role, painted, "", "")):
            item = qt.QTableWidgetItem(text)
            item.setToolTip(text)
            item.setFlags(_PLAIN | qt.Qt.ItemIsEditable if column in (_NAME, _ROLE) else _PLAIN)
            self._widget.setItem(number, column, item)
        self._widget.item(number, _ROLE).setIcon(_swatches([palette.FRAMES[row.role]]))
        self._showClasses(self._widget.item(number, _CLASSES), row)
        full = self._widget.item(number, _FULL)
        full.setFlags(_PLAIN | qt.Qt.ItemIsUserCheckable)
        full.setCheckState(qt.Qt.Checked if row.full else qt.Qt.Unchecked)

    def _showClasses(self, item: Any, row: FrameRow) -> None:
        there = [self._classes[index] for index in row.classes if index < len(self._classes)]
        item.setIcon(_swatches([one.color for one in there]))
        item.setToolTip(", ".join(one.name for one in there) or _("Nothing is painted."))

    def _onSelection(self) -> None:
        if not self._isFilling:
            self.chosen.emit()

    def _onChanged(self, item: Any) -> None:
        if self._isFilling:
            return
        row = self._rows[item.row()]
        if item.column() == _NAME and item.text() != row.name:
            self.edited.emit(row.id, "name", item.text())
        elif item.column() == _ROLE and item.text() != row.role:
            self.edited.emit(row.id, "role", item.text())
        elif item.column() == _FULL:
            self.edited.emit(row.id, "full", item.checkState() == qt.Qt.Checked)


def _percent(part: float) -> str:
    """A part of a frame in per cent, never 0 for a little and never 100 for not quite all."""
    if 0 < part < 0.001:
        return "< 0.1 %"
    if 0.999 < part < 1:
        return "> 99.9 %"
    decimals = 1 if 0 < part < 0.1 or 0.99 < part < 1 else 0
    return f"{100 * part:.{decimals}f} %"


def _swatches(colors: Sequence[str]) -> Any:
    """Small squares of colours side by side."""
    pixmap = qt.QPixmap(max(1, len(colors)) * _SWATCH_PIXELS, _SWATCH_PIXELS)
    pixmap.fill(qt.QColor(0, 0, 0, 0))
    painter = qt.QPainter(pixmap)
    for number, color in enumerate(colors):
        painter.fillRect(number * _SWATCH_PIXELS, 0, _SWATCH_PIXELS - 2, _SWATCH_PIXELS, qt.QColor(color))
    painter.end()
    icon = qt.QIcon(pixmap)
    icon.addPixmap(pixmap, qt.QIcon.Selected)
    return icon
