"""The histogram of objects in Slicer's plot view: bars that are selected there select their objects."""

from typing import Any

import numpy as np
import slicer
from batterycell.instances.histogram import NUMBER, VOLUME, Histogram, histogram, numbers_of
from batterycell.mrml.object_plot import chart_of, choice_of, is_series_of, show_histogram
from batterycell.tables import Table

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Signal import Signal

_PICKED = "dataSelected(vtkStringArray*,vtkCollection*)"


class ObjectHistogram:
    """Draws one histogram.

    ``picked(numbers, measure)`` tells the objects of the bars that people selected.

    Args:
        measures: The ``QComboBox`` of measures.
        weights: The ``QComboBox`` of weights.
        button: Draws.
    """

    def __init__(self, measures: Any, weights: Any, button: Any) -> None:
        self.picked = Signal()
        self._measures, self._weights = measures, weights
        self._objects: Any = None
        self._table: Table | None = None
        self._found: Histogram | None = None
        self._views: list[Any] = []
        for words, weight in ((_("by number"), NUMBER), (_("by volume"), VOLUME)):
            weights.addItem(words, weight)
        button.connect("clicked()", self.draw)
        for combo in (measures, weights):
            combo.connect("currentIndexChanged(int)", lambda index: self._onChoice())

    def show(self, objects: Any, table: Table | None) -> None:
        """Offer the measures of objects, and draw anew what is drawn of them."""
        self._objects, self._table, self._found = objects, table, None
        choice = choice_of(objects) if objects is not None else None
        chosen = choice[0] if choice else self._measures.currentData
        for combo in (self._measures, self._weights):
            combo.blockSignals(True)
        self._measures.clear()
        for column in numbers_of(table) if table is not None else ():
            self._measures.addItem(_titled(column), column.name)
        self._measures.setCurrentIndex(max(0, self._measures.findData(chosen or "equivalent_diameter_um")))
        if choice:
            self._weights.setCurrentIndex(self._weights.findData(choice[1]))
        for combo in (self._measures, self._weights):
            combo.blockSignals(False)
        if choice:
            self._count()

    def draw(self) -> None:
        """Draw the chosen measure in the plot view."""
        chart = self._count()
        if chart is not None:
            slicer.modules.plots.logic().ShowChartInLayout(chart)
            self._listen()

    def stop(self) -> None:
        """Forget the nodes of the scene."""
        self._objects = self._table = self._found = None

    def _count(self) -> Any:
        if self._objects is None or self._table is None or not len(self._table) or self._measures.currentIndex < 0:
            return None
        self._found = histogram(self._table, self._measures.currentData, self._weights.currentData)
        chart = show_histogram(self._objects, self._found)
        self._listen()
        return chart

    def _onChoice(self) -> None:
        """Draw another histogram in place of the one that is there."""
        if self._objects is not None and chart_of(self._objects) is not None:
            self._count()

    def _listen(self) -> None:
        """Learn what is selected in the plot views; a drag with the left button selects there."""
        layout = slicer.app.layoutManager()
        for widget in [layout.plotWidget(index) for index in range(layout.plotViewCount)]:
            widget.mrmlPlotViewNode().SetInteractionMode(slicer.vtkMRMLPlotViewNode.InteractionModeSelectPoints)
            view = widget.plotView()
            if view not in self._views:
                self._views.append(view)
                view.connect(_PICKED, self._onPicked)

    def _onPicked(self, seriesIds: Any, selections: Any) -> None:
        if self._found is None or self._objects is None or self._objects.GetScene() is None:
            return
        classes = [
            int(selections.GetItemAsObject(n).GetValue(m))
            for n in range(seriesIds.GetNumberOfValues())
            if is_series_of(self._objects, seriesIds.GetValue(n))
            for m in range(selections.GetItemAsObject(n).GetNumberOfValues())
        ]
        if classes:
            rows = self._found.rows(self._table, np.array(classes))
            self.picked.emit((rows + 1).tolist(), self._found.column.name)


def _titled(column: Any) -> str:
    return f"{column.title} [{column.units}]" if column.units else str(column.title)
