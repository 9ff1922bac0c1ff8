"""The table of marked defects: edits, classes, CSV, saved scenes, and what may go wrong meanwhile."""

import os
import sys
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import qt
import slicer
from batterycell.annotate.defects import CLASSES, SEVERITIES
from batterycell.mrml.defect_classes import defect_list, defect_lists
from batterycell.mrml.defects import add_defect, defects_of, defects_table
from BatteryCellAnalysisLib.Views.Markups.PlaceMode import placingInto
from harness import picture, plain, run_tests, wait_until
from marking import (
    FOLDER,
    cell_text,
    choose,
    ctrl_click,
    edit_cell,
    ijk_to_ras,
    open_cell,
    settle,
)

ODD = 'Falz, "gerissen"; Überlappung\nzweite Zeile & <b> 裂纹'


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
    assert placingInto(slicer.mrmlScene) is None
    ctrl_click("Red", 0, 0)
    ui.undoButton.click()
    slicer.mrmlScene.Clear()
    settle()
    assert ui.defectTable.rowCount == 0


def test_a_hundred_defects_do_not_hold_the_window():
    widget, ui, volume = open_cell()
    places = np.random.default_rng(0).uniform(0.2, 0.8, (100, 3)) * volume.GetImageData().GetDimensions()
    matrix = slicer.util.arrayFromVTKMatrix(ijk_to_ras(volume))
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


run_tests(dict(globals()))
