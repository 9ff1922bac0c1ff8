"""Pictures and "Export all", pressed in the window: measured or not, cancelled, refused; the window never waits."""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from unittest import SkipTest

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell import mrml
from batterycell.clip import quarter_cut
from batterycell.io import LoadOptions, load_volume
from batterycell.mrml.clipping import cut_open
from batterycell.mrml.defects import add_defect, defects_table
from batterycell.mrml.rendering import show_rendering
from batterycell.mrml.rulers import add_angle, add_ruler, ruler_table
from batterycell.orient import find_cell
from batterycell.pipeline import analyze
from batterycell.progress import Progress
from batterycell.recipe import AnalyzeRecipe
from harness import PICTURES, Watch, cell_file, open_module, plain, run_tests, wait_until

FOLDER = Path(tempfile.mkdtemp())
KEPT = PICTURES / "export"
LONGEST_SECONDS = 0.2
REAL = Path(os.environ.get("BATTERYCELL_DATA", Path(__file__).parents[4] / "shared" / "data")) / "cell_top_ucl"
ALWAYS = {"summary.json", "provenance.json", "recipe.json", "report.html", "scene.mrb"}


def loaded():
    """The panel with a generated cell that was marked, and its volume."""
    widget = open_module()
    widget.panel.cell.load(cell_file(FOLDER))
    wait_until(lambda: widget.panel.parameters.volume is not None, 30)
    volume = widget.panel.parameters.volume
    middle = mrml.volume_of(volume).to_ras([n / 2 for n in reversed(mrml.volume_of(volume).array.shape)])
    add_defect(volume, "tear", middle, "major", 'torn, "edge"; ü')
    right, front = np.eye(3)[:2]
    add_ruler(volume, middle, middle + 1.5 * right, 'Lübeck, "tab" & gap', "Red")
    add_angle(volume, [middle + right, middle, middle + front], "fold")
    widget.panel.refresh()
    return widget, volume


def into(widget, name):
    """Choose a folder to export to, which is not there."""
    out = FOLDER / name
    shutil.rmtree(out, ignore_errors=True)
    widget.ui.folderPathEdit.currentPath = str(out)
    return out


def press(widget, button):
    """Press a button, wait for its export, and hold that the window never waited."""
    assert button.enabled, f"{button.objectName}: {button.toolTip}"
    start = time.monotonic()
    with Watch() as watch:
        button.click()
        wait_until(lambda: not widget.panel.export.job.isRunning)
    times = f"waited {1000 * watch.longest:.0f} ms, worked {1000 * watch.busiest:.0f} ms at most"
    taken = f"{time.monotonic() - start:.1f} s"
    print(f"{button.objectName}: {taken}, {times}; {plain(widget.ui.exportMessage)}", flush=True)
    assert watch.busiest < LONGEST_SECONDS
    return plain(widget.ui.exportMessage)


def tree(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_everything_is_exported_without_anything_measured():
    widget, _ = loaded()
    assert not widget.ui.exportButton.enabled and "folder" in widget.ui.exportButton.toolTip
    out = into(widget, "unmeasured")
    assert "Written to unmeasured." in press(widget, widget.ui.exportButton)
    found = tree(out)
    assert {*ALWAYS, "defects.csv", "rulers.csv"} <= found
    assert not any("overhang" in name for name in found)
    kinds = {Path(name).name.split("_")[0] for name in found if name.startswith("pictures/")}
    assert kinds == {"axial", "sagittal", "coronal", "layout", "ruler", "angle"}, kinds
    assert "report.html" in widget.ui.exportMessage.text
    widget.ui.exportCollapsibleButton.grab().save(str(PICTURES / "export_section.png"))


def test_a_measured_cell_is_exported_with_its_overhang():
    widget, volume = loaded()
    mrml.add_result(volume, analyze(mrml.volume_of(volume), AnalyzeRecipe(angles=12, pictures=1), Progress()))
    widget.panel.refresh()
    out = into(widget, "measured")
    assert "Written" in press(widget, widget.ui.exportButton)
    assert {*ALWAYS, "overhang.csv", "overview.png", "overhang_map.png", "longitudinal_000deg.png"} <= tree(out)
    before = mrml.result_of(volume).overhang, ruler_table(volume), defects_table(volume)
    slicer.mrmlScene.Clear()
    assert slicer.util.loadScene(str(out / "scene.mrb"))
    slicer.app.processEvents()
    volume = widget.panel.parameters.volume
    assert volume is not None and volume.GetName() == "small"
    after = mrml.result_of(volume).overhang, ruler_table(volume), defects_table(volume)
    for table, same in zip(before, after, strict=True):
        assert len(table) == len(same) > 0
        for column in table.columns:
            a, b = table[column.name], same[column.name]
            assert abs(a - b)[a == a].max(initial=0) < 1e-9 if a.dtype.kind == "f" else (a == b).all(), column.name


def test_pictures_alone_are_as_wide_as_asked_for():
    from PIL import Image

    widget, volume = loaded()
    logic = slicer.modules.volumerendering.logic()
    logic.CreateDefaultVolumeRenderingNodes(volume).SetVisibility(True)
    widget.ui.pictureWidthSpinBox.value = 1000
    widget.ui.drawLayoutCheckBox.checked = False
    out = into(widget, "pictures")
    assert "Written" in press(widget, widget.ui.picturesButton)
    names = tree(out) - {".batterycell-files"}
    assert {name.split("_")[0].removesuffix(".png") for name in names} == {
        "axial", "sagittal", "coronal", "3D", "ruler", "angle"
    }  # fmt: skip
    assert {Image.open(out / name).size for name in names} == {(1000, 750)}
    shutil.copytree(out, KEPT / "generated", dirs_exist_ok=True)


def test_where_nothing_is_to_be_drawn_no_pictures_can_be_saved():
    widget, _ = loaded()
    into(widget, "none")
    for box in (widget.ui.drawViewsCheckBox, widget.ui.drawLayoutCheckBox, widget.ui.drawRulersCheckBox):
        box.checked = False
    slicer.app.processEvents()
    assert not widget.ui.picturesButton.enabled and "draw" in widget.ui.picturesButton.toolTip
    assert widget.ui.exportButton.enabled


def test_a_cancel_leaves_nothing_and_the_next_export_runs():
    widget, _ = loaded()
    into(widget, "cancelled")
    widget.ui.exportButton.click()
    assert not widget.ui.exportButton.enabled and "Wait" in widget.ui.exportButton.toolTip
    wait_until(lambda: "drawing" in widget.ui.exportProgressBar.format, 60)
    widget.ui.exportCancelButton.click()
    wait_until(lambda: not widget.panel.export.job.isRunning, 30)
    assert plain(widget.ui.exportMessage) == "Cancelled.", plain(widget.ui.exportMessage)
    assert not [path for path in FOLDER.iterdir() if "cancelled" in path.name]
    widget.ui.drawViewsCheckBox.checked = False
    assert "Written" in press(widget, widget.ui.exportButton)


def test_a_folder_that_is_there_is_never_replaced_unasked():
    widget, _ = loaded()
    out = into(widget, "mine")
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    widget.ui.exportButton.click()
    assert "already exists" in plain(widget.ui.exportMessage)
    widget.ui.overwriteCheckBox.checked = True
    widget.ui.exportButton.click()
    assert "mine.txt" in plain(widget.ui.exportMessage) and (out / "mine.txt").read_text() == "mine"
    assert not widget.panel.export.job.isRunning


def test_closing_the_scene_ends_the_export():
    widget, _ = loaded()
    out = into(widget, "closed")
    widget.ui.exportButton.click()
    slicer.app.processEvents()
    slicer.mrmlScene.Clear()
    wait_until(lambda: not widget.panel.export.job.isRunning, 20)
    assert not out.exists() and not widget.ui.exportButton.enabled


def test_a_layout_of_ones_own_is_drawn_as_it_stands():
    widget, _ = loaded()
    views = "".join(
        f'<item splitSize="{size}"><view class="vtkMRMLSliceNode" singletontag="{name}"/></item>'
        for name, size in (("Red", 700), ("Green", 300))
    )
    layout = slicer.app.layoutManager().layoutLogic().GetLayoutNode()
    if not layout.IsLayoutDescription(4999):
        layout.AddLayoutDescription(4999, f'<layout type="vertical">{views}</layout>')
    layout.SetViewArrangement(4999)
    slicer.app.processEvents()
    widget.ui.drawRulersCheckBox.checked = False
    out = into(widget, "own")
    assert "Written" in press(widget, widget.ui.picturesButton)
    names = {name.split("_")[0] for name in tree(out) - {".batterycell-files"}}
    assert names == {"layout", "axial", "coronal"}, names
    assert (out / "layout_axial-coronal.png").exists()


def test_the_real_cell_is_exported_without_the_window_waiting():
    if not REAL.is_dir():
        raise SkipTest(f"{REAL} is not there")
    widget = open_module()
    read = load_volume(REAL, LoadOptions(voxel_size_um=(67.94, 33.97, 33.97)))
    volume = mrml.add_volume(slicer.mrmlScene, read, "cell_top_ucl")
    widget.panel.parameters.volume = volume
    mrml.set_upright(volume, find_cell(read))
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    show_rendering(volume)
    cut_open(volume, quarter_cut(read, mrml.cell_of(volume)))
    add_ruler(volume, (5.0, 0, -2.2), (5.0, 0, -1.5), "tab gap", "Green")
    slicer.app.layoutManager().threeDWidget(0).threeDView().resetFocalPoint()
    slicer.app.layoutManager().threeDWidget(0).threeDView().resetCamera()
    slicer.app.processEvents()
    widget.panel.refresh()
    out = into(widget, "real")
    assert "Written" in press(widget, widget.ui.exportButton)
    assert {*ALWAYS, "rulers.csv", "pictures/ruler_tab-gap_700um.png"} <= tree(out)
    shutil.copytree(out / "pictures", KEPT / "real", dirs_exist_ok=True)


run_tests(dict(globals()))
