"""The table of objects: sorted by a click on a title, at once however many rows it has; rows are known by number."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import qt
from batterycell.instances.histogram import present_rows
from batterycell.tables import Table

from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Views.Tables.Choice import layOutTable
from BatteryCellAnalysisLib.Views.Tables.Model import TableModel


class ObjectModel(TableModel):
    """A table whose rows are shown in another order, without the objects that edits took away."""

    def __init__(self) -> None:
        TableModel.__init__(self)
        self._present = self.order = np.arange(0)

    def show(self, table: Table | None) -> None:
        """Show another table, in its own order; none for None."""
        self._present = present_rows(table) if table else np.arange(0)
        self.order = self._present
        TableModel.show(self, table)

    def sort(self, column: int, order: int = qt.Qt.AscendingOrder) -> None:
        """Show the rows in the order of a column's values; what is no number comes last."""
        if not 0 <= column < len(self._values):
            return
        self.beginResetModel()
        self.order = self._present[_sorted(self._values[column][self._present], order == qt.Qt.DescendingOrder)]
        self.endResetModel()

    def rowCount(self, parent: Any = None) -> int:
        return len(self.order)

    def place(self, row: int) -> int:
        """The table's row that is shown in a row of the view."""
        return int(self.order[row])

    def columnOf(self, name: str) -> int:
        """Number of a column; -1 where there is none."""
        return next((n for n, column in enumerate(self._columns) if column.name == name), -1)


class ObjectTable:
    """Shows objects in a ``QTableView``.

    ``chosen`` tells the numbers of the objects that people selected.

    Args:
        view: The view.
    """

    def __init__(self, view: Any) -> None:
        self.chosen = Signal()
        self._view, self._isQuiet = view, False
        self._model = ObjectModel()
        layOutTable(view, self._model)
        view.verticalHeader().hide()
        view.setSortingEnabled(True)
        view.horizontalHeader().setSortIndicator(0, qt.Qt.AscendingOrder)
        view.horizontalHeader().connect("sortIndicatorChanged(int,Qt::SortOrder)", lambda *what: self._onSorted())
        selection = view.selectionModel()
        selection.connect("selectionChanged(QItemSelection,QItemSelection)", lambda new, old: self._onSelection())
        self._selected: list[int] = []

    def show(self, table: Table | None) -> None:
        """Show objects; what was selected no longer is."""
        self._isQuiet, self._selected = True, []
        self._model.show(table)
        self._view.horizontalHeader().setSortIndicator(0, qt.Qt.AscendingOrder)
        self._view.resizeColumnsToContents()
        self._isQuiet = False

    @property
    def selected(self) -> list[int]:
        """Numbers of the selected objects."""
        return list(self._selected)

    def select(self, numbers: Iterable[int], sortBy: str = "") -> None:
        """Select objects without telling, and scroll to the first.

        Args:
            numbers: The objects.
            sortBy: A column by which the table is sorted first; empty for none.
        """
        column = self._model.columnOf(sortBy)
        if column >= 0:
            self._view.sortByColumn(column, qt.Qt.AscendingOrder)
        self._selected = sorted(set(numbers))
        self._markRows()

    def _onSorted(self) -> None:
        # Once the view has sorted.
        qt.QTimer.singleShot(0, self._markRows)

    def _markRows(self) -> None:
        """Mark the rows of what is selected, wherever they are now."""
        rows = np.flatnonzero(np.isin(self._model.order + 1, self._selected))
        last = self._model.columnCount() - 1
        chosen = qt.QItemSelection()
        for first, end in _ranges(rows):
            chosen.merge(
                qt.QItemSelection(self._model.index(first, 0), self._model.index(end, last)),
                qt.QItemSelectionModel.Select,
            )
        self._isQuiet = True
        self._view.selectionModel().select(chosen, qt.QItemSelectionModel.ClearAndSelect)
        self._isQuiet = False
        if len(rows):
            self._view.scrollTo(self._model.index(int(rows[0]), 0))

    def _onSelection(self) -> None:
        if self._isQuiet:
            return
        indexes = self._view.selectionModel().selectedRows()
        self._selected = sorted(self._model.place(index.row()) + 1 for index in indexes)
        self.chosen.emit(self.selected)


def _sorted(values: Any, isDescending: bool) -> np.ndarray:
    order = np.argsort(values, kind="stable")
    if isDescending:
        order = np.argsort(values[::-1], kind="stable")[::-1]
        order = len(values) - 1 - order
    return np.concatenate([order[values[order] == values[order]], order[values[order] != values[order]]])


def _ranges(rows: np.ndarray) -> list[tuple[int, int]]:
    """First and last of each block of rows that follow one another."""
    if not len(rows):
        return []
    breaks = np.flatnonzero(np.diff(rows) > 1)
    firsts, lasts = rows[np.r_[0, breaks + 1]], rows[np.r_[breaks, len(rows) - 1]]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
