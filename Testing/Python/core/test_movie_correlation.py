"""What neighbouring pixels share widens the uncertainty of their mean."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.movie.correlation import widening
from batterycell.movie.prepare.drift import move

SHAPE = (48, 52)


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(3).normal(size=(40, *SHAPE))


def test_independent_noise_is_hardly_widened(noise: np.ndarray) -> None:
    assert widening(noise, np.ones(SHAPE, bool)) == pytest.approx(1.0, abs=0.04)


@pytest.mark.parametrize("shift", [(0.5, 0.5), (0.3, 0.0)])
def test_frames_moved_by_part_of_a_pixel_are_widened_by_what_the_mean_scatters_more(
    noise: np.ndarray, shift: tuple[float, float]
) -> None:
    moved = np.stack([move(one, np.array(shift)) for one in noise])[:, 4:-4, 4:-4]
    left = moved.std()
    assert widening(moved / left, np.ones(moved.shape[1:], bool)) == pytest.approx(1 / left, rel=0.06)


def test_what_all_pixels_of_a_frame_share_is_not_taken_for_neighbours(noise: np.ndarray) -> None:
    flicker = np.random.default_rng(4).normal(size=(40, 1, 1))
    assert widening(noise + flicker, np.ones(SHAPE, bool)) == pytest.approx(1.0, abs=0.04)


def test_particles_that_touch_do_not_make_each_other_alike(noise: np.ndarray) -> None:
    labels = 1 + (np.indices(SHAPE).sum(axis=0) % 2)
    one = np.where(labels == 1, 1.0, -1.0)
    apart = noise + np.random.default_rng(5).normal(size=(40, 1, 1)) * one
    assert widening(apart, labels) == pytest.approx(1.0, abs=0.04)


def test_unknown_pixels_and_empty_masks_say_nothing(noise: np.ndarray) -> None:
    noise[:, ::5] = np.nan
    assert widening(noise, np.ones(SHAPE, bool)) == pytest.approx(1.0, abs=0.05)
    assert widening(noise, np.zeros(SHAPE, bool)) == 1.0
