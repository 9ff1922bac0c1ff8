"""Section "Objects": objects of a class and the microstructure, measured; to be seen, gone to, and corrected."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import qt
from batterycell.measured import Stage
from batterycell.mrml import stages_of
from batterycell.mrml.object_view import magnify_labels
from batterycell.mrml.objects import (
    note_of,
    objects_of,
    remove_objects,
    settle_objects,
    source_of,
    state_of_objects,
)
from batterycell.recipe import ObjectsRecipe
from batterycell.tables import write_csv

from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Parameters import BORDERS, NEIGHBOURS, REGIONS
from BatteryCellAnalysisLib.Sections import Readiness, ResultLines
from BatteryCellAnalysisLib.Sections.Section import Section
from BatteryCellAnalysisLib.Work.ObjectsCompare import ObjectsCompare
from BatteryCellAnalysisLib.Work.ObjectsExport import ObjectsExport
from BatteryCellAnalysisLib.Work.ObjectsWork import ObjectsWork
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from .Edits import ObjectsEdits
from .Labels import ObjectsLabels
from .Measures import ObjectsMeasures
from .ResultFolders import chooseResults
from .Shown import OBJECTS, ObjectsShown

MICROSTRUCTURE = "microstructure"
# All that is measured of labels, in the order of the panel.
STAGES = (OBJECTS, MICROSTRUCTURE, "fragmentation")
_NOT_YET = object()
_SETTINGS = (
    "objectsLabelsSelector",
    "objectsImageSelector",
    "objectsDoubtSelector",
    "objectsClassesLineEdit",
    "objectsOfComboBox",
    "objectsDimensionComboBox",
    "objectsNeighboursComboBox",
    "objectsSeparateCheckBox",
    "objectsMinSizeSpinBox",
    "objectsCrackSpinBox",
    "objectsBorderComboBox",
    "objectsMeasuresComboBox",
)


class ObjectsSection:
    """Connects the widgets of the section "Objects".

    Args:
        ui: The panel's widgets.
        panel: Gives the parameters and refreshes all sections.
    """

    def __init__(self, ui: Any, panel: Any) -> None:
        self._ui, self._panel = ui, panel
        self._section = Section(ui.objectsCollapsibleButton, ui.objectsMessage)
        self._work = ObjectsWork(panel, self._section)
        self.job = job = self._work.job
        self._progress = ProgressRow(job, ui.objectsProgressRow, ui.objectsProgressBar, ui.objectsCancelButton)
        self.labels, self._measures = ObjectsLabels(ui, panel), ObjectsMeasures(ui.objectsMeasuresComboBox, panel)
        self.shown, self.edits = ObjectsShown(ui), ObjectsEdits(ui, panel, self._onEdits)
        self._export = ObjectsExport(self._work, self._section)
        self._compare = ObjectsCompare(self._work, self._section, self.shown.showComparison)
        self._chosen: Any = None
        self._objects: Any = None
        self._fresh: tuple[Any, tuple[Stage, ...]] = (None, ())
        self._state: Any = _NOT_YET
        self._connect()

    def _connect(self) -> None:
        ui = self._ui
        ui.objectsMeasureButton.connect("clicked()", lambda: self._onMeasure(OBJECTS))
        ui.objectsMicrostructureButton.connect("clicked()", lambda: self._onMeasure(MICROSTRUCTURE))
        ui.objectsClearButton.connect("clicked()", self._onClear)
        ui.objectsCsvButton.connect("clicked()", self._onCsv)
        ui.objectsExportButton.connect("clicked()", self._onExport)
        ui.objectsCompareButton.connect("clicked()", self._onCompare)
        ui.objectsSplitPointsButton.connect("toggled(bool)", lambda isOn: setattr(self.shown, "takesPoints", isOn))
        ui.objectsMessage.connect("linkActivated(QString)", lambda link: qt.QDesktopServices.openUrl(qt.QUrl(link)))
        self._work.kept.connect(self._onKept)
        self.labels.changed.connect(self._panel.refresh)
        self.shown.selected.connect(self._onSelected)
        self.shown.pointed.connect(self._onPoint)

    def forget(self) -> None:
        """Labels are not those of the cell alone: what was said of them stays."""

    def endJobs(self) -> None:
        """Let the views and the nodes go, for when the scene or the application closes."""
        self.shown.stop()
        self.labels.stop()
        self._chosen = self._objects = None
        self._fresh, self._state = (None, ()), _NOT_YET

    def refresh(self, now: Readiness.Situation) -> None:
        """Show what was found and what can be done."""
        self._progress.refresh()
        self.labels.refresh()
        self._measures.refresh()
        ui, problem = self._ui, self.labels.problem
        for button in (ui.objectsMeasureButton, ui.objectsMicrostructureButton):
            self._panel.setReady(button, Readiness.whyNotMeasureObjects(now, problem))
        for name in _SETTINGS:
            self._panel.setReady(getattr(ui, name), Readiness.whyNotLoad(now))
        self._panel.setReady(ui.objectsPoreComboBox, Readiness.whyNotMeasureObjects(now, problem))
        self._follow()
        for button in (ui.objectsClearButton, ui.objectsCsvButton, ui.objectsExportButton):
            self._panel.setReady(button, Readiness.whyNotUseObjects(now, self._objects is not None))
        self._panel.setReady(ui.objectsCompareButton, Readiness.whyNotLoad(now))
        self.edits.refresh(now)

    def exportTo(self, folder: Path) -> None:
        """Write everything into a new folder there, as the command line does."""
        with self._section.reporting(_("The objects cannot be exported.")):
            self._export.start(self.labels, self._objects, self.shown.stages, folder)
        self._panel.refresh()

    def compareResults(self, results: Sequence[Path], folder: Path) -> None:
        """Hold result folders against the first, and write a new folder there, as the command line does."""
        with self._section.reporting(_("The results cannot be compared.")):
            self._compare.start(results, folder)
        self._panel.refresh()

    def saveTable(self, path: Path) -> None:
        """Write the table of objects with all its columns."""
        with self._section.reporting(_("The table cannot be saved.")):
            write_csv(self.shown.rows, path)
            self._section.say(_("Written to {file}.").format(file=path.name))

    def _follow(self) -> None:
        """Show other objects, or those that changed."""
        chosen = self._panel.parameters.objectsLabels
        if chosen is not self._chosen:
            # What was said of other labels is not true of these.
            self._chosen = chosen
            self._section.clear()
        objects = objects_of(chosen)
        if objects is not None:
            settle_objects(objects)
        state = (objects, state_of_objects(objects)) if objects is not None else None
        if state != self._state:
            self._state, self._objects = state, objects
            self._show()
        self.shown.views.show(objects, self._panel.parameters.objectsShow)

    def _show(self) -> None:
        stages = self._readStages(self._objects) if self._objects is not None else ()
        self._section.setResult(ResultLines.objectsLine(stages, isShort=True))
        self._section.sayLines(ResultLines.withNotes(ResultLines.objectsLine(stages), stages))
        self.shown.show(self._objects, stages)
        self.edits.show(self._objects)

    def _readStages(self, objects: Any) -> tuple[Stage, ...]:
        """What was measured of objects; what was found this moment need not be read from the scene."""
        found = self._fresh[1] if self._fresh[0] == self._state else ()
        names = [stage.name for stage in found]
        stages = (*found, *stages_of(objects, set(STAGES) - set(names)))
        return tuple(sorted(stages, key=lambda stage: STAGES.index(stage.name)))

    def _onKept(self, objects: Any, stages: tuple[Stage, ...]) -> None:
        if objects.GetScene() is None:
            return
        self._fresh = ((objects, state_of_objects(objects)), stages)
        isResized = magnify_labels(source_of(objects), self._panel.parameters.objectsImage)
        settle_objects(objects)
        self.shown.views.show(objects, self._panel.parameters.objectsShow)
        self.shown.views.fit(isResized)

    def _onMeasure(self, verb: str) -> None:
        with self._section.reporting(_("The objects cannot be measured.")):
            labels = self.labels
            self._work.measure(labels.node, labels.volume(), self._recipe(verb), labels.settings)
        self._panel.refresh()

    def _recipe(self, verb: str) -> ObjectsRecipe:
        parameters = self._panel.parameters
        dimension = REGIONS[parameters.objectsDimension]
        return ObjectsRecipe(
            verb=verb,
            classes=parameters.objectsClasses,
            of=self.labels.of,
            pore=self.labels.pore,
            dimension=dimension,
            connectivity=NEIGHBOURS[parameters.objectsNeighbours][dimension],
            separate="watershed" if parameters.objectsSeparate else "none",
            min_size_um=parameters.objectsMinSizeUm,
            crack_um=parameters.objectsCrackUm,
            border=BORDERS[parameters.objectsBorder],
            measures=self._measures.names,
            voxel_size_percent=parameters.voxelSizePercent,
        )

    def _onEdits(self, edits: Sequence[dict[str, Any]]) -> None:
        """Find the objects again with the settings that they were found with, and other edits."""
        note = note_of(self._objects)
        # What was measured before is measured of the edited objects, too.
        isAll = any(stage.name == MICROSTRUCTURE for stage in self.shown.stages)
        recipe = replace(note.recipe, verb=MICROSTRUCTURE if isAll else OBJECTS)
        with self._section.reporting(_("The objects cannot be edited.")):
            labels = replace(self.labels.volume(), classes=note.classes)
            writeMore = partial(self.labels.settings, classes=note.classes)
            self._work.measure(self.labels.node, labels, recipe, writeMore, edits)
        self._panel.refresh()

    def _onClear(self) -> None:
        with self._section.reporting(_("The objects cannot be removed.")):
            remove_objects(self._objects)
        self._panel.refresh()

    def _onSelected(self, numbers: Sequence[int]) -> None:
        self.edits.select(numbers)
        self.edits.refresh(self._panel.situation())

    def _onPoint(self, place: Any) -> None:
        count = self.edits.addPoint(place)
        self._section.say(_("{count} points: press Split at points again when done.").format(count=count))

    def _onCsv(self) -> None:
        section = self._ui.objectsCollapsibleButton
        path = qt.QFileDialog.getSaveFileName(section, _("Table of objects"), "instances.csv", "CSV (*.csv)")
        if path:
            self.saveTable(Path(path))

    def _onExport(self) -> None:
        folder = qt.QFileDialog.getExistingDirectory(self._ui.objectsCollapsibleButton, _("Folder for the results"))
        if folder:
            self.exportTo(Path(folder))

    def _onCompare(self) -> None:
        section = self._ui.objectsCollapsibleButton
        results = chooseResults(section)
        folder = results and qt.QFileDialog.getExistingDirectory(section, _("Folder for the comparison"))
        if folder:
            self.compareResults(results, Path(folder))
