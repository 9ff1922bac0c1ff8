"""The list of classes: shown or not, colour, name; choosing one chooses what is painted."""

from collections.abc import Sequence
from typing import Any

import qt
import slicer
from batterycell.segment import SegmentClass
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Signal import Signal

_EYE, _COLOR, _NAME = range(3)
_ROW_PIXELS = 24
_LEAST_ROWS, _MOST_ROWS = 3, 9
_PLAIN = qt.Qt.ItemIsEnabled | qt.Qt.ItemIsSelectable


class ClassTable:
    """Shows the classes in a ``QTableWidget``.

    ``chosen``, ``eyeClicked``, ``colorClicked`` tell a class's place in the order, ``renamed`` its place and new name.

    Args:
        widget: The table.
    """

    def __init__(self, widget: Any) -> None:
        self.chosen, self.renamed = Signal(), Signal()
        self.eyeClicked, self.colorClicked = Signal(), Signal()
        self._widget, self._isFilling = widget, False
        self._shown: tuple[Any, ...] = ()
        self._layOut()
        widget.connect("itemSelectionChanged()", self._onSelection)
        widget.connect("itemChanged(QTableWidgetItem*)", self._onChanged)
        widget.connect("cellClicked(int,int)", self._onClicked)

    @property
    def current(self) -> int:
        """The place of the chosen class; -1 where none is."""
        rows = self._widget.selectionModel().selectedRows()
        return rows[0].row() if rows else -1

    def show(self, classes: Sequence[SegmentClass], visible: Sequence[bool], current: int) -> None:
        """Show the classes, which of them are seen, and which one is chosen."""
        self._isFilling = True
        if (state := (tuple(classes), tuple(visible))) != self._shown:
            self._shown = state
            self._widget.setRowCount(len(classes))
            for row, (one, isSeen) in enumerate(zip(classes, visible, strict=True)):
                self._fillRow(row, one, isSeen)
            self._widget.setFixedHeight(_ROW_PIXELS * min(max(len(classes), _LEAST_ROWS), _MOST_ROWS) + 2)
        if current != self.current:
            self._widget.clearSelection() if current < 0 else self._widget.selectRow(current)
        self._isFilling = False

    def again(self) -> None:
        """Show at the next `show` what is true, whatever was typed."""
        self._shown = ()

    def edit(self, row: int) -> None:
        """Let people type a name."""
        self._widget.editItem(self._widget.item(row, _NAME))

    def _layOut(self) -> None:
        widget = self._widget
        widget.setColumnCount(3)
        widget.setHorizontalHeaderLabels(["", "", _("Class")])
        widget.horizontalHeader().setStretchLastSection(True)
        widget.verticalHeader().setDefaultSectionSize(_ROW_PIXELS)
        widget.verticalHeader().hide()
        widget.horizontalHeader().hide()
        for column in (_EYE, _COLOR):
            widget.setColumnWidth(column, 30)

    def _fillRow(self, row: int, one: SegmentClass, isSeen: bool) -> None:
        eye, color, name = qt.QTableWidgetItem(), qt.QTableWidgetItem(), qt.QTableWidgetItem(one.name)
        eye.setIcon(qt.QIcon(":/Icons/VisibleOn.png" if isSeen else ":/Icons/VisibleOff.png"))
        eye.setToolTip(_("Show the class in the views, or hide it."))
        color.setIcon(_swatch(one.color))
        color.setToolTip(_("Change the colour."))
        name.setToolTip(_("Double-click to rename."))
        for column, item in ((_EYE, eye), (_COLOR, color), (_NAME, name)):
            item.setFlags(_PLAIN | qt.Qt.ItemIsEditable if column == _NAME else _PLAIN)
            self._widget.setItem(row, column, item)

    def _onSelection(self) -> None:
        if not self._isFilling and self.current >= 0:
            self.chosen.emit(self.current)

    def _onChanged(self, item: Any) -> None:
        if not self._isFilling and item.column() == _NAME:
            self.renamed.emit(item.row(), item.text())

    def _onClicked(self, row: int, column: int) -> None:
        if column == _EYE:
            self.eyeClicked.emit(row)
        elif column == _COLOR:
            self.colorClicked.emit(row)


def _swatch(color: str) -> Any:
    pixmap = qt.QPixmap(18, 18)
    pixmap.fill(qt.QColor(color))
    icon = qt.QIcon(pixmap)
    # Else a chosen row would show another colour.
    icon.addPixmap(pixmap, qt.QIcon.Selected)
    return icon


def pickColor(color: str, onPicked: Any) -> Any:
    """Show Qt's colour dialog beside the work; ``onPicked`` is called with the colour that was chosen."""
    dialog = qt.QColorDialog(qt.QColor(color), slicer.util.mainWindow())
    dialog.setAttribute(qt.Qt.WA_DeleteOnClose)
    dialog.connect("colorSelected(QColor)", lambda picked: onPicked(picked.name().upper()))
    dialog.open()
    return dialog
