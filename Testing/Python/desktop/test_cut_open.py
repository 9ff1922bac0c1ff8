"""Cutting a cell open in a real Slicer: buttons, slider, handles, segments and models, undo, saved scenes."""

import functools
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import qt
import slicer
import vtk
from batterycell.io.binning import as_preview, bin_array
from batterycell.mrml import add_volume, cell_of, set_cell, volume_of
from batterycell.mrml.cut_roi import cut_of, roi_of
from batterycell.mrml.defects import defects_of
from batterycell.mrml.places import from_world
from batterycell.mrml.rendering import shown_look
from batterycell.orient import find_cell
from batterycell.phantom import make_cell, preset
from harness import open_module, picture, plain, run_tests, wait_until
from vtk.util.numpy_support import vtk_to_numpy

FOLDER = Path(tempfile.mkdtemp())
SECTORS = (45, 135, 225, 315)


def open_cell(isFound=True):
    """The module, its widgets and the volume of a generated cell; only Cut open is not closed."""
    widget = open_module()
    ui = widget.ui
    cell = coarse_cell()
    volume = add_volume(slicer.mrmlScene, cell, "coarse")
    if isFound:
        set_cell(volume, find_cell(cell))
    ui.volumeSelector.setCurrentNode(volume)
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    for name in ("cell", "upright", "look", "mark", "measure", "overhang", "export"):
        getattr(ui, f"{name}CollapsibleButton").collapsed = True
    ui.cutOpenCollapsibleButton.collapsed = False
    slicer.app.processEvents()
    return widget, ui, widget.panel.parameters.volume


@functools.cache
def coarse_cell():
    """A generated cell with an eighth of its voxels: without a GPU every frame takes its time."""
    fine = make_cell(*preset("small"), seed=1).volume
    return as_preview(replace(fine, array=bin_array(fine.array, 2)), 2)


def press(widget, button):
    """Press a button that may have to find the cell first."""
    button.click()
    wait_until(lambda: not widget.panel.cutOpen.job.isRunning)
    slicer.app.processEvents()


def view():
    return slicer.app.layoutManager().threeDWidget(0).threeDView()


def frame():
    """The pixels of the 3D view, shape (rows, columns, 3) from the bottom, as they are drawn now."""
    view().forceRender()
    grab = vtk.vtkWindowToImageFilter()
    grab.SetInput(view().renderWindow())
    grab.ReadFrontBufferOff()
    grab.Update()
    columns, rows, _ = grab.GetOutput().GetDimensions()
    return vtk_to_numpy(grab.GetOutput().GetPointData().GetScalars()).reshape(rows, columns, 3).astype(int)


def look_from_above(volume):
    """Aim the 3D view along the cell's axis, angle 0° on the right, on a plain background."""
    node = slicer.app.layoutManager().threeDWidget(0).mrmlViewNode()
    for setter in (node.SetBackgroundColor, node.SetBackgroundColor2):
        setter(0, 0, 0)
    node.SetBoxVisible(False)
    node.SetAxisLabelsVisible(False)
    node.SetRenderMode(node.Orthographic)
    stand, camera = cell_of(volume).frame, slicer.modules.cameras.logic().GetViewActiveCameraNode(node)
    centre, eye, up = (world(volume, stand.origin + 60 * way) for way in (0 * stand.up, stand.up, stand.toward_j))
    camera.SetFocalPoint(centre)
    camera.SetPosition(eye)
    camera.SetViewUp(np.subtract(up, centre))
    camera.SetParallelScale(5.0)
    camera.ResetClippingRange()


def world(volume, ras):
    result = [0.0, 0.0, 0.0]
    volume.TransformPointToWorld(list(ras), result)
    return result


def quarters(volume):
    """How much is seen of the four quarters, from above, between winding core and can."""
    look_from_above(volume)
    drawn = frame().sum(axis=2) > 24
    rows, columns = drawn.shape
    # Pixels count from the bottom.
    y, x = np.mgrid[:rows, :columns] - np.array([(rows - 1) / 2, (columns - 1) / 2])[:, None, None]
    stand = cell_of(volume).frame
    isMirrored = np.cross(stand.toward_j, stand.up) @ stand.toward_i < 0
    angles = np.degrees(np.arctan2(y, -x if isMirrored else x))
    radius = np.hypot(x, y) * 2 * 5.0 / rows
    around = (radius > 1.6) & (radius < 3.2)
    off = [np.abs((angles - sector + 180) % 360 - 180) < 15 for sector in SECTORS]
    return [round(float(drawn[one & around].mean()), 1) for one in off]


def add_model_and_segment(volume):
    """A disc in the place of the cell as a model and as a segment."""
    disc = vtk.vtkDiskSource()
    disc.SetInnerRadius(0)
    disc.SetOuterRadius(3.4)
    disc.SetRadialResolution(20)
    disc.SetCircumferentialResolution(90)
    stand = vtk.vtkTransform()
    stand.SetMatrix(cell_of(volume).frame.upright_to_ras.ravel().tolist())
    place = vtk.vtkTransformPolyDataFilter()
    place.SetTransform(stand)
    place.SetInputConnection(disc.GetOutputPort())
    place.Update()
    model = slicer.modules.models.logic().AddModel(place.GetOutput())
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetSourceRepresentationToClosedSurface()
    segmentation.AddSegmentFromClosedSurfaceRepresentation(place.GetOutput(), "disc", [1, 0.5, 0])
    return model, segmentation


def drag(start, end):
    slicer.util.clickAndDrag(view(), button=None, start=start, end=start, steps=3)
    slicer.app.processEvents()
    slicer.util.clickAndDrag(view(), start=start, end=end, steps=6)
    pause()


def pause(milliseconds=200):
    timer = qt.QElapsedTimer()
    timer.start()
    while timer.elapsed() < milliseconds:
        slicer.app.processEvents()


def test_without_a_volume_every_button_says_what_is_missing():
    ui = open_module().ui
    for button in (ui.cutFitButton, ui.cutQuarterButton, ui.cutHalfButton, ui.cutSlabButton, ui.cutShowCheckBox):
        assert not button.enabled and "volume" in button.toolTip, button.toolTip
    assert not ui.cutResetButton.enabled


def test_a_quarter_is_cut_along_the_cell_turned_inverted_and_reset():
    widget, ui, volume = open_cell(isFound=False)
    assert not ui.cutInvertCheckBox.enabled and "first" in ui.cutInvertCheckBox.toolTip
    press(widget, ui.cutQuarterButton)
    assert cell_of(volume) is not None, plain(ui.cutOpenMessage)
    assert shown_look(volume) and ui.cutShowCheckBox.checked
    pause()
    picture("cut_open_quarter")
    assert quarters(volume) == [0, 1, 1, 1]
    assert ui.cutInvertCheckBox.checked
    ui.cutOpenCollapsibleButton.collapsed = True
    assert ui.cutOpenCollapsibleButton.text == "Cut open: quarter", ui.cutOpenCollapsibleButton.text
    ui.cutOpenCollapsibleButton.collapsed = False
    ui.cutAngleSlider.value = 90
    assert quarters(volume) == [1, 0, 1, 1]
    ui.cutInvertCheckBox.click()
    assert quarters(volume) == [0, 1, 0, 0]
    picture("cut_open_inverted")
    ui.cutResetButton.click()
    assert quarters(volume) == [1, 1, 1, 1]
    assert roi_of(volume) is None and not ui.cutResetButton.enabled


def test_half_and_slab_say_what_they_are():
    widget, ui, volume = open_cell()
    ui.cutAngleSlider.value = 0
    press(widget, ui.cutHalfButton)
    pause()
    picture("cut_open_half")
    assert quarters(volume) == [0, 0, 1, 1]
    ui.cutSlabHeightSpinBox.value = 500
    ui.cutSlabThicknessSpinBox.value = 1500
    press(widget, ui.cutSlabButton)
    cut = cut_of(volume)
    assert cut.kind == "slab" and abs(cut.box.size[2] - 1.5) < 1e-6
    ui.cutSlabThicknessSpinBox.value = 700
    assert abs(cut_of(volume).box.size[2] - 0.7) < 1e-6
    pause()
    picture("cut_open_slab")
    ui.cutSlabHeightSpinBox.value = 900000
    assert "holds nothing" in plain(ui.cutOpenMessage), plain(ui.cutOpenMessage)
    ui.cutSlabHeightSpinBox.value = 0


def test_segments_and_models_are_cut_also_those_added_later():
    widget, ui, volume = open_cell()
    press(widget, ui.cutHalfButton)
    ui.cutShowCheckBox.click()
    assert shown_look(volume) is None
    for index in (0, 1):
        nodes = add_model_and_segment(volume)
        slicer.mrmlScene.RemoveNode(nodes[1 - index])
        pause()
        assert quarters(volume) == [0, 0, 1, 1], index
        slicer.mrmlScene.RemoveNode(nodes[index])
    add_model_and_segment(volume)
    ui.cutShowCheckBox.click()
    pause()
    picture("cut_open_segments")
    ui.cutResetButton.click()
    ui.cutShowCheckBox.click()
    assert quarters(volume) == [1, 1, 1, 1]


def test_undo_and_redo_go_through_the_cuts():
    widget, ui, volume = open_cell()
    press(widget, ui.cutQuarterButton)
    ui.cutInvertCheckBox.click()
    press(widget, ui.cutHalfButton)
    ui.cutResetButton.click()
    seen = []
    for _ in range(4):
        ui.undoButton.click()
        seen.append((widget.panel.cutOpen._section._result, roi_of(volume) is not None))
    assert [line for line, _isCut in seen] == ["half", "quarter, inverted", "quarter", ""], seen
    assert quarters(volume) == [1, 1, 1, 1]
    ui.redoButton.click()
    assert quarters(volume) == [0, 1, 1, 1]


def test_the_box_is_dragged_by_its_handles_and_the_drag_undone():
    widget, ui, volume = open_cell()
    press(widget, ui.cutFitButton)
    assert ui.cutHandlesCheckBox.checked
    look_from_above(volume)
    view().forceRender()
    stand, roi = cell_of(volume).frame, roi_of(volume)
    before, levels = cut_of(volume).box, slicer.mrmlScene.GetNumberOfUndoLevels()
    edge = stand.origin + before.size[0] / 2 * stand.toward_i + (before.center - stand.origin) @ stand.up * stand.up
    drag(pixel(volume, edge), pixel(volume, stand.origin))
    assert roi.GetSize()[0] < 0.7 * before.size[0], roi.GetSize()
    assert cut_of(volume).kind == "hand"
    assert slicer.mrmlScene.GetNumberOfUndoLevels() == levels + 1
    picture("cut_open_dragged")
    ui.undoButton.click()
    np.testing.assert_allclose(cut_of(volume).box.size, before.size, atol=1e-6)
    assert cut_of(volume).kind == "fit"
    ui.cutHandlesCheckBox.click()
    assert not roi_of(volume).GetDisplayVisibility()


def pixel(volume, ras):
    place = vtk.vtkCoordinate()
    place.SetCoordinateSystemToWorld()
    place.SetValue(*world(volume, ras))
    return place.GetComputedDisplayValue(view().renderWindow().GetRenderers().GetFirstRenderer())


def test_ctrl_click_into_the_cut_marks_what_one_sees_there():
    widget, ui, volume = open_cell()
    press(widget, ui.cutQuarterButton)
    view().forceRender()
    stand, cut = cell_of(volume).frame, cut_of(volume)
    # On the flank of the cut, half-way out, where windings are.
    at = pixel(volume, stand.from_cylindrical(1.0, 2.4, 0.0))
    slicer.util.clickAndDrag(view(), start=at, end=at, steps=1, modifiers=["Control"])
    pause()
    (defect,) = defects_of(volume)
    angle, radius, height = stand.to_cylindrical(from_world(volume, defect.world))
    assert cut.keeps(from_world(volume, defect.world)), (angle, radius, height)
    assert abs((angle + 180) % 360 - 180) < 25 and 1.4 < radius < 3.5 and abs(height) < 1.0, (angle, radius, height)


def test_the_look_can_be_changed_and_full_resolution_is_for_large_volumes():
    _widget, ui, volume = open_cell()
    ui.cutShowCheckBox.click()
    assert shown_look(volume) == ("parts", True)
    assert not ui.cutFullCheckBox.enabled and "small" in ui.cutFullCheckBox.toolTip
    colourful = saturation()
    ui.cutLookComboBox.setCurrentIndex(1)
    slicer.app.processEvents()
    assert shown_look(volume) == ("natural", True)
    assert saturation() < colourful


def saturation():
    image = frame()
    return float((image.max(axis=2) - image.min(axis=2)).mean())


def test_a_cut_turns_upright_with_the_cell_and_comes_back_with_the_scene():
    widget, ui, volume = open_cell()
    press(widget, ui.cutQuarterButton)
    ui.setUprightButton.click()
    wait_until(lambda: not widget.panel.upright.job.isRunning)
    assert quarters(volume) == [0, 1, 1, 1]
    cut, scene = cut_of(volume), FOLDER / "cut.mrb"
    assert slicer.util.saveScene(str(scene))
    slicer.mrmlScene.Clear()
    assert not ui.cutQuarterButton.enabled
    slicer.util.loadScene(str(scene))
    slicer.app.processEvents()
    volume = widget.panel.parameters.volume
    np.testing.assert_allclose(cut_of(volume).box.to_ras, cut.box.to_ras, atol=1e-4)
    assert ui.cutShowCheckBox.checked and ui.cutInvertCheckBox.checked
    assert quarters(volume) == [0, 1, 1, 1]
    picture("cut_open_restored")


def test_a_volume_without_a_round_cell_is_cut_along_its_own_axes():
    widget = open_module()
    ui = widget.ui
    node = slicer.util.addVolumeFromArray(np.random.default_rng(1).integers(0, 255, (20, 30, 40), np.uint8))
    node.SetSpacing(0.03, 0.03, 0.03)
    ui.volumeSelector.setCurrentNode(node)
    press(widget, ui.cutHalfButton)
    assert cut_of(node).kind == "half"
    assert "axes of the volume" in plain(ui.cutOpenMessage), plain(ui.cutOpenMessage)
    size = cut_of(node).box.size
    np.testing.assert_allclose(size, np.array([40, 15, 20]) * 0.03, atol=1e-6)
    assert volume_of(node).array.shape == (20, 30, 40)


def test_a_removed_roi_and_a_removed_volume_leave_a_working_panel():
    widget, ui, volume = open_cell()
    press(widget, ui.cutQuarterButton)
    slicer.mrmlScene.RemoveNode(roi_of(volume))
    pause()
    assert quarters(volume) == [1, 1, 1, 1] and not ui.cutResetButton.enabled
    press(widget, ui.cutQuarterButton)
    slicer.mrmlScene.RemoveNode(volume)
    pause()
    assert not ui.cutQuarterButton.enabled
    assert slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLMarkupsROINode") is None


run_tests(dict(globals()))
