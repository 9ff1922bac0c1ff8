"""The models that come with the program: offered, applied and measured with in one press each, without torch."""

import os
import sys
import tempfile
from pathlib import Path
from unittest import SkipTest

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell import mrml
from batterycell.mrml.cell import volume_of
from batterycell.mrml.files import read_volume
from batterycell.mrml.objects import objects_of, objects_table
from batterycell.mrml.results import recipe_of
from batterycell.mrml.wizard.classes import use_preset
from batterycell.mrml.wizard.results import predictions_of
from batterycell.mrml.wizard.segments import look_of, segment_ids
from batterycell.segment.model.library import list_models
from batterycell.worker.packages import PACKAGES
from finding import can_find
from harness import cell_file, load, look_at, open_module, picture, plain, run_tests, show_only, wait_until
from wizarding import add_image, can_apply, go_to, open_wizard, ships

FOLDER = Path(tempfile.mkdtemp())
NO_PACKAGES = str(Path(tempfile.mkdtemp()) / "none")
OVERHANG, CATHODE = "cell-overhang", "cathode-microstructure"
ANGLES = 12


def volume_node(path: Path):
    """The volume of a file in the scene, as its module loads it."""
    return mrml.add_volume(slicer.mrmlScene, read_volume(path), path.stem)


def wizard_with_cell():
    """The wizard's page Apply with a generated cell chosen, as somebody finds it who never trained anything."""
    widget = open_wizard("Classes")
    widget.wizard.parameters.model = ""
    node = volume_node(cell_file(FOLDER))
    widget.ui.wizardImageSelector.setCurrentNode(node)
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    go_to(widget, "Apply")
    return widget


def segment(widget):
    """Press Segment and wait; the segmentation."""
    page = widget.wizard.apply
    assert widget.ui.segmentButton.enabled, widget.ui.segmentButton.toolTip
    widget.ui.segmentButton.click()
    wait_until(lambda: not page.work.job.isRunning)
    found = predictions_of(widget.wizard.parameters.image)
    assert found, plain(widget.ui.applyMessage)
    return found[-1]


def choose_model(widget, name):
    """Choose a model in the section Overhang."""
    combo = widget.ui.overhangSourceComboBox
    (index,) = [n for n in range(combo.count) if name in combo.itemText(n)]
    combo.setCurrentIndex(index)


@ships(OVERHANG)
def test_who_never_trained_anything_finds_the_model_that_suits_the_image():
    widget = wizard_with_cell()
    assert OVERHANG in widget.ui.applyModelComboBox.currentText, widget.ui.applyModelComboBox.currentText
    assert "shipped" in widget.ui.applyModelComboBox.currentText
    assert "anode overhang" in widget.ui.applyModelLabel.text
    picture("shipped_apply")


@ships(CATHODE)
def test_a_micrograph_is_offered_the_model_of_cathodes():
    widget = open_wizard("Classes")
    widget.wizard.parameters.model = ""
    add_image(widget)
    go_to(widget, "Apply")
    assert CATHODE in widget.ui.applyModelComboBox.currentText, widget.ui.applyModelComboBox.currentText


@ships(CATHODE, OVERHANG)
def test_a_training_goes_on_from_the_model_of_its_classes_until_somebody_chooses():
    widget = open_wizard("Classes")
    ui, combo = widget.ui, widget.ui.trainStartComboBox
    for preset, name in (("cell overhang", OVERHANG), ("cathode microstructure, additive apart", CATHODE)):
        use_preset(slicer.mrmlScene, preset)
        go_to(widget, "Classes")
        go_to(widget, "Train")
        assert combo.currentText.startswith(name), combo.currentText
    picture("shipped_train")
    combo.setCurrentIndex(0)
    combo.activated(0)
    go_to(widget, "Classes")
    go_to(widget, "Train")
    assert combo.currentText == "scratch", "what somebody chose stays"
    assert ui.trainStartComboBox.enabled


@ships(OVERHANG)
def test_to_apply_one_small_package_is_asked_for_and_torch_to_train():
    before = os.environ.get(PACKAGES)
    os.environ[PACKAGES] = NO_PACKAGES
    widget = wizard_with_cell()
    try:
        words = widget.ui.packagesLabel.text
        if not widget.ui.packagesFrame.visible:
            raise SkipTest("Slicer itself has the packages")
        assert "onnxruntime" in words and "torch" not in words, words
        assert not widget.ui.packagesGpuCheckBox.visible
        assert "onnxruntime" in widget.ui.segmentButton.toolTip, widget.ui.segmentButton.toolTip
        picture("shipped_packages")
        go_to(widget, "Train")
        assert "torch" in widget.ui.packagesLabel.text and widget.ui.packagesGpuCheckBox.visible
    finally:
        os.environ.pop(PACKAGES) if before is None else os.environ.__setitem__(PACKAGES, before)
        go_to(widget, "Classes")


@ships(OVERHANG)
@can_apply
def test_a_cell_is_segmented_with_one_press():
    widget = wizard_with_cell()
    node = segment(widget)
    assert "anode overhang" in [look_of(node, one)[0] for one in segment_ids(node)]
    picture("shipped_segmented")


@ships(OVERHANG)
@can_apply
def test_what_looks_like_no_cell_is_refused_and_segmented_only_where_it_is_asked_for():
    widget = wizard_with_cell()
    noise = np.random.default_rng(1).integers(0, 255, (128, 192, 192)).astype(np.uint8)
    node = slicer.util.addVolumeFromArray(noise, name="noise")
    node.SetSpacing(0.04, 0.04, 0.04)
    widget.ui.applyImageSelector.setCurrentNode(node)
    page = widget.wizard.apply
    widget.ui.segmentButton.click()
    wait_until(lambda: not page.work.job.isRunning)
    assert "looks like nothing" in plain(widget.ui.applyMessage), plain(widget.ui.applyMessage)
    assert not predictions_of(node)
    picture("shipped_foreign")
    widget.ui.applyMessage.linkActivated("image-foreign")
    wait_until(lambda: not page.work.job.isRunning)
    assert len(predictions_of(node)) == 1, plain(widget.ui.applyMessage)
    assert "looks like nothing" in widget.ui.applyNotesLabel.text, widget.ui.applyNotesLabel.text


@ships(OVERHANG)
@can_apply
def test_overhang_is_measured_where_the_model_sees_the_ends():
    widget = open_module()
    show_only(widget, "Overhang")
    volume = load(widget, cell_file(FOLDER))
    widget.ui.anglesSpinBox.value = ANGLES
    choose_model(widget, OVERHANG)
    widget.ui.measureButton.click()
    wait_until(lambda: not widget.panel.overhang.job.isRunning)
    found = mrml.overhang_node(volume)
    assert found is not None, plain(widget.ui.overhangMessage)
    table = mrml.table_from_node(found)
    assert set(table["source"]) == {"model"}
    assert np.isin(table["flag"], ("ok", "negative")).mean() > 0.8
    recipe = recipe_of(volume)
    assert (recipe.ends_from, recipe.model.partition("@")[0]) == ("model", OVERHANG)
    assert len(recipe.model_sha256) == 64
    look_at(widget.ui.overhangSourceComboBox)
    picture("shipped_overhang")


@ships(CATHODE)
def test_a_model_of_something_else_is_not_offered_for_overhang_and_the_choice_is_kept_in_the_scene():
    widget = open_module()
    show_only(widget, "Overhang")
    load(widget, cell_file(FOLDER))
    combo = widget.ui.overhangSourceComboBox
    names = [combo.itemText(n) for n in range(combo.count)]
    assert not any(CATHODE in name for name in names), names
    if any(OVERHANG in name for name in names):
        choose_model(widget, OVERHANG)
        widget.panel.refresh()
        assert OVERHANG in combo.currentText
        assert widget.panel.parameters.endsFrom.startswith("model:")
    widget.panel.parameters.endsFrom = ""
    widget.panel.refresh()
    assert combo.currentText == "edges of the image"


@ships(OVERHANG)
@can_apply
@can_find
def test_what_the_model_segments_becomes_one_object_an_overhang():
    widget = wizard_with_cell()
    labels = segment(widget)
    name = widget.wizard.parameters.image.GetID()
    slicer.util.selectModule("BatteryCellAnalysis")
    widget = slicer.modules.batterycellanalysis.widgetRepresentation().self()
    show_only(widget, "Objects")
    parameters, ui = widget.panel.parameters, widget.ui
    parameters.volume = slicer.mrmlScene.GetNodeByID(name)
    parameters.objectsLabels = labels
    widget.panel.refresh()
    wait_until(
        lambda: "anode overhang" in [ui.objectsOfComboBox.itemText(n) for n in range(ui.objectsOfComboBox.count)]
    )
    ui.objectsOfComboBox.setCurrentText("anode overhang")
    assert ui.objectsMeasureButton.enabled, ui.objectsMeasureButton.toolTip
    ui.objectsMeasureButton.click()
    wait_until(lambda: not widget.panel.objects.job.isRunning and objects_of(labels) is not None)
    table = objects_table(objects_of(labels))
    assert len(table) > 1 and set(table["class"].tolist()) == {"anode overhang"}
    wait_until(lambda: ui.objectsTableView.model().rowCount() == len(table), 20)
    print(f"TOOK {len(table)} objects of the class anode overhang", flush=True)
    look_at(ui.objectsTableView)
    picture("shipped_objects")
    assert volume_of(parameters.volume).array.ndim == 3


def test_models_that_ship_are_listed_or_it_says_that_there_are_none():
    shipped = [model for model in list_models() if model.kind == "shipped"]
    if not shipped:
        raise SkipTest("no model ships with this copy of the program")
    widget = open_wizard("Publish")
    table = widget.ui.modelTable
    names = {table.item(row, 0).text() for row in range(table.rowCount)}
    assert {model.info.name for model in shipped} <= names
    picture("shipped_published")


run_tests(dict(globals()))
