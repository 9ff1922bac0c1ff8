"""The rows with the end members of a movie: names, lithium, files; kept in the parameter node."""

import json
from pathlib import Path
from typing import Any

import qt

from BatteryCellAnalysisLib.I18n import _

_NAME, _LITHIUM, _FILE = range(3)


class MovieMembers:
    """Lists end members.

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._panel, self._table, self._isFilling = panel, ui.movieMembersTableWidget, False
        self._table.setColumnCount(3)
        self._table.setHorizontalHeaderLabels([_("End member"), _("Li per metal"), _("Spectrum")])
        self._table.horizontalHeader().setStretchLastSection(True)
        self._table.verticalHeader().hide()
        self._table.connect("cellChanged(int,int)", self._onCell)
        ui.movieAddMemberButton.connect("clicked()", self._onAdd)
        ui.movieRemoveMemberButton.connect("clicked()", self._onRemove)
        self._shown: str | None = None

    @property
    def rows(self) -> list[list[Any]]:
        """Name, lithium (None for no metal) and file of each."""
        return list(json.loads(self._panel.parameters.movieMembers or "[]"))

    @property
    def files(self) -> list[list[str]]:
        """Name and file of each."""
        return [[name, file] for name, _lithium, file in self.rows]

    @property
    def lithium(self) -> tuple[float | None, ...]:
        """Lithium per metal of each."""
        return tuple(lithium for _name, lithium, _file in self.rows)

    def add(self, path: Path) -> None:
        """Add a spectrum; the first has no lithium, the second one a metal."""
        rows = self.rows
        self._keep([*rows, [path.stem, float(min(len(rows), 1)), str(path)]])

    def refresh(self) -> None:
        """List what the parameters hold."""
        text = self._panel.parameters.movieMembers
        if text == self._shown:
            return
        self._shown, self._isFilling = text, True
        rows = self.rows
        self._table.setRowCount(len(rows))
        for number, (name, lithium, file) in enumerate(rows):
            for column, words in ((_NAME, name), (_LITHIUM, _lithiumWords(lithium)), (_FILE, Path(file).name)):
                item = qt.QTableWidgetItem(words)
                item.setToolTip(file)
                self._table.setItem(number, column, item)
            self._table.item(number, _FILE).setFlags(qt.Qt.ItemIsSelectable | qt.Qt.ItemIsEnabled)
        self._isFilling = False

    def _keep(self, rows: list[list[Any]]) -> None:
        self._panel.parameters.movieMembers = json.dumps(rows, ensure_ascii=False)
        self._panel.refresh()

    def _onCell(self, row: int, column: int) -> None:
        if self._isFilling:
            return
        rows, words = self.rows, self._table.item(row, column).text().strip()
        if column == _LITHIUM:
            rows[row][_LITHIUM] = _lithiumOf(words, rows[row][_LITHIUM])
        elif words:
            rows[row][column] = words
        self._shown = None
        self._keep(rows)

    def _onAdd(self) -> None:
        title = _("Spectra: energy in eV and optical density")
        for path in qt.QFileDialog.getOpenFileNames(self._table, title):
            self.add(Path(path))

    def _onRemove(self) -> None:
        row = self._table.currentRow()
        if row >= 0:
            self._keep([one for number, one in enumerate(self.rows) if number != row])


def _lithiumWords(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _lithiumOf(words: str, before: float | None) -> float | None:
    """The number that was typed; what was there before where it is none."""
    try:
        return float(words.replace(",", ".")) if words not in ("", "-") else None
    except ValueError:
        return before
