"""Marking defects by clicks in real views, and undoing it."""

import os
import sys
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell.mrml.defects import defects_of
from harness import open_module, picture, plain, run_tests, wait_until
from marking import (
    cell_text,
    choose,
    click,
    ctrl_click,
    hover,
    middle,
    open_cell,
    settle,
    slice_widget,
    still_click,
)


def test_without_a_volume_nothing_can_be_marked_and_it_says_why():
    ui = open_module().ui
    for widget in (ui.placeButton, ui.importDefectsButton, ui.exportDefectsButton, ui.removeDefectButton):
        assert not widget.enabled, widget.objectName
        assert "volume" in widget.toolTip, widget.toolTip
    assert ui.defectTable.rowCount == 0


def test_ctrl_click_in_a_slice_view_marks_a_defect_there():
    _widget, ui, volume = open_cell()
    choose(ui.markClassComboBox, "fold")
    ui.markSeverityComboBox.setCurrentIndex(2)
    ui.markNoteEdit.text = 'wide, "deep"'
    ctrl_click("Red", 20, 10)
    (defect,) = defects_of(volume)
    assert (defect.id, defect.defect_class, defect.severity, defect.note) == ("D1", "fold", "critical", 'wide, "deep"')
    view = slice_widget("Red").sliceView()
    x, y = middle(slice_widget("Red"))
    np.testing.assert_allclose(defect.world, view.convertXYZToRAS(view.convertDeviceToXYZ((x + 20, y + 10))))
    assert [cell_text(ui, 0, n) for n in (0, 1, 2)] == ["D1", "fold", "critical"]
    ui.markCollapsibleButton.collapsed = True
    assert ui.markCollapsibleButton.text == "Mark: 1 defect (1 critical)", ui.markCollapsibleButton.text
    ui.markCollapsibleButton.collapsed = False


def test_a_drag_with_ctrl_or_a_plain_click_marks_nothing():
    _widget, ui, volume = open_cell()
    x, y = middle(slice_widget())
    click(slice_widget(), (x, y), to=(x + 40, y + 30))
    click(slice_widget(), (x, y), modifiers=())
    click(slice_widget(), (x, y), modifiers=("Control", "Shift"))
    ui.markByClickCheckBox.checked = False
    click(slice_widget(), (x, y))
    ui.markByClickCheckBox.checked = True
    slicer.util.selectModule("Data")
    click(slice_widget(), (x, y))
    slicer.util.selectModule("BatteryCellAnalysis")
    assert defects_of(volume) == []


def test_ctrl_drag_still_blends_the_layers_as_in_slicer():
    _widget, _ui, volume = open_cell()
    layers = slice_widget().sliceLogic().GetSliceCompositeNode()
    layers.SetForegroundVolumeID(volume.GetID())
    layers.SetForegroundOpacity(0.5)
    x, y = middle(slice_widget())
    click(slice_widget(), (x, y), to=(x, y + 60))
    assert layers.GetForegroundOpacity() != 0.5
    layers.SetForegroundVolumeID(None)


def test_ctrl_click_in_the_3d_view_marks_what_is_seen_and_says_when_nothing_is():
    _widget, ui, volume = open_cell()
    slice_widget("Green").sliceLogic().GetSliceNode().SetSliceVisible(True)
    slicer.util.resetThreeDViews()
    settle()
    view = slicer.app.layoutManager().threeDWidget(0).threeDView()
    click(view, (2, 2))
    assert "Nothing lies under" in plain(ui.markMessage), plain(ui.markMessage)
    click(view, middle(view))
    (defect,) = defects_of(volume)
    plane = slice_widget("Green").sliceLogic().GetSliceNode().GetSliceToRAS()
    assert abs(defect.world[1] - plane.GetElement(1, 3)) < 0.05
    picture("mark_3d")


def test_a_click_outside_the_volume_is_one_sentence_and_costs_no_undo():
    _widget, ui, volume = open_cell()
    levels = slicer.mrmlScene.GetNumberOfUndoLevels()
    click(slice_widget(), (3, 3))
    assert "outside the volume" in plain(ui.markMessage), plain(ui.markMessage)
    assert defects_of(volume) == []
    assert slicer.mrmlScene.GetNumberOfUndoLevels() == levels


def test_place_mode_adds_numbered_defects_of_the_chosen_class_until_it_is_ended():
    _widget, ui, volume = open_cell()
    ctrl_click("Red", -30, 0)
    choose(ui.markClassComboBox, "tear")
    ui.markNoteEdit.text = "placed"
    ui.placeSeveralCheckBox.checked = True
    ui.placeButton.click()
    assert ui.placeButton.checked
    x, y = middle(slice_widget())
    click(slice_widget(), (x + 10, y + 10), modifiers=())
    choose(ui.markClassComboBox, "weld")
    click(slice_widget(), (x + 30, y + 10), modifiers=())
    ui.placeButton.click()
    assert not ui.placeButton.checked
    click(slice_widget(), (x + 50, y + 10), modifiers=())
    found = [(d.id, d.defect_class, d.note) for d in defects_of(volume)]
    assert found == [("D1", "negative overhang", ""), ("D2", "tear", "placed"), ("D3", "weld", "placed")], found
    ui.undoButton.click()
    assert [d.id for d in defects_of(volume)] == ["D1", "D2"]
    ui.undoButton.click()
    assert [d.id for d in defects_of(volume)] == ["D1"]
    ui.redoButton.click()
    ui.redoButton.click()
    assert [(d.id, d.defect_class, d.note) for d in defects_of(volume)] == found
    ui.placeSeveralCheckBox.checked = False
    ui.placeButton.click()
    click(slice_widget(), (x - 10, y - 10), modifiers=())
    assert not ui.placeButton.checked, "one point, and place mode is over"
    assert len(defects_of(volume)) == 4


def test_a_row_brings_the_views_there_and_a_click_on_a_point_selects_its_row():
    widget, ui, volume = open_cell()
    ctrl_click("Red", -40, 0)
    ctrl_click("Red", 40, 20)
    first, second = defects_of(volume)
    ui.defectTable.clearSelection()
    ui.defectTable.selectRow(0)
    settle()
    for name, axis in (("Yellow", 0), ("Green", 1), ("Red", 2)):
        plane = slice_widget(name).sliceLogic().GetSliceNode().GetSliceToRAS()
        assert abs(plane.GetElement(axis, 3) - first.world[axis]) < 1e-6, name
    crosshair = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLCrosshairNode")
    np.testing.assert_allclose(crosshair.GetCrosshairRAS(), first.world)
    x, y = middle(slice_widget())
    levels = slicer.mrmlScene.GetNumberOfUndoLevels()
    hover(slice_widget(), (x + 40, y + 20))
    still_click(slice_widget())
    assert slicer.mrmlScene.GetNumberOfUndoLevels() == levels, "to look is no edit"
    assert widget.panel.mark.table.selected() == [second.id], widget.panel.mark.table.selected()
    picture("mark_selected")


def test_the_mouse_moves_a_point_and_undo_moves_it_back():
    _widget, ui, volume = open_cell()
    ctrl_click("Red", -40, 0)
    (before,) = defects_of(volume)
    x, y = middle(slice_widget())
    hover(slice_widget(), (x - 40, y))
    click(slice_widget(), (x - 40, y), modifiers=(), to=(x - 10, y + 30))
    (after,) = defects_of(volume)
    assert np.linalg.norm(np.subtract(after.world, before.world)) > 0.05
    ui.undoButton.click()
    np.testing.assert_allclose(defects_of(volume)[0].world, before.world, atol=1e-9)


def test_a_point_deleted_in_a_view_comes_back_by_undo():
    _widget, ui, volume = open_cell()
    for dx in (-40, 40):
        ctrl_click("Red", dx, 0)
    x, y = middle(slice_widget())
    hover(slice_widget(), (x - 40, y))
    interactor = slice_widget().interactorStyle().GetInteractor()
    interactor.SetKeySym("Delete")
    interactor.SetKeyCode(chr(127))
    interactor.SetRepeatCount(1)
    interactor.KeyPressEvent()
    settle()
    assert [d.id for d in defects_of(volume)] == ["D2"]
    wait_until(lambda: ui.defectTable.rowCount == 1, 10)
    ui.undoButton.click()
    assert [d.id for d in defects_of(volume)] == ["D1", "D2"]


def test_a_point_placed_outside_the_volume_is_kept_and_said():
    _widget, ui, volume = open_cell()
    ui.placeSeveralCheckBox.checked = False
    ui.placeButton.click()
    click(slice_widget(), (3, 3), modifiers=())
    assert plain(ui.markMessage).startswith("Outside the volume: D1"), plain(ui.markMessage)
    ui.placeSeveralCheckBox.checked = True
    ui.undoButton.click()
    assert defects_of(volume) == []


run_tests(dict(globals()))
