"""Section "Mark": mark defects by clicks in the views, see them in a table, write and read them as CSV."""

from pathlib import Path
from typing import Any

import qt
from batterycell.annotate.defects_csv import read_defects, write_defects
from batterycell.errors import BatteryCellError
from batterycell.mrml.defect_classes import class_colors, defect_lists, ensure_defect_lists
from batterycell.mrml.defect_import import add_defects, check_places
from batterycell.mrml.defects import (
    add_defect,
    adopt_points,
    check_place,
    defects_of,
    defects_table,
    find_defect,
    remove_defect,
    set_defect_class,
    set_note,
    set_severity,
)
from batterycell.tables import Table

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Views.DefectTable import DefectTable
from BatteryCellAnalysisLib.Views.DefectWatch import DefectWatch
from BatteryCellAnalysisLib.Views.SliceViews import goTo
from BatteryCellAnalysisLib.Views.ViewClicks import Place, ViewClicks

from . import Readiness, ResultLines
from .DefectClassRow import DefectClassRow
from .PlaceButton import PlaceButton
from .Section import Section

_CSV = "CSV (*.csv)"


class MarkSection:
    """Connects the widgets of the section "Mark".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self._section = Section(ui.markCollapsibleButton, ui.markMessage)
        self._classes = DefectClassRow(ui, panel, self._section)
        self._place = PlaceButton(ui, panel)
        self._table, self._clicks = DefectTable(ui.defectTable), ViewClicks()
        self._watch = DefectWatch(panel.remember)
        self._connectSignals()
        ui.removeDefectButton.connect("clicked()", self._onRemove)
        ui.exportDefectsButton.connect("clicked()", self._onExport)
        ui.importDefectsButton.connect("clicked()", self._onImport)

    def refresh(self, now: Readiness.Situation) -> None:
        """Show the defects and what can be done."""
        volume = self._panel.parameters.volume if now.hasVolume else None
        self._watch.follow(volume)
        self._clicks.start()
        self._classes.refresh(now)
        self._place.refresh(now)
        self._showDefects(volume)
        ui, count = self._ui, self._ui.defectTable.rowCount
        for widget in (ui.markSeverityComboBox, ui.markNoteEdit, ui.importDefectsButton, ui.markByClickCheckBox):
            self._panel.setReady(widget, Readiness.whyNotMark(now))
        self._panel.setReady(ui.exportDefectsButton, Readiness.whyNotUseMarks(now, count))
        self._panel.setReady(ui.removeDefectButton, Readiness.whyNotUseMarks(now, count))

    def endJobs(self) -> None:
        """Let the views go, for when the scene or the application closes."""
        self._clicks.stop()
        self._watch.follow(None)

    def mark(self, world: Place | None) -> None:
        """Mark a defect of the chosen class at a place, RAS mm as the views show it."""
        parameters = self._panel.parameters
        marked = []
        with self._section.reporting(_("The defect cannot be marked.")):
            if world is None:
                raise BatteryCellError("defect-nowhere", _("Nothing lies under that click."), _("Click on the cell."))
            check_place(parameters.volume, world)
            ensure_defect_lists(parameters.volume)
            self._panel.remember()
            text = (parameters.markSeverity, parameters.markNote)
            marked = [add_defect(parameters.volume, parameters.markClass, world, *text)]
        self._panel.refresh()
        self._table.select(*marked)

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
            ensure_defect_lists(volume)
            self._panel.remember()
            self._section.say(" ".join([f"{path.name}:", *add_defects(volume, table), *leftOut]))
        self._panel.refresh()

    def _connectSignals(self) -> None:
        self._clicks.clicked.connect(self._onClick)
        self._clicks.pressed.connect(self._onPress)
        self._watch.placed.connect(self._onPlaced)
        self._watch.clicked.connect(self._table.select)
        self._watch.changed.connect(self._panel.refresh)
        self._table.chosen.connect(self._onChosen)
        self._table.edited.connect(self._onEdited)

    def _showDefects(self, volume: Any) -> None:
        table = self._tableOf(volume)
        self._table.show(table, class_colors(volume) if volume else {})
        self._section.setResult(ResultLines.defectLine(table) if table else "")

    def _tableOf(self, volume: Any) -> Table | None:
        try:
            return defects_table(volume) if volume else None
        except BatteryCellError as error:
            self._section.showError(error)
            return None

    def _onClick(self, world: Place | None) -> None:
        if self._ui.markByClickCheckBox.checked and self._ui.markByClickCheckBox.enabled and self._isOpen():
            self.mark(world)

    def _isOpen(self) -> bool:
        return bool(self._ui.markCollapsibleButton.isVisible())

    def _onPress(self) -> None:
        if self._place.isPlacing():
            self._panel.remember()

    def _onPlaced(self) -> None:
        parameters = self._panel.parameters
        if parameters.volume is None:
            return
        with self._section.reporting(_("The defect cannot be marked."), waitCursor=False):
            placed = adopt_points(parameters.volume, parameters.markSeverity, parameters.markNote)
            for defect in defects_of(parameters.volume):
                if defect.id in placed:
                    check_place(parameters.volume, defect.world)
        self._panel.refresh()

    def _onChosen(self, defectId: str) -> None:
        volume = self._panel.parameters.volume
        with self._section.reporting(_("The defect cannot be shown."), waitCursor=False):
            node, index = find_defect(volume, defectId)
            defect = next(defect for defect in defects_of(volume) if defect.id == defectId)
            goTo(volume, defect.ras)
            for other in defect_lists(volume):
                other.GetDisplayNode().SetActiveControlPoint(index if other is node else -1)

    def _onEdited(self, defectId: str, column: str, text: str) -> None:
        change = {"class": set_defect_class, "severity": set_severity, "note": set_note}[column]
        with self._section.reporting(_("The defect cannot be changed."), waitCursor=False):
            find_defect(self._panel.parameters.volume, defectId)
            self._panel.remember()
            change(self._panel.parameters.volume, defectId, text)
        self._table.again()
        # The editor of the cell must close first.
        qt.QTimer.singleShot(0, self._panel.refresh)

    def _onRemove(self) -> None:
        with self._section.reporting(_("The defects cannot be removed.")):
            chosen = self._table.selected()
            if not chosen:
                raise BatteryCellError("defect-none", _("No defect is selected."), _("Select rows of the table first."))
            self._panel.remember()
            for defectId in chosen:
                remove_defect(self._panel.parameters.volume, defectId)
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
