"""The wizard's fourth step: predictions beside labels, fills that one undo takes back, what to label next."""

import os
import sys
from pathlib import Path

sys.path.append(os.environ.get("BATTERYCELL_DESKTOP_TESTS") or str(Path(__file__).parent))

import numpy as np
import slicer
from batterycell.mrml.cell import attached
from batterycell.mrml.wizard.classes import labels_of
from batterycell.mrml.wizard.fill import frame_codes
from batterycell.mrml.wizard.frames import frame_nodes, frames_of
from batterycell.mrml.wizard.results import DISAGREEMENT, PREVIEW
from harness import Watch, picture, plain, run_tests, wait_until
from wizarding import can_train, go_to, open_project, open_wizard, settle, train_model


def open_review():
    """The page with the small project and a model of it."""
    widget = open_project()
    train_model(widget)
    go_to(widget, "Review")
    return widget


def predict(widget) -> None:
    wait_until(lambda: widget.ui.predictButton.enabled, 60)
    widget.ui.predictButton.click()
    assert widget.wizard.review.job.isRunning, plain(widget.ui.reviewMessage)
    wait_until(lambda: widget.wizard.review.predictions.uncertainty, 120)
    settle()


def choose(ui, row: int) -> None:
    ui.reviewTable.clearSelection()
    ui.reviewTable.selectRow(row)
    settle()


def shown(ui, row: int, column: int) -> str:
    model = ui.reviewTable.model()
    return str(model.data(model.index(row, column), 0))


def codes(number: int) -> np.ndarray:
    image = slicer.mrmlScene.GetFirstNodeByName("micrograph")
    return frame_codes(image, frames_of(slicer.mrmlScene)[number])


def test_without_a_model_there_is_nothing_to_review_and_it_says_why():
    ui = open_wizard("Review").ui
    assert not ui.predictButton.enabled
    assert "model" in ui.predictButton.toolTip, ui.predictButton.toolTip
    assert not ui.fillButton.enabled
    picture("wizard_review_empty")


@can_train
def test_frames_are_predicted_and_compared():
    widget = open_review()
    ui = widget.ui
    with Watch() as watch:
        predict(widget)
    assert float(shown(ui, 0, 3)) > 50, shown(ui, 0, 3)
    assert shown(ui, 3, 3) == "", "nothing is painted in the monitored frame"
    assert float(shown(ui, 3, 4)) > 0
    image = widget.wizard.parameters.image
    (preview,) = attached(image, PREVIEW)
    choose(ui, 0)
    ui.showDisagreementButton.click()
    ui.showUncertaintyButton.click()
    settle()
    (marks,) = attached(image, DISAGREEMENT)
    assert marks.GetDisplayVisibility()
    picture("wizard_review")
    ui.showPredictionButton.click()
    assert not preview.GetDisplayVisibility()
    go_to(widget, "Classes")
    assert not marks.GetDisplayVisibility()
    print(f"TOOK {watch.busiest:.3f} s of the window's own work at once")
    assert watch.busiest < 0.3, f"{watch.busiest:.2f} s"


@can_train
def test_a_fill_is_one_step_and_leaves_what_is_painted():
    widget = open_review()
    ui = widget.ui
    predict(widget)
    before, painted = codes(3), codes(0)
    assert not before.any()
    choose(ui, 3)
    ui.fillButton.click()
    settle()
    assert codes(3).all(), "every pixel of the frame is filled"
    np.testing.assert_array_equal(codes(0), painted)
    ui.undoFillButton.click()
    settle()
    np.testing.assert_array_equal(codes(3), before)
    ui.redoFillButton.click()
    settle()
    assert codes(3).all()
    ui.segmentEditor.undo()
    settle()
    np.testing.assert_array_equal(codes(3), before)


@can_train
def test_what_to_label_next_becomes_a_frame():
    widget = open_review()
    ui = widget.ui
    wait_until(lambda: ui.labelNextButton.enabled, 60)
    ui.labelNextButton.click()
    wait_until(lambda: len(frame_nodes(slicer.mrmlScene)) == 5, 120)
    settle()
    assert "next" in plain(ui.reviewMessage), plain(ui.reviewMessage)
    assert labels_of(widget.wizard.parameters.image) is not None
    assert frames_of(slicer.mrmlScene)[-1].role == "training"
    picture("wizard_review_next")


run_tests(dict(globals()))
