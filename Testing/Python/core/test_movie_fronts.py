"""When pixels pass the level of the front, and how fast it moves."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.movie.kinetics import Kinetics, KineticsSettings, find_kinetics
from batterycell.movie.kinetics.fronts import Stretch, find_crossings, find_speeds
from batterycell.movie.lithium import LithiumMovie
from batterycell.progress import Progress
from made_lithium import SIGMA, STEP_S, front, movie_of, ramp

SHAPE, POINTS = (30, 40), 25
# Columns a second.
PACE = 1.2 * SHAPE[1] / (STEP_S * (POINTS - 1))


def kinetics(movie: LithiumMovie) -> Kinetics:
    return find_kinetics(movie, KineticsSettings(), Progress())


def true_times() -> np.ndarray:
    return (np.arange(SHAPE[1]) + 0.1 * SHAPE[1]) / PACE


@pytest.fixture(scope="module")
def seen() -> Kinetics:
    return kinetics(movie_of(front(POINTS, SHAPE), seed=1))


def test_a_front_passes_when_it_does(seen: Kinetics) -> None:
    error = seen.maps.front_time_s[0] - true_times()
    inner = error[:, 4:-4]
    assert np.isfinite(inner).mean() > 0.9
    assert abs(np.nanmean(inner)) < 0.1 * STEP_S
    assert np.nanstd(inner) < 0.5 * STEP_S


def test_times_of_the_front_scatter_as_stated(seen: Kinetics) -> None:
    ratio = ((seen.maps.front_time_s[0] - true_times()) / seen.maps.front_time_sigma_s[0])[:, 4:-4]
    assert 0.88 < np.mean(np.abs(ratio[np.isfinite(ratio)]) < 1.96) < 0.995


def test_its_speed_is_that_of_the_front(seen: Kinetics) -> None:
    true = PACE * 0.05 * 3600
    speeds = seen.maps.front_speed[0][4:-4, 6:-6]
    assert np.nanmedian(speeds) == pytest.approx(true, rel=0.1)
    assert seen.half_cycles["front_speed_um_per_h"][0] == pytest.approx(true, rel=0.15)
    ratio = (speeds - true) / seen.maps.front_speed_sigma[0][4:-4, 6:-6]
    assert np.nanmean(np.abs(ratio) < 1.96) > 0.85


def test_a_front_of_extraction_is_seen_as_well() -> None:
    found = kinetics(movie_of(1 - front(POINTS, SHAPE), seed=2))
    error = found.maps.front_time_s[0] - true_times()
    assert found.half_cycles["direction"].tolist() == ["extraction"]
    assert abs(np.nanmean(error[:, 4:-4])) < 0.1 * STEP_S


def test_pixels_that_never_reach_the_level_have_no_front() -> None:
    found = kinetics(movie_of(ramp(15, (20, 20), 0.05, 0.35), seed=3))
    assert np.isfinite(found.maps.front_time_s).mean() < 0.02


def test_noise_at_the_level_is_no_front() -> None:
    truth = np.concatenate([ramp(15, (20, 10)), ramp(15, (20, 10), 0.5, 0.5)], axis=2)
    found = kinetics(movie_of(truth, seed=4)).maps.front_time_s[0]
    assert np.isfinite(found[:, :10]).mean() > 0.8
    assert np.isfinite(found[:, 10:]).mean() < 0.2


def test_where_all_pixels_pass_at_once_there_is_no_speed() -> None:
    found = kinetics(movie_of(ramp(15, (20, 20)), seed=5))
    assert np.isfinite(found.maps.front_speed).mean() < 0.05


def test_a_crossing_between_two_points_is_not_known_better_than_the_points_are_apart() -> None:
    values = np.where(np.arange(10) < 5, 0.0, 1.0)[:, None]
    stretch = Stretch(values, np.full((10, 1), 1e-12), np.ones((10, 1)), np.arange(10.0))
    time, sigma = find_crossings(stretch, 0.5, 7)
    assert time[0] == pytest.approx(4.5)
    assert sigma[0] == pytest.approx(1 / np.sqrt(12), rel=0.01)


def test_unknown_points_are_left_out_of_a_crossing() -> None:
    values = np.linspace(0, 1, 11)[:, None] * np.ones(2)
    weights = np.ones((11, 2))
    weights[4:6, 1], values[4:6, 1] = 0.0, 99.0
    stretch = Stretch(values, np.full((11, 2), SIGMA**2), weights, np.arange(11.0))
    time, sigma = find_crossings(stretch, 0.5, 7)
    assert time == pytest.approx([5.0, 5.0])
    assert sigma[1] > sigma[0]


def test_pixels_need_not_be_square() -> None:
    rows = np.arange(12)[:, None] * np.ones((12, 12))
    speed, sigma = find_speeds(0.5 * rows, np.full((12, 12), 0.01), (0.1, 0.4), 2)
    assert np.allclose(speed[4:8, 4:8], 0.2, rtol=1e-3)
    assert (sigma[4:8, 4:8] < 0.01).all()
