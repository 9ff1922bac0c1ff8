"""What the section "Objects" shows of objects: tables, views, histogram; what is selected in one is so in all."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from batterycell.measured import Stage, quantity_table
from batterycell.tables import Table

from BatteryCellAnalysisLib.Sections import ResultLines
from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Views.Objects.Histogram import ObjectHistogram
from BatteryCellAnalysisLib.Views.Objects.Table import ObjectTable
from BatteryCellAnalysisLib.Views.Objects.Views import ObjectViews
from BatteryCellAnalysisLib.Views.Tables.Choice import TableChoice, setTable

OBJECTS = "instances"


class ObjectsShown:
    """Shows one label volume of objects.

    ``selected(numbers)`` tells which objects are selected; ``pointed(place)``, while ``takesPoints``, of a click.

    Args:
        ui: The panel's widgets.
    """

    def __init__(self, ui: Any) -> None:
        self.selected, self.pointed = Signal(), Signal()
        self.takesPoints = False
        self._ui, self._objects = ui, None
        self._stages: tuple[Stage, ...] = ()
        self._compared: tuple[Stage, ...] = ()
        self.table, self.views = ObjectTable(ui.objectsTableView), ObjectViews()
        self.histogram = ObjectHistogram(
            ui.objectsHistogramComboBox, ui.objectsWeightComboBox, ui.objectsHistogramButton
        )
        self._quantities = setTable(ui.objectsQuantitiesTableView)
        self._details = TableChoice(ui.objectsDetailsComboBox, ui.objectsDetailsTableView, lambda: self._objects)
        self.table.chosen.connect(self._onRows)
        self.views.clicked.connect(self._onClicked)
        self.histogram.picked.connect(self._onPicked)

    def stop(self) -> None:
        """Let the views and the nodes go."""
        self.views.stop()
        self.histogram.stop()
        self._objects, self._stages, self._compared = None, (), ()

    def show(self, objects: Any, stages: Sequence[Stage]) -> None:
        """Show other objects, or the same ones after they changed; None for none."""
        self._objects, self._stages = objects, tuple(stages)
        rows, ui = self.rows, self._ui
        ui.objectsResultFrame.visible = objects is not None
        self.table.show(rows)
        self.views.forget(objects)
        self.histogram.show(objects, rows)
        self._quantities.show(ResultLines.quantityRows(quantity_table(stages)) if stages else None)
        ui.objectsQuantitiesTableView.resizeColumnsToContents()
        self._showDetails()

    def showComparison(self, stage: Stage) -> None:
        """List the tables of a comparison with the others, whichever objects are shown."""
        tables = {**stage.tables, "comparison": ResultLines.comparisonRows(stage.tables["comparison"])}
        self._compared = (replace(stage, tables=tables),)
        self._showDetails(next(iter(ResultLines.tablesByTitle(self._compared))))

    def _showDetails(self, chosen: str = "") -> None:
        tables, rows = ResultLines.tablesByTitle((*self._stages, *self._compared)), self.rows
        self._details.show({title: one for title, one in tables.items() if one is not rows}, chosen)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """What was measured of them."""
        return self._stages

    @property
    def rows(self) -> Table | None:
        """One row an object; None where there are none."""
        return next((one.tables[OBJECTS] for one in self._stages if OBJECTS in one.tables), None)

    def select(self, numbers: Sequence[int], sortBy: str = "") -> None:
        """Select objects, everywhere."""
        self.table.select(numbers, sortBy)
        self._mark(numbers)

    def _mark(self, numbers: Sequence[int]) -> None:
        self.views.select(numbers)
        self.selected.emit(numbers)

    def _onRows(self, numbers: list[int]) -> None:
        self._mark(numbers)
        rows = self.rows
        if len(numbers) == 1 and rows is not None:
            self.views.goTo(rows, numbers[0])

    def _onClicked(self, number: int, place: Any) -> None:
        if self.takesPoints:
            self.pointed.emit(place)
        elif number:
            added = self.table.selected if self._ui.objectsAddCheckBox.checked else []
            self.select(sorted({number, *added}))

    def _onPicked(self, numbers: list[int], measure: str) -> None:
        self.select(numbers, sortBy=measure)
