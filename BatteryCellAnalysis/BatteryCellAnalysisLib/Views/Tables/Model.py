"""A table for a ``QTableView`` that is asked only for the cells in view: any number of rows appears at once."""

from typing import Any

import qt
from batterycell.tables import Column, Table


class TableModel(qt.QAbstractTableModel):
    """Shows a table with titles, units and descriptions; numbers to six digits."""

    def __init__(self) -> None:
        qt.QAbstractTableModel.__init__(self)
        self._columns: tuple[Column, ...] = ()
        self._values: list[Any] = []

    def show(self, table: Table | None) -> None:
        """Show another table; none for None."""
        self.beginResetModel()
        self._columns = table.columns if table else ()
        self._values = [table[column.name] for column in self._columns] if table else []
        self.endResetModel()

    def rowCount(self, parent: Any = None) -> int:
        return len(self._values[0]) if self._values else 0

    def columnCount(self, parent: Any = None) -> int:
        return len(self._columns)

    def data(self, index: Any, role: int) -> Any:
        value = self._values[index.column()][self.place(index.row())]
        if role == qt.Qt.DisplayRole:
            return cellText(value)
        isNumber = not isinstance(value, str)
        return int(qt.Qt.AlignRight | qt.Qt.AlignVCenter) if role == qt.Qt.TextAlignmentRole and isNumber else None

    def headerData(self, section: int, orientation: int, role: int) -> Any:
        if orientation == qt.Qt.Vertical:
            return str(section + 1) if role == qt.Qt.DisplayRole else None
        column = self._columns[section]
        if role == qt.Qt.ToolTipRole:
            return column.description
        title = f"{column.title} [{column.units}]" if column.units else column.title
        return title if role == qt.Qt.DisplayRole else None

    def place(self, row: int) -> int:
        """The table's row that is shown in a row of the view."""
        return row


def cellText(value: Any) -> str:
    """A value for people: numbers to six digits, nothing for what is no number."""
    if isinstance(value, float):
        return "" if value != value else f"{value:.6g}"
    return str(value)
