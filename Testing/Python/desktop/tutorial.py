"""The pictures of docs/tutorial.md: its steps, pressed in a real Slicer on the real cell, in their order.

``make tutorial SLICER=<executable>`` runs it; the pictures go to out/desktop.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
import vtk
from batterycell.mrml import cell_of, overhang_node, table_from_node
from BatteryCellAnalysisLib.Panel import SECTIONS
from harness import load, open_module, picture, plain, run_tests, wait_until

DATA = os.environ.get("BATTERYCELL_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data"
DOCS = Path(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or Path(__file__).parent).parents[2] / "docs"
CELL = Path(DATA) / "cell_top_ucl"
VOXEL_UM = {"voxelSizeZ": 67.94, "voxelSizeY": 33.97, "voxelSizeX": 33.97}
FOLDER = Path(tempfile.mkdtemp())
KEPT = []


def panel():
    return KEPT[0]


def only(name):
    """Open one section and close the others."""
    for section in SECTIONS:
        button = f"{section[0].lower()}{section[1:]}CollapsibleButton"
        getattr(panel().ui, button).collapsed = section != name
    settle()


def finish(job):
    wait_until(lambda: not job.isRunning)
    settle()


def settle(seconds=0.5):
    """Let the window lay itself out and draw."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        slicer.app.processEvents()


def slice_widget(name):
    return slicer.app.layoutManager().sliceWidget(name)


def pixel_of(name, world):
    """Where a place, RAS mm as the views show it, lies in a slice view."""
    to_pixel = vtk.vtkMatrix4x4()
    vtk.vtkMatrix4x4.Invert(slice_widget(name).sliceView().mrmlSliceNode().GetXYToRAS(), to_pixel)
    return [round(value) for value in to_pixel.MultiplyPoint((*world, 1.0))[:2]]


def click(name, world, modifiers=()):
    pixel = pixel_of(name, world)
    slicer.util.clickAndDrag(slice_widget(name), start=pixel, end=pixel, steps=1, modifiers=list(modifiers))
    settle()


def place(angle, radius, height):
    """Angle, radius and height about the cell's axis as RAS mm in the views."""
    volume, world = panel().panel.parameters.volume, [0.0, 0.0, 0.0]
    volume.TransformPointToWorld(cell_of(volume).frame.from_cylindrical(angle, radius, height), world)
    return world


def end_of(angle, winding):
    """Where the overhang table says the anode outside a winding ends, RAS mm in the views."""
    volume = panel().panel.parameters.volume
    table = table_from_node(overhang_node(volume))
    row = np.flatnonzero((table["angle_deg"] == angle) & (table["winding"] == winding) & (table["flag"] == "ok"))[0]
    worlds = []
    for part in ("cathode", "anode"):
        world = [0.0, 0.0, 0.0]
        volume.TransformPointToWorld([table[f"{part}_{axis}_mm"][row] for axis in "ras"], world)
        worlds.append(world)
    return row, *worlds


def test_1_load():
    assert CELL.is_dir(), f"{CELL} is not there"
    KEPT.append(open_module())
    load(panel(), CELL)
    for box, size in VOXEL_UM.items():
        getattr(panel().ui, box).value = size
    panel().ui.setVoxelSizeButton.click()
    only("Cell")
    slicer.util.resetSliceViews()
    picture("tutorial_1_load")


def test_2_upright():
    only("Upright")
    panel().ui.setUprightButton.click()
    finish(panel().panel.upright.job)
    assert "tilt" in plain(panel().ui.uprightMessage)
    picture("tutorial_2_upright")


def test_3_cut_open():
    only("CutOpen")
    ui = panel().ui
    ui.cutShowCheckBox.checked = True
    ui.cutQuarterButton.click()
    finish(panel().panel.cutOpen.job)
    picture("tutorial_3_cut_open")


def test_4_look_around():
    only("Look")
    ui = panel().ui
    ui.angleSlider.value = 137
    finish(panel().panel.look.job)
    picture("tutorial_4_around")


def test_5_unroll():
    ui = panel().ui
    ui.unrollAlongComboBox.setCurrentIndex(1)
    ui.unrollFirstSpinBox.value = ui.unrollLastSpinBox.value = 5
    ui.unrollButton.click()
    finish(panel().panel.look.job)
    interactor = slice_widget("Unrolled").interactorStyle().GetInteractor()
    width, height = interactor.GetRenderWindow().GetSize()
    pixel = [width // 3, round(0.38 * height)]
    slicer.util.clickAndDrag(slice_widget("Unrolled"), start=pixel, end=pixel, steps=1)
    settle()
    picture("tutorial_5_unrolled")
    ui.normalViewsButton.click()
    settle()


def test_6_overhang():
    only("Overhang")
    ui = panel().ui
    ui.measureButton.click()
    finish(panel().panel.overhang.job)
    row, _cathode, _anode = end_of(270.0, 6)
    ui.overhangTableView.selectRow(row)
    settle()
    picture("tutorial_6_overhang")


def test_6_can_winding():
    only("CanWinding")
    ui = panel().ui
    ui.canWindingMeasureButton.click()
    finish(panel().panel.canWinding.job)
    ui.canWindingMapComboBox.setCurrentText("Gap to the next turn")
    settle()
    panel().panel.canWinding.maps.picture.click(0.4, 0.5)
    settle()
    picture("tutorial_6_can_winding")


def test_6_judge():
    only("Overhang")
    ui = panel().ui
    ui.tolerancesPathEdit.currentPath = str(DOCS / "tolerances.toml")
    settle()
    assert plain(ui.verdictLabel), plain(ui.overhangMessage)
    for widget in (ui.overhangTableView, ui.overhangMapFrame, ui.mapComboBox):
        widget.visible = False
    picture("tutorial_6_verdict")
    for widget in (ui.overhangTableView, ui.overhangMapFrame, ui.mapComboBox):
        widget.visible = True


def test_7_mark():
    only("Mark")
    ui = panel().ui
    slicer.util.resetThreeDViews()
    _row, _cathode, anode = end_of(270.0, 6)
    ui.markClassComboBox.setCurrentText("fold")
    ui.markSeverityComboBox.setCurrentIndex(1)
    ui.markNoteEdit.text = "bent tip, outer face"
    click("Red", anode, ("Control",))
    assert ui.defectTable.rowCount == 1, plain(ui.markMessage)
    picture("tutorial_7_mark")


def measure_line(name, start, end):
    """Draw a ruler in the green view and name it."""
    ui = panel().ui
    row = ui.rulerTable.rowCount
    ui.newRulerButton.click()
    for world in (start, end):
        click("Green", world)
    assert ui.rulerTable.rowCount == row + 1, plain(ui.measureMessage)
    ui.rulerTable.item(row, 0).setText(name)
    settle()


def test_8_measure():
    only("Measure")
    ui = panel().ui
    ui.angleSlider.value = 270
    settle()
    ui.snapEndsCheckBox.checked = True
    _row, cathode, anode = end_of(270.0, 6)
    measure_line("overhang, winding 6", [anode[0], anode[1], cathode[2]], anode)
    measure_line("can wall", place(270.0, 10.28, -1.0), place(270.0, 10.64, -1.0))
    ui.nearestPixelsCheckBox.click()
    ui.rulerTable.selectRow(1)
    ui.zoomToPixelsButton.click()
    settle()
    assert not plain(ui.measureMessage)
    picture("tutorial_8_measure")


def test_9_export():
    only("Export")
    ui = panel().ui
    ui.folderPathEdit.currentPath = str(FOLDER / "cell_7")
    ui.exportButton.click()
    finish(panel().panel.export.job)
    assert "Written" in plain(ui.exportMessage), plain(ui.exportMessage)
    names = {path.name for path in (FOLDER / "cell_7").iterdir()}
    assert {"overhang.csv", "defects.csv", "rulers.csv", "report.html", "scene.mrb", "recipe.json"} <= names, names
    picture("tutorial_9_export")


run_tests(dict(globals()))
