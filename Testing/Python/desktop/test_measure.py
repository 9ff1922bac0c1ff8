"""Measure a generated cell with the real worker: progress, cancel, table, map, views."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
import vtk
from batterycell.io import load_volume
from batterycell.mrml import add_result, attached, overhang_node, result_of, table_from_node
from batterycell.pipeline import analyze
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe
from harness import cell_file, load, open_module, picture, plain, run_tests, wait_until

FOLDER = Path(tempfile.mkdtemp())
ANGLES = 24
KNOWN = []


def loaded():
    """The panel with a generated cell."""
    widget = open_module()
    load(widget, cell_file(FOLDER))
    widget.ui.anglesSpinBox.value = ANGLES
    return widget


def measured():
    """The panel with a measured cell; the worker measures it once for all tests."""
    widget = loaded()
    if not KNOWN:
        measure(widget)
        KNOWN.append(result_of(widget.panel.parameters.volume))
        return widget
    add_result(widget.panel.parameters.volume, KNOWN[0])
    widget.panel.refresh()
    return widget


def measure(widget):
    """Press Measure and wait."""
    widget.ui.measureButton.click()
    wait_until(lambda: not widget.panel.overhang.job.isRunning)
    assert overhang_node(widget.panel.parameters.volume) is not None, plain(widget.ui.overhangMessage)


def test_cancel_ends_the_work_and_keeps_what_was_there():
    widget = loaded()
    ui = widget.ui
    ui.measureButton.click()
    assert ui.overhangProgressRow.visible
    assert not ui.measureButton.enabled
    assert "Wait" in ui.measureButton.toolTip
    wait_until(lambda: ui.overhangProgressBar.value > 0)
    picture("measuring")
    ui.overhangCancelButton.click()
    wait_until(lambda: not widget.panel.overhang.job.isRunning, 30)
    assert "Cancelled" in plain(ui.overhangMessage)
    assert not ui.overhangProgressRow.visible
    assert ui.measureButton.enabled
    assert overhang_node(widget.panel.parameters.volume) is None
    assert not widget.panel.overhang.job.folder.exists()


def test_the_values_are_those_of_the_command_line():
    widget = measured()
    table = table_from_node(overhang_node(widget.panel.parameters.volume))
    truth = analyze(load_volume(cell_file(FOLDER)), AnalyzeRecipe(angles=ANGLES), Progress()).overhang
    for column in truth.columns:
        np.testing.assert_array_equal(table[column.name], truth[column.name], column.name)
    assert "values" in plain(widget.ui.overhangMessage)
    assert attached(widget.panel.parameters.volume, "anode-ends")[0].GetNumberOfControlPoints() > 0
    picture("measured")


def test_a_selected_row_brings_the_views_there():
    widget = measured()
    table = table_from_node(overhang_node(widget.panel.parameters.volume))
    row = int(np.flatnonzero(table["flag"] == "ok")[7])
    widget.ui.setUprightButton.click()
    widget.ui.overhangTableView.selectRow(row)
    slicer.app.processEvents()
    ras = [table[f"anode_{axis}_mm"][row] for axis in "ras"]
    world = [0.0, 0.0, 0.0]
    widget.panel.parameters.volume.TransformPointToWorld(ras, world)
    np.testing.assert_allclose(slicer.util.getNode("Crosshair").GetCrosshairRAS(), world)
    red = slicer.app.layoutManager().sliceWidget("Red").mrmlSliceNode()
    assert abs(red.GetSliceOffset() - world[2]) < 0.1
    picture("row_selected")


def test_a_click_on_the_map_selects_the_row():
    widget = measured()
    widget.panel.overhang.views.maps.picture.click(0.5, 0.3)
    rows = widget.ui.overhangTableView.selectionModel().selectedRows()
    assert len(rows) == 1


def test_a_click_on_an_end_in_a_view_selects_its_row():
    widget = measured()
    volume = widget.panel.parameters.volume
    table = table_from_node(overhang_node(volume))
    row = int(np.flatnonzero(table["flag"] == "ok")[11])
    widget.ui.overhangTableView.selectRow(row)
    slicer.app.processEvents()
    view = slicer.app.layoutManager().sliceWidget("Red").sliceView()
    world = [0.0, 0.0, 0.0]
    volume.TransformPointToWorld([table[f"anode_{axis}_mm"][row] for axis in "ras"], world)
    toPixel = vtk.vtkMatrix4x4()
    vtk.vtkMatrix4x4.Invert(view.mrmlSliceNode().GetXYToRAS(), toPixel)
    pixel = [round(value) for value in toPixel.MultiplyPoint((*world, 1.0))[:2]]
    widget.ui.overhangTableView.selectRow(0)
    slicer.util.clickAndDrag(slicer.app.layoutManager().sliceWidget("Red"), start=pixel, end=pixel, steps=1)
    slicer.app.processEvents()
    chosen = widget.ui.overhangTableView.selectionModel().selectedRows()[0].row()
    assert table["winding"][chosen] == table["winding"][row]
    assert abs(table["angle_deg"][chosen] - table["angle_deg"][row]) < 1e-6


def test_measuring_again_replaces_the_result_and_clear_removes_it():
    widget = measured()
    measure(widget)
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLMarkupsFiducialNode") == 2
    widget.ui.clearButton.click()
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLMarkupsFiducialNode") == 0
    assert overhang_node(widget.panel.parameters.volume) is None
    assert not widget.ui.exportButton.enabled


def test_closing_the_scene_ends_the_work():
    widget = loaded()
    widget.ui.measureButton.click()
    slicer.mrmlScene.Clear()
    wait_until(lambda: not widget.panel.overhang.job.isRunning, 10)
    assert not widget.ui.measureButton.enabled


run_tests(dict(globals()))
