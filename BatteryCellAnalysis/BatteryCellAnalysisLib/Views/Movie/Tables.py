"""The tables of a movie: one is shown; a selected row tells its particle and its time."""

from collections.abc import Mapping
from typing import Any

import qt
from batterycell.mrml.movie.places import place_of_row, row_of
from batterycell.tables import Table

from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Views.Tables.Choice import setTable


class MovieTables:
    """Shows one of several tables.

    ``chosen(number, time)`` tells particle and time of the row that people selected; 0 and NaN where it has none.

    Args:
        combo: The ``QComboBox`` to choose in.
        view: The ``QTableView``.
    """

    def __init__(self, combo: Any, view: Any) -> None:
        self.chosen = Signal()
        self._combo, self._view, self._isQuiet = combo, view, False
        self._tables: Mapping[str, Table] = {}
        self._model = setTable(view)
        combo.connect("currentIndexChanged(int)", lambda index: self._fill())
        selection = view.selectionModel()
        selection.connect("selectionChanged(QItemSelection,QItemSelection)", lambda new, old: self._onSelection())

    @property
    def shown(self) -> Table | None:
        """The table that is shown; None for none."""
        return self._tables.get(self._combo.currentText)

    def show(self, tables: Mapping[str, Table]) -> None:
        """Offer these tables by their titles, and show that of before, else the first."""
        chosen, self._tables = self._combo.currentText, tables
        wasBlocked = self._combo.blockSignals(True)
        self._combo.clear()
        for title in tables:
            self._combo.addItem(title)
        self._combo.setCurrentIndex(max(0, self._combo.findText(chosen)))
        self._combo.blockSignals(wasBlocked)
        self._fill()

    def select(self, number: int, time: float) -> None:
        """Select the row of a particle nearest to a time, without telling."""
        row = row_of(self.shown, number, time) if self.shown is not None else None
        self._isQuiet = True
        if row is None:
            self._view.clearSelection()
        else:
            self._view.selectRow(row)
            self._view.scrollTo(self._model.index(row, 0), qt.QAbstractItemView.PositionAtCenter)
        self._isQuiet = False

    def _fill(self) -> None:
        self._model.show(self.shown)
        self._view.resizeColumnsToContents()

    def _onSelection(self) -> None:
        rows = self._view.selectionModel().selectedRows()
        if not self._isQuiet and self.shown is not None and len(rows) == 1:
            self.chosen.emit(*place_of_row(self.shown, rows[0].row()))
