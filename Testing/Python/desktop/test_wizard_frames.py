"""The wizard's second step: frames from the views, their roles, and what is painted in them."""

import os
import sys
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import qt
import slicer
from batterycell.mrml.wizard.classes import use_preset
from batterycell.mrml.wizard.frames import frame_nodes, frames_of
from harness import Watch, picture, plain, run_tests, wait_until
from wizarding import add_image, go_to, open_wizard, paint_stroke, settle, slice_widget


def open_frames():
    """The page with an image and classes."""
    widget = open_wizard()
    add_image(widget)
    use_preset(slicer.mrmlScene, "cathode microstructure")
    widget.wizard.refresh()
    go_to(widget, "Frames")
    widget.ui.frameViewComboBox.setCurrentText("Red")
    return widget, widget.ui


def cell(ui, row: int, column: int) -> str:
    return ui.frameTable.item(row, column).text()


def frames():
    return frames_of(slicer.mrmlScene)


def test_without_an_image_no_frame_can_be_added_and_it_says_why():
    widget = open_wizard("Frames")
    assert not widget.ui.addFrameButton.enabled
    assert "image" in widget.ui.addFrameButton.toolTip, widget.ui.addFrameButton.toolTip
    assert not widget.ui.removeFrameButton.enabled


def test_the_view_that_was_clicked_last_becomes_a_frame():
    _widget, ui = open_frames()
    ui.frameSizeSpinBox.value = 32
    slicer.util.clickAndDrag(slice_widget("Yellow"), start=(50, 50), end=(50, 50), steps=1)
    settle()
    assert ui.frameViewComboBox.currentText == "Yellow"
    ui.addFrameButton.click()
    ui.frameViewComboBox.setCurrentText("Red")
    ui.frameRoleComboBox.setCurrentText("validation")
    ui.addFrameButton.click()
    settle()
    first, second = frames()
    assert cell(ui, 0, 2).startswith("x "), cell(ui, 0, 2)
    assert cell(ui, 1, 2).startswith("z "), cell(ui, 1, 2)
    assert (first.role, second.role) == ("training", "validation")
    np.testing.assert_allclose(second.size_mm, (32e-4, 32e-4, 1e-4))
    assert "2 frames" in ui.stepStateLabel.text, ui.stepStateLabel.text


def test_a_frame_belongs_to_the_image_that_the_view_shows():
    widget, ui = open_frames()
    first = widget.wizard.parameters.image
    second = add_image(widget, "second")
    slice_widget("Red").mrmlSliceCompositeNode().SetBackgroundVolumeID(first.GetID())
    settle()
    ui.addFrameButton.click()
    assert frames()[0].image == first.GetName()
    assert widget.wizard.parameters.image is first, second.GetName()


def test_an_oblique_view_becomes_an_oblique_frame_of_one_voxel():
    _widget, ui = open_frames()
    node = slice_widget("Green").mrmlSliceNode()
    node.SetSliceToRASByNTP(0.3, 1.0, 0.2, 1.0, 0.0, -0.3, 3.0, 3.0, 0.6, 0)
    ui.frameViewComboBox.setCurrentText("Green")
    ui.frameSizeSpinBox.value = 24
    ui.addFrameButton.click()
    assert cell(ui, 0, 2) == "oblique", cell(ui, 0, 2)
    (frame,) = frames()
    assert 0.9e-4 < frame.size_mm[2] < 1.1e-4, frame.size_mm


def test_painted_part_and_classes_follow_the_brush_a_moment_later():
    widget, ui = open_frames()
    ui.frameSizeSpinBox.value = 32
    ui.addFrameButton.click()
    wait_until(lambda: cell(ui, 0, 4) == "0 %", 5)
    widget.wizard.paint.choose(1)
    paint_stroke(ui, "Red", (-20, 0), (30, 10))
    wait_until(lambda: cell(ui, 0, 4) not in ("", "0 %"), 5)
    assert ui.frameTable.item(0, 5).toolTip() == "active material", ui.frameTable.item(0, 5).toolTip()
    ui.frameTable.selectRow(0)
    settle()
    picture("wizard_frames")
    ui.segmentEditor.undo()
    wait_until(lambda: cell(ui, 0, 4) == "0 %", 5)


def test_name_role_and_completeness_are_edited_in_the_list_and_undone():
    _widget, ui = open_frames()
    for _ in range(2):
        ui.addFrameButton.click()
    ui.frameTable.item(0, 0).setText("left")
    ui.frameTable.item(0, 3).setText("mixed")
    ui.frameTable.item(0, 6).setCheckState(qt.Qt.Checked)
    settle()
    assert (frames()[0].name, frames()[0].role, frames()[0].full) == ("left", "mixed", True), frames()
    ui.frameTable.item(1, 0).setText("left")
    settle()
    assert "already" in plain(ui.framesMessage), plain(ui.framesMessage)
    assert cell(ui, 1, 0) != "left"
    ui.frameTable.selectRow(1)
    ui.removeFrameButton.click()
    assert len(frames()) == 1
    ui.undoFrameButton.click()
    assert len(frames()) == 2
    ui.redoFrameButton.click()
    assert [one.name for one in frames()] == ["left"]


def test_a_row_brings_a_view_and_the_image_there():
    widget, ui = open_frames()
    image = widget.wizard.parameters.image
    node = slice_widget("Red").mrmlSliceNode()
    ui.frameSizeSpinBox.value = 16
    for offset in (0.1, 0.9):
        node.SetSliceOffset(offset)
        ui.addFrameButton.click()
    second = add_image(widget, "second")
    assert widget.wizard.parameters.image is second
    ui.frameTable.clearSelection()
    ui.frameTable.selectRow(0)
    settle()
    assert widget.wizard.parameters.image is image
    assert abs(node.GetSliceOffset() - 0.1) < 1e-3, node.GetSliceOffset()
    layers = slice_widget("Red").mrmlSliceCompositeNode()
    assert layers.GetBackgroundVolumeID() == image.GetID()
    ui.goToFrameButton.click()
    assert node.GetFieldOfView()[0] < 40e-1, node.GetFieldOfView()
    rois = frame_nodes(slicer.mrmlScene)
    assert [roi.GetLocked() for roi in rois] == [0, 1]
    go_to(widget, "Train")
    assert all(roi.GetLocked() for roi in rois)


def test_a_box_can_be_added_and_its_outline_has_the_colour_of_its_role():
    _widget, ui = open_frames()
    ui.frameRoleComboBox.setCurrentText("monitoring")
    ui.addBoxButton.click()
    assert cell(ui, 0, 2) == "box 3 × 16 × 16", cell(ui, 0, 2)
    (roi,) = frame_nodes(slicer.mrmlScene)
    assert "No frame trains" in ui.stepStateLabel.text, ui.stepStateLabel.text
    before = roi.GetDisplayNode().GetColor()
    ui.frameTable.item(0, 3).setText("training")
    settle()
    assert roi.GetDisplayNode().GetColor() != before


def test_many_frames_do_not_hold_up_the_window():
    widget, ui = open_frames()
    node = slice_widget("Red").mrmlSliceNode()
    for k in range(12):
        node.SetSliceOffset(k * 0.1)
        ui.addFrameButton.click()
    widget.wizard.paint.choose(0)
    with Watch() as watch:
        paint_stroke(ui, "Red", (-20, 0), (30, 10))
        wait_until(lambda: all(widget.wizard.frames.counts.of(roi.GetID()) for roi in frame_nodes(slicer.mrmlScene)), 5)
    print(f"TOOK {watch.busiest:.3f} s to paint among 12 frames")


run_tests(dict(globals()))
