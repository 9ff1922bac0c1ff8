"""The wizard's sixth step: the objects of a class that was painted or predicted, as a table."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell.mrml.cell import volume_of
from batterycell.mrml.objects import objects_of, objects_table
from batterycell.mrml.wizard.classes import classes_of
from batterycell.mrml.wizard.results import add_prediction
from batterycell.volume import Volume
from finding import can_find
from harness import look_at, picture, plain, run_tests, wait_until
from wizarding import go_to, open_project, open_wizard


def predicted():
    """The page with a prediction of the whole image."""
    widget = open_project()
    image = widget.wizard.parameters.image
    volume = volume_of(image)
    codes = (slicer.util.arrayFromVolume(image) > 115).astype(np.uint8) + 1
    labels = Volume(codes, volume.ijk_to_ras, volume.voxel_size_source, "discs")
    node = add_prediction(image, labels, classes_of(slicer.mrmlScene), "made")
    go_to(widget, "Measure")
    widget.ui.objectsCollapsibleButton.collapsed = False
    combo = widget.ui.objectsLabelsComboBox
    combo.setCurrentIndex(combo.findData(node.GetID()))
    combo.activated(combo.currentIndex)
    return widget, node


def test_without_labels_the_page_says_what_is_missing():
    widget = open_wizard("Measure")
    assert not widget.ui.objectsMeasureButton.enabled
    assert widget.ui.objectsMeasureButton.toolTip
    assert "Measure objects first" in widget.ui.objectsCsvButton.toolTip


@can_find
def test_the_objects_of_a_class_become_a_table():
    widget, node = predicted()
    ui, rows = widget.ui, widget.wizard.measure.objects
    ui.objectsClassComboBox.setCurrentIndex(1)
    ui.objectsMeasureButton.click()
    wait_until(lambda: not rows.job.isRunning and objects_of(node) is not None, 60)
    wait_until(lambda: ui.objectsTableView.model().rowCount() > 0, 10)
    table = objects_table(objects_of(node))
    assert set(table["class"].tolist()) == {classes_of(slicer.mrmlScene)[1].name}
    assert (table["image_min"] > 115).all()
    assert f"{len(table)} objects" in plain(ui.objectsMessage)
    ui.objectsTableView.selectRow(0)
    look_at(ui.objectsTableView)
    picture("wizard_objects")
    path = Path(tempfile.mkdtemp()) / "instances.csv"
    rows.saveTable(path)
    assert len(path.read_text(encoding="utf-8").splitlines()) == len(table) + 1
    ui.objectsMoreButton.click()
    other = slicer.modules.batterycellanalysis.widgetRepresentation().self()
    wait_until(lambda: other.ui.objectsTableView.model().rowCount() == len(table), 10)
    assert other.panel.parameters.objectsLabels is node


run_tests(dict(globals()))
