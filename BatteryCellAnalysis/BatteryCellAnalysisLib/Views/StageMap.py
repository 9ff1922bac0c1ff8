"""The maps of stages: chosen by name, drawn, and clicked to go to a place of the cell."""

from collections.abc import Sequence
from typing import Any

from batterycell.measured import Axis, Map

from BatteryCellAnalysisLib.I18n import _

from .HeatMap import HeatMap
from .MapGrid import isUpward, makeGrid
from .SliceViews import goTo


class StageMap:
    """Shows one of several maps.

    Args:
        combo: The ``QComboBox`` to choose in.
        frame: The ``QFrame`` to draw into.
        panel: Gives the parameters.
    """

    def __init__(self, combo: Any, frame: Any, panel: Any) -> None:
        self._combo, self._frame, self._panel = combo, frame, panel
        self._maps: Sequence[Map] = ()
        self.picture = HeatMap(frame, self._onPlace)
        combo.connect("currentIndexChanged(int)", lambda index: self._draw())

    def show(self, maps: Sequence[Map]) -> None:
        """Offer these maps, and draw the one that was chosen before, else the first."""
        chosen, self._maps = self._combo.currentText, maps
        wasBlocked = self._combo.blockSignals(True)
        self._combo.clear()
        for one in maps:
            self._combo.addItem(one.title)
        self._combo.setCurrentIndex(max(0, self._combo.findText(chosen)))
        self._combo.blockSignals(wasBlocked)
        for widget in (self._combo, self._frame):
            widget.visible = bool(maps)
        self._draw()

    def _chosen(self) -> Map | None:
        index = self._combo.currentIndex
        return self._maps[index] if 0 <= index < len(self._maps) else None

    def _draw(self) -> None:
        chosen = self._chosen()
        if chosen is None:
            return
        self._combo.toolTip = chosen.description
        arrow = "↑" if isUpward(chosen) else "↓"
        legend = _("→ {columns}    {arrow} {rows}")
        words = legend.format(columns=axisWords(chosen.columns), arrow=arrow, rows=axisWords(chosen.rows))
        self.picture.show(makeGrid(chosen), chosen.units, words)

    def _onPlace(self, number: int) -> None:
        chosen = self._chosen()
        if chosen is not None:
            goTo(self._panel.parameters.volume, tuple(chosen.places.reshape(-1, 3)[number].tolist()))


def axisWords(axis: Axis) -> str:
    """What an axis shows: ``angle 0 to 359 deg``."""
    first, last = axis.values[0], axis.values[-1]
    return f"{axis.title.lower()} {first:.4g} – {last:.4g} {axis.units}".rstrip()
