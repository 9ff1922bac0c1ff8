"""Lithium of every pixel, with its uncertainty."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from batterycell.errors import InputError
from batterycell.movie import ChemistrySettings, PrepareSettings
from batterycell.movie.chemistry import find_chemistry, make_design
from batterycell.movie.chemistry.fit import fit_spectra
from batterycell.movie.load import EndMember
from batterycell.movie.prepare import prepare_movie
from batterycell.movie.stage import chemistry_stage
from batterycell.phantom.movie import MovieSpec, make_movie
from batterycell.progress import Progress
from movies import SMALL, end_members, movie_of, small_movie
from scipy.optimize import nnls

STILL = PrepareSettings(drift=False)


def test_lithium_has_no_bias_and_the_uncertainty_that_is_stated() -> None:
    made = make_movie(MovieSpec(times=8, photons=1500.0), 5)
    found = find_chemistry(prepare_movie(movie_of(made), STILL), end_members(), ChemistrySettings(), Progress())
    sure = np.isfinite(found.free) & np.isfinite(made.fractions) & (made.amounts > 0.5 * made.spec.density)
    error = (found.free - made.fractions)[sure]
    assert 0.05 < np.sqrt((found.sigma[sure] ** 2).mean()) < 0.1
    assert abs(error.mean()) <= 0.005
    assert np.std(error / found.sigma[sure]) == pytest.approx(1.0, abs=0.05)
    assert np.nanmean(found.chi_square) == pytest.approx(1.0, abs=0.1)


def test_a_particles_mean_lies_in_its_interval() -> None:
    made = make_movie(MovieSpec(times=10, photons=1500.0, particles=1, separating=False), 6)
    found = find_chemistry(prepare_movie(movie_of(made), STILL), end_members(), ChemistrySettings(), Progress())
    inside = found.prepared.labels == 1
    truth = [
        np.nansum((made.amounts * f)[inside]) / made.amounts[inside & np.isfinite(f)].sum() for f in made.fractions
    ]
    off = np.abs(found.particles["fraction"] - truth) / found.particles["u_fraction"]
    assert (off < 1).sum() >= 8 and off.max() < 2


def test_what_particles_share_does_not_average_out_over_them() -> None:
    made = make_movie(MovieSpec(shape=(44, 48), times=2, photons=1500.0), 6)
    found = find_chemistry(prepare_movie(movie_of(made), STILL), end_members(), ChemistrySettings(), Progress())
    rows = found.particles.where(found.particles["point"] == 1)
    assert len(rows) > 1
    whole, shared = rows["u_fraction"], rows["u_fraction_shared"]
    assert (shared > 0).all() and (shared < whole).all()
    (mean,) = (one for one in chemistry_stage(found).quantities if one.name == "movie_fraction_first")
    assert shared.min() < mean.uncertainty < whole.max()


def test_amounts_of_many_spectra_are_those_of_scipy_one_by_one() -> None:
    rng = np.random.default_rng(2)
    columns = np.abs(rng.normal(size=(12, 3)))
    spectra = columns @ rng.uniform(-0.3, 1.0, (3, 200)) + rng.normal(0, 0.05, (12, 200))
    fit = fit_spectra(columns, spectra, np.full((12, 200), 0.05**2), np.zeros(12), bounded=3)
    expected = np.stack([nnls(columns, one)[0] for one in spectra.T], axis=1)
    assert np.allclose(fit.amounts, expected, atol=1e-9)
    assert (fit.amounts == 0).any()


def test_covariance_is_what_repeating_shows() -> None:
    rng = np.random.default_rng(3)
    columns = np.column_stack([np.linspace(0.2, 1, 6), np.linspace(1, 0.1, 6) ** 2])
    sigma = np.linspace(0.02, 0.08, 6)[:, None]
    spectra = columns @ np.full((2, 20000), 0.5) + rng.normal(size=(6, 20000)) * sigma
    fit = fit_spectra(columns, spectra, np.broadcast_to(sigma**2, spectra.shape), np.zeros(6))
    assert np.allclose(np.cov(fit.amounts), fit.covariance[:, :, 0], rtol=0.06)


def test_a_pixel_that_lost_an_energy_is_fitted_with_the_others() -> None:
    columns = np.column_stack([np.linspace(0.2, 1, 6), np.linspace(1, 0.1, 6) ** 2])
    spectra = columns @ np.array([[0.3, 0.3, 0.3], [0.6, 0.6, 0.6]])
    spectra[2, 1] = np.nan
    spectra[1:, 2] = np.nan
    fit = fit_spectra(columns, spectra, np.ones_like(spectra), np.zeros(6))
    assert np.allclose(fit.amounts[:, :2], [[0.3, 0.3], [0.6, 0.6]])
    assert np.isnan(fit.amounts[:, 2]).all()
    assert fit.covariance[0, 0, 1] > fit.covariance[0, 0, 0]


def test_the_error_that_pixels_share_is_kept_where_an_energy_is_unknown_to_all() -> None:
    columns = np.column_stack([np.linspace(0.2, 1, 6), np.linspace(1, 0.1, 6) ** 2])
    spectra = np.repeat(columns @ np.array([[0.3], [0.6]]), 3, axis=1)
    spectra[2] = np.nan
    shared = np.array([0.1, 0.1, np.nan, 0.1, 0.1, 0.1])
    assert (np.diag(fit_spectra(columns, spectra, np.ones_like(spectra), shared).shared) > 0).all()


def test_a_residual_that_noise_does_not_explain_is_told() -> None:
    made = make_movie(replace(SMALL, energies_ev=(704.0, 706.0, 707.9, 708.8, 709.7, 712.0)), 1)
    prepared = prepare_movie(movie_of(made), STILL)
    late = [replace(one, density=np.roll(one.density, 100)) for one in end_members()]
    plain, odd = (find_chemistry(prepared, one, ChemistrySettings(), Progress()) for one in (end_members(), late))
    assert "noise explains" in " ".join(odd.notes) and "explains" not in " ".join(plain.notes)


def test_a_frame_without_numbers_leaves_its_point_without_lithium_not_with_zero() -> None:
    made = small_movie()
    frames = made.counts.copy()
    frames[4:6] = np.nan
    movie = replace(movie_of(made), frames=type(movie_of(made).frames).of_array(frames))
    found = find_chemistry(prepare_movie(movie, STILL), end_members(), ChemistrySettings(), Progress())
    assert np.isnan(found.fraction[1]).all()
    assert np.isnan(found.particles["fraction"][1]) and np.isfinite(found.particles["fraction"][[0, 2, 3]]).all()


def test_maps_without_negative_amounts_stay_between_the_end_members() -> None:
    prepared = prepare_movie(movie_of(small_movie()), STILL)
    found = find_chemistry(prepared, end_members(), ChemistrySettings(), Progress())
    known = found.fraction[np.isfinite(found.fraction)]
    assert known.min() >= 0 and known.max() <= 1
    assert np.nanmin(found.free) < 0 or np.nanmax(found.free) > 1
    assert np.isnan(found.fraction[:, prepared.labels == 0]).all()


def test_nearly_parallel_end_members_are_refused_with_their_condition_number() -> None:
    member = end_members()[0]
    twin = EndMember("twin", member.energies_ev, member.density * 2 + 1e-6 * member.energies_ev)
    with pytest.raises(InputError, match="condition number") as caught:
        make_design((member, twin), np.array([704.0, 707.9, 709.7]), ChemistrySettings())
    assert caught.value.code == "chemistry-parallel"


@pytest.mark.parametrize(
    ("energies", "background", "says"),
    [
        ([704.0], "none", "1 energy cannot tell 2 end members apart"),
        ([704.0, 707.9], "constant", "2 energies cannot tell 3 parts"),
    ],
)
def test_too_few_energies_are_told_with_what_helps(energies: list[float], background: Any, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        make_design(end_members(), np.array(energies), ChemistrySettings(background=background))
    assert ("--background" in caught.value.hint) == (background != "none")


def test_hardly_different_end_members_are_told() -> None:
    member, other = end_members()
    near = EndMember("near", member.energies_ev, 0.95 * member.density + 0.05 * other.density)
    design = make_design((member, near), np.array([704.0, 707.9, 709.7]), ChemistrySettings())
    assert design.condition > 30 and "parallel" in design.notes[0]


@pytest.mark.parametrize(
    ("energies", "settings", "code"),
    [
        ([700.0], ChemistrySettings(), "chemistry-energies"),
        ([707.9, 709.7], ChemistrySettings(background="linear"), "chemistry-energies"),
        ([np.nan], ChemistrySettings(), "movie-energies-unknown"),
        ([600.0, 709.7], ChemistrySettings(), "spectrum-range"),
        ([707.9, 709.7], ChemistrySettings(lithium=(0, 0.5, 1)), "chemistry-members"),
    ],
)
def test_energies_that_do_not_do_are_refused(energies: list[float], settings: ChemistrySettings, code: str) -> None:
    with pytest.raises(InputError) as caught:
        make_design(end_members(), np.array(energies), settings)
    assert caught.value.code == code


def test_two_energies_suffice_and_many_allow_a_background() -> None:
    assert make_design(end_members(), np.array([707.9, 709.7]), ChemistrySettings()).background == "none"
    assert make_design(end_members(), np.linspace(700, 730, 40), ChemistrySettings()).background == "linear"


def test_end_members_of_unequal_amounts_are_told_and_scaled_by_their_edge_jumps() -> None:
    poor, rich = end_members()
    thick = EndMember("thick", rich.energies_ev, 2 * rich.density)
    energies = np.linspace(700, 730, 40)
    assert "--edge-jump" in " ".join(make_design((poor, thick), energies, ChemistrySettings()).notes)
    scaled = make_design((poor, thick), energies, ChemistrySettings(edge_jump=True))
    expected = make_design((poor, rich), energies, ChemistrySettings(edge_jump=True))
    assert np.allclose(scaled.columns, expected.columns) and not scaled.notes
