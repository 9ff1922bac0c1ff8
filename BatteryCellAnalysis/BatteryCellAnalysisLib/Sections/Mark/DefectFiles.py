"""The buttons that write all defects as CSV and add those of one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import qt
from batterycell.annotate.defects_csv import read_defects, write_defects
from batterycell.mrml.defect_import import add_defects, check_places
from batterycell.mrml.defects import defects_table

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Sections import Readiness
from BatteryCellAnalysisLib.Sections.Section import Section

_CSV = "CSV (*.csv)"


class DefectFiles:
    """Connects the buttons for CSV.

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
        section: Shows messages.
        editing: Makes what happens inside one step of undo.
    """

    def __init__(
        self, ui: Any, panel: Any, section: Section, editing: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._ui, self._panel, self._section, self._editing = ui, panel, section, editing
        ui.exportDefectsButton.connect("clicked()", self._onExport)
        ui.importDefectsButton.connect("clicked()", self._onImport)

    def refresh(self, now: Readiness.Situation, count: int) -> None:
        """Show what can be done while ``count`` defects are marked."""
        self._panel.setReady(self._ui.importDefectsButton, Readiness.whyNotMark(now))
        self._panel.setReady(self._ui.exportDefectsButton, Readiness.whyNotUseMarks(now, count))

    def exportTo(self, path: Path) -> None:
        """Write all defects as CSV."""
        with self._section.reporting(_("The defects cannot be written.")):
            write_defects(defects_table(self._panel.parameters.volume), path)
            self._section.say(_("Written to {file}.").format(file=path.name))

    def importFrom(self, path: Path) -> None:
        """Add the defects of a CSV."""
        volume = self._panel.parameters.volume
        with self._section.reporting(_("The defects cannot be read.")):
            table, leftOut = read_defects(path)
            check_places(volume, table)
            with self._editing():
                notes = add_defects(volume, table)
            self._section.say(" ".join([f"{path.name}:", *notes, *leftOut]))
        self._panel.refresh()

    def _onExport(self) -> None:
        name = f"{self._panel.parameters.volume.GetName()} defects.csv"
        path = qt.QFileDialog.getSaveFileName(self._ui.markCollapsibleButton, _("Export defects"), name, _CSV)
        if path:
            self.exportTo(Path(path))

    def _onImport(self) -> None:
        path = qt.QFileDialog.getOpenFileName(self._ui.markCollapsibleButton, _("Import defects"), "", _CSV)
        if path:
            self.importFrom(Path(path))
