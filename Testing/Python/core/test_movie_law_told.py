"""What people are told of a law: numbers, verdicts, and pictures of laws that are hardly known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from batterycell.movie.law import Law, LawMovie, LawSettings
from batterycell.movie.law.batch import make_batch
from batterycell.movie.law.found.notes import alike_notes, notes_of
from batterycell.movie.law.stage import law_stage
from batterycell.movie.law.told import verdict
from batterycell.pictures.law import functions_figure, heterogeneity_figure, left_out_figure, points_figure
from made_law import fake_law, fake_movie


def with_chi(law: Law, chi: float, peer: float) -> Law:
    movies = tuple(
        replace(movie, chi=np.full_like(movie.chi, chi), peer_chi=np.full_like(movie.peer_chi, peer))
        for movie in law.movies
    )
    return replace(law, movies=movies)


def without_points(movie: LawMovie) -> LawMovie:
    return replace(movie, left_out=np.empty(0, np.int64), peer_chi=np.empty(0))


def hardly_known() -> Law:
    """Nothing left out, nothing known, no uncertainty, a particle without k."""
    law = fake_law()
    unknown = np.zeros(49, bool)
    movie = without_points(law.movies[0])
    k = np.where(movie.labels == 2, np.float32(np.nan), movie.k)
    movie = replace(movie, k=k, ln_k_sigma=np.full_like(k, np.nan))
    nothing = np.full(49, np.nan)
    return replace(
        law,
        exchange=replace(law.exchange, identifiable=unknown, sigma=nothing),
        potential=replace(law.potential, identifiable=unknown, sigma=nothing),
        movies=(movie,),
        curves=np.empty((0, 2, 49)),
        kappa_identifiable=False,
    )


@pytest.mark.parametrize(
    ("chi", "peer", "says"),
    [
        (1.02, 1.5, "to within the noise"),
        (1.3, 1.9, "better than no law"),
        (1.9, 1.3, "does not hold"),
        (1.05, 1.02, "no better than"),
    ],
)
def test_the_verdict_holds_the_law_against_noise_and_against_no_law(chi: float, peer: float, says: str) -> None:
    text = verdict(with_chi(fake_law(), chi, peer))
    assert says in text and f"{chi:.2f}" in text and f"{peer:.2f}" in text


def test_a_sigma_that_was_stated_too_small_is_told_from_a_law_that_fails() -> None:
    law = with_chi(fake_law(), 1.5, 2.2)
    assert "stated too small" in verdict(replace(law, noise_scale=1.48)) and "stated too small" not in verdict(law)


def test_without_points_left_out_nothing_is_claimed_to_be_tested() -> None:
    law = fake_law()
    law = replace(law, movies=tuple(map(without_points, law.movies)))
    assert "nothing tests the law" in verdict(law)


def test_a_regular_solution_falls_by_what_its_spinodals_tell() -> None:
    found = {one.name: one for one in law_stage(fake_law()).quantities}
    root = np.sqrt(1 - 2 / 3.0)
    low, high = (1 - root) / 2, (1 + root) / 2
    mu = [np.log(c / (1 - c)) + 3.0 * (1 - 2 * c) for c in (low, high)]
    assert found["law_fall_kt"].value == pytest.approx(mu[0] - mu[1], abs=0.01)
    assert found["law_gradient_length_um"].value == pytest.approx(np.sqrt(0.004))


def test_a_law_that_is_hardly_known_has_numbers_where_it_can_and_pictures_all_the_same() -> None:
    law, movie = hardly_known(), fake_movie()
    stage = law_stage(law)
    found = {one.name: one for one in stage.quantities}
    assert np.isnan(found["law_exchange_per_h"].value) and np.isnan(found["law_fall_kt"].value)
    assert np.isnan(found["law_kappa_kt_um2"].uncertainty) and np.isfinite(found["law_ln_k_sd"].value)
    assert len(stage.tables["law_particles"]) == 1
    assert any("κ cannot be told" in note for note in stage.notes)
    for figure in (functions_figure(law), points_figure(law)):
        figure.canvas.draw()
    for figure in (heterogeneity_figure(law.movies[0], (0.05, 0.05)), left_out_figure(law.movies[0], movie)):
        figure.canvas.draw()


def test_particles_that_are_said_to_be_the_same_need_a_second_movie() -> None:
    settings = LawSettings(same_particles=True)
    alone, pair = (fake_law(*movies, settings=settings) for movies in ([fake_movie()], [fake_movie(), fake_movie()]))
    told = " ".join(law_stage(alone).notes)
    assert "changes nothing" in told and "the same in all movies" not in told
    told = " ".join(law_stage(pair).notes)
    assert "changes nothing" not in told and "the same in all movies" in told


def test_what_would_tell_more_is_not_what_was_seen() -> None:
    slow = fake_movie()
    fast = replace(slow, times_s=slow.times_s / 3)
    for movies, more in (([slow], "movies at several rates would"), ([slow, fast], "less noise would")):
        batch = make_batch(movies, LawSettings())
        assert more in " ".join(notes_of(batch, 1.0, 1.0, False)), more


def test_reservoirs_of_one_particle_in_two_movies_are_nothing_to_tell_of() -> None:
    movie = fake_movie()
    alone = replace(movie, labels=np.where(movie.labels == 1, 1, 0).astype(np.int32))
    for shared, told in ((True, False), (False, True)):
        batch = make_batch([alone, alone], LawSettings(same_particles=shared))
        assert ("reservoir of its own" in " ".join(notes_of(batch, 1.0, 1.0, True))) == told


def test_noise_that_neighbours_share_is_told_where_it_widens_intervals() -> None:
    assert alike_notes(1.05) == ()
    assert "1.25 times wider" in alike_notes(1.25)[0]
