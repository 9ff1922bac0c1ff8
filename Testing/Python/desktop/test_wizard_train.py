"""The wizard's third step: what is missing, a short training with curves, pause, stop, cancel and going on."""

import os
import re
import sys
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import slicer
from batterycell.mrml.wizard.curves import DICE_CHART
from batterycell.mrml.wizard.project_tables import project_node_of
from batterycell.mrml.wizard.rounds import rounds_of
from batterycell.segment.model.library import list_drafts
from batterycell.segment.needs import missing_packages
from BatteryCellAnalysisLib.Work.OwnPackages import packagesFolder
from harness import Watch, picture, plain, run_tests, wait_until
from wizarding import can_train, go_to, open_project, open_wizard, set_quick


def problems(ui) -> str:
    return plain(ui.trainProblemsLabel)


def epoch(ui) -> int:
    """The epoch that the progress bar tells; 0 for none."""
    found = re.search(r"epoch (\d+)/", ui.trainProgressBar.format)
    return int(found[1]) if found else 0


def test_an_empty_project_says_what_is_missing():
    widget = open_wizard("Train")
    wait_until(lambda: problems(widget.ui), 20)
    assert not widget.ui.trainButton.enabled
    assert widget.ui.trainButton.toolTip
    assert not widget.ui.pauseButton.enabled
    picture("wizard_train_missing")


def test_a_class_that_was_never_painted_is_named():
    widget = open_project(painted=(0,))
    go_to(widget, "Train")
    wait_until(lambda: "active material is painted nowhere" in problems(widget.ui), 20)
    assert not widget.ui.trainButton.enabled
    # Without the packages the button asks for these first.
    asked = "Install the packages" if missing_packages(packagesFolder()) else "painted nowhere"
    wait_until(lambda: asked in widget.ui.trainButton.toolTip, 20)
    widget.ui.expertCollapsibleButton.collapsed = False
    picture("wizard_train_expert")
    widget.ui.expertCollapsibleButton.collapsed = True


def test_a_voxel_size_that_nobody_said_is_typed_in_the_other_module():
    widget = open_project()
    image = widget.wizard.parameters.image
    image.SetSpacing(1.0, 1.0, 1.0)
    go_to(widget, "Train")
    wait_until(lambda: "voxel size" in problems(widget.ui), 20)
    widget.ui.trainProblemsLabel.linkActivated("voxelsize")
    assert slicer.util.selectedModule() == "BatteryCellAnalysis"
    analysis = slicer.modules.batterycellanalysis.widgetRepresentation().self()
    assert analysis.ui.volumeSelector.currentNode() is image


@can_train
def test_a_training_shows_its_curves_and_gives_a_model():
    widget = open_project()
    ui, page = widget.ui, widget.wizard.train
    go_to(widget, "Train")
    set_quick(widget)
    # Slicer itself makes the plot views, once.
    ui.curvesButton.click()
    wait_until(lambda: ui.trainButton.enabled, 20)
    with Watch() as watch:
        ui.trainButton.click()
        assert page.run.isRunning
        wait_until(lambda: project_node_of(slicer.mrmlScene, DICE_CHART) is not None, 120)
        wait_until(lambda: not page.run.isRunning, 120)
    print(f"TOOK {watch.busiest:.3f} s of the window's own work at once")
    assert "Dice" in plain(ui.trainMessage), plain(ui.trainMessage)
    assert len(list_drafts()) == 1
    assert Path(widget.wizard.parameters.model).is_dir()
    (one,) = rounds_of(slicer.mrmlScene)
    assert one.frames == 3, one
    assert "model" in ui.stepStateLabel.text, ui.stepStateLabel.text
    picture("wizard_train_done")
    go_to(widget, "Review")
    assert slicer.app.layoutManager().layout == slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
    assert watch.busiest < 0.3, f"{watch.busiest:.2f} s"


@can_train
def test_pause_waits_and_stop_keeps_the_best():
    widget = open_project()
    ui, page = widget.ui, widget.wizard.train
    go_to(widget, "Train")
    set_quick(widget, epochs=500)
    wait_until(lambda: ui.trainButton.enabled, 20)
    ui.trainButton.click()
    wait_until(lambda: epoch(ui) > 1, 120)
    ui.pauseButton.click()
    wait_until(lambda: "cpu" in ui.trainNotesLabel.text, 10)
    picture("wizard_train")
    wait_until(lambda: "paused" in ui.trainProgressBar.format, 20)
    assert ui.pauseButton.text == "Paused"
    ui.pauseButton.click()
    wait_until(lambda: "epoch" in ui.trainProgressBar.format, 20)
    ui.stopButton.click()
    wait_until(lambda: not page.run.isRunning, 60)
    assert "Done" in plain(ui.trainMessage), plain(ui.trainMessage)
    assert ui.pauseButton.text == "Pause"


@can_train
def test_a_cancelled_training_goes_on_where_it_was():
    widget = open_project()
    ui, page = widget.ui, widget.wizard.train
    go_to(widget, "Train")
    set_quick(widget, epochs=60)
    wait_until(lambda: ui.trainButton.enabled, 20)
    ui.trainButton.click()
    wait_until(lambda: epoch(ui) > 2, 120)
    ui.trainCancelButton.click()
    wait_until(lambda: not page.run.isRunning, 30)
    assert "can go on" in plain(ui.trainMessage), plain(ui.trainMessage)
    assert ui.trainButton.text == "Go on training"
    go_to(widget, "Frames")
    go_to(widget, "Train")
    assert "can go on" in plain(ui.trainMessage), plain(ui.trainMessage)
    ui.trainButton.click()
    wait_until(lambda: epoch(ui) > 0, 120)
    assert epoch(ui) > 2, ui.trainProgressBar.format
    ui.stopButton.click()
    wait_until(lambda: not page.run.isRunning, 120)
    assert "Went on" in ui.trainNotesLabel.text, ui.trainNotesLabel.text
    assert ui.trainButton.text == "Train"


run_tests(dict(globals()))
