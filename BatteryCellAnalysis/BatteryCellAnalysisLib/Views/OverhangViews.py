"""The overhang's table and map, and the way from them into the slice views."""

from typing import Any

import numpy as np
from batterycell.mrml.points import nearest_row
from batterycell.tables import Table

from BatteryCellAnalysisLib.I18n import _

from .HeatMap import HeatMap
from .MapGrid import makeOverhangGrid
from .SliceViews import goTo, ownPlace
from .TableModel import TableModel
from .ViewClicks import Place, ViewClicks

_ROW_PIXELS = 20
_ROWS_FOR_WIDTH = 20
# How near to an end a click must be, in the volume's largest voxel edge.
_REACH_VOXELS = 3


class OverhangViews:
    """Shows one overhang table; a selected row, or a click on the map, brings the views there.

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self._overhang: Table | None = None
        self.map = HeatMap(ui.overhangMapFrame, self._selectRow)
        ui.overhangTableView.verticalHeader().setDefaultSectionSize(_ROW_PIXELS)
        self._model = TableModel()
        ui.overhangTableView.setModel(self._model)
        # A column's width from its first rows: all would take a second.
        ui.overhangTableView.horizontalHeader().setResizeContentsPrecision(_ROWS_FOR_WIDTH)
        selection = ui.overhangTableView.selectionModel()
        selection.connect("selectionChanged(QItemSelection,QItemSelection)", lambda new, old: self._onSelection())
        self._clicks = ViewClicks(withControl=False, inThreeD=False)
        self._clicks.clicked.connect(self._onClick)
        ui.mapComboBox.connect("currentIndexChanged(int)", lambda index: self._showMap())

    def stop(self) -> None:
        """Listen to the views no more."""
        self._clicks.stop()

    def show(self, overhang: Table | None) -> None:
        """Show the values; nothing for None."""
        self.follow(overhang)
        self._ui.overhangTableView.resizeColumnsToContents()
        for widget in (self._ui.overhangTableView, self._ui.mapComboBox, self._ui.overhangMapFrame):
            widget.visible = overhang is not None
        self._clicks.stop() if overhang is None else self._clicks.start()
        self._listMaps()
        self._showMap()

    def follow(self, overhang: Table | None) -> None:
        """Take the same table in the RAS of a volume that was moved."""
        self._overhang = overhang
        self._model.show(overhang)

    def _listMaps(self) -> None:
        combo = self._ui.mapComboBox
        wasBlocked = combo.blockSignals(True)
        combo.clear()
        for end, side in self._groups():
            combo.addItem(f"{end}, {side}", f"{end} {side}")
        combo.blockSignals(wasBlocked)

    def _groups(self) -> list[tuple[str, str]]:
        if self._overhang is None:
            return []
        inside = self._overhang.where(self._overhang["flag"] != "outside-volume")
        pairs = zip(inside["end"].tolist(), inside["side"].tolist(), strict=True)
        return sorted(set(pairs), reverse=True)

    def _showMap(self) -> None:
        choice = str(self._ui.mapComboBox.currentData or "")
        if self._overhang is None or not choice:
            return
        grid = makeOverhangGrid(self._overhang, *choice.split())
        windings = self._overhang["winding"][grid.rows[grid.rows >= 0]]
        words = _("→ angle 0° to 360°    ↓ winding {first} to {last}").format(first=windings.min(), last=windings.max())
        self.map.show(grid, "µm", words)

    def _selectRow(self, row: int) -> None:
        view = self._ui.overhangTableView
        view.selectRow(row)
        view.scrollTo(view.currentIndex())

    def _onClick(self, place: Place | None) -> None:
        """Select the row whose end was clicked in a slice view."""
        volume = self._panel.parameters.volume
        if self._overhang is None or volume is None or place is None:
            return
        row = nearest_row(self._overhang, ownPlace(volume, place), _REACH_VOXELS * max(volume.GetSpacing()))
        if row is not None:
            self._selectRow(row)

    def _onSelection(self) -> None:
        indexes = self._ui.overhangTableView.selectionModel().selectedRows()
        if self._overhang is None or len(indexes) != 1:
            return
        point = _place(self._overhang, indexes[0].row())
        if point:
            goTo(self._panel.parameters.volume, point)


def _place(overhang: Table, row: int) -> tuple[float, float, float] | None:
    """Where a row's anode ends, else where its cathode ends, RAS mm; None where neither was found."""
    for part in ("anode", "cathode"):
        r, a, s = (float(overhang[f"{part}_{axis}_mm"][row]) for axis in "ras")
        if np.isfinite([r, a, s]).all():
            return r, a, s
    return None
