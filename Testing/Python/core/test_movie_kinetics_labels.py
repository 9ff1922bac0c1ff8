"""Kinetics of masks whose particles are not numbered one after the other."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.movie.kinetics import KineticsSettings, find_kinetics
from batterycell.movie.lithium import LithiumMovie
from batterycell.progress import Progress


def _movie(numbers: tuple[int, int]) -> LithiumMovie:
    labels = np.zeros((12, 22), np.int32)
    labels[1:11, 1:10], labels[1:11, 12:21] = numbers
    rising = np.linspace(0.1, 0.9, 15)[:, None, None] + np.linspace(-0.05, 0.05, 22)
    noise = np.random.default_rng(0).normal(0, 0.02, (15, 12, 22))
    fraction = (rising + noise).astype(np.float32)
    return LithiumMovie(fraction, np.full_like(fraction, 0.02), labels, 60.0 * np.arange(15), (0.05, 0.05))


@pytest.mark.parametrize("smooth_um", [0.0, 0.1])
def test_a_number_without_pixels_changes_nothing_of_the_others(smooth_um: float) -> None:
    settings = KineticsSettings(smooth_um=smooth_um)
    whole, gap = (find_kinetics(_movie(numbers), settings, Progress()) for numbers in ((1, 2), (1, 3)))
    for name in ("rate", "rate_sigma", "front_time_s", "front_speed"):
        np.testing.assert_array_equal(getattr(gap.maps, name), getattr(whole.maps, name))
    assert np.isnan(gap.curves.mean[:, 1]).all()
