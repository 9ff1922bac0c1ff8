"""What the wizard's Apply and Measure ask of a scene: regions, channels, frames as files to evaluate."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.clip import Box
from batterycell.errors import InputError
from batterycell.mrml.cut_roi import box_of, put_box
from batterycell.mrml.wizard.apply_region import apply_region, ensure_apply_roi
from batterycell.mrml.wizard.classes import classes_of, labels_of
from batterycell.mrml.wizard.compared import painted_frames, write_frame_pairs, write_whole_pair
from batterycell.mrml.wizard.frames import add_frame
from batterycell.mrml.wizard.images import set_channels
from batterycell.mrml.wizard.labels import write_codes
from batterycell.mrml.wizard.region import Region
from batterycell.mrml.wizard.results import add_prediction
from batterycell.progress import Progress
from batterycell.segment import Frame
from batterycell.segment.evaluate import Pair, evaluate_pairs
from batterycell.volume import Volume
from batterycell.worker.inputs import job_image
from wizard_scenes import SHAPE, add_image, turned


@pytest.fixture
def image() -> Any:
    return add_image(mrml.new_scene())


def paint_frame(image: Any, k: int, role: Any = "validation", full: bool = False) -> None:
    """A frame on a slice, its upper half background, a quarter cathode."""
    volume = mrml.volume_of(image)
    frame = Frame.of_slice(f"slice {k}", volume.name, volume, k)
    add_frame(image, Frame(**{**vars(frame), "role": role, "full": full}))
    codes = np.zeros((1, *SHAPE[1:]), np.uint8)
    codes[0, :10], codes[0, :10, :12] = 1, 2
    write_codes(labels_of(image), codes, Region((k, 0, 0), (k + 1, *SHAPE[1:])))


def predict(image: Any, label: int, region: Region | None = None) -> Any:
    """A prediction of one class everywhere, or in a region."""
    volume = mrml.volume_of(image)
    part = (region or Region.of(volume)).crop(volume)
    labels = Volume(np.full(part.array.shape, label, np.uint8), part.ijk_to_ras, "made", volume.name)
    return add_prediction(image, labels, classes_of(image.GetScene()), "made")


def scores(pairs: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Dice of each class by the name of the pair."""
    made = [Pair(one["name"], Path(one["prediction"]), Path(one["truth"])) for one in pairs]
    evaluation = evaluate_pairs(made)
    return {one.name: one.score("dice").tolist() for one in evaluation.images}


def test_a_region_begins_in_the_middle_and_follows_its_box(image: Any) -> None:
    assert apply_region(image) == Region((3, 5, 6), (9, 15, 18))
    roi = ensure_apply_roi(image)
    box = box_of(roi)
    put_box(roi, Box(box.center + np.array([-2 * 0.02, 0, 0]), box.axes, box.size))
    assert apply_region(image) == Region((3, 5, 8), (9, 15, 20))


def test_a_region_of_a_turned_image_is_whole_voxels_too() -> None:
    image = add_image(mrml.new_scene(), matrix=turned())
    assert apply_region(image) == Region((3, 5, 6), (9, 15, 18))


def test_a_box_outside_the_image_is_refused(image: Any) -> None:
    roi = ensure_apply_roi(image)
    put_box(roi, Box(np.array([50.0, 50.0, 50.0]), np.eye(3), np.ones(3)))
    with pytest.raises(InputError, match="outside"):
        apply_region(image)


def test_frames_are_compared_where_they_are_painted(image: Any, tmp_path: Path) -> None:
    paint_frame(image, 2)
    pairs = write_frame_pairs(image, predict(image, 1), tmp_path)
    assert [one["name"] for one in pairs] == ["slice 2 (validation)"]
    background, cathode, overhang = scores(pairs)["slice 2 (validation)"]
    # 120 of 240 painted voxels are background, and all are predicted so.
    assert (background, cathode) == (pytest.approx(2 * 120 / 360), 0.0)
    assert np.isnan(overhang)


def test_in_a_frame_labelled_in_full_the_rest_is_background(image: Any, tmp_path: Path) -> None:
    paint_frame(image, 2, full=True)
    background = scores(write_frame_pairs(image, predict(image, 1), tmp_path))["slice 2 (validation)"][0]
    assert background == pytest.approx(2 * 360 / (360 + 480))


def test_frames_that_a_region_does_not_reach_are_left_out(image: Any, tmp_path: Path) -> None:
    paint_frame(image, 2)
    paint_frame(image, 9, role="training")
    found = predict(image, 1, Region((8, 0, 0), (12, *SHAPE[1:])))
    assert [one["name"] for one in write_frame_pairs(image, found, tmp_path)] == ["slice 9 (training)"]


def test_without_paint_in_a_frame_nothing_is_compared(image: Any, tmp_path: Path) -> None:
    volume = mrml.volume_of(image)
    add_frame(image, Frame.of_slice("empty", volume.name, volume, 1))
    assert not painted_frames(image)
    with pytest.raises(InputError, match="Nothing is painted"):
        write_frame_pairs(image, predict(image, 1), tmp_path)


def test_two_segmentations_are_compared_slice_by_slice(image: Any, tmp_path: Path) -> None:
    found, truth = predict(image, 1), predict(image, 2, Region((0, 0, 0), (3, *SHAPE[1:])))
    (pair,) = write_whole_pair(image, found, truth, tmp_path)
    assert pair["by_slice"]
    made = Pair(pair["name"], Path(pair["prediction"]), Path(pair["truth"]), None, True)
    assert len(evaluate_pairs([made]).images) == 3


def test_a_job_on_an_image_hands_all_its_channels_over(image: Any) -> None:
    second = mrml.add_volume(image.GetScene(), mrml.volume_of(image), "other detector")
    set_channels(image, [second])
    folder = importlib.import_module("BatterySegmentationWizardLib.Work.ImageJob").makeImageJob("segment", image, {})
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    made, levels = job_image(job, Progress())
    assert (made.name, made.channel_names, len(levels)) == ("cell", ("cell", "other detector"), 2)
    assert np.array_equal(made.channels[0].array, mrml.volume_of(image).array)
