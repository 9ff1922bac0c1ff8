"""A model on frames of any orientation, and what to label next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from batterycell.errors import InputError
from batterycell.segment import Frame, Image
from batterycell.segment.apply import ApplySettings, rank_frames, segment_frame, slice_frames
from batterycell.volume import Volume
from made_applied import LEVELS, bright, made_loaded, made_waves, whole_slice

torch = pytest.importorskip("torch")
SETTINGS = ApplySettings(levels=LEVELS, device="cpu", uncertainty=True)
DIMENSIONS = ("2d", "2.5d", "3d")


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def truth_at(volume: Volume) -> Any:
    """What the waves of `made_waves` are at a volume's voxels, and how far from a border between classes."""
    k, j, i = np.indices(volume.array.shape)
    at = made_waves().grid.to_ijk(volume.to_ras(np.stack([i, j, k], -1)))
    value = np.sin(at[..., 2] / 4) + np.sin(at[..., 1] / 5) + np.sin(at[..., 0] / 6) + 0.03
    return np.where(value > 0, 2, 1), np.abs(value)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_slice_gets_the_labels_of_its_voxels(dimension: str) -> None:
    image = made_waves()
    found = segment_frame(image, whole_slice(image, 6), made_loaded(dimension), SETTINGS)
    np.testing.assert_array_equal(found.labels.array, bright(image)[6:7])
    np.testing.assert_allclose(found.labels.to_ras([0, 0, 0]), image.grid.to_ras([0, 0, 6]), atol=1e-9)
    assert found.uncertainty is not None and found.uncertainty.array.shape == (1, 40, 34)


def test_a_box_gets_the_labels_of_its_voxels() -> None:
    image = made_waves()
    frame = Frame.of_voxels("box", "waves", image.grid, (2, 3, 4), (9, 30, 31))
    found = segment_frame(image, frame, made_loaded(), SETTINGS)
    np.testing.assert_array_equal(found.labels.array, bright(image)[2:9, 3:30, 4:31])


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("trained", [(1.0, 1.0, 1.0), (0.5, 0.5, 0.5)])
def test_an_oblique_frame_gets_labels_along_its_own_axes(dimension: str, trained: Any) -> None:
    image = made_waves()
    angle = np.deg2rad(30)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    centre = image.grid.to_ras([17, 20, 10])
    frame = Frame("oblique", "waves", tuple(centre), tuple(map(tuple, turn)), (0.012, 0.02, 0.001))
    found = segment_frame(image, frame, made_loaded(dimension, voxel_size_um=trained), SETTINGS)
    expected, distance = truth_at(found.labels)
    assert found.labels.array.size >= 200
    sure = distance > 0.2
    np.testing.assert_array_equal(found.labels.array[sure], expected[sure])
    np.testing.assert_allclose(
        found.labels.to_ras((np.array(found.labels.array.shape[::-1]) - 1) / 2), centre, atol=1e-9
    )


def test_beyond_the_image_nothing_is_labelled() -> None:
    image = made_waves()
    frame = Frame.of_voxels("over", "waves", image.grid, (3, -5, 0), (4, 5, 34))
    found = segment_frame(image, frame, made_loaded(), SETTINGS)
    assert np.all(found.labels.array[:, :5] == 0)
    np.testing.assert_array_equal(found.labels.array[0, 5:], bright(image)[3, :5])


def test_a_frame_outside_the_image_is_refused() -> None:
    image = made_waves()
    with pytest.raises(InputError, match="outside the image waves"):
        segment_frame(image, replace(whole_slice(image, 3), centre_mm=(9.0, 9.0, 9.0)), made_loaded(), SETTINGS)


@pytest.mark.parametrize(("along", "axis"), [("auto", 0), ("k", 0), ("j", 1), ("i", 2)])
def test_slices_as_candidates_are_planes_across_their_axis(along: Any, axis: int) -> None:
    image = made_waves()
    frames = slice_frames(image, along, 5)
    assert len(frames) == 5
    found = segment_frame(image, frames[-1], made_loaded(), SETTINGS)
    expected = np.moveaxis(bright(image), axis, 0)[-1:]
    np.testing.assert_array_equal(found.labels.array, expected)


def unsure_image() -> Image:
    """Slices 4 to 7 are in the middle of the levels, slices 8 to 11 black, the others black and white."""
    array = np.where(np.arange(400).reshape(20, 20) % 7 < 3, -1.0, 1.0)[None].repeat(16, 0)
    array[4:8] = np.linspace(-0.1, 0.1, 400).reshape(20, 20)
    array[8:12] = -1.0
    return Image("image", (Volume.from_stack(array.astype(np.float32), (1, 1, 1), "made"),))


def test_the_slice_on_which_the_model_is_least_sure_comes_first() -> None:
    image = unsure_image()
    ranked = rank_frames({"image": image}, slice_frames(image), made_loaded(), [], SETTINGS)
    assert len(ranked) == 16
    assert ranked[0].frame.name in {f"slice k {number}" for number in range(5, 9)}
    assert ranked[0].uncertainty > 0.9 and ranked[-1].score < 0.1
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)
    assert "unsure" in ranked[0].reason


def test_the_like_of_what_is_labelled_or_was_advised_is_not_asked_for_again() -> None:
    image = unsure_image()
    frames = {frame.name: frame for frame in slice_frames(image)}
    labelled = [frames["slice k 5"]]
    ranked = rank_frames({"image": image}, list(frames.values()), made_loaded(), labelled, SETTINGS)
    alike = {one.frame.name: one for one in ranked}
    assert all(alike[f"slice k {number}"].novelty < 0.05 for number in range(5, 9))
    first = rank_frames({"image": image}, list(frames.values()), made_loaded(), [], SETTINGS)
    assert sum(one.novelty > 0.5 for one in first) == 3


@pytest.mark.parametrize("dimension", ["2.5d", "3d"])
def test_networks_that_see_several_slices_advise_too(dimension: str) -> None:
    image = unsure_image()
    ranked = rank_frames({"image": image}, slice_frames(image), made_loaded(dimension), [], SETTINGS)
    assert ranked[0].frame.name in {f"slice k {number}" for number in range(5, 9)}
