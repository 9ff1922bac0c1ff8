"""Sharp fronts that pass within a point in time or two: what pixels have in common shows their rates."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.movie.kinetics import Kinetics, KineticsSettings, find_kinetics
from batterycell.movie.lithium import LithiumMovie
from batterycell.progress import Progress
from made_lithium import STEP_S, front, movie_of, ramp
from numpy.typing import NDArray
from scipy.signal import savgol_filter

Floats = NDArray[np.float64]
POINTS, OFTEN, WIDTH = 25, 8, 48
HOURS = STEP_S / 3600


def finer(shape: tuple[int, int]) -> Floats:
    """A slanted front that takes a point and a half to pass a pixel, eight times as often as it is filmed."""
    often = OFTEN * (POINTS - 1) + 1
    truth = front(often, shape, 3.0)
    slant = [np.roll(truth[:, row], 2 * row % OFTEN, axis=0) for row in range(shape[0])]
    return np.stack(slant, axis=1)


TRUTH = finer((24, WIDTH))
RATE = np.gradient(TRUTH, HOURS / OFTEN, axis=0)[::OFTEN]
INNER = slice(3, POINTS - 3)


def kinetics(movie: LithiumMovie) -> Kinetics:
    return find_kinetics(movie, KineticsSettings(), Progress())


@pytest.fixture(scope="module")
def seen() -> Kinetics:
    return kinetics(movie_of(TRUTH[::OFTEN], seed=5))


def test_rates_of_a_sharp_front_are_far_better_than_differences(seen: Kinetics) -> None:
    wrong = (seen.maps.rate - RATE)[INNER]
    differences = (np.gradient(seen.movie.fraction.astype(float), HOURS, axis=0) - RATE)[INNER]
    assert np.sqrt((wrong**2).mean()) < 0.6 * np.sqrt((differences**2).mean())


def test_rates_of_a_sharp_front_scatter_as_stated(seen: Kinetics) -> None:
    ratio = ((seen.maps.rate - RATE) / seen.maps.rate_sigma)[INNER]
    assert 0.9 < np.mean(np.abs(ratio) < 1.96) < 0.98


def test_the_c_rate_follows_where_the_front_enters_and_leaves() -> None:
    sides = np.concatenate([TRUTH, TRUTH[:, :, ::-1]], axis=2)[:, :, 20:]
    truth = np.gradient(sides.mean(axis=(1, 2)), HOURS / OFTEN)[::OFTEN]
    particle = kinetics(movie_of(sides[::OFTEN], seed=6)).particles[0]
    window = savgol_filter(particle.mean, 7, 2, deriv=1, delta=HOURS)
    wrong, plain = ((rate - truth)[INNER] for rate in (particle.rate, window))
    assert np.sqrt((wrong**2).mean()) < 0.7 * np.sqrt((plain**2).mean())


def test_pixels_that_lie_off_the_course_of_the_others_do_not_take_it() -> None:
    slow = 0.5 + 0.1 * np.linspace(-1, 1, 24) + 0.25 * np.linspace(-1, 1, POINTS)[:, None, None] * np.ones((24, 24))
    movie = movie_of(np.concatenate([TRUTH[::OFTEN], slow], axis=2), seed=8)
    rate = kinetics(movie).maps.rate[INNER, :, WIDTH:]
    differences = np.gradient(movie.fraction.astype(float), HOURS, axis=0)[INNER, :, WIDTH:]
    true = 0.5 / (POINTS - 1) / HOURS
    assert np.sqrt(((rate - true) ** 2).mean()) < 0.75 * np.sqrt(((differences - true) ** 2).mean())


def test_where_rates_differ_and_not_times_nothing_typical_is_taken() -> None:
    rate = 0.7 + 0.3 * np.sin(np.arange(40) / 3)
    truth = 0.05 + ramp(20, (20, 40), 0.0, 0.85) * rate
    found = kinetics(movie_of(truth, seed=7))
    assert np.mean(found.maps.typical[0].share[:, 0]) < 0.3
    ratio = (found.maps.rate - 0.85 / 19 / HOURS * rate) / found.maps.rate_sigma
    assert abs(ratio.mean()) < 0.1
    assert 0.92 < np.mean(np.abs(ratio) < 1.96) < 0.98
