"""The panel before anything is measured: what is missing, voxel size, upright and back, unreadable files."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell.mrml import attached
from harness import cell_file, load, open_module, picture, plain, run_tests, wait_until

FOLDER = Path(tempfile.mkdtemp())


def test_an_empty_scene_says_what_is_missing():
    ui = open_module().ui
    for button in (ui.setUprightButton, ui.measureButton, ui.exportButton, ui.setVoxelSizeButton):
        assert not button.enabled, button.objectName
        assert "volume" in button.toolTip, button.toolTip
    assert ui.loadFileButton.enabled
    picture("empty")


def test_a_volume_of_one_millimetre_is_not_measured_before_its_voxel_size_is_set():
    ui = open_module().ui
    node = slicer.util.addVolumeFromArray(np.random.default_rng(1).integers(0, 255, (20, 30, 40), np.uint8))
    ui.volumeSelector.setCurrentNode(node)
    assert "1 mm" in plain(ui.cellMessage)
    assert not ui.measureButton.enabled
    picture("voxel_size_unknown")
    for box, size in ((ui.voxelSizeZ, 67.94), (ui.voxelSizeY, 33.97), (ui.voxelSizeX, 33.97)):
        box.value = size
    assert not ui.measureButton.enabled, "typed is not set"
    ui.setVoxelSizeButton.click()
    np.testing.assert_allclose(node.GetSpacing(), (0.03397, 0.03397, 0.06794))
    assert ui.measureButton.enabled
    assert not plain(ui.cellMessage)


def test_a_cell_is_set_upright_and_put_back():
    widget = open_module()
    ui = widget.ui
    load(widget, cell_file(FOLDER))
    node = ui.volumeSelector.currentNode()
    ui.setUprightButton.click()
    wait_until(lambda: not widget.panel.upright.job.isRunning)
    assert node.GetParentTransformNode() is not None
    assert "tilt" in plain(ui.uprightMessage), plain(ui.uprightMessage)
    ui.uprightCollapsibleButton.collapsed = True
    assert ui.uprightCollapsibleButton.text.startswith("Upright: tilt"), ui.uprightCollapsibleButton.text
    assert not ui.setUprightButton.enabled
    assert not ui.setVoxelSizeButton.enabled
    picture("upright")
    ui.backButton.click()
    assert node.GetParentTransformNode() is None
    assert slicer.mrmlScene.GetFirstNodeByName("small orientation") is None
    assert ui.uprightCollapsibleButton.text == "Upright"
    ui.uprightCollapsibleButton.collapsed = False


def test_a_file_that_is_no_volume_is_one_sentence_in_its_section():
    widget = open_module()
    wrong = FOLDER / "wrong.nrrd"
    wrong.write_text("not a volume")
    load(widget, wrong)
    assert "wrong.nrrd" in plain(widget.ui.cellMessage), plain(widget.ui.cellMessage)
    assert widget.ui.volumeSelector.currentNode() is None
    picture("unreadable")


def test_a_volume_without_a_cell_is_one_sentence_in_its_section():
    widget = open_module()
    ui = widget.ui
    node = slicer.util.addVolumeFromArray(np.random.default_rng(1).integers(0, 255, (20, 30, 40), np.uint8))
    node.SetSpacing(0.03, 0.03, 0.03)
    ui.volumeSelector.setCurrentNode(node)
    ui.setUprightButton.click()
    wait_until(lambda: not widget.panel.upright.job.isRunning)
    assert plain(ui.uprightMessage)
    assert node.GetParentTransformNode() is None


def test_choosing_another_cell_shows_it_and_its_marks_and_forgets_what_was_said():
    widget = open_module()
    ui = widget.ui
    first = load(widget, cell_file(FOLDER))
    widget.panel.mark.mark((0.0, 0.0, 0.0))
    widget.panel.mark.mark((999.0, 0.0, 0.0))
    assert "outside" in plain(ui.markMessage), plain(ui.markMessage)
    second = load(widget, cell_file(FOLDER, "hard"))
    assert not plain(ui.markMessage)
    assert not any(node.GetDisplayNode().GetVisibility() for node in attached(first, "defects"))
    for volume in (first, second, first):
        ui.volumeSelector.setCurrentNode(volume)
        slicer.app.processEvents()
        for name in ("Red", "Green", "Yellow"):
            layers = slicer.app.layoutManager().sliceWidget(name).mrmlSliceCompositeNode()
            assert layers.GetBackgroundVolumeID() == volume.GetID(), name
    assert all(node.GetDisplayNode().GetVisibility() for node in attached(first, "defects"))
    second.SetName("R & D")
    ui.volumeSelector.setCurrentNode(second)
    slicer.app.processEvents()
    assert "&" not in second.GetName()
    assert ui.normalViewsButton.enabled


run_tests(dict(globals()))
