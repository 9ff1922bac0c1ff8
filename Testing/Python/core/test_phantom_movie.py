"""Generated X-ray movies obey the law that they say they obey."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from batterycell.errors import Cancelled, UsageError
from batterycell.movie.chemistry import find_chemistry
from batterycell.movie.prepare import prepare_movie
from batterycell.movie.settings import ChemistrySettings, PrepareSettings
from batterycell.phantom.movie.law import (
    PRESETS,
    Camera,
    Cycling,
    Heterogeneity,
    LawPhantom,
    LawSpec,
    Platelets,
    Reaction,
    film_law,
    law_preset,
    make_law_movies,
)
from batterycell.phantom.movie.law.motion.reaction import find_reservoir
from batterycell.pictures.law import heterogeneity_figure
from batterycell.pictures.movie_truth import truth_figure
from batterycell.progress import Progress
from made_law import fake_law
from movies import end_members, movie_of
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SMALL = replace(law_preset("small"), refine=1)


@cache
def small() -> LawPhantom:
    return make_law_movies(SMALL, 1)


def test_fast_places_have_the_same_colour_in_the_truth_as_in_what_is_learned() -> None:
    movie = fake_law().movies[0]
    figures = truth_figure(small()), heterogeneity_figure(movie, (0.05, 0.05))
    truth, learned = (next(axes.images[0] for axes in figure.axes if axes.images) for figure in figures)
    assert truth.cmap.name == learned.cmap.name


def rates(made: LawPhantom, movie: int = 0) -> Floats:
    """The mean rate of each particle between points in time, in 1/h, shape (points - 1, particles)."""
    seen, clean = made.movies[movie], made.fractions[movie]
    means = [
        np.average(clean[:, seen.labels == n], axis=1, weights=seen.weights[seen.labels == n])
        for n in range(1, seen.particles + 1)
    ]
    return np.asarray(np.diff(np.transpose(means), axis=0) / np.diff(seen.times_s / 3600)[:, None])


def right_side(made: LawPhantom, point: int) -> Floats:
    """dc/dt in 1/h by the law as it is written down, neighbour by neighbour."""
    c, k, reaction = made.fractions[0][point], made.k[0], made.spec.reaction
    padded = np.pad(c, 1, constant_values=np.nan)
    around = [padded[1:-1, 2:], padded[1:-1, :-2], padded[2:, 1:-1], padded[:-2, 1:-1]]
    flat = np.sum([np.nan_to_num(one - c) for one in around], axis=0) / made.spec.pixel_um**2
    p, q = reaction.powers
    j0 = reaction.j0_per_h * c**p * (1 - c) ** q
    mu = np.log(c / (1 - c)) + reaction.omega_kt * (1 - 2 * c)
    eta = made.reservoir_kt[0][point, 0] - mu + reaction.gradient_kt_um2 * flat
    return np.asarray(k * j0 * 2 * np.sinh(eta / 2))


def test_every_pixel_follows_the_law() -> None:
    spec = replace(SMALL, frames=200, interval_s=4.0, tolerance=1e-9, cycling=Cycling(start=0.3, swing=0.5))
    made = make_law_movies(spec, 3)
    c, step = made.fractions[0], 4.0 / 3600
    for point in (2, 80, 197):
        slope = (c[point - 2] - 8 * c[point - 1] + 8 * c[point + 1] - c[point + 2]) / (12 * step)
        assert np.nanmax(np.abs(slope - right_side(made, point))) < 1e-4


def test_finer_steps_in_time_change_nothing() -> None:
    finer = make_law_movies(replace(SMALL, tolerance=SMALL.tolerance / 30), 1)
    assert np.nanmax(np.abs(finer.fractions[0] - small().fractions[0])) < 1e-4


def test_finer_cells_change_little() -> None:
    finer = make_law_movies(replace(SMALL, refine=2), 1)
    both = np.isfinite(finer.k[0]) & np.isfinite(small().k[0])
    assert np.isfinite(small().k[0]).sum() - both.sum() < 30
    difference = (finer.fractions[0] - small().fractions[0])[:, both]
    assert 0 < np.sqrt(np.mean(difference**2)) < 0.03


def test_each_particle_is_led_at_the_c_rate_in_and_out() -> None:
    spec = replace(SMALL, platelets=Platelets(count=3, size_px=16), cycling=Cycling(c_rates=(0.5, 2.0)))
    made = make_law_movies(spec, 4)
    for movie, rate in enumerate((0.5, 2.0)):
        assert rates(made, movie)[:7] == pytest.approx(rate, abs=1e-3)
        assert rates(made, movie)[7:] == pytest.approx(-rate, abs=1e-3)


def test_half_cycles_share_the_points_and_the_movie_ends_before_the_last_does() -> None:
    found = rates(make_law_movies(replace(SMALL, frames=16), 1))[:, 0]
    assert found == pytest.approx([1.0] * 8 + [-1.0] * 7, abs=1e-3)


def test_points_behind_the_last_half_cycle_rest() -> None:
    made = make_law_movies(replace(SMALL, frames=16, interval_s=small().movies[0].times_s[1]), 1)
    assert rates(made)[-2] == pytest.approx(-1.0, abs=1e-3)
    assert rates(made)[-1] == pytest.approx(0, abs=1e-4)
    assert np.nanstd(made.fractions[0][-1]) != pytest.approx(np.nanstd(made.fractions[0][-2]), rel=1e-3)


def test_a_held_potential_is_what_the_reservoir_shows() -> None:
    spec = replace(SMALL, cycling=Cycling(hold="potential", drive_kt=1.5))
    made = make_law_movies(spec, 1)
    assert np.array_equal(made.reservoir_kt[0][:, 0], [1.5] * 8 + [-1.5] * 7)
    assert rates(made)[1] > 2 * rates(made)[6]


def test_lithium_separates_into_phases_only_above_two_kt() -> None:
    slow = replace(SMALL, cycling=Cycling(c_rates=(0.2,)))
    for omega, most in ((3.5, None), (1.0, 0.12)):
        made = make_law_movies(replace(slow, reaction=Reaction(omega_kt=omega)), 2)
        middle = made.fractions[0][4][np.isfinite(made.k[0])]
        assert middle.std() < most if most else np.percentile(middle, 90) - np.percentile(middle, 10) > 0.6


def test_k_has_the_geometric_mean_one_over_all_movies() -> None:
    spec = replace(SMALL, cycling=Cycling(c_rates=(0.5, 1.0)), same_particles=False, frames=6)
    logs = [np.log(one[np.isfinite(one)]) for one in make_law_movies(spec, 5).k]
    assert np.concatenate(logs).mean() == pytest.approx(0, abs=1e-9)
    assert not np.array_equal(logs[0][:5], logs[1][:5])
    assert all(0.15 < one.std() < 0.7 for one in logs)


def test_noise_is_as_stated_and_thin_places_have_more_where_asked() -> None:
    noise = (small().movies[0].fraction - small().fractions[0])[:, np.isfinite(small().k[0])]
    assert noise.std() == pytest.approx(0.07, rel=0.03)
    assert noise.mean() == pytest.approx(0, abs=0.003)
    uneven = make_law_movies(replace(SMALL, thickness_noise=True, frames=6), 1).movies[0]
    assert uneven.amount is not None
    inside = uneven.labels > 0
    assert np.corrcoef(uneven.amount[inside], uneven.sigma[0][inside])[0, 1] < -0.8


def test_everything_random_follows_from_the_seed() -> None:
    again, other = make_law_movies(SMALL, 1), make_law_movies(SMALL, 2)
    assert np.array_equal(again.movies[0].fraction, small().movies[0].fraction, equal_nan=True)
    assert not np.array_equal(other.k[0], small().k[0], equal_nan=True)


def test_movies_of_the_same_particles_share_k() -> None:
    spec = replace(SMALL, cycling=Cycling(c_rates=(0.5, 1.0)), frames=6)
    made = make_law_movies(spec, 1)
    assert np.array_equal(made.k[0], made.k[1], equal_nan=True)
    assert not np.array_equal(made.movies[0].fraction, made.movies[1].fraction, equal_nan=True)


def test_frames_without_noise_tell_the_lithium() -> None:
    made = make_law_movies(replace(SMALL, platelets=replace(SMALL.platelets, margin_px=8)), 1)
    film = film_law(made, 0, Camera(photons=0, drift_px=2.5), 1)
    assert film.shifts_px.mean(axis=0) == pytest.approx(0, abs=1e-9)
    prepared = prepare_movie(movie_of(film), PrepareSettings(noise="stated", sigma_od=0.01))
    found = find_chemistry(prepared, end_members(), ChemistrySettings(), Progress())
    wrong = (found.free - made.fractions[0])[:, np.isfinite(made.k[0])]
    assert np.nanmean(np.abs(wrong)) < 0.01
    assert np.isfinite(wrong).mean() > 0.95


def test_the_potential_that_holds_a_rate_is_found_for_empty_full_and_resting_particles() -> None:
    forward, backward, weights = np.array([1e-9, 3.0]), np.array([5.0, 2e-9]), np.array([0.7, 1.1])
    for rate in (-3.0, -1e-6, 0.0, 1e-6, 3.0):
        half = np.exp(find_reservoir(forward, backward, weights, rate) / 2)
        assert np.average(half * forward - backward / half, weights=weights) == pytest.approx(rate, rel=1e-6, abs=1e-9)


def test_what_is_cancelled_stops() -> None:
    def stop(_: float, __: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        make_law_movies(SMALL, 1, Progress(stop))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"cycling": Cycling(c_rates=())}, "C-rates"),
        ({"cycling": Cycling(c_rates=(0.0,))}, "C-rates"),
        ({"cycling": Cycling(start=0.5, swing=0.6)}, "between 0 and 1"),
        ({"frames": 3}, "frames"),
        ({"sigma": float("nan")}, "noise"),
        ({"platelets": Platelets(count=0)}, "a particle"),
        ({"interval_s": 0.0}, "interval"),
        ({"interval_s": 3600.0}, "too long"),
        ({"heterogeneity": Heterogeneity(contrast=(-1.0, -1.0))}, "scatter"),
        ({"pixel_um": 0.0}, "above 0"),
        ({"pixel_um": 0.3}, "smaller"),
        ({"pixel_um": 0.0005}, "hours"),
        ({"frames": 1_000_000}, "in all"),
        ({"reaction": Reaction(gradient_kt_um2=-1.0)}, "κ"),
    ],
)
def test_what_cannot_be_generated_is_said(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        replace(SMALL, **changed)


def test_every_preset_is_one() -> None:
    assert all(isinstance(law_preset(name), LawSpec) for name in PRESETS)
    with pytest.raises(UsageError, match="no preset"):
        law_preset("nothing")
