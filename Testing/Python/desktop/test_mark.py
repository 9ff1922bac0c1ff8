"""Marking defects: clicks in real views, the table, undo, CSV, and what may go wrong meanwhile."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import qt
import slicer
from batterycell.annotate.defects import CLASSES, SEVERITIES
from batterycell.mrml.defect_classes import defect_list, defect_lists
from batterycell.mrml.defects import add_defect, defects_of, defects_table
from harness import cell_file, load, open_module, picture, plain, run_tests, wait_until

FOLDER = Path(tempfile.mkdtemp())
ODD = 'Falz, "gerissen"; Überlappung\nzweite Zeile & <b> 裂纹'


def open_cell():
    """The module, its widgets and the volume of a generated cell; all sections but Mark are closed."""
    widget = open_module()
    ui = widget.ui
    load(widget, cell_file(FOLDER))
    for button in (ui.cellCollapsibleButton, ui.uprightCollapsibleButton, ui.overhangCollapsibleButton):
        button.collapsed = True
    ui.exportCollapsibleButton.collapsed = True
    ui.markCollapsibleButton.collapsed = False
    ui.markClassComboBox.setCurrentIndex(0)
    ui.markSeverityComboBox.setCurrentIndex(0)
    ui.markNoteEdit.text = ""
    slicer.app.processEvents()
    return widget, ui, widget.panel.parameters.volume


def settle(seconds=0.15):
    timer = qt.QElapsedTimer()
    timer.start()
    while timer.elapsed() < 1000 * seconds:
        slicer.app.processEvents()


def slice_widget(name="Red"):
    return slicer.app.layoutManager().sliceWidget(name)


def middle(widget):
    style = widget.interactorStyle()
    width, height = style.GetInteractor().GetRenderWindow().GetSize()
    return width // 2, height // 2


def click(widget, at, modifiers=("Control",), to=None):
    slicer.util.clickAndDrag(widget, start=at, end=to or at, steps=1 if to is None else 8, modifiers=list(modifiers))
    settle()


def ctrl_click(name="Red", dx=0, dy=0):
    x, y = middle(slice_widget(name))
    click(slice_widget(name), (x + dx, y + dy))


def choose(combo, text):
    combo.setCurrentIndex(combo.findText(text))
    combo.activated(combo.currentIndex)


def cell_text(ui, row, column):
    return ui.defectTable.item(row, column).text()


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


def hover(widget, at):
    interactor = widget.interactorStyle().GetInteractor()
    for step in (8, 4, 0):
        interactor.SetEventPosition(at[0] + step, at[1])
        interactor.MouseMoveEvent()
        settle(0.05)


def still_click(widget):
    interactor = widget.interactorStyle().GetInteractor()
    interactor.LeftButtonPressEvent()
    interactor.LeftButtonReleaseEvent()
    settle()


def edit_cell(ui, row, column, text):
    table = ui.defectTable
    table.setCurrentCell(row, column)
    if column == 5:
        table.item(row, column).setText(text)
        settle()
        return
    table.editItem(table.item(row, column))
    slicer.app.processEvents()
    editor = table.findChildren(qt.QComboBox)[-1]
    editor.setCurrentIndex(editor.findText(text))
    delegate = table.itemDelegateForColumn(column)
    delegate.commitData(editor)
    delegate.closeEditor(editor)
    settle()


def test_class_severity_and_note_are_edited_in_the_table_and_undone():
    _widget, ui, volume = open_cell()
    ctrl_click("Red", -40, 0)
    edit_cell(ui, 0, 1, "delamination")
    edit_cell(ui, 0, 2, "major")
    edit_cell(ui, 0, 5, ODD)
    (defect,) = defects_of(volume)
    assert (defect.id, defect.defect_class, defect.severity, defect.note) == ("D1", "delamination", "major", ODD)
    assert [cell_text(ui, 0, n) for n in (1, 2, 5)] == ["delamination", "major", ODD]
    ui.undoButton.click()
    assert (defects_of(volume)[0].note, cell_text(ui, 0, 5)) == ("", "")
    ui.undoButton.click()
    ui.undoButton.click()
    (defect,) = defects_of(volume)
    assert (defect.defect_class, defect.severity) == (CLASSES[0], "minor")
    ui.undoButton.click()
    assert (defects_of(volume), ui.defectTable.rowCount) == ([], 0)
    for _ in range(4):
        ui.redoButton.click()
    assert defects_of(volume)[0].note == ODD


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
    assert ui.defectTable.rowCount == 1
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


def test_removing_takes_the_selected_rows_and_undo_brings_them_back():
    _widget, ui, volume = open_cell()
    for dx in (-40, 0, 40):
        ctrl_click("Red", dx, 0)
    ui.defectTable.clearSelection()
    ui.defectTable.selectRow(1)
    ui.removeDefectButton.click()
    assert [d.id for d in defects_of(volume)] == ["D1", "D3"]
    ui.undoButton.click()
    assert [d.id for d in defects_of(volume)] == ["D1", "D2", "D3"]
    ui.defectTable.clearSelection()
    ui.removeDefectButton.click()
    assert "selected" in plain(ui.markMessage)


def test_classes_are_added_renamed_and_removed_with_names_of_any_kind():
    _widget, ui, volume = open_cell()
    name = 'Riß, "R & D" 裂纹'
    ui.markClassComboBox.setEditText(name)
    assert ui.addClassButton.enabled and not ui.removeClassButton.enabled
    ui.addClassButton.click()
    assert ui.markClassComboBox.currentText == name
    ctrl_click("Red", 0, 0)
    assert defects_of(volume)[0].defect_class == name
    ui.removeClassButton.click()
    assert "holds 1 defect" in plain(ui.markMessage), plain(ui.markMessage)
    ui.markClassComboBox.setEditText("crack")
    ui.renameClassButton.click()
    assert defects_of(volume)[0].defect_class == "crack"
    choose(ui.markClassComboBox, "dent")
    ui.removeClassButton.click()
    assert ui.markClassComboBox.findText("dent") < 0
    assert not ui.addClassButton.enabled, "the chosen class is there already"
    ui.undoButton.click()
    assert ui.markClassComboBox.findText("dent") >= 0


def test_defects_come_back_from_csv_without_loss_and_without_doubles():
    widget, ui, volume = open_cell()
    ui.setUprightButton.click()
    wait_until(lambda: volume.GetParentTransformNode() is not None)
    settle()
    ui.markNoteEdit.text = 'note with , ; "quotes" and Umlaute äöü'
    ctrl_click("Red", -40, 0)
    choose(ui.markClassComboBox, "particle")
    ctrl_click("Green", 30, 10)
    before = defects_table(volume)
    assert np.isfinite(before["angle_deg"]).all()
    assert cell_text(ui, 0, 3).endswith("°")
    path = FOLDER / 'marks, "ü".csv'
    widget.panel.mark.files.exportTo(path)
    widget.panel.mark.files.importFrom(path)
    assert "2 updated" in plain(ui.markMessage), plain(ui.markMessage)
    for node in defect_lists(volume):
        slicer.mrmlScene.RemoveNode(node)
    settle()
    assert ui.defectTable.rowCount == 0
    widget.panel.mark.files.importFrom(path)
    after = defects_table(volume)
    for column in after.columns:
        if after[column.name].dtype.kind == "f":
            np.testing.assert_allclose(after[column.name], before[column.name], atol=1e-9, err_msg=column.name)
        else:
            assert after[column.name].tolist() == before[column.name].tolist()
    assert ui.defectTable.rowCount == 2
    picture("mark_csv")


def test_a_csv_that_cannot_be_used_is_one_sentence_and_changes_nothing():
    widget, ui, _volume = open_cell()
    ctrl_click("Red", -40, 0)
    for text, words in (
        ("x_in,y_in,z_in\n1,2,3\n", "unit"),
        ("id,note\nD1,a\n", "no column"),
        ("i,j,k\n1,2,three\n", "line 2"),
        ("i,j,k\n1000,2,3\n", "None of the places"),
    ):
        path = FOLDER / "wrong.csv"
        path.write_text(text, encoding="utf-8")
        widget.panel.mark.files.importFrom(path)
        assert words in plain(ui.markMessage), plain(ui.markMessage)
        assert ui.defectTable.rowCount == 1
    picture("mark_wrong_csv")


def test_a_saved_scene_restores_table_classes_and_choices():
    widget, ui, volume = open_cell()
    choose(ui.markClassComboBox, "weld")
    ui.markSeverityComboBox.setCurrentIndex(1)
    ctrl_click("Red", -40, 0)
    edit_cell(ui, 0, 5, ODD)
    before = defects_table(volume)
    scene = FOLDER / "marks.mrb"
    assert slicer.util.saveScene(str(scene))
    slicer.mrmlScene.Clear()
    assert ui.defectTable.rowCount == 0
    slicer.util.loadScene(str(scene))
    settle()
    assert ui.defectTable.rowCount == 1
    assert (ui.markClassComboBox.currentText, ui.markSeverityComboBox.currentText) == ("weld", "major")
    volume = widget.panel.parameters.volume
    after = defects_table(volume)
    for column in after.columns:
        if after[column.name].dtype.kind == "f":
            np.testing.assert_allclose(after[column.name], before[column.name], atol=1e-9, err_msg=column.name)
        else:
            assert after[column.name].tolist() == before[column.name].tolist(), column.name
    edit_cell(ui, 0, 2, "critical")
    ui.undoButton.click()
    assert defects_of(volume)[0].severity == "major", "undo works after loading"


def test_a_volume_or_a_list_deleted_under_the_module_is_no_trouble():
    _widget, ui, volume = open_cell()
    ctrl_click("Red", -40, 0)
    choose(ui.markClassComboBox, "weld")
    ctrl_click("Red", 40, 0)
    slicer.mrmlScene.RemoveNode(defect_list(volume, "weld"))
    settle()
    assert ui.defectTable.rowCount == 1
    ui.placeButton.click()
    slicer.mrmlScene.RemoveNode(volume)
    settle()
    assert ui.defectTable.rowCount == 0
    assert not ui.placeButton.enabled
    ctrl_click("Red", 0, 0)
    ui.undoButton.click()
    slicer.mrmlScene.Clear()
    settle()
    assert ui.defectTable.rowCount == 0


def test_a_hundred_defects_do_not_hold_the_window():
    widget, ui, volume = open_cell()
    places = np.random.default_rng(0).uniform(0.2, 0.8, (100, 3)) * volume.GetImageData().GetDimensions()
    matrix = slicer.util.arrayFromVTKMatrix(_ijk_to_ras(volume))
    for n, place in enumerate(places):
        add_defect(volume, CLASSES[n % 8], (matrix @ [*place, 1])[:3], SEVERITIES[n % 3], f"note {n}")
    widget.panel.refresh()
    settle(0.5)
    assert ui.defectTable.rowCount == 100
    timer = qt.QElapsedTimer()
    timer.start()
    widget.panel.mark.mark((matrix @ [*places[0], 1])[:3])
    assert timer.elapsed() < 200, timer.elapsed()
    assert ui.defectTable.rowCount == 101
    timer.restart()
    ui.markNoteEdit.text = "typed"
    assert timer.elapsed() < 100, timer.elapsed()
    picture("mark_hundred")


def _ijk_to_ras(volume):
    import vtk

    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    return matrix


run_tests(dict(globals()))
