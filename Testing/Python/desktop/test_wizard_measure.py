"""The wizard's sixth step: how well a model does, in frames and against another segmentation."""

import os
import sys
import tempfile
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell.mrml.cell import volume_of
from batterycell.mrml.wizard.classes import classes_of
from batterycell.mrml.wizard.project_tables import EVALUATION, project_table
from batterycell.mrml.wizard.results import add_prediction
from batterycell.volume import Volume
from harness import picture, plain, run_tests, wait_until
from wizarding import can_train, go_to, open_project, open_wizard, train_model


def wait_for_work(page) -> None:
    """Predicting comes before comparing, each a job of its own."""
    wait_until(lambda: not page.work.job.isRunning, 240)


def add_truth(image, shift: int = 0):
    """A segmentation of the discs, moved by some voxels."""
    volume = volume_of(image)
    codes = (np.roll(slicer.util.arrayFromVolume(image), shift, 2) > 115).astype(np.uint8) + 1
    labels = Volume(codes, volume.ijk_to_ras, volume.voxel_size_source, "discs")
    return add_prediction(image, labels, classes_of(slicer.mrmlScene), f"moved by {shift}")


def choose(combo, text: str) -> None:
    index = next(n for n in range(combo.count) if text in combo.itemText(n))
    combo.setCurrentIndex(index)
    combo.activated(index)


def test_without_model_and_prediction_the_page_says_what_is_missing():
    widget = open_wizard("Measure")
    assert not widget.ui.evaluateButton.enabled
    assert widget.ui.evaluateButton.toolTip
    assert not widget.ui.measureCsvButton.enabled


@can_train
def test_the_model_is_measured_in_the_painted_frames():
    widget = open_project()
    train_model(widget)
    page, ui = widget.wizard.measure, widget.ui
    go_to(widget, "Measure")
    assert not ui.measureCsvButton.enabled
    assert ui.evaluateButton.enabled, ui.evaluateButton.toolTip
    ui.evaluateButton.click()
    wait_for_work(page)
    wait_for_work(page)
    assert page.table.hasRows, plain(ui.measureMessage)
    assert "Mean Dice" in ui.stepStateLabel.text
    path = Path(tempfile.mkdtemp()) / "dice.csv"
    page.saveTable(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("image,class,dice,iou,precision,recall")
    assert [line for line in lines if line.startswith("mean,mean")]
    assert any(line.startswith("slice 7 (validation),pore") for line in lines), lines
    picture("wizard_measure")


def test_a_prediction_is_measured_by_what_is_painted_and_by_another_segmentation():
    widget = open_project()
    page, ui = widget.wizard.measure, widget.ui
    image = widget.wizard.parameters.image
    add_truth(image)
    add_truth(image, 3)
    go_to(widget, "Measure")
    choose(ui.measurePredictionComboBox, "moved by 0")
    assert ui.evaluateButton.enabled, ui.evaluateButton.toolTip
    ui.evaluateButton.click()
    wait_for_work(page)
    assert "Mean Dice 0.99" in ui.stepStateLabel.text or "Mean Dice 1.000" in ui.stepStateLabel.text
    choose(ui.measureTruthComboBox, "moved by 3")
    ui.measureToleranceSpinBox.value = 4
    ui.evaluateButton.click()
    wait_for_work(page)
    table = project_table(slicer.mrmlScene, EVALUATION)
    assert len([name for name in set(table["image"]) if "slice" in name]) == 12, set(table["image"])
    isMean = (table["image"] == "mean") & (table["class"] == "mean")
    assert table["dice"][isMean][0] < 0.9 < table["tolerant_dice"][isMean][0]
    picture("wizard_measure_slices")


def test_a_segmentation_is_not_measured_by_itself():
    widget = open_project()
    ui = widget.ui
    add_truth(widget.wizard.parameters.image)
    go_to(widget, "Measure")
    choose(ui.measurePredictionComboBox, "moved by 0")
    choose(ui.measureTruthComboBox, "moved by 0")
    assert "by itself" in ui.evaluateButton.toolTip
    assert not ui.evaluateButton.enabled


def test_the_report_is_written_into_a_folder():
    widget = open_project()
    page, ui = widget.wizard.measure, widget.ui
    add_truth(widget.wizard.parameters.image)
    go_to(widget, "Measure")
    assert "painted" in ui.measureTruthComboBox.currentText, "what was chosen in another scene"
    choose(ui.measurePredictionComboBox, "moved by 0")
    ui.evaluateButton.click()
    wait_for_work(page)
    folder = Path(tempfile.mkdtemp())
    page.saveReport(folder)
    wait_for_work(page)
    names = {path.name for path in (folder / "evaluation").glob("*")}
    assert {"report.html", "dice.csv", "confusion.csv"} <= names, (names, plain(ui.measureMessage))


run_tests(dict(globals()))
