"""A measured cell that is saved and loaded again: the panel comes back as it was."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell.mrml import attached, orientation_of, result_of
from harness import cell_file, load, open_module, picture, plain, run_tests, wait_until

FOLDER = Path(tempfile.mkdtemp())


def test_saving_and_loading_the_scene_restores_the_panel():
    widget = open_module()
    ui = widget.ui
    load(widget, cell_file(FOLDER))
    ui.anglesSpinBox.value = 30
    ui.setUprightButton.click()
    wait_until(lambda: not widget.panel.upright.job.isRunning)
    ui.measureButton.click()
    wait_until(lambda: not widget.panel.overhang.job.isRunning)
    before = {"upright": plain(ui.uprightMessage), "overhang": plain(ui.overhangMessage)}
    values = result_of(widget.panel.parameters.volume).overhang["overhang_um"]
    scene = FOLDER / "scene.mrb"
    assert slicer.util.saveScene(str(scene))
    slicer.mrmlScene.Clear()
    assert not ui.measureButton.enabled
    slicer.util.loadScene(str(scene))
    slicer.app.processEvents()
    assert {"upright": plain(ui.uprightMessage), "overhang": plain(ui.overhangMessage)} == before
    assert ui.anglesSpinBox.value == 30
    # Slicer's table files keep six digits.
    np.testing.assert_allclose(result_of(widget.panel.parameters.volume).overhang["overhang_um"], values, rtol=1e-5)
    volume = widget.panel.parameters.volume
    assert attached(volume, "anode-ends")[0].GetParentTransformNode() is orientation_of(volume) is not None
    picture("scene_restored")


run_tests(dict(globals()))
