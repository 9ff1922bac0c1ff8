"""The overhang's table and map, and the way from them into the slice views."""

from collections.abc import Sequence
from typing import Any

from batterycell.mrml.points import nearest_row, place_of_row
from batterycell.tables import Table

from BatteryCellAnalysisLib.I18n import _

from .Maps.Choice import MapChoice, MapOffer
from .Maps.Grid import makeOverhangGrid
from .SliceViews import goTo, ownPlace
from .Tables.Choice import setTable
from .ViewClicks import Place, ViewClicks

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
        self.maps = MapChoice(ui.mapComboBox, ui.overhangMapFrame)
        self._model = setTable(ui.overhangTableView)
        selection = ui.overhangTableView.selectionModel()
        selection.connect("selectionChanged(QItemSelection,QItemSelection)", lambda new, old: self._onSelection())
        self._clicks = ViewClicks(withControl=False, inThreeD=False)
        self._clicks.clicked.connect(self._onClick)

    def stop(self) -> None:
        """Listen to the views no more."""
        self._clicks.stop()

    def show(self, overhang: Table | None, otherMaps: Sequence[MapOffer] = ()) -> None:
        """Show the values, and maps; nothing for None."""
        self._overhang = overhang
        self._model.show(overhang)
        self._ui.overhangTableView.resizeColumnsToContents()
        self._ui.overhangTableView.visible = overhang is not None
        self._clicks.stop() if overhang is None else self._clicks.start()
        self.maps.show([*(self._offer(*group) for group in self._groups()), *otherMaps])

    def _groups(self) -> list[tuple[str, str]]:
        if self._overhang is None:
            return []
        inside = self._overhang.where(self._overhang["flag"] != "outside-volume")
        pairs = zip(inside["end"].tolist(), inside["side"].tolist(), strict=True)
        return sorted(set(pairs), reverse=True)

    def _offer(self, end: str, side: str) -> MapOffer:
        overhang = self._overhang
        rows = (overhang["end"] == end) & (overhang["side"] == side)
        first, last = overhang["winding"][rows].min(), overhang["winding"][rows].max()
        legend = _("→ angle 0° to 360°    ↓ winding {first} to {last}").format(first=first, last=last)
        tip = _("Overhang of every winding at every angle: click to go there.")
        title = _("{end}, {side}").format(end=end, side=side)
        return MapOffer(title, tip, "µm", legend, lambda: makeOverhangGrid(overhang, end, side), self._selectRow)

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
        point = place_of_row(self._overhang, indexes[0].row())
        if point is not None:
            goTo(self._panel.parameters.volume, point)
