"""Kinetics learned: time steps, derivatives, and a small particle whose law is known exactly."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from batterycell.errors import Cancelled, InputError
from batterycell.movie.law import Law, LawSettings, find_law
from batterycell.movie.law.batch import make_batch, used_points
from batterycell.movie.lithium import LithiumMovie
from batterycell.phantom.movie.law import LawPhantom, law_preset, make_law_movies
from batterycell.progress import Progress

torch = pytest.importorskip("torch")

from batterycell.movie.law.found.notes import ways_seen  # noqa: E402
from batterycell.movie.law.learn.keep import read_state  # noqa: E402
from batterycell.movie.law.learn.problem import Linearised, Problem  # noqa: E402
from batterycell.movie.law.learn.start import stretched  # noqa: E402
from batterycell.movie.law.learn.unknowns import Unknowns, first_hyper  # noqa: E402
from batterycell.movie.law.physics.chebyshev import stages, stages_needed  # noqa: E402
from batterycell.movie.law.physics.simulate import Steps, evaluate  # noqa: E402

QUICK = LawSettings(rounds=3, iterations=12, samples=16, degree=3, hold_out=1)


@cache
def made(size: int = 14, frames: int = 11, omega: float = 3.0) -> LawPhantom:
    spec = law_preset("small")
    spec = replace(
        spec,
        reaction=replace(spec.reaction, omega_kt=omega, gradient_kt_um2=0.01),
        heterogeneity=replace(spec.heterogeneity, contrast=(0.5, 0.5), length_um=(0.15, 0.15)),
        platelets=replace(spec.platelets, size_px=size),
        frames=frames,
        sigma=0.07,
    )
    return make_law_movies(spec, 5)


@cache
def learned() -> Law:
    return find_law(made().movies, QUICK)


def problem(settings: LawSettings = QUICK, evaluations: int = 5) -> Problem:
    unknowns = Unknowns(make_batch(made().movies, settings), settings)
    intervals = unknowns.hours.shape[1]
    return Problem(unknowns, first_hyper(unknowns.batch), ((1,) * intervals, (evaluations,) * intervals))


def somewhere(of: Problem) -> object:
    generator = torch.Generator().manual_seed(1)
    return 0.2 * torch.randn(of.unknowns.parts.size, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("reaction", ["butler-volmer", "marcus-hush-chidsey", "linear"])
def test_the_derivative_is_that_of_small_differences_and_its_transpose_its_transpose(reaction: str) -> None:
    of = problem(replace(QUICK, reaction=reaction))
    z, way = somewhere(of), torch.ones(of.unknowns.parts.size, dtype=torch.float64)
    about = Linearised(of, z)
    ahead = about.forward(way[None])[0]
    ends = [of.run(z + step * way, of.steps) for step in (1e-5, -1e-5)]
    differences = (ends[0] - ends[1]) * of.weight / 2e-5
    assert float((ahead - differences).norm()) < 1e-5 * float(differences.norm())
    other = torch.sin(torch.arange(ahead.numel(), dtype=torch.float64)).view_as(ahead)
    assert float((other * ahead).sum()) == pytest.approx(float(about.backward(other[None])[0] @ way), rel=1e-9)


@pytest.mark.parametrize("reaction", ["butler-volmer", "marcus-hush-chidsey", "linear"])
def test_a_particle_fills_at_the_rate_that_is_asked(reaction: str) -> None:
    of = problem(replace(QUICK, reaction=reaction))
    found = of.meaning(somewhere(of))
    for rate in (-2.0, 0.0, 0.7):
        change = evaluate(
            of.reaction, found.pieces, found.first.clamp(0.05, 0.95), torch.full((1,), rate, dtype=torch.float64)
        )
        assert float(of.reaction.geometry.mean(change * of.reaction.geometry.mask)[0]) == pytest.approx(rate, abs=1e-6)


def step(count: int, stiffness: float) -> float:
    """Where a step leads that begins at 1 and decays by ``stiffness``."""
    head, *rest = stages(count)
    before, last = 1.0, 1.0 - head.rate * stiffness
    for one in rest:
        rates = -stiffness * (one.rate * last + one.first_rate)
        before, last = last, one.start + one.last * last + one.before * before + rates
    return last


@pytest.mark.parametrize("count", [2, 5, 12])
def test_time_steps_are_of_second_order_and_stable_where_it_is_stiff(count: int) -> None:
    errors = [abs(step(count, length) - np.exp(-length)) for length in (0.1, 0.05)]
    assert errors[0] / errors[1] == pytest.approx(8, rel=0.25)
    stiffness = next(x for x in np.arange(0.1, 200, 0.1) if stages_needed(x + 0.1) > count)
    assert abs(step(count, stiffness)) < 1


def test_halving_the_time_steps_takes_off_three_quarters_of_their_error() -> None:
    of = problem()
    z, intervals = somewhere(of), of.unknowns.hours.shape[1]
    exact = of.run(z, Steps(of.unknowns.hours, (32,) * intervals, (3,) * intervals))
    runs = [of.run(z, Steps(of.unknowns.hours, (n,) * intervals, (5,) * intervals)) for n in (2, 4)]
    errors = [float((run - exact).norm()) for run in runs]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.4)


@pytest.mark.slow
def test_the_law_of_a_small_particle_is_found() -> None:
    law, movie = learned(), learned().movies[0]
    truth = made().k[0]
    inside = np.isfinite(movie.k)
    assert np.corrcoef(movie.k[inside], truth[inside])[0, 1] > 0.95
    misses = (np.log(movie.k) - np.log(truth))[inside] / movie.ln_k_sigma[inside]
    assert 0.8 < np.mean(np.abs(misses) < 1.96) < 0.99
    assert np.exp(np.log(movie.k[inside]).mean()) == pytest.approx(1, abs=1e-4)
    assert law.noise_scale == pytest.approx(1, abs=0.05)
    assert np.nanmedian(movie.chi) == pytest.approx(1, abs=0.2)
    assert movie.left_out_chi < 1.15 < movie.left_out_peer_chi


@pytest.mark.slow
def test_mu_and_j0_are_right_where_they_are_said_to_be_known() -> None:
    law = learned()
    for function, truth in ((law.exchange, np.log(made().j0(law.exchange.composition))), (law.potential, None)):
        true = made().mu(law.potential.composition) if truth is None else truth
        value = np.log(function.value) if function is law.exchange else function.value
        known = function.identifiable
        if known.any():
            off = (value - true)[known]
            off = off - off.mean() if truth is None else off
            assert (np.abs(off) < 4 * function.sigma[known] + 0.05).all()
        assert function.sigma[~known].max(initial=1.0) > 0.05
        assert "insertion and extraction" in function.sentence


def test_points_that_are_left_out_are_not_learned_from() -> None:
    movie = made().movies[0]
    left = np.flatnonzero(~used_points(movie, QUICK))
    assert 0 < left[0] < movie.points - 1
    batch = make_batch([movie], QUICK)
    assert not batch.used[0, left].any() and batch.used.sum() == movie.points - len(left)
    last = np.flatnonzero(~used_points(movie, replace(QUICK, left_out="last", hold_out=0.25)))
    assert last.tolist() == [8, 9, 10]
    with pytest.raises(InputError, match="leaving out"):
        make_batch([movie], replace(QUICK, hold_out=9))


def test_stretches_hold_every_interval_once() -> None:
    batch = make_batch(made().movies, QUICK)
    parts = stretched(batch, 4)
    assert parts.hours.sum() == pytest.approx(batch.hours.sum())
    assert len(parts.mask) == 4 and set(parts.field) == {0} and parts.reservoir.tolist() == [0, 1, 2, 3]


def test_a_search_that_was_stopped_goes_on_to_the_same_law(tmp_path: Path) -> None:
    movies, settings = made(10, 7, 1.0).movies, replace(QUICK, iterations=4, samples=4)
    asked = iter(range(10_000))
    begun = []

    def stop() -> bool:
        return bool(begun)

    def listen(_: float, message: str) -> None:
        if next(asked) and "step 1" in message:
            begun.append(message)

    with pytest.raises(Cancelled):
        find_law(movies, settings, Progress(listen, stop), tmp_path)
    unknowns = Unknowns(make_batch(movies, settings), settings)
    assert read_state(tmp_path, "another", unknowns) is None
    resumed, straight = find_law(movies, settings, None, tmp_path), find_law(movies, settings)
    assert resumed.iterations == straight.iterations
    np.testing.assert_allclose(resumed.movies[0].k, straight.movies[0].k, rtol=1e-6)


def test_unknown_pixels_and_frames_do_no_harm() -> None:
    movie = made(10, 7, 1.0).movies[0]
    row, column = (int(np.median(places)) for places in np.nonzero(movie.labels))
    fraction = movie.fraction.copy()
    fraction[4] = np.nan
    fraction[:, row, column] = np.nan
    law = find_law([replace(movie, fraction=fraction)], replace(QUICK, iterations=2, uncertainty="none"))
    assert np.isnan(law.movies[0].k[row, column]) and np.isnan(law.movies[0].chi[4])
    assert np.isfinite(law.movies[0].k).sum() == (movie.labels > 0).sum() - 1
    assert np.isnan(law.exchange.sigma).all() and not law.exchange.identifiable.any()


def test_one_direction_at_one_rate_is_said_not_to_tell_j0_from_mu() -> None:
    movie = made(10, 7, 1.0).movies[0]
    half = movie.points // 2 + 1
    one_way = LithiumMovie(
        movie.fraction[:half], movie.sigma[:half], movie.labels, movie.times_s[:half], movie.pixel_um, "insertion"
    )
    law = find_law([one_way], replace(QUICK, iterations=2, samples=4))
    assert any("Only insertion at one rate" in note for note in law.notes)


def test_of_a_search_that_did_not_come_to_rest_nothing_is_told() -> None:
    law = find_law(made(10, 7, 1.0).movies, replace(QUICK, iterations=1, samples=4))
    assert not law.converged and "did not come to rest" in law.notes[0]
    assert not law.exchange.identifiable.any() and not law.potential.identifiable.any()
    assert not law.kappa_identifiable and "not told" in law.potential.sentence


def test_a_movie_at_rest_is_told_as_one() -> None:
    batch = make_batch(made(10, 7, 1.0).movies, QUICK)
    still = replace(batch, mean=np.full_like(batch.mean, 0.4))
    assert ways_seen(still) == ("rest", False)
    assert ways_seen(batch)[0] == "insertion and extraction at one rate"


def test_particles_that_are_too_small_are_no_law() -> None:
    movie = made().movies[0]
    labels = np.zeros_like(movie.labels)
    labels.flat[np.flatnonzero(movie.labels)[:2]] = 1
    with pytest.raises(InputError, match="No particle"):
        find_law([replace(movie, labels=labels)], QUICK)


def test_settings_that_make_no_sense_are_refused() -> None:
    for wrong in ({"reaction": "magic"}, {"degree": 0}, {"hold_out": -1}, {"gradient_kt_um2": -1.0}):
        with pytest.raises(ValueError, match="must"):
            LawSettings(**wrong)  # type: ignore[arg-type]
