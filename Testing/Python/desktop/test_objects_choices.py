"""Objects of labels: what else the command line can be told, chosen in the panel."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell import mrml
from batterycell.measured import Quantity, Stage, quantity_table
from batterycell.mrml.objects import note_of, objects_of, objects_table
from batterycell.tables import write_csv
from batterycell.volume import Volume
from BatteryCellAnalysisLib.Sections.Objects.ResultFolders import folderDialog
from finding import MATRIX, add_labels, can_find, choose, opened, run, settle, spheres
from harness import look_at, open_module, picture, plain, run_tests, show_only, wait_until

FOLDER = Path(tempfile.mkdtemp())


def steps():
    """Four cubes: the next touches the one before at a face, at an edge, at a corner."""
    array = np.ones((40, 40, 40), np.uint8)
    for k, j, i in ((4, 4, 4), (4, 4, 12), (4, 12, 20), (12, 20, 28)):
        array[k : k + 8, j : j + 8, i : i + 8] = 2
    return Volume(array, MATRIX, "made", "steps")


def named(widget, names="1=void,2=NMC"):
    """Name the classes and choose the second."""
    widget.panel.parameters.objectsClasses = names
    wait_until(lambda: widget.ui.objectsOfComboBox.count == 3, 30)
    widget.ui.objectsOfComboBox.setCurrentIndex(2)


@can_find
def test_what_touches_is_chosen():
    widget, ui, _ = opened()
    node = add_labels(steps())
    choose(widget, node)
    named(widget)
    for words, neighbours, count in (("faces", 6, 3), ("faces and edges", 18, 2), ("all that touch", 0, 1)):
        ui.objectsNeighboursComboBox.setCurrentIndex(ui.objectsNeighboursComboBox.findText(words))
        run(widget, ui.objectsMeasureButton)
        assert len(objects_table(objects_of(node))) == count, plain(ui.objectsMessage)
        assert note_of(objects_of(node)).recipe.connectivity == neighbours


def stages_of(node):
    return {stage.name: stage for stage in mrml.stages_of(objects_of(node))}


@can_find
def test_the_class_of_pores_is_chosen():
    widget, ui, node = opened()
    named(widget)
    assert ui.objectsPoreComboBox.enabled
    run(widget, ui.objectsMicrostructureButton)
    assert "microstructure_pores" not in stages_of(node)["microstructure"].tables
    ui.objectsPoreComboBox.setCurrentIndex(1)
    assert widget.panel.parameters.objectsPore == "void"
    run(widget, ui.objectsMicrostructureButton)
    assert "microstructure_pores" in stages_of(node)["microstructure"].tables
    assert note_of(objects_of(node)).recipe.pore == "void"


@can_find
def test_doubt_widens_the_interval_of_a_fraction():
    widget, ui, node = opened()
    named(widget, "1=pore,2=NMC")
    unsure = np.where(mrml.volume_of(node).array == 2, 150, 0).astype(np.uint8)
    halves = []
    for doubt in (None, add_labels(Volume(unsure, MATRIX, "made", "doubt"))):
        ui.objectsDoubtSelector.setCurrentNode(doubt)
        assert widget.panel.parameters.objectsDoubt is doubt
        run(widget, ui.objectsMicrostructureButton)
        found = {one.name: one for one in stages_of(node)["microstructure"].quantities}
        halves.append(found["microstructure_fraction_nmc_percent"].uncertainty)
    assert halves[1] > halves[0], halves
    look_at(ui.objectsLabelsSelector)
    picture("objects_doubt")


def test_pores_cannot_be_chosen_without_labels():
    widget, ui, _ = opened()
    choose(widget, None)
    settle()
    assert not ui.objectsPoreComboBox.enabled and "labels" in ui.objectsPoreComboBox.toolTip
    choose(widget, add_labels(spheres(5, 40)))
    settle()
    assert ui.objectsPoreComboBox.enabled and ui.objectsPoreComboBox.count == 3


def result(name, value):
    """A result folder with one number."""
    folder = FOLDER / name
    folder.mkdir()
    one = Quantity("microstructure_fraction_nmc_percent", "NMC: fraction", value, 1.0, "%", "Made.")
    write_csv(quantity_table([Stage("microstructure", "Microstructure", (one,))]), folder / "quantities.csv")
    (folder / "summary.json").write_text("{}", encoding="utf-8")
    return folder


def compared(widget, *folders):
    widget.panel.objects.compareResults(folders, FOLDER)
    wait_until(lambda: not widget.panel.objects.job.isRunning)
    settle()


@can_find
def test_results_are_compared_without_labels():
    widget = open_module()
    show_only(widget, "Objects")
    ui = widget.ui
    assert ui.objectsCompareButton.enabled, ui.objectsCompareButton.toolTip
    before = result("before", 40.0)
    compared(widget, before, result("after", 52.0))
    assert "1 of 1 numbers differ" in plain(ui.objectsMessage), plain(ui.objectsMessage)
    assert (FOLDER / "comparison" / "report.html").is_file() and "report.html" in ui.objectsMessage.text
    assert ui.objectsDetailsComboBox.currentText == "Comparison: comparison"
    assert ui.objectsDetailsTableView.model().rowCount() == 2 and ui.objectsDetailsTableView.visible
    look_at(ui.objectsCompareButton)
    picture("objects_compared")
    compared(widget, before, FOLDER)
    assert "no result folder" in plain(ui.objectsMessage)
    assert not (FOLDER / "comparison_2").exists()


def test_several_folders_can_be_chosen_at_once():
    folders = [FOLDER / "lots" / name for name in ("one", "two")]
    for one in folders:
        one.mkdir(parents=True)
    dialog = folderDialog(slicer.util.mainWindow(), "Results")
    dialog.setDirectory(str(FOLDER / "lots"))
    dialog.show()
    view = slicer.util.findChild(dialog, "listView")
    wait_until(lambda: view.model().rowCount(view.rootIndex()) == 2, 20)
    view.selectAll()
    settle()
    assert sorted(map(Path, dialog.selectedFiles())) == folders
    dialog.accept()
    assert dialog.result() == 1
    dialog.deleteLater()


run_tests(dict(globals()))
