"""The pictures of docs/tutorial_wizard.md: its steps, pressed in a real Slicer on the real cell, in their order.

``make tutorial SLICER=<executable>`` runs it; the pictures go to out/desktop. Training needs torch: set
BATTERYCELL_PACKAGES to a folder that holds it. A few strokes are drawn with the mouse; the rest of the frames is
painted as a person would, between the ends that the overhang measurement finds.
"""

import os
import sys
import time
from functools import cache
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))
sys.path.append(str(Path(sys.path[-1]).parents[1] / "Benchmarks"))

import slicer
import vtk
from batterycell.mrml.cell import cell_of, volume_of
from batterycell.mrml.slice_planes import show_half_plane
from batterycell.mrml.wizard.fill import fill_frame
from batterycell.mrml.wizard.steps import forget_steps
from batterycell.overhang import measure_overhang
from batterycell.reslice import cut_half_plane
from batterycell.segment import Frame
from batterycell.segment.model.library import list_drafts
from harness import load, open_module, picture, plain, run_tests, wait_until
from overhang_painting import paint_plane
from wizarding import MODULE, go_to, slice_widget

DATA = os.environ.get("BATTERYCELL_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data"
CELL = Path(DATA) / "cell_top_ucl"
VOXEL_UM = {"voxelSizeZ": 67.94, "voxelSizeY": 33.97, "voxelSizeX": 33.97}
FRAMES = {0.0: "training", 120.0: "training", 240.0: "validation", 60.0: "monitoring"}
UNSEEN = 195.0
STROKED = (5, 8, 11)
BRUSH = "1.2"
MOST_DONE = 850  # of 1000
# A small network, so that the pictures take minutes on any machine.
SMALL = {"Patch": 64, "Batch": 8, "Width": 12, "Depth": 3, "Steps": 12, "Epochs": 20, "Minutes": 3.0}
KEPT = {}


def wizard():
    return KEPT["wizard"]


def image():
    return KEPT["image"]


def settle(seconds=0.5):
    """Let the window lay itself out and draw."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        slicer.app.processEvents()


@cache
def overhangs():
    """The overhang table of the painted angles, and of one in between."""
    volume = volume_of(image())
    table = measure_overhang(volume, cell_of(image()), angles=6)
    return table.where(table["end"] == "top")


def maximize(isLarge):
    """Make the green view large, as a double click does, or bring the others back."""
    layout = slicer.app.layoutManager().layoutLogic().GetLayoutNode()
    node = slice_widget("Green").mrmlSliceNode()
    layout.AddMaximizedViewNode(node) if isLarge else layout.RemoveMaximizedViewNode(node)
    settle()


def turn_to(angle, fit=False):
    """Turn the green view about the cell's axis, as the slider of the other module does."""
    show_half_plane(slice_widget("Green").mrmlSliceNode(), image(), cell_of(image()), angle, fit)
    settle()


def pixel_of(own):
    """Where a place, the volume's own RAS mm, lies in the green view."""
    world, to_pixel = [0.0, 0.0, 0.0], vtk.vtkMatrix4x4()
    image().TransformPointToWorld(own, world)
    vtk.vtkMatrix4x4.Invert(slice_widget("Green").mrmlSliceNode().GetXYToRAS(), to_pixel)
    return [round(value) for value in to_pixel.MultiplyPoint((*world, 1.0))[:2]]


def take_brush():
    """Begin to paint, with a fine brush; the tools take their place beside the views first."""
    editor = wizard().ui.segmentEditor
    editor.setActiveEffectByName("Paint")
    editor.activeEffect().setCommonParameter("BrushRelativeDiameter", BRUSH)
    settle()


def stroke(row, start, end):
    """Paint a class from one pixel to another."""
    wizard().ui.classTable.selectRow(row)
    slicer.util.clickAndDrag(slice_widget("Green"), start=start, end=end, steps=20)
    settle(0.2)


def paint_strokes(angle):
    """A stroke down a few cathodes, along the anodes beside them as far as they reach beyond, and in the gas above."""
    table = overhangs()
    for winding in STROKED:
        found = (table["angle_deg"] == angle) & (table["winding"] == winding) & (table["flag"] == "ok")
        row = table.where(found & (table["side"] == "outer"))
        cathode, anode = (pixel_of([row[f"{part}_{axis}_mm"][0] for axis in "ras"]) for part in ("cathode", "anode"))
        stroke(1, [cathode[0], cathode[1] - 8], [cathode[0], cathode[1] - 150])
        stroke(2, [anode[0], anode[1] - 3], [anode[0], cathode[1]])
    stroke(0, [anode[0], anode[1] + 60], [anode[0] + 120, anode[1] + 60])


def paint_rest(angle):
    """Paint the whole half-plane."""
    plane = cut_half_plane(volume_of(image()), cell_of(image()), angle)
    table = overhangs()
    labels = paint_plane(plane, table.where(table["angle_deg"] == angle))
    fill_frame(image(), Frame.of_slice("plane", image().GetName(), plane, 0), labels, overwrite=True)
    forget_steps(slicer.mrmlScene)


def test_0_load():
    assert CELL.is_dir(), f"{CELL} is not there"
    analysis = open_module()
    load(analysis, CELL)
    for box, size in VOXEL_UM.items():
        getattr(analysis.ui, box).value = size
    analysis.ui.setVoxelSizeButton.click()
    analysis.ui.setUprightButton.click()
    wait_until(lambda: not analysis.panel.upright.job.isRunning)
    analysis.ui.angleSlider.value = 1.0
    wait_until(lambda: not analysis.panel.look.job.isRunning)
    KEPT["image"] = analysis.panel.parameters.volume


def test_1_classes():
    slicer.util.selectModule(MODULE)
    KEPT["wizard"] = slicer.modules.batterysegmentationwizard.widgetRepresentation().self()
    ui = wizard().ui
    go_to(wizard(), "Classes")
    ui.wizardImageSelector.setCurrentNode(image())
    ui.presetComboBox.activated("cell overhang")
    maximize(True)
    take_brush()
    turn_to(0.0, fit=True)
    paint_strokes(0.0)
    picture("tutorial_wizard_1_classes")


def test_2_frames():
    ui = wizard().ui
    go_to(wizard(), "Frames")
    ui.frameViewComboBox.setCurrentText("Green")
    for angle, role in FRAMES.items():
        turn_to(angle, fit=True)
        ui.frameRoleComboBox.setCurrentText(role)
        ui.addFrameButton.click()
        ui.frameTable.item(ui.frameTable.rowCount - 1, 0).setText(f"{angle:g}°")
        if role != "monitoring":
            paint_rest(angle)
    settle(2)
    ui.frameTable.selectRow(0)
    turn_to(0.0, fit=True)
    settle(2)
    picture("tutorial_wizard_2_frames")


def test_3_train():
    ui, run = wizard().ui, wizard().wizard.train.run
    maximize(False)
    go_to(wizard(), "Train")
    wizard().wizard.train.start.choose("")
    ui.effortComboBox.setCurrentText("quick")
    for name, value in SMALL.items():
        setattr(wizard().wizard.parameters, f"train{name}", value)
    wait_until(lambda: ui.trainButton.enabled, 60)
    ui.trainButton.click()
    wait_until(lambda: ui.trainProgressBar.value > MOST_DONE or not run.isRunning, 400)
    picture("tutorial_wizard_3_train")
    wait_until(lambda: not run.isRunning, 300)
    settle()
    picture("tutorial_wizard_3_done")
    assert "Dice" in plain(ui.trainMessage), plain(ui.trainMessage)
    print("TOOK", plain(ui.trainMessage), plain(ui.trainNotesLabel), flush=True)


def test_4_review():
    ui, page = wizard().ui, wizard().wizard.review
    go_to(wizard(), "Review")
    wait_until(lambda: ui.predictButton.enabled, 60)
    ui.predictButton.click()
    wait_until(lambda: page.predictions.uncertainty, 120)
    maximize(True)
    ui.reviewTable.selectRow(2)
    ui.showDisagreementButton.click()
    settle(1)
    picture("tutorial_wizard_4_review")
    ui.showDisagreementButton.click()


def test_5_apply():
    ui, page = wizard().ui, wizard().wizard.apply
    go_to(wizard(), "Apply")
    turn_to(UNSEEN, fit=True)
    page.views.choose("Green")
    begin = time.monotonic()
    ui.applyPreviewButton.click()
    wait_until(lambda: not page.work.job.isRunning)
    print(f"TOOK {time.monotonic() - begin:.1f} s for a preview", flush=True)
    settle(1)
    picture("tutorial_wizard_5_apply")
    maximize(False)


def test_6_measure():
    ui, page = wizard().ui, wizard().wizard.measure
    go_to(wizard(), "Measure")
    ui.evaluateButton.click()
    wait_until(lambda: page.table.hasRows, 120)
    settle(1)
    picture("tutorial_wizard_6_measure")


def test_7_publish():
    ui = wizard().ui
    go_to(wizard(), "Publish")
    wizard().wizard.publish.choose(list_drafts())
    ui.publishNameEdit.text = "overhang 21700"
    ui.publishDescriptionEdit.setPlainText("Longitudinal sections of a 21700 cell in X-ray CT, voxel 34 µm.")
    ui.publishLicenceComboBox.setCurrentIndex(ui.publishLicenceComboBox.findData("CC-BY-4.0"))
    ui.publishLicenceComboBox.activated(1)
    wait_until(lambda: ui.publishButton.enabled and "overhang 21700" in ui.cardBrowser.plainText, 5)
    settle(1)
    picture("tutorial_wizard_7_publish")
    ui.publishButton.click()
    assert "Published" in plain(ui.publishMessage), plain(ui.publishMessage)


run_tests(dict(globals()))
