"""Predictions of frames beside what was painted in them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from batterycell import mrml
from batterycell.errors import InputError
from batterycell.mrml.wizard.classes import labels_of
from batterycell.mrml.wizard.fill import frame_codes
from batterycell.mrml.wizard.frames import add_frame, frame_of
from batterycell.mrml.wizard.labels import write_codes
from batterycell.mrml.wizard.region import Region
from batterycell.mrml.wizard.review import (
    fill_from_prediction,
    mark_disagreement,
    predicted_in,
    review_table,
    show_found,
)
from batterycell.mrml.wizard.steps import undo_step
from batterycell.segment import PRESETS, Frame, SegmentClass
from batterycell.volume import Volume
from wizard_scenes import PRESET, SHAPE, add_image

SLICE = Region((3, 0, 0), (4, *SHAPE[1:]))


@pytest.fixture
def roi(scene: Any) -> Any:
    """A frame over slice 3, its left half painted as the first class."""
    image = add_image(scene)
    codes = np.zeros(SLICE.shape, np.uint8)
    codes[..., :12] = 1
    write_codes(labels_of(image), codes, SLICE)
    return add_frame(image, Frame.of_slice("left", image.GetName(), mrml.volume_of(image), 3))


def found(roi: Any, codes: np.ndarray) -> Volume:
    image = mrml.volume_of(roi.GetNodeReference("BatteryCell.Volume"))
    return Volume(codes, SLICE.crop(image).ijk_to_ras, "made", "found")


def predict(roi: Any) -> None:
    """The first class in three quarters of the rows, the second in the others."""
    codes = np.ones(SLICE.shape, np.uint8)
    codes[:, 15:] = 2
    show_found(roi, found(roi, codes), PRESETS[PRESET])


def test_without_a_prediction_nothing_can_be_compared_or_filled(roi: Any) -> None:
    table = review_table(roi.GetScene(), {})
    assert table["painted"].tolist() == [240]
    assert np.isnan(table["agrees_percent"]).all()
    assert predicted_in(roi) is None
    with pytest.raises(InputError) as caught:
        fill_from_prediction([roi], overwrite=False)
    assert caught.value.code == "nothing-predicted"


def test_what_agrees_is_counted_among_painted_pixels_only(roi: Any) -> None:
    predict(roi)
    table = review_table(roi.GetScene(), {roi.GetID(): 12.345})
    assert table["agrees_percent"].tolist() == [75.0]
    assert table["unsure_percent"].tolist() == [12.3]
    assert mark_disagreement(roi.GetScene()) == 60


def test_a_fill_takes_unpainted_pixels_and_one_undo_takes_it_back(roi: Any) -> None:
    predict(roi)
    image, frame = roi.GetNodeReference("BatteryCell.Volume"), frame_of(roi)
    before = frame_codes(image, frame)
    fill_from_prediction([roi], overwrite=False)
    after = frame_codes(image, frame)
    assert (after[before > 0] == 1).all()
    assert after.all()
    assert undo_step(roi.GetScene())
    np.testing.assert_array_equal(frame_codes(image, frame), before)
    fill_from_prediction([roi], overwrite=True)
    np.testing.assert_array_equal(frame_codes(image, frame), predicted_in(roi))


def test_classes_of_a_model_are_found_by_name_and_strangers_left_out(roi: Any) -> None:
    names = [one.name for one in PRESETS[PRESET]]
    classes = [SegmentClass("crack", "#FF0000"), SegmentClass(names[2].upper(), "#00FF00")]
    codes = np.ones(SLICE.shape, np.uint8)
    codes[..., 12:] = 2
    show_found(roi, found(roi, codes), classes)
    predicted = predicted_in(roi)
    assert predicted is not None
    assert np.unique(predicted).tolist() == [0, 3]
