"""The tables of the page "Review": how each frame agrees with the model, and the rounds so far."""

from typing import Any

import numpy as np
from batterycell.mrml.wizard.frames import frame_nodes
from batterycell.mrml.wizard.review import review_table
from batterycell.mrml.wizard.rounds import rounds_of, rounds_table
from BatteryCellAnalysisLib.Signal import Signal
from BatteryCellAnalysisLib.Views.Tables.Model import TableModel

from BatterySegmentationWizardLib.Work.FramePredictions import FramePredictions

_ROW_PIXELS = 22


class ReviewTables:
    """Shows the tables; ``chosen`` tells that people chose rows of frames.

    Args:
        ui: The wizard's widgets.
        wizard: Gives the scene.
        predictions: How unsure the model is.
    """

    def __init__(self, ui: Any, wizard: Any, predictions: FramePredictions) -> None:
        self.chosen = Signal()
        self._ui, self._wizard, self._predictions = ui, wizard, predictions
        self._frames, self._rounds = TableModel(), TableModel()
        self._shown: Any = None
        for view, model in ((ui.reviewTable, self._frames), (ui.roundsTable, self._rounds)):
            view.setModel(model)
            view.verticalHeader().setDefaultSectionSize(_ROW_PIXELS)
            view.verticalHeader().hide()
            view.horizontalHeader().setStretchLastSection(True)
        selection = ui.reviewTable.selectionModel()
        selection.connect("selectionChanged(QItemSelection,QItemSelection)", lambda new, old: self.chosen.emit())

    @property
    def frames(self) -> list[Any]:
        """The ROIs of the chosen rows."""
        rois = frame_nodes(self._wizard.scene)
        return [rois[row] for row in self._rows() if row < len(rois)]

    def again(self) -> None:
        """Compare anew at the next `show`."""
        self._shown = None

    def show(self) -> None:
        """Show the tables, anew where something changed."""
        scene = self._wizard.scene
        rounds = rounds_of(scene)
        state = ([roi.GetID() for roi in frame_nodes(scene)], rounds)
        if state == self._shown:
            return
        self._shown, rows = state, self._rows()
        means = {roi: float(np.mean(volume.array)) for roi, volume in self._predictions.uncertainty.items()}
        self._frames.show(review_table(scene, means))
        self._rounds.show(rounds_table(rounds))
        for view in (self._ui.reviewTable, self._ui.roundsTable):
            view.resizeColumnsToContents()
        self._select(rows)
        for widget in (self._ui.roundsLabel, self._ui.roundsTable):
            widget.visible = bool(rounds)

    def _rows(self) -> list[int]:
        return sorted({index.row() for index in self._ui.reviewTable.selectionModel().selectedRows()})

    def _select(self, rows: list[int]) -> None:
        """Choose a row without telling."""
        if len(rows) == 1:
            wasBlocked = self._ui.reviewTable.selectionModel().blockSignals(True)
            self._ui.reviewTable.selectRow(rows[0])
            self._ui.reviewTable.selectionModel().blockSignals(wasBlocked)
