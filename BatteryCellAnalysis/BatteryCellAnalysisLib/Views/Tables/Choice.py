"""Tables to choose from: one is shown, and a selected row leads into the views."""

from collections.abc import Callable, Mapping
from typing import Any

from batterycell.mrml.points import place_of_row
from batterycell.tables import Table

from BatteryCellAnalysisLib.Views.SliceViews import goTo

from .Model import TableModel

_ROW_PIXELS = 20
_ROWS_FOR_WIDTH = 20


def setTable(view: Any) -> TableModel:
    """Give a ``QTableView`` a model for tables of any length."""
    model = TableModel()
    layOutTable(view, model)
    return model


def layOutTable(view: Any, model: Any) -> None:
    """Let a ``QTableView`` show a model of any length."""
    view.verticalHeader().setDefaultSectionSize(_ROW_PIXELS)
    view.setModel(model)
    # A column's width from its first rows: all would take a second.
    view.horizontalHeader().setResizeContentsPrecision(_ROWS_FOR_WIDTH)


class TableChoice:
    """Shows one of several tables.

    Args:
        combo: The ``QComboBox`` to choose in.
        view: The ``QTableView``.
        getVolume: The volume in whose own RAS places of the tables lie.
    """

    def __init__(self, combo: Any, view: Any, getVolume: Callable[[], Any]) -> None:
        self._combo, self._view, self._getVolume = combo, view, getVolume
        self._tables: Mapping[str, Table] = {}
        self._model = setTable(view)
        selection = view.selectionModel()
        selection.connect("selectionChanged(QItemSelection,QItemSelection)", lambda new, old: self._onSelection())
        combo.connect("currentIndexChanged(int)", lambda index: self._fill())

    def show(self, tables: Mapping[str, Table], chosen: str = "") -> None:
        """Offer these tables by their titles, and show the chosen one, that of before, else the first."""
        chosen, self._tables = chosen or self._combo.currentText, tables
        wasBlocked = self._combo.blockSignals(True)
        self._combo.clear()
        for title in tables:
            self._combo.addItem(title)
        self._combo.setCurrentIndex(max(0, self._combo.findText(chosen)))
        self._combo.blockSignals(wasBlocked)
        for widget in (self._combo, self._view):
            widget.visible = bool(tables)
        self._fill()

    def _shown(self) -> Table | None:
        return self._tables.get(self._combo.currentText)

    def _fill(self) -> None:
        self._model.show(self._shown())
        self._view.resizeColumnsToContents()

    def _onSelection(self) -> None:
        rows, table = self._view.selectionModel().selectedRows(), self._shown()
        place = place_of_row(table, rows[0].row()) if table is not None and len(rows) == 1 else None
        if place is not None:
            goTo(self._getVolume(), place)
