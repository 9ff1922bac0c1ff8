"""Section "Measure": rulers and angles in the views, snapped to edges, in a table, written and read as CSV."""

from pathlib import Path
from typing import Any

import qt
from batterycell.annotate.rulers import Ruler
from batterycell.annotate.rulers_csv import read_rulers, write_rulers
from batterycell.errors import BatteryCellError
from batterycell.mrml.cell import volume_node_of
from batterycell.mrml.pixels import show_nearest, shows_nearest
from batterycell.mrml.ruler_import import add_rulers_from_table
from batterycell.mrml.rulers import (
    is_finished,
    read_ruler,
    remove_ruler,
    rename_ruler,
    ruler_table,
    rulers_of,
    set_view,
    snap_ruler,
)

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Sections import Readiness, ResultLines
from BatteryCellAnalysisLib.Sections.Section import Section
from BatteryCellAnalysisLib.Views.Markups.RulerTable import RulerTable
from BatteryCellAnalysisLib.Views.Markups.RulerWatch import RulerWatch
from BatteryCellAnalysisLib.Views.PixelZoom import PixelZoom, viewName
from BatteryCellAnalysisLib.Views.SliceViews import goToWorld

from .RulerButtons import RulerButtons

_CSV = "CSV (*.csv)"


class MeasureSection:
    """Connects the widgets of the section "Measure".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self._section = Section(ui.measureCollapsibleButton, ui.measureMessage)
        self._buttons = RulerButtons(ui, panel)
        self._table, self._zoom = RulerTable(ui.rulerTable), PixelZoom()
        self._watch = RulerWatch(panel.remember)
        self._connectSignals()
        ui.nearestPixelsCheckBox.connect("clicked(bool)", self._onNearest)
        ui.zoomToPixelsButton.connect("clicked()", self._onZoom)
        ui.removeRulerButton.connect("clicked()", self._onRemove)
        ui.exportRulersButton.connect("clicked()", self._onExport)
        ui.importRulersButton.connect("clicked()", self._onImport)

    def forget(self) -> None:
        """Take the message away: another cell was chosen."""
        self._section.clear()

    def refresh(self, now: Readiness.Situation) -> None:
        """Show the rulers and what can be done."""
        volume = self._panel.parameters.volume if now.hasVolume and not now.volumeProblem else None
        self._watch.follow(volume)
        self._buttons.refresh(now)
        rulers = self._rulers(volume)
        self._table.show(rulers)
        self._section.setResult(ResultLines.rulerLine([ruler.kind for _node, ruler in rulers]))
        ui = self._ui
        ui.nearestPixelsCheckBox.checked = volume is not None and shows_nearest(volume)
        for widget in (ui.snapEndsCheckBox, ui.nearestPixelsCheckBox, ui.importRulersButton):
            self._panel.setReady(widget, Readiness.whyNotMark(now))
        for widget in (ui.zoomToPixelsButton, ui.removeRulerButton, ui.exportRulersButton):
            self._panel.setReady(widget, Readiness.whyNotUseRulers(now, len(rulers)))

    def endJobs(self) -> None:
        """Let the views go, for when the scene or the application closes."""
        self._watch.follow(None)

    def exportTo(self, path: Path) -> None:
        """Write all rulers as CSV."""
        with self._section.reporting(_("The rulers cannot be written.")):
            write_rulers(ruler_table(self._panel.parameters.volume), path)
            self._section.say(_("Written to {file}.").format(file=path.name))

    def importFrom(self, path: Path) -> None:
        """Add the rulers of a CSV."""
        volume = self._panel.parameters.volume
        with self._section.reporting(_("The rulers cannot be read.")):
            table, leftOut = read_rulers(path)
            self._panel.remember()
            self._section.say(" ".join([f"{path.name}:", *add_rulers_from_table(volume, table), *leftOut]))
        self._panel.refresh()

    def _connectSignals(self) -> None:
        self._watch.placed.connect(self._onPlaced)
        self._watch.dragged.connect(self._onDragged)
        self._watch.clicked.connect(lambda node: self._table.select(node.GetID()))
        self._watch.changed.connect(self._panel.refresh)
        self._table.chosen.connect(self._onChosen)
        self._table.renamed.connect(self._onRenamed)

    def _rulers(self, volume: Any) -> list[tuple[str, Ruler]]:
        nodes = rulers_of(volume) if volume else []
        return [(node.GetID(), read_ruler(node)) for node in nodes if is_finished(node)]

    def _onPlaced(self, node: Any) -> None:
        if node.GetScene() is None or volume_node_of(node) is None:
            return
        if name := viewName(node.GetScene()):
            set_view(node, name)
        if is_finished(node):
            self._snap(node)
            self._panel.refresh()
            self._table.select(node.GetID())

    def _onDragged(self, node: Any) -> None:
        if node.GetScene() is not None and volume_node_of(node) is not None and is_finished(node):
            self._snap(node)
            self._panel.refresh()

    def _snap(self, node: Any) -> None:
        # In other modules people move points by their own means.
        if not (self._panel.parameters.snapEnds and self._ui.measureCollapsibleButton.isVisible()):
            return
        with self._section.reporting(_("The ends cannot be snapped."), waitCursor=False):
            edges = snap_ruler(node)
            missing = [word for word, edge in zip((_("start"), _("end")), edges, strict=False) if edge is None]
            if missing:
                words = _("No clear edge near the {ends}: it stays where it was placed.")
                self._section.say(words.format(ends=_(" and the ").join(missing)))

    def _onNearest(self, isNearest: bool) -> None:
        show_nearest(self._panel.parameters.volume, isNearest)

    def _onZoom(self) -> None:
        with self._section.reporting(_("The views cannot be zoomed."), waitCursor=False):
            self._zoom.show(self._chosen()[0])

    def _onChosen(self, nodeId: str) -> None:
        with self._section.reporting(_("The ruler cannot be shown."), waitCursor=False):
            ruler = read_ruler(self._node(nodeId))
            goToWorld(self._panel.scene, ruler.world.mean(axis=0).tolist())

    def _onRenamed(self, nodeId: str, name: str) -> None:
        with self._section.reporting(_("The ruler cannot be renamed."), waitCursor=False):
            node = self._node(nodeId)
            self._panel.remember()
            rename_ruler(node, name)
        self._table.again()
        # The editor of the cell must close first.
        qt.QTimer.singleShot(0, self._panel.refresh)

    def _onRemove(self) -> None:
        with self._section.reporting(_("The rulers cannot be removed.")):
            chosen = self._chosen()
            self._panel.remember()
            for node in chosen:
                remove_ruler(node)
        self._panel.refresh()

    def _chosen(self) -> list[Any]:
        chosen = [self._node(nodeId) for nodeId in self._table.selected()]
        if not chosen:
            raise BatteryCellError("ruler-none", _("No ruler is selected."), _("Select a row of the table first."))
        return chosen

    def _node(self, nodeId: str) -> Any:
        node = self._panel.scene.GetNodeByID(nodeId)
        if node is None:
            raise BatteryCellError("ruler-missing", _("The ruler is not there any more."), _("Was it deleted? Undo."))
        return node

    def _onExport(self) -> None:
        name = f"{self._panel.parameters.volume.GetName()} rulers.csv"
        path = qt.QFileDialog.getSaveFileName(self._ui.measureCollapsibleButton, _("Export rulers"), name, _CSV)
        if path:
            self.exportTo(Path(path))

    def _onImport(self) -> None:
        path = qt.QFileDialog.getOpenFileName(self._ui.measureCollapsibleButton, _("Import rulers"), "", _CSV)
        if path:
            self.importFrom(Path(path))
