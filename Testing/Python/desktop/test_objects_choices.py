"""Objects of labels: what else the command line can be told, chosen in the panel."""

import os
import sys
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
from batterycell import mrml
from batterycell.mrml.objects import note_of, objects_of, objects_table
from batterycell.volume import Volume
from finding import MATRIX, add_labels, can_find, choose, opened, run, settle, spheres
from harness import look_at, picture, plain, run_tests, wait_until


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
    look_at(ui.objectsLabelsSelector)
    picture("objects_choices")


def test_pores_cannot_be_chosen_without_labels():
    widget, ui, _ = opened()
    choose(widget, None)
    settle()
    assert not ui.objectsPoreComboBox.enabled and "labels" in ui.objectsPoreComboBox.toolTip
    choose(widget, add_labels(spheres(5, 40)))
    settle()
    assert ui.objectsPoreComboBox.enabled and ui.objectsPoreComboBox.count == 3


run_tests(dict(globals()))
