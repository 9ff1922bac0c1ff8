"""Section "Mark": mark defects by clicks in the views, see and edit them in a table, write and read them as CSV."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import qt
import slicer
from batterycell.errors import BatteryCellError
from batterycell.mrml.defect_classes import class_colors, defect_lists, ensure_defect_lists
from batterycell.mrml.defects import (
    add_defect,
    adopt_points,
    check_place,
    defects_of,
    defects_table,
    find_defect,
    outside_volume,
    remove_defect,
    set_defect_class,
    set_note,
    set_severity,
)
from batterycell.tables import Table

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Sections import Readiness, ResultLines
from BatteryCellAnalysisLib.Sections.Section import Section
from BatteryCellAnalysisLib.Views.Markups.DefectTable import DefectTable
from BatteryCellAnalysisLib.Views.Markups.DefectWatch import DefectWatch
from BatteryCellAnalysisLib.Views.SliceViews import goTo
from BatteryCellAnalysisLib.Views.ViewClicks import Place, ViewClicks

from .DefectClassRow import DefectClassRow
from .DefectFiles import DefectFiles
from .PlaceButton import PlaceButton


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
        self.files = DefectFiles(ui, panel, self._section, self._editing)
        self.table, self._clicks = DefectTable(ui.defectTable), ViewClicks()
        self._watch = DefectWatch(panel.remember)
        self._connectSignals()

    def forget(self) -> None:
        """Take the message away: another cell was chosen."""
        self._section.clear()

    def refresh(self, now: Readiness.Situation) -> None:
        """Show the defects and what can be done."""
        volume = self._panel.parameters.volume if now.hasVolume else None
        self._watch.follow(volume)
        self._clicks.start()
        self._classes.refresh(now)
        self._place.refresh(now)
        self._showDefects(volume)
        ui, count = self._ui, self._ui.defectTable.rowCount
        for widget in (ui.markSeverityComboBox, ui.markNoteEdit, ui.markByClickCheckBox):
            self._panel.setReady(widget, Readiness.whyNotMark(now))
        self._panel.setReady(ui.removeDefectButton, Readiness.whyNotUseMarks(now, count))
        self.files.refresh(now, count)

    def endJobs(self) -> None:
        """Let the views go, for when the scene or the application closes."""
        self._clicks.stop()
        self._watch.follow(None)

    def mark(self, world: Place | None) -> None:
        """Mark a defect of the chosen class at a place, RAS mm as the views show it."""
        parameters, marked = self._panel.parameters, []
        with self._section.reporting(_("The defect cannot be marked.")):
            if world is None:
                raise BatteryCellError("defect-nowhere", _("Nothing lies under that click."), _("Click on the cell."))
            check_place(parameters.volume, world)
            self._classes.adopt()
            # A rendered volume is slow to draw: once is enough.
            with slicer.util.RenderBlocker(), self._editing():
                text = (parameters.markSeverity, parameters.markNote)
                marked = [add_defect(parameters.volume, parameters.markClass, world, *text)]
        self._panel.refresh()
        self.table.select(*marked)

    @contextmanager
    def _editing(self) -> Iterator[None]:
        """Make what happens inside one step of undo."""
        ensure_defect_lists(self._panel.parameters.volume)
        self._panel.remember()
        with self._watch.paused():
            yield

    def _connectSignals(self) -> None:
        self._clicks.clicked.connect(self._onClick)
        self._clicks.pressed.connect(self._onPress)
        self._watch.placed.connect(self._onPlaced)
        self._watch.clicked.connect(self.table.select)
        self._watch.changed.connect(self._panel.refresh)
        self.table.chosen.connect(self._onChosen)
        self.table.edited.connect(self._onEdited)
        self._ui.removeDefectButton.connect("clicked()", self._onRemove)

    def _showDefects(self, volume: Any) -> None:
        table = self._tableOf(volume)
        self.table.show(table, class_colors(volume) if volume else {})
        self._section.setResult(ResultLines.defectLine(table) if table else "")

    def _tableOf(self, volume: Any) -> Table | None:
        try:
            return defects_table(volume) if volume else None
        except BatteryCellError as error:
            self._section.showError(error)
            return None

    def _onClick(self, world: Place | None) -> None:
        box = self._ui.markByClickCheckBox
        if box.checked and box.enabled and self._ui.markCollapsibleButton.isVisible():
            self.mark(world)

    def _onPress(self) -> None:
        if self._place.isPlacing():
            self._panel.remember()

    def _onPlaced(self) -> None:
        parameters = self._panel.parameters
        if parameters.volume is None:
            return
        with self._section.reporting(_("The defect cannot be marked."), waitCursor=False, keepMessage=True):
            placed = adopt_points(parameters.volume, parameters.markSeverity, parameters.markNote)
            if outside := outside_volume(parameters.volume, placed):
                message = _("Outside the volume: {numbers}.").format(numbers=", ".join(outside))
                raise BatteryCellError("defect-outside", message, _("Undo, or drag it into the volume."))
        self._panel.refresh()

    def _onChosen(self, defectId: str) -> None:
        volume = self._panel.parameters.volume
        with self._section.reporting(_("The defect cannot be shown."), waitCursor=False, keepMessage=True):
            node, index = find_defect(volume, defectId)
            goTo(volume, next(defect.ras for defect in defects_of(volume) if defect.id == defectId))
            for other in defect_lists(volume):
                other.GetDisplayNode().SetActiveControlPoint(index if other is node else -1)

    def _onEdited(self, defectId: str, column: str, text: str) -> None:
        volume = self._panel.parameters.volume
        change = {"class": set_defect_class, "severity": set_severity, "note": set_note}[column]
        with self._section.reporting(_("The defect cannot be changed."), waitCursor=False):
            find_defect(volume, defectId)
            with self._editing():
                change(volume, defectId, text)
        self.table.again()
        # The editor of the cell must close first.
        qt.QTimer.singleShot(0, self._panel.refresh)

    def _onRemove(self) -> None:
        with self._section.reporting(_("The defects cannot be removed.")):
            chosen = self.table.selected()
            if not chosen:
                raise BatteryCellError("defect-none", _("No defect is selected."), _("Select rows of the table first."))
            with self._editing():
                for defectId in chosen:
                    remove_defect(self._panel.parameters.volume, defectId)
        self._panel.refresh()
