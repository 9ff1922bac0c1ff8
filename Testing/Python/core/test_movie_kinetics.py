"""Kinetics seen in lithium over time: half cycles, rates, uniformity, asymmetry, and how well all are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from batterycell.errors import Cancelled
from batterycell.movie.kinetics import (
    HalfCycle,
    Kinetics,
    KineticsSettings,
    find_half_cycles,
    find_kinetics,
    kinetics_stage,
)
from batterycell.movie.kinetics.rates.frames import Frames, Window
from batterycell.movie.kinetics.rates.typical import Typical
from batterycell.movie.kinetics.rates.windows import choose_windows
from batterycell.movie.lithium import LithiumMovie
from batterycell.movie.prepare.drift import move
from batterycell.progress import Progress
from made_lithium import SIGMA, STEP_S, cycle, front, movie_of, ramp
from numpy.typing import NDArray

HOURS = STEP_S / 3600
Floats = NDArray[np.float64]


def kinetics(movie: LithiumMovie, scratch: Path | None = None, **how: Any) -> Kinetics:
    return find_kinetics(movie, KineticsSettings(**how), Progress(), scratch)


def spans(mean: Floats, sigma: float, seed: int = 1) -> list[tuple[int, int, str]]:
    noisy = mean + np.random.default_rng(seed).normal(0, sigma, len(mean))
    found = find_half_cycles(noisy, np.full(len(mean), sigma), STEP_S * np.arange(len(mean)))
    return [(half.first, half.last, half.direction) for half in found]


TRIANGLE = cycle(20, (1, 1))[:, 0, 0]
STEPS = np.concatenate([np.linspace(0.1, 0.4, 10), np.full(10, 0.4), np.linspace(0.43, 0.8, 12)])


@pytest.mark.parametrize("sigma", [0.0005, 0.005, 0.02])
def test_a_cycle_turns_where_it_turns(sigma: float) -> None:
    (_, last, first_way), (_, _, second_way) = spans(TRIANGLE, sigma)
    assert (first_way, second_way) == ("insertion", "extraction")
    assert abs(last - 19) <= 1


def test_a_rest_between_two_insertions_is_found() -> None:
    ways = spans(STEPS, 0.001)
    assert [way for *_, way in ways] == ["insertion", "rest", "insertion"]
    assert (ways[1][0], ways[1][1]) == (9, 19)


@pytest.mark.parametrize("sigma", [0.001, 0.05])
def test_noise_alone_is_a_rest(sigma: float) -> None:
    assert spans(np.full(30, 0.5), sigma) == [(0, 29, "rest")]


@pytest.mark.parametrize("seed", range(1, 9))
def test_every_point_lies_in_one_half_cycle(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mean = np.cumsum(rng.normal(0, 0.05, 60)) % 1.0
    mean[rng.random(60) < 0.2] = np.nan
    found = find_half_cycles(mean, np.full(60, 0.01), STEP_S * np.arange(60))
    assert [n for half in found for n in range(half.first, half.last + 1)] == list(range(60))


def test_a_particle_without_values_rests() -> None:
    found = find_half_cycles(np.full(5, np.nan), np.full(5, np.nan), np.arange(5.0))
    assert [(half.first, half.last, half.direction) for half in found] == [(0, 4, "rest")]


def test_rates_of_a_parabola_are_exact_also_at_the_ends_and_at_uneven_times() -> None:
    times = np.cumsum(np.linspace(30, 90, 15))
    hours = times / 3600
    movie = movie_of((0.1 + 2 * hours + 5 * hours**2)[:, None, None] * np.ones((3, 3)), 1e-4, times_s=times)
    rate = kinetics(movie).maps.rate
    assert np.allclose(rate, (2 + 10 * hours)[:, None, None], rtol=2e-3)


def test_rates_never_look_across_a_turning_point() -> None:
    rate = kinetics(movie_of(cycle(15, (4, 4)), 1e-4)).maps.rate[:, 0, 0]
    pace = 0.8 / 14 / HOURS
    assert np.allclose(np.abs(rate), pace, rtol=1e-3)


def test_rates_scatter_as_stated() -> None:
    movie = movie_of(cycle(15, (40, 40)), seed=2)
    found = kinetics(movie).maps
    pace = 0.8 / 14 / HOURS
    known = [n for n in range(29) if n != 14]
    true = np.where(np.arange(29) < 14, pace, -pace)[known, None, None]
    ratio = (found.rate[known] - true) / found.rate_sigma[known]
    assert 0.93 < ratio.std() < 1.05
    assert 0.93 < np.mean(np.abs(ratio) < 1.96) < 0.97
    assert np.sqrt(found.left) == pytest.approx(1.0, abs=0.05)


def test_straight_lines_are_seen_with_the_longest_window_and_bends_with_a_short_one() -> None:
    straight, bent = (movie_of(one, seed=3).fraction.reshape(31, -1).astype(float) for one in (LINE, WAVE))
    half = find_half_cycles(LINE[:, 0, 0], np.full(31, 0.001), STEP_S * np.arange(31.0))
    frames = Frames(HOURS * np.arange(31), np.ones(31), half)
    settings, variance = KineticsSettings(window=11), np.full(straight.shape, SIGMA**2)

    def middle(values: Floats) -> list[Window]:
        return [
            one
            for one in choose_windows(values, variance, Typical.none(*values.shape), frames, settings)
            if one.point == 15
        ]

    assert np.median([len(one.used) for one in middle(straight)]) == 11
    assert max(len(one.used) for one in middle(bent)) < 11


LINE = ramp(31, (20, 20))
WAVE = LINE + 0.3 * np.sin(np.arange(31))[:, None, None]


def test_where_a_front_passes_rates_are_known_to_bend() -> None:
    values = movie_of(front(31, (20, 40)), seed=18).fraction.reshape(31, -1).astype(float)
    frames = Frames(HOURS * np.arange(31), np.ones(31), (HalfCycle(0, 30, "insertion"),))
    variances, typical = np.full(values.shape, SIGMA**2), Typical.none(*values.shape)
    found = choose_windows(values, variances, typical, frames, KineticsSettings())
    own = [one for one in found if one.point == 15]
    assert sorted(np.concatenate([one.series for one in own]).tolist()) == list(range(800))
    assert len({len(one.used) for one in own}) == 1
    far = [np.abs(values[15, one.series] - 0.5).mean() for one in own]
    bends = [one.bend for one in own]
    assert bends[int(np.argmin(far))] > 3 * bends[int(np.argmax(far))]


def test_a_frame_without_values_leaves_rates_around_it() -> None:
    movie = movie_of(ramp(15, (20, 20)), seed=4)
    movie.fraction[7] = np.nan
    found = kinetics(movie)
    pace = 0.8 / 14 / HOURS
    assert found.maps.rate[[6, 8]].mean() == pytest.approx(pace, rel=0.05)
    assert np.isnan(found.particle_kinetics["fraction"][7])


def test_thick_places_count_more_in_the_mean() -> None:
    truth = ramp(5, (1, 2))
    truth[:, :, 1] = 0.1
    movie = movie_of(truth, 1e-3, amount=np.array([[3.0, 1.0]], np.float32))
    assert np.allclose(kinetics(movie).particle_kinetics["fraction"], 0.75 * truth[:, 0, 0] + 0.025, atol=1e-6)


def test_uniformity_is_one_of_equal_pixels_whatever_the_noise() -> None:
    found = kinetics(movie_of(ramp(15, (30, 30)), seed=5)).particle_kinetics
    ratio = (found["uniformity"] - 1) / (found["u_uniformity"] / 1.96)
    assert np.abs(found["uniformity"] - 1).max() < 0.01
    assert 0.5 < ratio.std() < 1.5


def test_uniformity_is_zero_of_full_and_empty_places() -> None:
    truth = np.zeros((5, 10, 100))
    for n in range(5):
        truth[n, :, : 15 * (n + 1)] = 1.0
    found = kinetics(movie_of(truth, seed=6)).particle_kinetics
    assert np.abs(found["uniformity"]).max() < 0.03
    assert (found["u_uniformity"] < 0.05).all()


def test_near_empty_and_full_there_is_no_uniformity() -> None:
    found = kinetics(movie_of(ramp(9, (20, 20), 0.0, 1.0), seed=7)).particle_kinetics
    assert np.isnan(found["uniformity"][[0, -1]]).all()
    assert np.isfinite(found["uniformity"][2:-2]).all()


def test_flicker_that_all_pixels_share_widens_the_interval_of_the_c_rate() -> None:
    alone = kinetics(movie_of(ramp(40, (30, 30)), seed=8))
    shared = np.random.default_rng(9).normal(0, 0.02, 40)[:, None, None]
    flickers = kinetics(movie_of(ramp(40, (30, 30)) + shared, seed=8))
    assert flickers.particles[0].scatter > 4
    ratio = flickers.half_cycles["u_c_rate_per_h"][0] / alone.half_cycles["u_c_rate_per_h"][0]
    assert 4 < ratio < 16
    pace = 0.8 / 39 / HOURS
    assert abs(flickers.half_cycles["c_rate_per_h"][0] - pace) < flickers.half_cycles["u_c_rate_per_h"][0]
    assert any("scatters over time" in note for note in flickers.notes)


def test_half_cycles_tell_direction_c_rate_and_range() -> None:
    rows = kinetics(movie_of(cycle(15, (20, 20)), seed=10)).half_cycles
    pace = 0.8 / 14 / HOURS
    assert rows["direction"].tolist() == ["insertion", "extraction"]
    assert np.abs(np.abs(rows["c_rate_per_h"]) - pace).max() < 0.1
    assert rows["c_rate_per_h"][1] < 0 < rows["c_rate_per_h"][0]
    assert rows["fraction_first"][0] == pytest.approx(0.1, abs=0.02)
    assert rows["fraction_last"][0] == rows["fraction_first"][1] == pytest.approx(0.9, abs=0.02)
    assert rows["last_point"][0] == rows["first_point"][1] == 15


def uneven_cycle(particles: int) -> LithiumMovie:
    """Particles that fill evenly and empty with one half ahead of the other, each a little differently."""
    up = ramp(15, (20, 20 * particles))
    down = up[-2::-1].copy()
    ahead = 0.1 * np.minimum(down - 0.1, 0.9 - down) / 0.4
    side = np.where(np.arange(20 * particles) % 20 < 10, 1.0, -1.0)
    labels = np.broadcast_to(np.arange(20 * particles) // 20 + 1, (20, 20 * particles)).astype(np.int32)
    which = 1 + 0.1 * (labels[0] - particles / 2)
    return movie_of(np.concatenate([up, down + ahead * side * which]), seed=11, labels=labels.copy())


def test_asymmetry_is_insertion_minus_extraction_at_equal_composition() -> None:
    found = kinetics(uneven_cycle(1))
    rows = found.uniformity.where(found.uniformity["direction"] == "difference")
    middle = rows["composition"] == 0.5
    assert rows["uniformity"][middle] == pytest.approx(0.1**2 / 0.25, abs=0.01)
    assert found.asymmetry.uniformity > 5 * found.asymmetry.u_uniformity / 1.96
    assert abs(found.asymmetry.c_rate) < found.asymmetry.u_c_rate * 1.5
    assert any("says nothing on particles not seen" in note for note in found.notes)


def test_of_many_particles_the_interval_says_how_they_differ() -> None:
    one, many = kinetics(uneven_cycle(1)).asymmetry, kinetics(uneven_cycle(3)).asymmetry
    assert many.particles == 3
    assert many.u_uniformity > one.u_uniformity


def test_a_movie_of_one_direction_has_no_asymmetry_and_says_so() -> None:
    found = kinetics(movie_of(ramp(15, (10, 10)), seed=12))
    assert np.isnan(found.asymmetry.uniformity)
    assert any("both directions" in note for note in found.notes)
    assert "movie_uniformity_asymmetry" not in {one.name for one in kinetics_stage(found).quantities}


def test_a_movie_in_which_nothing_moves_says_so() -> None:
    found = kinetics(movie_of(ramp(10, (10, 10), 0.5, 0.5), seed=13))
    assert found.notes[0].startswith("Nothing moves")
    assert len(found.maps.front_time_s) == 0


def test_three_points_are_enough_for_a_rate() -> None:
    found = kinetics(movie_of(ramp(3, (20, 20)), seed=14))
    assert found.half_cycles["c_rate_per_h"][0] == pytest.approx(0.4 / HOURS, rel=0.05)
    assert any("Too few points" in note for note in found.notes)


def test_smoothing_keeps_particles_apart_and_its_noise_exact() -> None:
    truth = np.concatenate([ramp(15, (40, 20)), ramp(15, (40, 20), 0.9, 0.1)], axis=2)
    labels = np.repeat([[1, 2]], 20, axis=1) * np.ones((40, 1), int)
    movie = movie_of(truth, seed=15, labels=labels.astype(np.int32))
    plain, smooth = (kinetics(movie, smooth_um=width).maps for width in (0.0, 0.06))
    pace = 0.8 / 14 / HOURS
    true = np.where(labels == 1, pace, -pace)
    ratio = (smooth.rate[7] - true) / smooth.rate_sigma[7]
    assert 0.85 < ratio.std() < 1.15
    assert np.median(smooth.rate_sigma[7]) < 0.35 * np.median(plain.rate_sigma[7])


def test_noise_that_neighbours_share_widens_means_uniformity_and_smoothed_rates() -> None:
    alone = movie_of(ramp(40, (40, 40)), seed=19)
    truth = ramp(40, (40, 40))
    moved = np.stack([move(one, np.array([0.4, 0.4])) for one in alone.fraction - truth])[:, 3:-3, 3:-3]
    shared = movie_of(truth[:, 3:-3, 3:-3] + moved, sigma=float(moved.std()))
    found = kinetics(shared, smooth_um=0.1)
    assert found.maps.widening == pytest.approx(SIGMA / moved.std(), abs=0.08)
    assert any("neighbouring pixels is alike" in note for note in found.notes)
    assert kinetics(alone).maps.widening < 1.05
    pace = 0.8 / 39 / HOURS
    assert 0.7 < ((found.maps.rate - pace) / found.maps.rate_sigma)[8:-8, 8:-8, 8:-8].std() < 1.2
    assert np.nanstd((shared.fraction.mean(axis=(1, 2)) - truth[:, 0, 0]) / found.particles[0].sigma) < 1.25


def test_maps_may_lie_in_files_and_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    movie = movie_of(cycle(10, (12, 12)), seed=16)
    inside = kinetics(movie).maps
    monkeypatch.setattr("batterycell.movie.prepare.density.preview_limit", lambda: 1)
    outside = kinetics(movie, tmp_path).maps
    assert (tmp_path / "rate.npy").exists()
    for name in ("rate", "rate_sigma", "front_time_s", "front_speed"):
        assert np.array_equal(getattr(inside, name), getattr(outside, name), equal_nan=True)


def test_blocks_of_pixels_change_nothing_but_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    movie = movie_of(ramp(10, (30, 30)), seed=17)
    whole = kinetics(movie).maps
    monkeypatch.setattr("batterycell.movie.kinetics.pixels._BLOCK", 3000)
    parts = kinetics(movie).maps
    assert np.array_equal(whole.front_time_s, parts.front_time_s, equal_nan=True)
    assert np.abs(parts.rate - whole.rate).std() < np.median(whole.rate_sigma)


def test_the_user_can_stop() -> None:
    with pytest.raises(Cancelled):
        find_kinetics(movie_of(ramp(5, (5, 5))), KineticsSettings(), Progress(is_cancelled=lambda: True))


@pytest.mark.parametrize(
    "wrong",
    [{"window": 1}, {"window": 2}, {"order": 4}, {"level": 0.0}, {"smooth_um": -1.0}, {"bins": 1}, {"window": 7.0}],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        KineticsSettings(**wrong)


def test_notes_of_the_movie_stay() -> None:
    movie = replace(movie_of(ramp(5, (5, 5))), notes=("It was cold.",))
    assert kinetics(movie).notes[0] == "It was cold."
