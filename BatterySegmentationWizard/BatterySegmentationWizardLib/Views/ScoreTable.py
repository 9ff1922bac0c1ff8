"""The table of an evaluation: numbers to three digits, means in bold."""

from typing import Any

import qt
from batterycell.tables import Table
from BatteryCellAnalysisLib.Views.Tables.Model import TableModel

_SHOWN = ("image", "class", "dice", "iou", "precision", "recall", "tolerant_dice", "note")
_MEAN = "mean"
# Pixels of the first columns, so that the scores are to be seen.
_WIDEST = (120, 95)


class _Model(TableModel):
    """Scores read best to three digits."""

    def data(self, index: Any, role: int) -> Any:
        value = self._values[index.column()][index.row()]
        if role == qt.Qt.ToolTipRole and isinstance(value, str):
            return value
        if role == qt.Qt.DisplayRole and isinstance(value, float):
            return "" if value != value else f"{value:.3f}"
        if role == qt.Qt.FontRole and self._isMean(index.row()):
            font = qt.QFont()
            font.setBold(True)
            return font
        return TableModel.data(self, index, role)

    def _isMean(self, row: int) -> bool:
        return bool(self._values[0][row] == _MEAN)


class ScoreTable:
    """Shows scores in a ``QTableView``.

    Args:
        view: The view.
    """

    def __init__(self, view: Any) -> None:
        self._view, self._model = view, _Model()
        self._shown: Table | None = None
        view.setModel(self._model)
        view.setTextElideMode(qt.Qt.ElideMiddle)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(22)
        view.horizontalHeader().setStretchLastSection(True)

    @property
    def hasRows(self) -> bool:
        """Whether there is something to show."""
        return self._shown is not None and len(self._shown) > 0

    def show(self, table: Table | None) -> None:
        """Show scores; none for None. A column without numbers is away."""
        if _same(table, self._shown):
            return
        self._shown = table
        self._model.show(table and _part(table))
        self._view.resizeColumnsToContents()
        for column, widest in enumerate(_WIDEST):
            self._view.setColumnWidth(column, min(widest, self._view.columnWidth(column)))
        # The means stand at the end.
        self._view.scrollToBottom()


def _part(table: Table) -> Table:
    """The columns that people look at first."""
    known = [column for column in table.columns if column.name in _SHOWN and _says(table, column.name)]
    return Table(tuple(known), {column.name: table[column.name] for column in known})


def _says(table: Table, name: str) -> bool:
    values = table[name]
    return bool((values == values).any()) if values.dtype.kind == "f" else any(str(one) for one in values)


def _same(first: Table | None, other: Table | None) -> bool:
    if first is None or other is None:
        return first is other
    names = [column.name for column in first.columns]
    return names == [column.name for column in other.columns] and all(
        list(map(str, first[name])) == list(map(str, other[name])) for name in names
    )
