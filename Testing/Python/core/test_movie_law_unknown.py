"""Kinetics learned where pixels are not known: crops, means, and what a prediction is held against."""

from __future__ import annotations

import numpy as np
from batterycell.movie.law.batch import make_batch
from batterycell.movie.law.found.maps import Found, law_movies
from batterycell.movie.law.found.notes import notes_of
from batterycell.movie.law.settings import LawSettings
from batterycell.movie.lithium import LithiumMovie

SETTINGS = LawSettings(hold_out=1, same_particles=True)


def _movie(outside: float = np.nan, points: int = 11) -> LithiumMovie:
    labels = np.zeros((14, 12), np.int32)
    labels[2:12, 2:10] = 1
    tilted = np.linspace(0.2, 0.7, points)[:, None, None] + np.linspace(-0.15, 0.15, 14)[:, None]
    noise = np.random.default_rng(0).normal(0, 0.02, (points, 14, 12))
    fraction = np.where(labels > 0, tilted + noise, outside).astype(np.float32)
    return LithiumMovie(fraction, np.full_like(fraction, 0.02), labels, 60.0 * np.arange(points), (0.05, 0.05))


def test_the_same_particle_lies_alike_in_a_movie_of_which_a_row_is_unknown() -> None:
    whole, part = _movie(), _movie()
    part.fraction[:, 2] = np.nan
    batch = make_batch([whole, part], SETTINGS)
    assert batch.places[0].rows == batch.places[1].rows
    assert batch.mask[0, 0].any() and not batch.mask[1, 0].any()
    np.testing.assert_array_equal(batch.mask[0, 1:], batch.mask[1, 1:])


def test_a_mean_of_some_pixels_may_lie_off_by_as_much_as_pixels_differ() -> None:
    movie = _movie()
    true = make_batch([movie], SETTINGS).mean[0, 4]
    movie.fraction[4, 2:7] = np.nan
    batch = make_batch([movie], SETTINGS)
    off = abs(batch.mean[0, 4] - true)
    assert off > 3 * batch.free[0, 5] / 8
    assert batch.free[0, 4] > off


def test_what_lies_outside_the_particles_says_nothing_of_a_prediction_without_law() -> None:
    found = []
    for movie in (_movie(), _movie(outside=9.0)):
        movie.fraction[3::2, movie.labels == 0] *= -1
        batch = make_batch([movie], SETTINGS)
        size = batch.seen.shape[0], *batch.seen.shape[2:]
        law = Found(np.zeros(size), np.ones(size), batch.seen, np.zeros((1, 1, movie.points)))
        found.append(law_movies([movie], batch, law, SETTINGS)[0].left_out_peer_chi)
    assert found[1] == found[0] < 2


def test_a_sigma_that_was_stated_too_large_is_told_and_lets_no_bad_prediction_pass() -> None:
    batch = make_batch([_movie()], SETTINGS)
    good, bad = (" ".join(notes_of(batch, 0.5, chi, True)) for chi in (0.52, 0.9))
    assert "σ is too large" in good and "does not hold" not in good
    assert "does not hold" in bad
    assert "σ is too large" not in " ".join(notes_of(batch, 0.97, 1.08, True))


def test_few_points_in_time_are_told() -> None:
    batches = (make_batch([_movie(points=points)], SETTINGS) for points in (9, 20))
    few, enough = (" ".join(notes_of(batch, 1.0, 1.0, True)) for batch in batches)
    assert "points in time of a particle" in few
    assert "points in time of a particle" not in enough
