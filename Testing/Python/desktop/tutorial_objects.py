"""The pictures of docs/tutorial_objects.md: its steps, pressed in a real Slicer on real labels, in their order.

``make tutorial SLICER=<executable>`` runs it; the pictures go to out/desktop. Finding objects needs cc3d and edt in
Slicer's own Python, or in the folder that BATTERYCELL_PACKAGES names.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell.mrml.objects import objects_of, objects_table
from finding import drag_over_bars
from harness import load, look_at, open_module, picture, plain, run_tests, show_only, wait_until

DATA = os.environ.get("BATTERYCELL_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data"
LABELS = Path(DATA) / "electrode_labels" / "nmc_xct_cbd_3phase_251x301x301.tif"
VOXEL_UM = 0.4
FOLDER = Path(tempfile.mkdtemp())
KEPT = []


def panel():
    return KEPT[0]


def section():
    return panel().panel.objects


def settle(seconds=0.5):
    """Let the window lay itself out and draw."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        slicer.app.processEvents()


def finish():
    wait_until(lambda: not section().job.isRunning, 900)
    settle()


def test_1_labels():
    assert LABELS.is_file(), f"{LABELS} is not there"
    KEPT.append(open_module())
    node = load(panel(), LABELS)
    for axis in "ZYX":
        getattr(panel().ui, f"voxelSize{axis}").value = VOXEL_UM
    panel().ui.setVoxelSizeButton.click()
    show_only(panel(), "Objects")
    ui = panel().ui
    ui.objectsLabelsSelector.setCurrentNode(node)
    ui.objectsClassesLineEdit.text = "0=pore,1=NMC,2=binder"
    wait_until(lambda: ui.objectsOfComboBox.count == 4, 60)
    ui.objectsOfComboBox.setCurrentIndex(2)
    ui.objectsSeparateCheckBox.checked = True
    ui.objectsMinSizeSpinBox.value = 2.0
    slicer.util.resetSliceViews()
    settle()
    picture("tutorial_objects_1_labels")


def test_2_measure():
    ui = panel().ui
    ui.objectsMicrostructureButton.click()
    finish()
    table = objects_table(objects_of(panel().panel.parameters.objectsLabels))
    assert table is not None, plain(ui.objectsMessage)
    column = next(n for n, one in enumerate(table.columns) if one.name == "equivalent_diameter_um")
    ui.objectsTableView.sortByColumn(column, 1)
    settle()
    ui.objectsTableView.selectRow(0)
    look_at(ui.objectsQuantitiesTableView)
    settle()
    picture("tutorial_objects_2_measured")


def test_3_histogram():
    ui = panel().ui
    ui.objectsWeightComboBox.setCurrentIndex(1)
    ui.objectsHistogramButton.click()
    settle()
    drag_over_bars(0.75, 1.0)
    assert section().shown.table.selected
    look_at(ui.objectsHistogramButton)
    settle()
    picture("tutorial_objects_3_histogram")


def test_4_correct():
    ui = panel().ui
    table = objects_table(objects_of(panel().panel.parameters.objectsLabels))
    ui.objectsTableView.clearSelection()
    number = int(np.nanargmax(table["equivalent_diameter_um"])) + 1
    section().shown.table.select([number])
    section().shown.table.chosen.emit([number])
    ui.objectsSplitButton.click()
    finish()
    assert "Split" in ui.objectsLogLabel.text, plain(ui.objectsMessage)
    look_at(ui.objectsLogLabel)
    picture("tutorial_objects_4_split")


def test_5_export():
    section().exportTo(FOLDER)
    finish()
    assert "Written" in plain(panel().ui.objectsMessage), plain(panel().ui.objectsMessage)
    (folder,) = FOLDER.iterdir()
    names = {path.name for path in folder.iterdir()}
    assert {"instances.csv", "instances.nrrd", "quantities.csv", "report.html", "recipe.json"} <= names, names


run_tests(dict(globals()))
