"""The buttons of the section "X-ray movie" that ask for files and folders."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import qt

from BatteryCellAnalysisLib.I18n import _

from .Settings import namedIn, othersOf


class MovieFiles:
    """Asks, and hands on what was chosen.

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters.
        section: The section "X-ray movie".
    """

    def __init__(self, ui: Any, panel: Any, section: Any) -> None:
        self._parent, self._panel = ui.movieCollapsibleButton, panel
        words = _("Folder of frames, or of a result")
        self._ask(ui.movieLoadFileButton, partial(self._file, _("X-ray movie")), lambda path: section.load(path))
        self._ask(ui.movieLoadFolderButton, partial(self._folder, words), lambda path: section.load(path))
        self._ask(ui.movieCsvButton, self._newTable, lambda path: section.saveTable(path))
        words = _("Folder for the results")
        self._ask(ui.movieExportButton, partial(self._folder, words), lambda path: section.exportTo(path))
        self._ask(ui.movieOthersButton, partial(self._folder, _("Chemistry of another movie")), self._addOther)
        self._ask(ui.movieVoltagesButton, partial(self._file, _("Voltages over time")), self._addVoltages)
        for button, edit in ((ui.movieI0Button, ui.movieI0LineEdit), (ui.movieMaskButton, ui.movieMaskLineEdit)):
            self._ask(button, partial(self._file, _("File")), lambda path, edit=edit: setattr(edit, "text", str(path)))

    def _ask(self, button: Any, choose: Callable[[], str], hand: Callable[[Path], Any]) -> None:
        def ask() -> None:
            chosen = choose()
            if chosen:
                hand(Path(chosen))

        button.connect("clicked()", ask)

    def _file(self, title: str) -> str:
        return str(qt.QFileDialog.getOpenFileName(self._parent, title))

    def _folder(self, title: str) -> str:
        return str(qt.QFileDialog.getExistingDirectory(self._parent, title))

    def _newTable(self) -> str:
        return str(qt.QFileDialog.getSaveFileName(self._parent, _("Table"), "table.csv", "CSV (*.csv)"))

    def _addOther(self, folder: Path) -> None:
        parameters = self._panel.parameters
        parameters.movieOthers = "; ".join([*othersOf(parameters), str(folder)])

    def _addVoltages(self, path: Path) -> None:
        parameters = self._panel.parameters
        parameters.movieVoltages = "; ".join([*namedIn(parameters.movieVoltages), str(path)])
