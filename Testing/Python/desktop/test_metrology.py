"""Can, winding, particles, tolerances, a pouch cell: measured by the real worker, shown, clicked, saved, reopened."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell.io import load_volume
from batterycell.measured import quantity_table
from batterycell.mrml import overhang_node, stages_of
from batterycell.mrml.files import write_volume
from batterycell.phantom import PouchCell, Scan, make_cell
from batterycell.pipeline import analyze
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe
from BatteryCellAnalysisLib.Sections.CanWindingSection import STAGES
from harness import cell_file, load, open_module, picture, plain, run_tests, show_only, wait_until

FOLDER = Path(tempfile.mkdtemp())
STRICT = """title = "strict"
[can_outer_diameter_mm]
lower = 1.0
upper = 2.0
"""
MILD = """title = "mild"
[can_outer_diameter_mm]
lower = 0.1
upper = 100.0
"""


def loaded():
    """The panel with a generated cell."""
    widget = open_module()
    load(widget, cell_file(FOLDER))
    widget.ui.anglesSpinBox.value = 24
    return widget


def measured():
    """The panel with can and winding measured."""
    widget = loaded()
    measure(widget)
    return widget


def measure(widget):
    """Press Measure in Can & winding and wait."""
    widget.ui.canWindingMeasureButton.click()
    assert widget.ui.canWindingProgressRow.visible
    wait_until(lambda: not widget.panel.canWinding.job.isRunning)
    assert stages_of(widget.panel.parameters.volume), plain(widget.ui.canWindingMessage)


def tolerances(name, text):
    """A file of tolerances."""
    path = FOLDER / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def crosshair():
    """Where the cross-hair is."""
    return np.array(slicer.util.getNode("Crosshair").GetCrosshairRAS())


def test_the_numbers_are_those_of_the_command_line():
    widget = measured()
    truth = analyze(load_volume(cell_file(FOLDER)), AnalyzeRecipe(stages=STAGES), Progress())
    expected, found = quantity_table(truth.stages), quantity_table(stages_of(widget.panel.parameters.volume))
    assert expected["quantity"].tolist() == found["quantity"].tolist()
    np.testing.assert_array_equal(expected["value"], found["value"])
    np.testing.assert_array_equal(expected["uncertainty"], found["uncertainty"])
    assert "mm" in plain(widget.ui.canWindingMessage)
    assert widget.ui.canWindingQuantitiesTableView.model().rowCount() == len(expected)
    show_only(widget, "CanWinding")
    picture("can_winding")


def test_a_click_on_a_map_goes_there():
    widget = measured()
    ui, volume = widget.ui, widget.panel.parameters.volume
    maps = [one for stage in stages_of(volume) if stage.name in STAGES for one in stage.maps]
    assert ui.canWindingMapComboBox.count == len(maps) > 1
    for index, one in enumerate(maps):
        ui.canWindingMapComboBox.setCurrentIndex(index)
        slicer.app.processEvents()
        row, column = (size // 2 for size in one.values.shape)
        upward = one.rows.units == "mm"
        line = len(one.rows.values) - 1 - row if upward else row
        widget.panel.canWinding.maps.picture.click(
            (column + 0.5) / len(one.columns.values), (line + 0.5) / len(one.rows.values)
        )
        if np.isfinite(one.places[row, column]).all():
            world = [0.0, 0.0, 0.0]
            volume.TransformPointToWorld(one.places[row, column].tolist(), world)
            np.testing.assert_allclose(crosshair(), world, atol=1e-6)
    show_only(widget, "CanWinding")
    picture("can_winding_map")


def test_both_sections_keep_what_the_other_measured():
    widget = measured()
    volume = widget.panel.parameters.volume
    widget.ui.measureButton.click()
    wait_until(lambda: not widget.panel.overhang.job.isRunning)
    assert overhang_node(volume) is not None, plain(widget.ui.overhangMessage)
    names = [stage.name for stage in stages_of(volume)]
    assert {"overhang", "objects", *STAGES} <= set(names), names
    measure(widget)
    assert overhang_node(volume) is not None
    titles = [widget.ui.overhangTableComboBox.itemText(n) for n in range(widget.ui.overhangTableComboBox.count)]
    assert any("erdict" in title for title in titles), titles
    assert any("objects" in title for title in titles), titles
    show_only(widget, "Overhang")
    picture("overhang_verdict")
    widget.ui.canWindingClearButton.click()
    assert not {stage.name for stage in stages_of(volume)} & set(STAGES)
    assert not widget.ui.canWindingClearButton.enabled
    assert overhang_node(volume) is not None


def test_a_cell_is_judged_as_soon_as_tolerances_are_chosen():
    widget = measured()
    ui = widget.ui
    assert "NOT JUDGED" in plain(ui.verdictLabel)
    assert not ui.tolerancesClearButton.enabled
    ui.tolerancesPathEdit.currentPath = tolerances("strict.toml", STRICT)
    assert "FAIL" in plain(ui.verdictLabel)
    ui.tolerancesPathEdit.currentPath = tolerances("mild.toml", MILD)
    assert "PASS" in plain(ui.verdictLabel)
    picture("verdict_pass")
    ui.tolerancesPathEdit.currentPath = tolerances("wrong.toml", "[can_colour]\nlower = 1\n")
    assert "can_colour" in plain(ui.overhangMessage)
    assert "PASS" in plain(ui.verdictLabel), "a file that cannot be read changes nothing"
    ui.tolerancesClearButton.click()
    assert "NOT JUDGED" in plain(ui.verdictLabel)


def test_what_was_measured_comes_back_with_the_scene():
    widget = measured()
    widget.ui.tolerancesPathEdit.currentPath = tolerances("mild.toml", MILD)
    before = quantity_table(stages_of(widget.panel.parameters.volume))
    line = plain(widget.ui.canWindingMessage)
    path = FOLDER / "measured.mrb"
    assert slicer.util.saveScene(str(path))
    slicer.mrmlScene.Clear()
    assert slicer.util.loadScene(str(path))
    wait_until(lambda: widget.panel.parameters.volume is not None, 30)
    wait_until(lambda: plain(widget.ui.canWindingMessage) == line, 30)
    found = quantity_table(stages_of(widget.panel.parameters.volume))
    assert before["quantity"].tolist() == found["quantity"].tolist()
    # Slicer writes tables with six digits.
    np.testing.assert_allclose(found["value"], before["value"], rtol=1e-4)
    assert "PASS" in plain(widget.ui.verdictLabel)


def test_cancel_keeps_what_was_there():
    widget = loaded()
    widget.ui.canWindingMeasureButton.click()
    assert not widget.ui.measureButton.enabled
    wait_until(lambda: widget.ui.canWindingProgressBar.value > 0)
    widget.ui.canWindingCancelButton.click()
    wait_until(lambda: not widget.panel.canWinding.job.isRunning, 30)
    assert "Cancelled" in plain(widget.ui.canWindingMessage)
    assert not stages_of(widget.panel.parameters.volume)


def test_a_pouch_cell_is_measured_on_all_four_sides():
    widget = open_module()
    phantom = make_cell(PouchCell(cathodes=3, cathode_mm=(4.0, 3.0)), Scan(voxel_size_um=(30.0, 30.0, 30.0)), 1)
    path = FOLDER / "pouch.nrrd"
    write_volume(phantom.volume, path)
    load(widget, path)
    widget.ui.measureButton.click()
    wait_until(lambda: not widget.panel.overhang.job.isRunning)
    volume = widget.panel.parameters.volume
    stages = stages_of(volume)
    assert [stage.name for stage in stages] == ["pouch"], plain(widget.ui.overhangMessage)
    assert "3 cathodes" in plain(widget.ui.overhangMessage)
    assert widget.ui.mapComboBox.count == len(stages[0].maps) > 0
    assert overhang_node(volume) is None
    show_only(widget, "Overhang")
    picture("pouch")
    widget.ui.canWindingMeasureButton.click()
    wait_until(lambda: not widget.panel.canWinding.job.isRunning)
    assert "stack of sheets" in plain(widget.ui.canWindingMessage)
    assert [stage.name for stage in stages_of(volume)] == ["pouch"], "a pouch has no can"


def test_a_whole_can_shows_where_the_ends_come_from():
    widget = loaded()
    combo = widget.ui.overhangSourceComboBox
    assert combo.count >= 1
    assert combo.currentText == "edges of the image"


run_tests(dict(globals()))
