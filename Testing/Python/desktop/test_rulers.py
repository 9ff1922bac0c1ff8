"""Rulers and angles: placed by clicks in real views, snapped, zoomed, undone, written, read; what may go wrong."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import qt
import slicer
from batterycell.mrml import add_volume
from batterycell.mrml.files import read_volume
from batterycell.mrml.pixels import voxel_size_on
from batterycell.mrml.ruler_caption import caption_of
from batterycell.mrml.rulers import is_finished, read_ruler, ruler_table, rulers_of
from BatteryCellAnalysisLib.Views.SliceViews import showVolume
from harness import cell_file, open_module, picture, plain, run_tests

FOLDER = Path(tempfile.mkdtemp())
ODD = 'Spalt, "innen"; Überlappung & <b> 裂纹'


def open_cell(snap=False):
    """The module, its widgets and the volume of a generated cell; all sections but Measure are closed."""
    widget = open_module()
    ui = widget.ui
    volume = widget.panel.parameters.volume = add_volume(slicer.mrmlScene, read_volume(cell_file(FOLDER)), "small")
    showVolume(volume)
    for button in slicer.util.findChildren(slicer.util.mainWindow(), className="ctkCollapsibleButton"):
        if button.objectName.endswith("CollapsibleButton") and hasattr(ui, button.objectName):
            button.collapsed = button.objectName != "measureCollapsibleButton"
    ui.snapEndsCheckBox.checked = snap
    settle(0.6)
    return widget, ui, volume


def settle(seconds=0.2):
    timer = qt.QElapsedTimer()
    timer.start()
    while timer.elapsed() < 1000 * seconds:
        slicer.app.processEvents()


def slice_widget(name="Red"):
    return slicer.app.layoutManager().sliceWidget(name)


def click(at, name="Red", to=None):
    """Click at, or drag from, a place in pixels from the middle of a slice view."""
    widget = slice_widget(name)
    width, height = widget.interactorStyle().GetInteractor().GetRenderWindow().GetSize()
    start, end = ((width // 2 + x, height // 2 + y) for x, y in (at, to or at))
    slicer.util.clickAndDrag(widget, start=start, end=end, steps=1 if to is None else 10, modifiers=[])
    settle()


def hover_and_click(at, name="Red"):
    """Move the mouse to a place and click there without moving on."""
    interactor = slice_widget(name).interactorStyle().GetInteractor()
    width, height = interactor.GetRenderWindow().GetSize()
    for step in (8, 4, 0):
        interactor.SetEventPosition(width // 2 + at[0] + step, height // 2 + at[1])
        interactor.MouseMoveEvent()
        settle(0.05)
    interactor.LeftButtonPressEvent()
    interactor.LeftButtonReleaseEvent()
    settle()


def place(ui, start, end, name="Red"):
    """Press New ruler and click twice; the new node."""
    ui.newRulerButton.click()
    click(start, name)
    click(end, name)
    return slicer.mrmlScene.GetNodesByClass("vtkMRMLMarkupsLineNode").GetItemAsObject(
        slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLMarkupsLineNode") - 1
    )


def to_pixels(node, index, name="Red"):
    """Where a point lies in a slice view, in pixels from its middle."""
    view = slice_widget(name).sliceView()
    x, y, _z = view.convertRASToXYZ(node.GetNthControlPointPositionWorld(index))
    width, height = slice_widget(name).interactorStyle().GetInteractor().GetRenderWindow().GetSize()
    dx, dy = view.convertXYZToDevice([x, y, 0])[:2] if hasattr(view, "convertXYZToDevice") else (x, y)
    return round(dx - width / 2), round(dy - height / 2)


def test_without_a_volume_nothing_can_be_measured_and_it_says_why():
    ui = open_module().ui
    for name in ("newRulerButton", "newAngleButton", "zoomToPixelsButton", "exportRulersButton", "importRulersButton"):
        button = getattr(ui, name)
        assert not button.enabled, name
        assert "volume" in button.toolTip, button.toolTip
    assert ui.rulerTable.rowCount == 0


def test_two_clicks_make_a_ruler_with_a_caption_and_a_row():
    _widget, ui, _volume = open_cell()
    node = place(ui, (-60, 10), (60, 10))
    assert is_finished(node)
    assert not ui.newRulerButton.checked
    ruler = read_ruler(node)
    assert caption_of(node) == ruler.caption
    assert "µm" in ruler.caption and "±" in ruler.caption
    assert [to_pixels(node, index) for index in (0, 1)] == [(-60, 10), (60, 10)]
    assert ruler.view == "Red", ruler.view
    assert [ui.rulerTable.item(0, column).text() for column in (0, 1)] == ["Ruler 1", ruler.caption]
    ui.measureCollapsibleButton.collapsed = True
    assert ui.measureCollapsibleButton.text == "Measure: 1 ruler", ui.measureCollapsibleButton.text
    ui.measureCollapsibleButton.collapsed = False
    picture("ruler_placed")


def test_three_clicks_make_an_angle():
    _widget, ui, volume = open_cell()
    ui.newAngleButton.click()
    for at in ((-60, 0), (0, 0), (0, 60)):
        click(at)
    (node,) = rulers_of(volume)
    assert abs(read_ruler(node).value - 90) < 1
    assert "°" in ui.rulerTable.item(0, 1).text()
    picture("angle_placed")


def test_the_caption_follows_a_drag_and_undo_puts_the_ruler_back():
    _widget, ui, volume = open_cell()
    node = place(ui, (-60, 10), (60, 10))
    before = caption_of(node)
    click(to_pixels(node, 1), to=(20, 60))
    after = caption_of(node)
    assert after != before
    assert ui.rulerTable.item(0, 1).text() == after
    ui.undoButton.click()
    settle()
    assert caption_of(rulers_of(volume)[0]) == before
    assert ui.rulerTable.item(0, 1).text() == before
    ui.undoButton.click()
    settle()
    assert rulers_of(volume) == []
    ui.redoButton.click()
    settle()
    assert caption_of(rulers_of(volume)[0]) == before


def test_snapped_ends_go_to_the_edges_and_say_how_sure():
    _widget, ui, volume = open_cell(snap=True)
    ends = np.array(edge_places(volume))
    node = place(ui, *ends)
    ruler = read_ruler(node)
    assert all(um is not None for um in ruler.snapped_um), plain(ui.measureMessage)
    assert "edge" in ui.rulerTable.item(0, 3).text()
    assert ruler.uncertainty < 40
    picture("ruler_snapped")
    click(to_pixels(node, 1), to=tuple(np.add(to_pixels(node, 1), (3, 0))))
    assert read_ruler(node).snapped_um[1] is not None


def edge_places(volume):
    """Pixels from the middle of the red view near the can's two outer faces."""
    view = slice_widget().sliceView()
    bounds = [0.0] * 6
    volume.GetRASBounds(bounds)
    values = slicer.util.arrayFromVolume(volume)
    row = values[values.shape[0] // 2, values.shape[1] // 2].astype(float)
    bright = np.flatnonzero(row > row.min() + 0.6 * np.ptp(row))
    matrix = slicer.util.arrayFromVTKMatrix(ijk_to_ras(volume))
    places = []
    for column in (bright[0], bright[-1]):
        ras = matrix @ [column, values.shape[1] // 2, values.shape[0] // 2, 1]
        x, y, _z = view.convertRASToXYZ(ras[:3])
        width, height, _d = slice_widget().mrmlSliceNode().GetDimensions()
        places.append((round(x - width / 2), round(y - height / 2)))
    slice_widget().mrmlSliceNode().JumpSliceByOffsetting(*ras[:3])
    settle()
    return places


def ijk_to_ras(volume):
    import vtk

    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    return matrix


def test_an_end_without_an_edge_stays_and_it_is_said():
    _widget, ui, volume = open_cell(snap=True)
    slicer.util.updateVolumeFromArray(volume, np.full_like(slicer.util.arrayFromVolume(volume), 7))
    node = place(ui, (-30, 5), (30, 5))
    assert read_ruler(node).snapped_um == (None, None)
    assert "No clear edge" in plain(ui.measureMessage), plain(ui.measureMessage)


def test_a_ruler_that_is_given_up_leaves_nothing():
    _widget, ui, volume = open_cell()
    ui.newRulerButton.click()
    click((-60, 10))
    ui.newRulerButton.click()
    settle()
    assert rulers_of(volume) == []
    assert not ui.newRulerButton.checked


def test_nearest_pixels_and_zoom_to_pixels():
    _widget, ui, volume = open_cell()
    node = place(ui, (-60, 10), (60, 10))
    ui.nearestPixelsCheckBox.click()
    assert not volume.GetDisplayNode().GetInterpolate()
    ui.rulerTable.selectRow(0)
    ui.zoomToPixelsButton.click()
    settle()
    for name in ("Red", "Yellow", "Green"):
        view = slice_widget(name).mrmlSliceNode()
        pixel = np.array(view.GetFieldOfView()[:2]) / np.array(view.GetDimensions()[:2])
        assert (np.array(voxel_size_on(view, volume)) / pixel >= 16 - 1e-6).all(), name
    picture("ruler_zoomed")
    first = slice_widget().mrmlSliceNode().GetSliceToRAS().GetElement(0, 3)
    ui.zoomToPixelsButton.click()
    settle()
    second = slice_widget().mrmlSliceNode().GetSliceToRAS().GetElement(0, 3)
    np.testing.assert_allclose([first, second], [point[0] for point in read_ruler(node).world], atol=1e-3)
    ui.nearestPixelsCheckBox.click()
    assert volume.GetDisplayNode().GetInterpolate()


def test_a_row_brings_the_views_there_and_a_click_on_a_point_selects_its_row():
    _widget, ui, _volume = open_cell()
    place(ui, (-60, 10), (60, 10))
    node = place(ui, (-40, -50), (50, -50))
    slice_widget("Yellow").mrmlSliceNode().SetSliceOffset(0)
    ui.rulerTable.selectRow(0)
    ui.rulerTable.selectRow(1)
    settle()
    np.testing.assert_allclose(
        slicer.util.getNode("Crosshair").GetCrosshairRAS(), read_ruler(node).world.mean(axis=0), atol=1e-6
    )
    ui.rulerTable.selectRow(0)
    hover_and_click(to_pixels(node, 0))
    rows = [index.row() for index in ui.rulerTable.selectionModel().selectedRows()]
    assert rows == [1], rows


def test_a_name_is_typed_and_undone_and_an_empty_one_is_refused():
    _widget, ui, volume = open_cell()
    place(ui, (-60, 10), (60, 10))
    ui.rulerTable.item(0, 0).setText(ODD)
    settle()
    assert read_ruler(rulers_of(volume)[0]).name == ODD
    ui.rulerTable.item(0, 0).setText("  ")
    settle()
    assert "name" in plain(ui.measureMessage)
    assert ui.rulerTable.item(0, 0).text() == ODD
    ui.undoButton.click()
    settle()


def test_csv_goes_out_and_comes_back():
    widget, ui, volume = open_cell()
    place(ui, (-60, 10), (60, 10))
    ui.rulerTable.item(0, 0).setText(ODD)
    settle()
    before = ruler_table(volume)
    path = FOLDER / "rulers.csv"
    widget.panel.measure.exportTo(path)
    ui.rulerTable.selectRow(0)
    ui.removeRulerButton.click()
    settle()
    assert rulers_of(volume) == []
    widget.panel.measure.importFrom(path)
    assert "1 added" in plain(ui.measureMessage), plain(ui.measureMessage)
    after = ruler_table(volume)
    for column in before.columns:
        if before[column.name].dtype.kind == "f":
            np.testing.assert_allclose(after[column.name], before[column.name], atol=1e-9, err_msg=column.name)
        else:
            assert after[column.name].tolist() == before[column.name].tolist(), column.name
    widget.panel.measure.importFrom(path)
    assert "1 there already" in plain(ui.measureMessage), plain(ui.measureMessage)
    ui.undoButton.click()
    ui.undoButton.click()
    settle()
    assert rulers_of(volume) == []


def test_a_csv_in_foreign_units_is_one_sentence_and_changes_nothing():
    widget, ui, volume = open_cell()
    place(ui, (-60, 10), (60, 10))
    wrong = FOLDER / "wrong.csv"
    wrong.write_text("name,start_x_um,start_y_um,start_z_um,end_x_um,end_y_um,end_z_um\na,1,2,3,4,5,6\n")
    widget.panel.measure.importFrom(wrong)
    assert "start_x_um" in plain(ui.measureMessage), plain(ui.measureMessage)
    assert len(rulers_of(volume)) == 1


def test_the_scene_keeps_rulers_captions_names_and_snaps():
    _widget, ui, volume = open_cell(snap=True)
    place(ui, *edge_places(volume))
    ui.rulerTable.item(0, 0).setText(ODD)
    settle()
    before = read_ruler(rulers_of(volume)[0])
    assert any(um is not None for um in before.snapped_um)
    scene = FOLDER / "scene.mrb"
    assert slicer.util.saveScene(str(scene))
    slicer.mrmlScene.Clear()
    assert ui.rulerTable.rowCount == 0
    slicer.util.loadScene(str(scene))
    settle()
    volume = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")
    after = read_ruler(rulers_of(volume)[0])
    assert (after.name, after.snapped_um, after.view) == (before.name, before.snapped_um, before.view)
    assert caption_of(rulers_of(volume)[0]) == before.caption
    assert ui.rulerTable.item(0, 1).text() == before.caption
    picture("rulers_restored")


def test_a_volume_deleted_under_the_module_is_no_fault():
    _widget, ui, volume = open_cell()
    place(ui, (-60, 10), (60, 10))
    ui.newRulerButton.click()
    click((-20, 20))
    slicer.mrmlScene.RemoveNode(volume)
    settle()
    assert ui.rulerTable.rowCount == 0
    assert not ui.newRulerButton.enabled
    line = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLMarkupsLineNode")
    line.SetNthControlPointPositionWorld(0, 0, 0, 0)
    settle()


run_tests(dict(globals()))
