"""Objects of labels: measured by the real worker, shown, clicked, sorted, plotted, exported."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import batterycell
import numpy as np
import slicer
from batterycell import mrml
from batterycell.io.label_classes import LabelClass
from batterycell.io.labels import label_volume
from batterycell.io.segments import Segment, write_segments
from batterycell.measured import Stage
from batterycell.mrml.files import read_volume, write_volume
from batterycell.mrml.object_plot import chart_of
from batterycell.mrml.objects import add_objects, objects_of, objects_table
from batterycell.recipe import ObjectsRecipe
from batterycell.result import ObjectsResult
from batterycell.tables import Column, Table
from batterycell.volume import Volume
from BatteryCellAnalysisLib.Work.QtProcess import pythonExecutable
from finding import (
    MATRIX,
    add_labels,
    can_find,
    choose,
    click,
    drag_over_bars,
    has_rows,
    measured,
    opened,
    run,
    settle,
    spheres,
    world_of,
)
from harness import Watch, look_at, open_module, picture, plain, run_tests, show_only, wait_until

FOLDER = Path(tempfile.mkdtemp())


def made_result(node, count):
    """Many objects, one voxel or more each, in a label volume."""
    volume = mrml.volume_of(node)
    rng = np.random.default_rng(0)
    number = np.arange(count) + 1
    array = np.zeros(volume.array.shape, np.uint32)
    flat = array.reshape(-1)
    flat[: count * 3] = np.repeat(number, 3)
    k, j, i = np.unravel_index(np.arange(count) * 3 + 1, array.shape)
    places = volume.to_ras(np.column_stack([i, j, k]))
    data = {
        "n": number,
        "class": np.full(count, "NMC"),
        "on_border": np.zeros(count, int),
        "weight": np.ones(count),
        "equivalent_diameter_um": rng.lognormal(1, 0.4, count),
        "volume_um3": rng.lognormal(3, 1.2, count),
        **{f"{axis}_mm": places[:, n] for n, axis in enumerate("ras")},
        **{f"made_{n}_um": rng.normal(size=count) for n in range(30)},
    }
    columns = tuple(Column(name, name, "", "Made.") for name in data)
    stage = Stage("instances", "Objects", (), {"instances": Table(columns, data)})
    classes = (LabelClass(1, "pore", "#1B1B3A", 1), LabelClass(2, "NMC", "#E69F00", 2))
    objects = Volume(array, volume.ijk_to_ras, "made", "objects")
    return ObjectsResult(label_volume(volume, classes), objects, ObjectsRecipe(), (stage,))


def test_a_hundred_thousand_objects_hold_the_window_for_no_moment():
    widget, ui, node = opened()
    result = made_result(node, 100_000)
    # As after a worker: kept in one moment, shown in the next.
    for name, act in (
        ("keep", lambda: add_objects(node, result)),
        ("draw", lambda: widget.panel.objects._work.kept.emit(objects_of(node), result.stages)),
        ("list", widget.panel.refresh),
    ):
        with Watch() as watch:
            act()
        print(f"TOOK {watch.busiest:.2f} s to {name} 100,000 objects", flush=True)
        assert watch.busiest < 0.3, name
    assert ui.objectsTableView.model().rowCount() == 100_000
    # The first plot of a session takes Slicer a moment by itself.
    slicer.app.layoutManager().setLayout(slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpPlotView)
    settle()
    for name, act in (
        ("sort", lambda: ui.objectsTableView.sortByColumn(5, 1)),
        ("select", lambda: ui.objectsTableView.selectRow(70_000)),
        ("histogram", ui.objectsHistogramButton.click),
        ("refresh", widget.panel.refresh),
    ):
        with Watch() as watch:
            act()
            settle()
        print(f"TOOK {watch.busiest:.2f} s to {name}", flush=True)
        assert watch.busiest < 0.3, name
    picture("objects_many")
    assert chart_of(objects_of(node)) is not None
    assert len(objects_table(objects_of(node))) == 100_000
    assert plain(ui.objectsMessage) == ""


def crosshair():
    """Where the cross-hair is."""
    return np.array(slicer.util.getNode("Crosshair").GetCrosshairRAS())


def command_line(*words):
    """Run the command line with the worker's packages."""
    code = (
        "import sys; from batterycell.worker.packages import add_packages as a; a(); from batterycell.cli import main"
    )
    words = [pythonExecutable(), "-c", f"{code}; sys.exit(main(sys.argv[1:]))", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(Path(batterycell.__file__).parents[1])}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@can_find
def test_the_exported_folder_is_that_of_the_command_line():
    widget, ui, node = measured(objectsSeparate=True, objectsMinSizeUm=2.0)
    assert has_rows(ui, 60)
    assert "NMC: 60 objects" in plain(ui.objectsMessage), plain(ui.objectsMessage)
    write_volume(mrml.volume_of(node), FOLDER / "electrode.nrrd")
    words = "--classes 1=pore,2=NMC --of NMC --separate watershed --min-size 2 --dimension 3 --json --out"
    command_line("instances", FOLDER / "electrode.nrrd", *words.split(), FOLDER / "truth")
    widget.panel.objects.exportTo(FOLDER)
    wait_until(lambda: not widget.panel.objects.job.isRunning)
    settle()
    assert "Written" in plain(ui.objectsMessage), plain(ui.objectsMessage)
    found = FOLDER / "electrode-objects"
    names = {path.name for path in (FOLDER / "truth").iterdir()}
    assert {"instances.csv", "instances.nrrd", "report.html", "recipe.json", "quantities.csv"} <= names
    assert {path.name for path in found.iterdir()} == names
    for name in ("instances.csv", "quantities.csv", "instances.ctbl"):
        assert (found / name).read_text() == (FOLDER / "truth" / name).read_text(), name
    np.testing.assert_array_equal(*(read_volume(one / "instances.nrrd").array for one in (found, FOLDER / "truth")))
    look_at(ui.objectsExportButton)
    picture("objects")


@can_find
def test_the_microstructure_is_measured_with_the_objects():
    widget, ui, node = measured()
    run(widget, ui.objectsMicrostructureButton)
    stages = {stage.name: stage for stage in mrml.stages_of(objects_of(node))}
    assert {"instances", "microstructure"} <= set(stages), plain(ui.objectsMessage)
    (share,) = (one for one in stages["microstructure"].quantities if one.name == "microstructure_fraction_nmc_percent")
    assert abs(share.value - 100 * np.mean(mrml.volume_of(node).array == 2)) < 1e-6
    assert ui.objectsQuantitiesTableView.model().rowCount() == sum(len(one.quantities) for one in stages.values())
    assert ui.objectsDetailsComboBox.count == sum(len(one.tables) for one in stages.values()) - 1
    look_at(ui.objectsDetailsTableView)
    picture("objects_microstructure")
    run(widget, ui.objectsMeasureButton)
    assert "microstructure" in {stage.name for stage in mrml.stages_of(objects_of(node))}
    ui.objectsCollapsibleButton.collapsed = True
    assert "60 objects" in ui.objectsCollapsibleButton.text
    ui.objectsCollapsibleButton.collapsed = False
    ui.objectsClearButton.click()
    settle()
    assert objects_of(node) is None and not ui.objectsResultFrame.visible


def test_what_holds_no_labels_is_said_and_measures_nothing():
    widget, ui, node = opened()
    grey = np.random.default_rng(0).integers(0, 3000, (20, 30, 40)).astype(np.uint16)
    for array, matrix, words in (
        (grey, MATRIX, "too many"),
        (grey / 7.0, MATRIX, "fractions"),
        (-np.ones((4, 5, 6), np.int16), MATRIX, "negative"),
        (np.zeros((4, 5, 6), np.uint8), MATRIX, "every voxel is 0"),
        (spheres(5, 40).array, np.eye(4), "voxel size"),
    ):
        choose(widget, add_labels(Volume(array, matrix, "made", "wrong")))
        settle()
        assert not ui.objectsMeasureButton.enabled
        assert words in ui.objectsMeasureButton.toolTip, ui.objectsMeasureButton.toolTip
    choose(widget, node)
    settle()
    assert ui.objectsMeasureButton.enabled, ui.objectsMeasureButton.toolTip
    widget.panel.parameters.objectsClasses = "7=binder"
    settle()
    assert "no voxel" in ui.objectsMeasureButton.toolTip.lower(), ui.objectsMeasureButton.toolTip
    widget.panel.parameters.objectsClasses = ""
    widget.panel.parameters.objectsImage = add_labels(Volume(grey, MATRIX, "made", "other image"))
    settle()
    ui.objectsMeasureButton.click()
    assert "voxels (z, y, x)" in plain(ui.objectsMessage) or "packages" in plain(ui.objectsMessage)


@can_find
def test_segments_have_objects_with_grey_values():
    widget = open_module()
    show_only(widget, "Objects")
    labels = spheres()
    grey = Volume(np.where(labels.array == 2, 900, 100).astype(np.uint16), MATRIX, "made", "image")
    image = mrml.add_volume(slicer.mrmlScene, grey, "image")
    slicer.util.setSliceViewerLayers(background=image, fit=True)
    path = FOLDER / "labels.seg.nrrd"
    write_segments(labels, [Segment("pore", "#1B1B3A", 1), Segment("NMC", "#E69F00", 2)], path)
    node = slicer.util.loadSegmentation(str(path))
    choose(widget, node)
    widget.panel.parameters.objectsImage = image
    widget.panel.parameters.objectsDimension = "slice by slice"
    widget.ui.objectsOfComboBox.setCurrentIndex(2)
    run(widget, widget.ui.objectsMeasureButton)
    table = objects_table(objects_of(node))
    assert table is not None, plain(widget.ui.objectsMessage)
    assert "area_um2" in table.data and len(table) > 60
    assert (table["image_mean"] == 900).all()
    assert objects_of(node).GetTransformNodeID() == node.GetTransformNodeID() == image.GetTransformNodeID()
    picture("objects_segments")


def shown_colors(objects):
    from vtk.util.numpy_support import vtk_to_numpy

    return vtk_to_numpy(objects.GetDisplayNode().GetColorNode().GetLookupTable().GetTable())


@can_find
def test_a_row_and_a_click_lead_to_each_other():
    widget, ui, node = measured()
    objects, table = objects_of(node), widget.panel.objects.shown.table
    before = crosshair()
    ui.objectsTableView.selectRow(7)
    settle()
    assert table.selected == [8]
    assert not np.allclose(crosshair(), before)
    place = [0.0, 0.0, 0.0]
    objects.TransformPointFromWorld(crosshair().tolist(), place)
    i, j, k = np.rint(mrml.volume_from_node(objects).to_ijk(place)).astype(int)
    assert slicer.util.arrayFromVolume(objects)[k, j, i] == 8
    assert shown_colors(objects)[8, 3] == 255 > shown_colors(objects)[9, 3]
    picture("objects_selected")
    click("Red", world_of(objects, 20))
    assert table.selected == [20]
    ui.objectsAddCheckBox.checked = True
    click("Red", world_of(objects, 5))
    assert table.selected == [5, 20]
    ui.objectsTableView.sortByColumn(5, 1)
    settle()
    assert table.selected == [5, 20], "rows keep their objects when they are sorted"
    assert len(ui.objectsTableView.selectionModel().selectedRows()) == 2
    widget.panel.parameters.objectsShow = "outlines"
    settle()
    picture("objects_outlines")
    widget.panel.parameters.objectsShow = "hidden"
    settle()
    assert not slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode().GetLabelVolumeID()


@can_find
def test_a_bar_of_the_histogram_selects_its_objects():
    widget, ui, node = measured()
    ui.objectsHistogramComboBox.setCurrentIndex(ui.objectsHistogramComboBox.findData("equivalent_diameter_um"))
    ui.objectsHistogramButton.click()
    settle()
    drag_over_bars(0.0, 0.25)
    chosen = widget.panel.objects.shown.table.selected
    assert 0 < len(chosen) < 60
    sizes = objects_table(objects_of(node))["equivalent_diameter_um"]
    assert sizes[np.array(chosen) - 1].max() < np.median(sizes)
    picture("objects_histogram")
    ui.objectsWeightComboBox.setCurrentIndex(1)
    settle()
    assert chart_of(objects_of(node)).GetYAxisTitle() == "Share of the volume [%]"


run_tests(dict(globals()))
