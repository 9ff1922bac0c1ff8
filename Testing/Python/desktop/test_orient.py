"""Set upright, turn, flip, harden, back, undo and redo, pressed in the window; deleted nodes, foreign transforms."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest import SkipTest

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import qt
import slicer
from batterycell import mrml
from batterycell.mrml.geometry import geometry_text
from batterycell.mrml.volumes import matrix_of
from batterycell.orient import find_cell
from batterycell.pipeline import analyze
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe
from harness import MODULE, Watch, cell_file, open_module, picture, plain, run_tests, wait_until

FOLDER = Path(tempfile.mkdtemp())
LONGEST_SECONDS = 0.2
KNOWN = []


def loaded():
    """The panel with a generated cell, and its volume."""
    widget = open_module()
    widget.panel.cell.load(cell_file(FOLDER))
    wait_until(lambda: widget.panel.parameters.volume is not None, 30)
    slicer.app.processEvents()
    return widget, widget.panel.parameters.volume


def measured():
    """The panel with a measured cell, and its volume; measured once for all tests."""
    widget, volume = loaded()
    if not KNOWN:
        KNOWN.append(analyze(mrml.volume_of(volume), AnalyzeRecipe(angles=12), Progress()))
    mrml.add_result(volume, KNOWN[0])
    widget.panel.refresh()
    return widget, volume


def press(widget, button):
    """Press a button and wait for its worker; the longest work in which the window did not react, seconds."""
    assert button.enabled, f"{button.objectName}: {button.toolTip}"
    with Watch() as watch:
        button.click()
        wait_until(lambda: not widget.panel.upright.job.isRunning)
        slicer.app.processEvents()
    times = f"waited {1000 * watch.longest:.0f} ms, worked {1000 * watch.busiest:.0f} ms"
    print(f"{button.objectName}: {times}", flush=True)
    return watch.busiest


def quickest(widget, button, back):
    """As `press`, the least of up to three times: what else the machine does only adds; ``back`` takes it back."""
    least = press(widget, button)
    for _ in range(2):
        if least < LONGEST_SECONDS:
            break
        press(widget, back)
        least = min(least, press(widget, button))
    return least


def state(volume):
    """How a volume lies and stands, to the last bit."""
    return geometry_text(volume), mrml.shown_matrix(volume).tolist(), mrml.stands_upright(volume)


def test_set_upright_runs_in_a_worker_and_says_what_it_found():
    widget, volume = loaded()
    ui = widget.ui
    ui.setUprightButton.click()
    assert ui.uprightProgressRow.visible and not ui.turnAxialLeftButton.enabled
    assert "Wait" in ui.turnAxialLeftButton.toolTip
    wait_until(lambda: not widget.panel.upright.job.isRunning)
    assert mrml.stands_upright(volume)
    assert plain(ui.uprightMessage).startswith("Upright: tilt"), plain(ui.uprightMessage)
    assert not ui.setUprightButton.enabled and "upright" in ui.setUprightButton.toolTip
    picture("upright_set")


def test_cancel_leaves_the_cell_as_it_stands():
    widget, volume = loaded()
    before = state(volume)
    widget.ui.setUprightButton.click()
    widget.ui.uprightCancelButton.click()
    wait_until(lambda: not widget.panel.upright.job.isRunning, 30)
    assert state(volume) == before
    assert "Cancelled" in plain(widget.ui.uprightMessage)
    assert widget.ui.setUprightButton.enabled


def test_the_window_shows_what_the_same_functions_show_without_it():
    widget, volume = loaded()
    ui = widget.ui
    for button in (ui.setUprightButton, ui.turnCoronalLeftButton, ui.turnAxialFlipButton, ui.hardenButton):
        press(widget, button)
    scene = mrml.new_scene()
    node = mrml.add_volume(scene, mrml.volume_of(slicer.util.loadVolume(str(cell_file(FOLDER)))), "headless")
    mrml.set_upright(node, find_cell(mrml.volume_of(node)))
    mrml.turn_cell(node, "A", 90)
    mrml.turn_cell(node, "S", 180)
    mrml.harden_orientation(node)
    assert geometry_text(node) == geometry_text(volume)
    np.testing.assert_array_equal(mrml.cell_of(node).frame.basis, mrml.cell_of(volume).frame.basis)
    mrml.close_scene(scene)


def on_screen(view, world):
    """Where a slice view shows a point: right and up, mm."""
    node = slicer.app.layoutManager().sliceWidget(view).mrmlSliceNode()
    matrix = slicer.vtkMRMLSliceNode.GetSliceToRAS(node)
    inverse = np.linalg.inv(slicer.util.arrayFromVTKMatrix(matrix))
    return (inverse @ [*world, 1.0])[:2]


def test_each_arrow_turns_as_its_view_shows_it():
    widget, volume = loaded()
    ui = widget.ui
    for view, left, right, flip in (
        ("Red", ui.turnAxialLeftButton, ui.turnAxialRightButton, ui.turnAxialFlipButton),
        ("Green", ui.turnCoronalLeftButton, ui.turnCoronalRightButton, ui.turnCoronalFlipButton),
        ("Yellow", ui.turnSagittalLeftButton, ui.turnSagittalRightButton, ui.turnSagittalFlipButton),
    ):
        for button, degrees in ((left, 90), (right, -90), (flip, 180)):
            before = shown(volume, view)
            press(widget, button)
            after = shown(volume, view)
            angle = np.degrees(np.angle(after / before))
            assert abs((angle - degrees + 180) % 360 - 180) < 1e-6, (button.objectName, angle)
            press(widget, ui.backButton)


def shown(volume, view):
    """A line in the volume as a view shows it: right and up as one complex number."""
    corner = np.array([3.0, 5.0, 8.0]) * volume.GetSpacing()
    world = [(mrml.shown_matrix(volume) @ [*point, 1.0])[:3] for point in (np.zeros(3), corner)]
    right, up = on_screen(view, world[1]) - on_screen(view, world[0])
    return complex(right, up)


def test_three_edits_are_undone_and_redone():
    widget, volume = measured()
    ui, states = widget.ui, [state(volume)]
    for button in (ui.turnSagittalRightButton, ui.setUprightButton, ui.turnAxialFlipButton):
        press(widget, button)
        states.append(state(volume))
    for expected in reversed(states[:-1]):
        press(widget, ui.undoButton)
        assert state(volume) == expected
    assert not ui.undoButton.enabled and "Nothing" in ui.undoButton.toolTip
    assert not plain(ui.uprightMessage), plain(ui.uprightMessage)
    for expected in states[1:]:
        press(widget, ui.redoButton)
        assert state(volume) == expected
    assert plain(ui.uprightMessage).startswith("Upright"), plain(ui.uprightMessage)


def test_hardening_keeps_values_and_views_and_can_be_undone():
    widget, volume = measured()
    ui = widget.ui
    press(widget, ui.setUprightButton)
    press(widget, ui.turnSagittalRightButton)
    before, values = state(volume), mrml.result_of(volume).overhang
    goes_to = where_the_views_go(widget)
    assert quickest(widget, ui.hardenButton, ui.undoButton) < LONGEST_SECONDS
    assert volume.GetParentTransformNode() is None and not ui.hardenButton.enabled
    after = mrml.result_of(volume).overhang
    for column in values.columns:
        if not column.name.endswith("_mm"):
            np.testing.assert_array_equal(after[column.name], values[column.name])
    np.testing.assert_allclose(where_the_views_go(widget), goes_to, atol=1e-6)
    picture("hardened")
    press(widget, ui.undoButton)
    assert state(volume) == before
    np.testing.assert_allclose(where_the_views_go(widget), goes_to, atol=1e-6)


def where_the_views_go(widget):
    """Where the cross-hair is after a row of the table was selected, RAS mm as the views show it."""
    slicer.app.processEvents()
    view = widget.ui.overhangTableView
    view.clearSelection()
    table = mrml.table_from_node(mrml.overhang_node(widget.panel.parameters.volume))
    view.selectRow(int(np.flatnonzero(table["flag"] == "ok")[7]))
    slicer.app.processEvents()
    return list(slicer.util.getNode("Crosshair").GetCrosshairRAS())


def test_a_hardened_cell_measures_the_same():
    widget, volume = measured()
    ui, before = widget.ui, mrml.result_of(volume).overhang
    press(widget, ui.setUprightButton)
    press(widget, ui.hardenButton)
    ui.anglesSpinBox.value = 12
    ui.measureButton.click()
    wait_until(lambda: not widget.panel.overhang.job.isRunning)
    after = mrml.result_of(volume).overhang
    np.testing.assert_array_equal(after["flag"], before["flag"])
    np.testing.assert_allclose(after["overhang_um"], before["overhang_um"], atol=0.5)
    difference = np.nanmax(np.abs(after["overhang_um"] - before["overhang_um"]))
    print(f"measured again after hardening: at most {difference:.2g} µm different", flush=True)


def test_a_deleted_transform_and_a_deleted_volume_are_no_harm():
    widget, volume = measured()
    ui = widget.ui
    press(widget, ui.setUprightButton)
    slicer.mrmlScene.RemoveNode(mrml.orientation_of(volume))
    slicer.app.processEvents()
    assert ui.setUprightButton.enabled and not ui.backButton.enabled and not plain(ui.uprightMessage)
    (ends,) = mrml.attached(volume, "anode-ends")
    assert ends.GetParentTransformNode() is volume.GetParentTransformNode() is None
    press(widget, ui.turnAxialRightButton)
    press(widget, ui.undoButton)
    press(widget, ui.undoButton)
    ui.setUprightButton.click()
    slicer.mrmlScene.RemoveNode(volume)
    wait_until(lambda: not widget.panel.upright.job.isRunning)
    slicer.app.processEvents()
    assert not ui.turnAxialRightButton.enabled and "volume" in ui.turnAxialRightButton.toolTip


def test_a_volume_deleted_while_its_cell_is_found_is_one_sentence():
    widget, volume = loaded()
    widget.ui.setUprightButton.click()
    slicer.mrmlScene.RemoveNode(volume)
    wait_until(lambda: not widget.panel.upright.job.isRunning)
    assert "removed" in plain(widget.ui.uprightMessage), plain(widget.ui.uprightMessage)


def test_a_volume_moved_while_its_cell_is_found_is_one_sentence():
    widget, volume = loaded()
    widget.ui.setUprightButton.click()
    volume.SetOrigin(1, 2, 3)
    wait_until(lambda: not widget.panel.upright.job.isRunning)
    assert "moved" in plain(widget.ui.uprightMessage), plain(widget.ui.uprightMessage)
    assert mrml.cell_of(volume) is None


def test_undo_brings_the_cell_back_into_the_views():
    widget, volume = loaded()
    press(widget, widget.ui.setUprightButton)
    press(widget, widget.ui.undoButton)
    for view in ("Red", "Yellow", "Green"):
        node = slicer.app.layoutManager().sliceWidget(view).mrmlSliceNode()
        middle = slicer.util.arrayFromVTKMatrix(node.GetSliceToRAS())[:3, 3]
        assert np.all(np.abs(to_voxels(volume, middle) / size(volume) - 0.5) < 0.1), view


def to_voxels(volume, world):
    """Voxel indices of a point as the views show it."""
    return (np.linalg.inv(mrml.shown_matrix(volume) @ matrix_of(volume)) @ [*world, 1.0])[:3]


def size(volume):
    """Number of voxels along each axis."""
    return np.array(volume.GetImageData().GetDimensions())


def test_a_closed_scene_ends_the_search_and_forgets_undo():
    widget, _volume = loaded()
    press(widget, widget.ui.turnAxialRightButton)
    widget.ui.setUprightButton.click()
    slicer.mrmlScene.Clear()
    wait_until(lambda: not widget.panel.upright.job.isRunning, 10)
    assert not widget.ui.undoButton.enabled and not widget.ui.setUprightButton.enabled


def test_what_was_loaded_is_not_undone():
    widget, volume = loaded()
    press(widget, widget.ui.turnAxialRightButton)
    scene = FOLDER / "turned.mrb"
    assert slicer.util.saveScene(str(scene))
    slicer.mrmlScene.Clear()
    slicer.util.loadScene(str(scene))
    slicer.app.processEvents()
    ui, volume = widget.ui, widget.panel.parameters.volume
    assert not ui.undoButton.enabled
    assert ui.backButton.enabled and mrml.orientation_of(volume) is not None
    press(widget, ui.backButton)
    press(widget, ui.undoButton)
    assert mrml.orientation_of(volume) is not None


def test_a_foreign_transform_is_named_and_nothing_is_turned():
    widget, volume = loaded()
    foreign = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "theirs")
    volume.SetAndObserveTransformNodeID(foreign.GetID())
    slicer.app.processEvents()
    ui = widget.ui
    for button in (ui.setUprightButton, ui.turnAxialRightButton, ui.turnSagittalFlipButton, ui.backButton):
        assert not button.enabled and "Transforms" in button.toolTip, button.toolTip
    assert "theirs" in plain(ui.uprightMessage), plain(ui.uprightMessage)
    picture("foreign_transform")
    volume.HardenTransform()
    slicer.app.processEvents()
    assert ui.turnAxialRightButton.enabled and not plain(ui.uprightMessage)


def test_slicers_own_hardening_takes_the_ends_along():
    widget, volume = measured()
    press(widget, widget.ui.setUprightButton)
    goes_to = where_the_views_go(widget)
    (ends,) = mrml.attached(volume, "anode-ends")
    at = list(ends.GetNthControlPointPositionWorld(0))
    volume.HardenTransform()
    slicer.app.processEvents()
    assert ends.GetParentTransformNode() is None
    np.testing.assert_allclose(ends.GetNthControlPointPositionWorld(0), at, atol=1e-6)
    np.testing.assert_allclose(where_the_views_go(widget), goes_to, atol=1e-6)
    assert plain(widget.ui.uprightMessage).startswith("Upright"), "it still stands upright"


def test_ctrl_z_undoes_only_while_the_module_is_shown():
    if not shutil.which("xdotool"):
        raise SkipTest("no xdotool to press the keys")
    widget, volume = loaded()
    press(widget, widget.ui.turnAxialRightButton)
    slicer.util.selectModule("Data")
    press_keys("ctrl+z")
    assert mrml.orientation_of(volume) is not None
    slicer.util.selectModule(MODULE)
    press_keys("ctrl+z")
    assert mrml.orientation_of(volume) is None
    press_keys("ctrl+shift+z")
    assert mrml.orientation_of(volume) is not None


def press_keys(keys):
    """Press keys in the main window, as a keyboard does."""
    window = slicer.util.mainWindow()
    window.activateWindow()
    slicer.app.processEvents()
    subprocess.run(["xdotool", "windowfocus", str(int(window.winId())), "key", keys], check=True)
    end = time.monotonic() + 1
    wait_until(lambda: time.monotonic() > end)


def test_every_turn_leaves_the_window_alive():
    widget, _volume = measured()
    ui = widget.ui
    buttons = [ui.setUprightButton, ui.turnAxialRightButton, ui.turnSagittalFlipButton, ui.hardenButton]
    longest = max(quickest(widget, button, ui.undoButton) for button in buttons)
    longest = max(longest, quickest(widget, ui.undoButton, ui.redoButton))
    assert longest < LONGEST_SECONDS, longest
    window = slicer.util.mainWindow()
    window.resizeDocks([slicer.util.findChild(window, "PanelDockWidget")], [460], qt.Qt.Horizontal)
    picture("turned_narrow")


run_tests(dict(globals()))
