"""Maps to choose from: one is drawn, and a click on it leads into the views."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from batterycell.measured import Axis, Map

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Views.SliceViews import goTo

from .Grid import MapGrid, isUpward, makeGrid
from .HeatMap import HeatMap


@dataclass(frozen=True)
class MapOffer:
    """A map that can be drawn.

    Args:
        title: Its name in the list.
        toolTip: What it shows.
        units: Unit of its values.
        legend: What runs to the right, and what up or down.
        makeGrid: Makes its picture.
        go: Called with the number of a place that was clicked.
    """

    title: str
    toolTip: str
    units: str
    legend: str
    makeGrid: Callable[[], MapGrid]
    go: Callable[[int], None]


class MapChoice:
    """Shows one of several maps.

    Args:
        combo: The ``QComboBox`` to choose in.
        frame: The ``QFrame`` to draw into.
    """

    def __init__(self, combo: Any, frame: Any) -> None:
        self._combo, self._frame = combo, frame
        self._offers: Sequence[MapOffer] = ()
        self.picture = HeatMap(frame, self._onPlace)
        combo.connect("currentIndexChanged(int)", lambda index: self._draw())

    def show(self, offers: Sequence[MapOffer]) -> None:
        """Offer these maps, and draw the one that was chosen before, else the first."""
        chosen, self._offers = self._combo.currentText, offers
        wasBlocked = self._combo.blockSignals(True)
        self._combo.clear()
        for one in offers:
            self._combo.addItem(one.title)
        self._combo.setCurrentIndex(max(0, self._combo.findText(chosen)))
        self._combo.blockSignals(wasBlocked)
        for widget in (self._combo, self._frame):
            widget.visible = bool(offers)
        self._draw()

    def _chosen(self) -> MapOffer | None:
        index = self._combo.currentIndex
        return self._offers[index] if 0 <= index < len(self._offers) else None

    def _draw(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self._combo.toolTip = chosen.toolTip
            self.picture.show(chosen.makeGrid(), chosen.units, chosen.legend)

    def _onPlace(self, number: int) -> None:
        chosen = self._chosen()
        if chosen is not None:
            chosen.go(number)


def offerMap(found: Map, volume: Any) -> MapOffer:
    """A stage's map; a click goes to the place in a volume where its value was measured."""
    arrow = "↑" if isUpward(found) else "↓"
    words = _("→ {columns}    {arrow} {rows}")
    legend = words.format(columns=_axisWords(found.columns), arrow=arrow, rows=_axisWords(found.rows))
    places = found.places.reshape(-1, 3)
    return MapOffer(
        found.title,
        found.description,
        found.units,
        legend,
        lambda: makeGrid(found),
        lambda number: goTo(volume, tuple(places[number].tolist())),
    )


def _axisWords(axis: Axis) -> str:
    """What an axis shows: ``angle 0 – 359 deg``."""
    first, last = axis.values[0], axis.values[-1]
    return f"{axis.title.lower()} {first:.4g} – {last:.4g} {axis.units}".rstrip()
