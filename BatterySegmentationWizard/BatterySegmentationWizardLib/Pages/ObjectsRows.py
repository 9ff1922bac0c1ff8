"""The part "Objects of a class" of the page "Measure": what was painted or predicted, as a table of objects."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import slicer
from batterycell.io.label_classes import LabelClass
from batterycell.io.labels import label_volume
from batterycell.mrml.names import name_of
from batterycell.mrml.object_labels import classes_in, count_labels, labels_grid
from batterycell.mrml.object_view import magnify_labels
from batterycell.mrml.objects import objects_of, objects_table, settle_objects, state_of_objects
from batterycell.mrml.wizard.class_segments import labels_of
from batterycell.mrml.wizard.results import predictions_of
from batterycell.recipe import ObjectsRecipe
from batterycell.tables import Table, write_csv
from BatteryCellAnalysisLib.I18n import _
from BatteryCellAnalysisLib.Parameters import FILLED
from BatteryCellAnalysisLib.Sections.Message import Message
from BatteryCellAnalysisLib.Views.Objects.Table import ObjectTable
from BatteryCellAnalysisLib.Views.Objects.Views import ObjectViews
from BatteryCellAnalysisLib.Work.JobFolder import describeVolume
from BatteryCellAnalysisLib.Work.ObjectsWork import ObjectsWork
from BatteryCellAnalysisLib.Work.ProgressRow import ProgressRow

from BatterySegmentationWizardLib.Views.FilePicker import pickNewFile

from . import Readiness
from .CompareChoice import fillChoice
from .Situation import Situation

_OTHER_MODULE = "BatteryCellAnalysis"


class ObjectsRows:
    """Connects the widgets of "Objects of a class".

    Args:
        ui: The wizard's widgets.
        wizard: Gives the parameters and refreshes all pages.
    """

    def __init__(self, ui: Any, wizard: Any) -> None:
        self._ui, self._wizard = ui, wizard
        self.message = Message(ui.objectsMessage)
        self._work = ObjectsWork(wizard, self.message)
        self.job = job = self._work.job
        self._progress = ProgressRow(job, ui.objectsProgressRow, ui.objectsProgressBar, ui.objectsCancelButton)
        self.table, self.views = ObjectTable(ui.objectsTableView), ObjectViews()
        self._shown: Any = ()
        self._found: Table | None = None
        ui.objectsLabelsComboBox.connect("activated(int)", lambda index: wizard.refresh())
        ui.objectsMeasureButton.connect("clicked()", self._onMeasure)
        ui.objectsCsvButton.connect("clicked()", self._onCsv)
        ui.objectsMoreButton.connect("clicked()", self._onMore)
        self.table.chosen.connect(self._onRows)
        self.views.clicked.connect(self._onClicked)
        self._work.kept.connect(self._onKept)

    def refresh(self, now: Situation) -> None:
        """Show what was found, and what can be done."""
        ui = self._ui
        self._progress.refresh()
        self._list()
        missing = Readiness.missingImage(now) or Readiness.missingLabels(self.labels is not None)
        self._wizard.setReady(ui.objectsMeasureButton, missing or Readiness.whyNotStart(now))
        self._wizard.setReady(ui.objectsMoreButton, missing)
        self._follow()
        self._wizard.setReady(ui.objectsCsvButton, Readiness.whyNotSaveObjects(self._found is not None))

    def stop(self) -> None:
        """Let the views go; paint is not seen under objects."""
        self.views.show(None, FILLED)
        self.views.stop()
        self._shown = ()

    @property
    def labels(self) -> Any:
        """The chosen segmentation; None where there is none."""
        node_id = self._ui.objectsLabelsComboBox.currentData
        return self._wizard.scene.GetNodeByID(node_id) if node_id else None

    def saveTable(self, path: Path) -> None:
        """Write the table with all its columns."""
        with self.message.reporting(_("The table cannot be saved.")):
            write_csv(self._found, path)
            self.message.say(_("Saved as {path}.").format(path=path))

    def _list(self) -> None:
        image = self._wizard.parameters.image
        own = labels_of(image) if image is not None else None
        nodes = [*([own] if own else []), *(reversed(predictions_of(image)) if image is not None else ())]
        fillChoice(self._ui.objectsLabelsComboBox, [(name_of(node), node.GetID()) for node in nodes])
        segmentation = self.labels.GetSegmentation() if self.labels is not None else None
        count = segmentation.GetNumberOfSegments() if segmentation is not None else 0
        names = [segmentation.GetNthSegment(n).GetName() for n in range(count)]
        fillChoice(self._ui.objectsClassComboBox, [(name, name) for name in names])

    def _follow(self) -> None:
        """Show the objects of the chosen labels where they changed."""
        objects = objects_of(self.labels)
        if objects is not None:
            settle_objects(objects)
        state = (objects, state_of_objects(objects)) if objects is not None else ()
        if state != self._shown:
            self._shown = state
            self._found = objects_table(objects) if objects is not None else None
            self.table.show(self._found)
            self.views.forget(objects)
        self._ui.objectsTableView.visible = self._found is not None
        self.views.show(objects, FILLED)

    def _onMeasure(self) -> None:
        parameters, source = self._wizard.parameters, self.labels
        with self.message.reporting(_("The objects cannot be measured.")):
            recipe = ObjectsRecipe(
                of=(str(self._ui.objectsClassComboBox.currentData),),
                separate="watershed" if parameters.objectsSeparate else "none",
                min_size_um=parameters.objectsMinSizeUm,
            )
            classes = _classes(source)
            labels = label_volume(labels_grid(source), classes)
            self._work.measure(source, labels, recipe, lambda folder: self._settings(folder, classes))
        self._wizard.refresh()

    def _settings(self, folder: Path, classes: tuple[LabelClass, ...]) -> dict[str, Any]:
        image = str(describeVolume(self._wizard.parameters.image, folder / "image.json"))
        return {"classes": [asdict(one) for one in classes], "images": {"image": image}}

    def _onKept(self, objects: Any, stages: Any) -> None:
        if objects.GetScene() is not None:
            magnify_labels(self.labels, self._wizard.parameters.image)
            notes = [note for stage in stages for note in stage.notes]
            count = len(objects_table(objects) or ())
            self.message.sayLines([_("{count:,} objects.").format(count=count), *notes])

    def _onRows(self, numbers: list[int]) -> None:
        self.views.select(numbers)
        if len(numbers) == 1:
            self.views.goTo(self._found, numbers[0])

    def _onClicked(self, number: int, place: Any) -> None:
        if number:
            self.table.select([number])
            self.views.select([number])

    def _onCsv(self) -> None:
        self.dialog = pickNewFile(_("Table as CSV"), "instances.csv", self.saveTable)

    def _onMore(self) -> None:
        """Go on in the other module, with the same labels."""
        labels, image = self.labels, self._wizard.parameters.image
        slicer.util.selectModule(_OTHER_MODULE)
        other = getattr(slicer.modules, _OTHER_MODULE.lower()).widgetRepresentation().self()
        other.panel.parameters.objectsLabels, other.panel.parameters.objectsImage = labels, image
        other.ui.objectsCollapsibleButton.collapsed = False


def _classes(labels: Any) -> tuple[LabelClass, ...]:
    *_steps, counts = count_labels(labels)
    return classes_in(labels, counts)
