"""Objects of labels: corrected by hand, saved and reopened, and what a cancelled work leaves."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell import mrml
from batterycell.mrml.object_plot import chart_of
from batterycell.mrml.objects import objects_of, objects_table
from finding import can_find, click, has_rows, measured, run, settle
from harness import picture, plain, run_tests, wait_until

FOLDER = Path(tempfile.mkdtemp())


@can_find
def test_objects_are_merged_split_removed_and_that_is_taken_back():
    widget, ui, node = measured()
    objects = objects_of(node)
    assert not ui.objectsMergeButton.enabled and "two" in ui.objectsMergeButton.toolTip
    widget.panel.objects.shown.select([3, 4])
    before = objects_table(objects)["voxels"]
    run(widget, ui.objectsMergeButton)
    assert has_rows(ui, 59)
    assert "Merged 3, 4 into 3" in ui.objectsLogLabel.text
    assert objects_table(objects)["voxels"][2] == before[2] + before[3]
    assert (slicer.util.arrayFromVolume(objects) != 4).all()
    widget.panel.objects.shown.select([10])
    run(widget, ui.objectsSplitButton)
    assert has_rows(ui, 60)
    widget.panel.objects.shown.select([11, 12])
    run(widget, ui.objectsRemoveButton)
    assert has_rows(ui, 58)
    assert len(ui.objectsLogLabel.text.splitlines()) == 3
    picture("objects_edited")
    for count in (60, 59, 60):
        run(widget, ui.objectsUndoButton)
        assert has_rows(ui, count)
    assert not ui.objectsUndoButton.enabled
    np.testing.assert_array_equal(objects_table(objects)["voxels"], before)


@can_find
def test_an_object_is_split_at_points_that_are_clicked():
    widget, ui, node = measured()
    objects = objects_of(node)
    number = int(np.argmax(objects_table(objects)["voxels"])) + 1
    places = np.argwhere(slicer.util.arrayFromVolume(objects) == number)
    widget.panel.objects.shown.select([number])
    widget.panel.objects.edits.refresh(widget.panel.situation())
    ui.objectsSplitPointsButton.checked = True
    low, high = places[0], places[-1]
    for k, j, i in (low.tolist(), high.tolist()):
        world = [0.0, 0.0, 0.0]
        objects.TransformPointToWorld(mrml.volume_from_node(objects).to_ras([i, j, k]).tolist(), world)
        click("Red", world)
    assert "2 points" in plain(ui.objectsMessage), plain(ui.objectsMessage)
    ui.objectsSplitPointsButton.checked = False
    wait_until(lambda: not widget.panel.objects.job.isRunning)
    settle()
    assert has_rows(ui, 61)
    array = slicer.util.arrayFromVolume(objects)
    assert array[tuple(low)] != array[tuple(high)]


@can_find
def test_objects_come_back_with_the_scene():
    widget, ui, node = measured()
    table = objects_table(objects_of(node))
    line = plain(ui.objectsMessage)
    ui.objectsHistogramButton.click()
    path = FOLDER / "objects.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear()
    settle()
    assert not ui.objectsResultFrame.visible
    assert slicer.util.loadScene(str(path))
    wait_until(lambda: plain(ui.objectsMessage) == line, 30)
    objects = objects_of(widget.panel.parameters.objectsLabels)
    found = objects_table(objects)
    for column in table.columns:
        if table[column.name].dtype.kind == "f":
            # Slicer writes tables with six digits.
            np.testing.assert_allclose(found[column.name], table[column.name], rtol=1e-4, atol=1e-9)
    assert has_rows(ui, 60)
    assert chart_of(objects) is not None
    assert ui.objectsMeasureButton.enabled, ui.objectsMeasureButton.toolTip


@can_find
def test_cancel_keeps_what_was_there():
    widget, ui, node = measured()
    before = objects_table(objects_of(node))
    ui.objectsMeasureButton.click()
    assert not ui.objectsMicrostructureButton.enabled
    ui.objectsCancelButton.click()
    wait_until(lambda: not widget.panel.objects.job.isRunning, 30)
    settle()
    assert "Cancelled" in plain(ui.objectsMessage)
    assert len(objects_table(objects_of(node))) == len(before)


run_tests(dict(globals()))
