"""The table of rulers and angles: the name is edited in place, a row is a place in the views."""

from collections.abc import Sequence
from typing import Any

import qt
from batterycell.annotate.rulers import ANGLE, Ruler

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Signal import Signal

_ROW_PIXELS = 22
_READ_ONLY = qt.Qt.ItemIsEnabled | qt.Qt.ItemIsSelectable
_NAME = 0


class RulerTable:
    """Shows rulers in a ``QTableWidget``.

    ``chosen`` tells the node id of the ruler that people selected; ``renamed`` tells node id and new name.

    Args:
        widget: The table.
    """

    def __init__(self, widget: Any) -> None:
        self.chosen, self.renamed = Signal(), Signal()
        self._widget, self._isFilling = widget, False
        self._shown: list[tuple[str, ...]] = []
        titles = [_("Name"), _("Value (95 %)"), _("View"), _("Start"), _("End"), _("Start (mm)"), _("End (mm)")]
        widget.setColumnCount(len(titles))
        widget.setHorizontalHeaderLabels(titles)
        widget.verticalHeader().setDefaultSectionSize(_ROW_PIXELS)
        widget.verticalHeader().hide()
        widget.connect("itemSelectionChanged()", self._onSelection)
        widget.connect("itemChanged(QTableWidgetItem*)", self._onChanged)

    def show(self, rulers: Sequence[tuple[str, Ruler]]) -> None:
        """Show rulers, each with the id of its node."""
        rows = [(nodeId, *_texts(ruler)) for nodeId, ruler in rulers]
        if rows == self._shown:
            return
        selected, self._shown, self._isFilling = self.selected(), rows, True
        self._widget.setRowCount(len(rows))
        for row, (_id, *texts) in enumerate(rows):
            for column, text in enumerate(texts):
                self._widget.setItem(row, column, _item(text, column))
        self._widget.resizeColumnsToContents()
        self._isFilling = False
        self.select(*selected)

    def selected(self) -> list[str]:
        """The node ids of the selected rulers."""
        rows = {index.row() for index in self._widget.selectionModel().selectedRows()}
        return [self._shown[row][0] for row in sorted(rows) if row < len(self._shown)]

    def select(self, *nodeIds: str) -> None:
        """Select rulers without telling."""
        self._isFilling = True
        self._widget.clearSelection()
        flags = qt.QItemSelectionModel
        for row, (nodeId, *_rest) in enumerate(self._shown):
            if nodeId in nodeIds:
                index = self._widget.model().index(row, 0)
                self._widget.selectionModel().select(index, flags.Select | flags.Rows)
                self._widget.scrollToItem(self._widget.item(row, 0))
        self._isFilling = False

    def again(self) -> None:
        """Show at the next `show` what is true, whatever was typed."""
        self._shown = []

    def _onSelection(self) -> None:
        if not self._isFilling and len(selected := self.selected()) == 1:
            self.chosen.emit(selected[0])

    def _onChanged(self, item: Any) -> None:
        if not self._isFilling and item.column() == _NAME and item.text() != self._shown[item.row()][1]:
            self.renamed.emit(self._shown[item.row()][0], item.text())


def _texts(ruler: Ruler) -> tuple[str, ...]:
    ends = [""] * 2 if ruler.kind == ANGLE else [_end(um) for um in ruler.snapped_um]
    places = [", ".join(f"{value:.3f}" for value in ruler.world[index]) for index in (0, -1)]
    return (ruler.name, ruler.caption, ruler.view, *ends, *places)


def _end(snapped_um: float | None) -> str:
    """How an end was placed: ``edge ± 1.3 µm``."""
    return _("by hand") if snapped_um is None else _("edge ± {um:.1f} µm").format(um=snapped_um)


def _item(text: str, column: int) -> Any:
    item = qt.QTableWidgetItem(text)
    item.setToolTip(text)
    if column != _NAME:
        item.setFlags(_READ_ONLY)
    return item
