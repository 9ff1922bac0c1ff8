"""The wizard's first step: classes by preset and by hand, and painting them with the Segment Editor."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import qt
import slicer
from batterycell.mrml.cell import volume_of
from batterycell.mrml.wizard.classes import classes_of, labels_of
from batterycell.mrml.wizard.frames import frames_of
from batterycell.mrml.wizard.images import channel_nodes
from batterycell.mrml.wizard.labels import read_labels
from batterycell.mrml.wizard.project_folder import export_project
from harness import Watch, picture, plain, run_tests, wait_until
from wizarding import add_image, go_to, open_project, open_wizard, paint_stroke, settle


def names() -> list[str]:
    return [one.name for one in classes_of(slicer.mrmlScene)]


def image_ijk_to_ras(image) -> np.ndarray:
    return volume_of(image).ijk_to_ras


def choose_preset(ui, text: str) -> None:
    combo = ui.presetComboBox
    combo.setCurrentIndex(combo.findText(text))
    combo.activated(text)
    settle()


def codes(image) -> np.ndarray:
    return read_labels(labels_of(image)).array


def test_an_empty_scene_says_what_is_missing():
    ui = open_wizard().ui
    assert "preset" in ui.stepStateLabel.text, ui.stepStateLabel.text
    assert not ui.removeClassButton.enabled
    assert "class" in ui.removeClassButton.toolTip, ui.removeClassButton.toolTip


def test_a_preset_gives_classes_that_can_be_changed():
    ui = open_wizard().ui
    choose_preset(ui, "cathode microstructure")
    assert names() == ["pore", "active material", "binder"]
    choose_preset(ui, "cathode microstructure, additive apart")
    assert names() == ["pore", "active material", "binder", "additive"]
    ui.addClassButton.click()
    settle()
    assert names()[-1] == "class 1", names()
    ui.classTable.item(4, 2).setText("crack")
    settle()
    assert names()[-1] == "crack"
    ui.classTable.selectRow(4)
    ui.classUpButton.click()
    assert names() == ["pore", "active material", "binder", "crack", "additive"], names()
    ui.classTable.selectRow(4)
    ui.removeClassButton.click()
    assert names() == ["pore", "active material", "binder", "crack"]
    ui.classTable.item(0, 2).setText("crack")
    settle()
    assert "crack" in plain(ui.classesMessage), plain(ui.classesMessage)
    assert names()[0] == "pore"
    assert ui.classTable.item(0, 2).text() == "pore"


def test_the_colour_of_a_class_is_chosen_beside_the_work():
    widget = open_wizard()
    choose_preset(widget.ui, "cell overhang")
    widget.ui.classTable.cellClicked(1, 1)
    dialog = widget.wizard.classes.colorDialog
    dialog.setCurrentColor(qt.QColor("#123456"))
    dialog.accept()
    settle()
    assert classes_of(slicer.mrmlScene)[1].color == "#123456"


def test_painting_goes_into_the_labels_of_the_image_and_ctrl_z_takes_it_back():
    widget = open_wizard()
    ui, image = widget.ui, add_image(widget)
    choose_preset(ui, "cathode microstructure")
    assert ui.segmentEditor.segmentationNode() is labels_of(image)
    with Watch() as watch:
        ui.classTable.selectRow(1)
        paint_stroke(ui, "Red", (-20, 0), (30, 10))
    assert set(np.unique(codes(image))) == {0, 2}, np.unique(codes(image))
    picture("wizard_classes")
    assert watch.busiest < 1, f"{watch.busiest:.2f} s"
    ui.segmentEditor.undo()
    settle()
    assert not codes(image).any()
    ui.segmentEditor.redo()
    settle()
    assert codes(image).any()


def test_a_painted_class_is_not_removed_without_asking():
    widget = open_wizard()
    ui, image = widget.ui, add_image(widget)
    choose_preset(ui, "cell overhang")
    ui.classTable.selectRow(2)
    paint_stroke(ui, "Red", (-20, 0), (30, 10))
    ui.removeClassButton.click()
    assert len(names()) == 3
    assert "would be lost" in plain(ui.classesMessage), plain(ui.classesMessage)
    ui.classesMessage.linkActivated("again")
    settle()
    assert names() == ["background", "cathode"]
    assert not codes(image).any()


def test_the_eye_hides_a_class_and_keys_choose_the_next_one():
    widget = open_wizard()
    ui, image = widget.ui, add_image(widget)
    choose_preset(ui, "cell overhang")
    ui.classTable.cellClicked(1, 0)
    display = labels_of(image).GetDisplayNode()
    identifiers = list(labels_of(image).GetSegmentation().GetSegmentIDs())
    assert [display.GetSegmentVisibility(one) for one in identifiers] == [True, False, True]
    ui.classTable.selectRow(0)
    ui.segmentEditor.selectNextSegment()
    wait_until(lambda: widget.wizard.classes.table.current > 0, 5)
    assert widget.wizard.paint.current == widget.wizard.classes.table.current


def test_each_image_has_labels_of_its_own_and_the_editor_follows_the_image():
    widget = open_wizard()
    ui, first = widget.ui, add_image(widget)
    choose_preset(ui, "cell overhang")
    second = add_image(widget, "second")
    assert ui.segmentEditor.segmentationNode() is labels_of(second)
    ui.wizardImageSelector.setCurrentNode(first)
    settle()
    assert ui.segmentEditor.segmentationNode() is labels_of(first)
    assert ui.segmentEditor.sourceVolumeNode() is first


def test_the_editor_is_there_on_the_steps_where_people_paint_and_lets_go_elsewhere():
    widget = open_wizard()
    ui = widget.ui
    add_image(widget)
    choose_preset(ui, "cell overhang")
    ui.classTable.selectRow(1)
    ui.segmentEditor.setActiveEffectByName("Paint")
    for step, isSeen in (("Frames", True), ("Train", False), ("Review", True), ("Publish", False)):
        go_to(widget, step)
        assert ui.BatteryWizardPaint.visible == isSeen, step
    assert ui.segmentEditor.activeEffect() is None


def test_further_channels_are_chosen_and_those_of_another_size_refused():
    widget = open_wizard()
    ui, second = widget.ui, add_image(widget, "second")
    other = add_image(widget, "small", (12, 32, 32))
    image = add_image(widget)
    choose_preset(ui, "cell overhang")
    ui.wizardChannelsSelector.setCheckState(second, 2)
    settle()
    assert channel_nodes(image) == [image, second]
    ui.wizardChannelsSelector.setCheckState(other, 2)
    settle()
    assert "small" in plain(ui.classesMessage) or "channels" in plain(ui.classesMessage), plain(ui.classesMessage)
    assert channel_nodes(image) == [image, second]
    assert list(ui.wizardChannelsSelector.checkedNodes()) == [second]


def test_labels_from_elsewhere_are_taken_over_and_undone():
    widget = open_wizard()
    ui, image = widget.ui, add_image(widget)
    choose_preset(ui, "cell overhang")
    assert not ui.takeOverButton.enabled
    elsewhere = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "by hand")
    elsewhere.SetReferenceImageGeometryParameterFromVolumeNode(image)
    elsewhere.GetSegmentation().AddEmptySegment("a", "crack")
    mask = np.zeros((12, 64, 64), np.uint8)
    mask[6, 10:20, 10:20] = 1
    # As in a file: in the image's own millimetres.
    plain_copy = slicer.util.addVolumeFromArray(mask, image_ijk_to_ras(image))
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, elsewhere, "a", plain_copy)
    ui.elsewhereCollapsibleButton.collapsed = False
    ui.takeOverSelector.setCurrentNode(elsewhere)
    settle()
    ui.takeOverButton.click()
    settle()
    assert names()[-1] == "crack", names()
    assert (codes(image) == 4).sum() == 100
    ui.segmentEditor.undo()
    settle()
    assert not codes(image).any()
    ui.takeOverSelector.setCurrentNode(labels_of(image))
    settle()
    assert "already" in ui.takeOverButton.toolTip, ui.takeOverButton.toolTip


def test_a_project_folder_is_opened_with_images_labels_classes_and_frames():
    folder = Path(tempfile.mkdtemp()) / "project"
    open_project()
    export_project(slicer.mrmlScene, folder)
    widget = open_wizard()
    ui = widget.ui
    ui.elsewhereCollapsibleButton.collapsed = False
    widget.wizard.classes.folder.open(folder.parent)
    assert "images" in plain(ui.classesMessage), plain(ui.classesMessage)
    with Watch() as watch:
        widget.wizard.classes.folder.open(folder)
        wait_until(lambda: not widget.wizard.classes.folder.job.isRunning, 120)
        settle()
    assert names() == ["pore", "active material"], plain(ui.classesMessage)
    image = widget.wizard.parameters.image
    assert [frame.role for frame in frames_of(slicer.mrmlScene)] == ["training", "training", "validation", "monitoring"]
    assert set(np.unique(codes(image)[4])) == {1, 2}
    assert not ui.openProjectButton.enabled
    assert "close the scene" in ui.openProjectButton.toolTip, ui.openProjectButton.toolTip
    picture("wizard_classes_elsewhere")
    print(f"TOOK {watch.busiest:.3f} s of the window's own work at once")


run_tests(dict(globals()))
