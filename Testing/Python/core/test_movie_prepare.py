"""Optical density, its noise, drift and particles of X-ray movies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from batterycell.errors import InputError
from batterycell.movie import FrameIndex, Movie, PrepareSettings
from batterycell.movie.prepare import Given, NoiseModel, prepare_movie
from batterycell.movie.prepare.drift import _bridge
from batterycell.movie.prepare.noise import scatter_of
from batterycell.movie.prepare.still import hold_still
from batterycell.phantom.movie import MovieSpec, make_movie
from batterycell.progress import Progress
from batterycell.slabs import SlabSource
from movies import SMALL, movie_of, small_movie

STILL = PrepareSettings(drift=False)


def with_frames(movie: Movie, frames: np.ndarray) -> Movie:
    return replace(movie, frames=SlabSource.of_array(frames))


def test_optical_density_has_the_noise_that_is_stated_and_no_bias() -> None:
    made = make_movie(replace(SMALL, photons=150.0, times=8), 3)
    clean = make_movie(replace(SMALL, photons=0.0, times=8), 3)
    found = prepare_movie(movie_of(made), replace(STILL, counts_per_unit=1.0))
    beam = np.log(found.beam / 150.0)[:, None, None]
    error = found.density - beam + np.log(clean.counts)
    sigma = np.sqrt(np.stack([found.variance(n) for n in range(len(error))]))
    assert abs(error.mean()) < 0.002
    assert np.std(error / sigma) == pytest.approx(1.0, abs=0.03)


def test_the_sample_free_area_tells_how_many_photons_a_value_is() -> None:
    movie = with_frames(movie_of(small_movie()), small_movie().counts * 7.0)
    found = prepare_movie(movie, STILL)
    assert found.noise.kind == "poisson" and found.noise.value == pytest.approx(1 / 7.0, rel=0.05)
    assert np.allclose(found.beam, 7.0 * 1500.0, rtol=0.01)


def test_hot_pixels_in_the_beam_are_no_part_of_it() -> None:
    counts = small_movie().counts.astype(np.uint16)
    clean, hot = counts.copy(), counts.copy()
    hot[:, 3:6, 3:6] = np.iinfo(np.uint16).max
    one, other = (prepare_movie(with_frames(movie_of(small_movie()), frames), STILL) for frames in (clean, hot))
    np.testing.assert_allclose(other.beam, one.beam, rtol=0.01)
    assert other.noise.value == pytest.approx(one.noise.value, rel=0.1)
    assert np.isnan(other.density[:, 3:6, 3:6]).all() and any("108 of" in note for note in other.notes)
    np.testing.assert_array_equal(other.labels, one.labels)


def test_a_beam_whose_highest_values_are_cut_off_is_not_taken_for_lower_still() -> None:
    counts = small_movie().counts
    full = np.iinfo(np.uint16).max
    scaled = counts * full / np.percentile(counts, 95)
    cut = with_frames(movie_of(small_movie()), np.minimum(scaled, full).astype(np.uint16))
    found, true = (prepare_movie(one, STILL).beam for one in (cut, with_frames(cut, scaled)))
    np.testing.assert_allclose(found, true, rtol=0.003)


@pytest.mark.parametrize("separating", [True, False])
def test_drift_of_five_pixels_is_taken_off_to_a_tenth_while_the_particle_changes(separating: bool) -> None:
    made = make_movie(MovieSpec(times=4, drift_px=5.0, photons=1500.0, separating=separating), 4)
    found = prepare_movie(movie_of(made), PrepareSettings())
    error = found.shifts_px - (made.shifts_px - made.shifts_px.mean(axis=0))
    assert np.ptp(made.shifts_px) > 5
    assert np.sqrt((error**2).mean()) <= 0.1
    assert np.std(error / found.shift_u_px) < 1.6


def test_a_faint_frame_that_was_registered_to_noise_lies_between_its_neighbours() -> None:
    shifts = np.repeat([[0.0], [0.1], [12.0], [0.3], [0.4], [0.5]], 2, axis=1)
    faint = np.full_like(shifts, 0.02)
    assert np.array_equal(_bridge(shifts, faint)[0], shifts), "a jump that is clearly seen stays"
    faint[2] = 0.3
    bridged, unsure = _bridge(shifts, faint)
    assert np.allclose(bridged[2], 0.2) and np.isnan(unsure[2]).all() and np.isfinite(unsure[[0, 1, 3, 4, 5]]).all()


def test_a_flat_field_counts_photons_too_and_tells_where_they_are_few(tmp_path: Path) -> None:
    movie = movie_of(small_movie())
    level = np.full(movie.shape, 1000.0, np.float32)
    level[:, ::2] = 250.0
    tifffile.imwrite(tmp_path / "flat.tif", level)
    counted = PrepareSettings(beam="file", noise="poisson", counts_per_unit=2.0, drift=False)
    variance = prepare_movie(movie, counted, Given(tmp_path / "flat.tif")).variance(0, np.zeros(movie.shape))
    assert np.allclose(variance[:, ::2], 2 / 500) and np.allclose(variance[:, 1::2], 2 / 2000)


def test_interpolating_leaves_the_noise_that_is_stated() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(3, 64, 64)).astype(np.float32)
    shifts = np.array([[0.5, 0.5], [0.25, 1.4], [0.0, 0.0]])
    left = hold_still(noise, shifts, Progress())
    assert left[2] == 1.0 and left[0] < 0.85
    assert [np.nanstd(one[5:-5, 5:-5]) for one in noise] == pytest.approx(left, rel=0.03)


def test_what_comes_from_outside_the_image_has_no_value() -> None:
    frames = np.ones((1, 20, 20), np.float32)
    hold_still(frames, np.array([[3.0, -2.0]]), Progress())
    assert np.isnan(frames[0, -3:]).all() and np.isnan(frames[0, :, :2]).all()
    assert np.isfinite(frames[0, :-3, 2:]).all()


def test_particles_are_found_and_numbered_by_size() -> None:
    made = make_movie(replace(SMALL, shape=(80, 64), particles=3), 2)
    found = prepare_movie(movie_of(made), STILL)
    sizes = np.bincount(found.labels.ravel())[1:]
    assert found.particles == 3 and (np.diff(sizes) <= 0).all()
    overlap = ((found.labels > 0) & (made.labels > 0)).sum() / ((found.labels > 0) | (made.labels > 0)).sum()
    assert overlap > 0.75


def test_mere_noise_holds_no_particle() -> None:
    noise = np.random.default_rng(0).poisson(500.0, small_movie().counts.shape).astype(np.float32)
    with pytest.raises(InputError) as caught:
        prepare_movie(with_frames(movie_of(small_movie()), noise), STILL)
    assert caught.value.code == "mask-empty"


@pytest.mark.parametrize("value", [0.0, 500.0, np.nan])
def test_frames_of_one_value_are_refused(value: float) -> None:
    frames = np.full_like(small_movie().counts, value)
    with pytest.raises(InputError):
        prepare_movie(with_frames(movie_of(small_movie()), frames), STILL)


def test_nothing_absorbing_is_an_empty_mask() -> None:
    with pytest.raises(InputError) as caught:
        prepare_movie(movie_of(small_movie()), replace(STILL, threshold_od=5.0))
    assert caught.value.code == "mask-empty"


def test_nan_negative_and_saturated_values_are_flagged_and_told() -> None:
    frames = small_movie().counts.copy()
    frames[1, 20, 20:24] = np.nan
    frames[2, 22, 20] = -5.0
    frames[3] = np.nan
    found = prepare_movie(with_frames(movie_of(small_movie()), frames), STILL)
    assert np.isnan(found.density[1, 20, 20:24]).all() and np.isnan(found.density[2, 22, 20])
    assert np.isnan(found.density[3]).all()
    told = " ".join(found.notes)
    assert "no number" in told and "negative" in told and "Frame 4" in told


def test_a_saturated_pixel_of_whole_numbers_is_flagged() -> None:
    frames = small_movie().counts.astype(np.uint16)
    frames[0, 5, 5] = 65535
    found = prepare_movie(with_frames(movie_of(small_movie()), frames), STILL)
    assert np.isnan(found.density[0, 5, 5]) and "saturated" in " ".join(found.notes)


def test_a_beam_that_stops_at_one_value_is_told() -> None:
    plain = prepare_movie(movie_of(small_movie()), STILL)
    clipped = np.minimum(small_movie().counts, 0.98 * plain.beam.max())
    found = prepare_movie(with_frames(movie_of(small_movie()), clipped), STILL)
    assert "saturated" in " ".join(found.notes) and "saturated" not in " ".join(plain.notes)


def test_a_beam_measured_over_fewer_energies_is_refused(tmp_path: Path) -> None:
    (tmp_path / "i0.txt").write_text("600 1000\n601 1000\n")
    with pytest.raises(InputError, match="reaches from 600 to 601 eV"):
        prepare_movie(movie_of(small_movie()), STILL, Given(tmp_path / "i0.txt"))


def test_optical_densities_taken_for_intensities_are_refused() -> None:
    frames = np.log(1500.0 / np.maximum(small_movie().counts, 1)) - 0.3
    with pytest.raises(InputError, match="--beam none"):
        prepare_movie(with_frames(movie_of(small_movie()), frames), replace(STILL, counts_per_unit=1.0))


def test_optical_densities_need_a_stated_noise() -> None:
    movie = with_frames(movie_of(small_movie()), np.log(1500.0 / np.maximum(small_movie().counts, 1)))
    with pytest.raises(InputError) as caught:
        prepare_movie(movie, replace(STILL, beam="none"))
    assert caught.value.code == "noise-unknown"
    found = prepare_movie(movie, replace(STILL, beam="none", sigma_od=0.03))
    assert np.allclose(found.variance(0), 0.03**2)


def test_a_movie_without_a_pixel_size_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        prepare_movie(replace(movie_of(small_movie()), pixel_um=None), STILL)
    assert caught.value.code == "pixel-size-unknown"


def test_a_single_frame_is_prepared_and_told() -> None:
    one = replace(movie_of(small_movie()), index=FrameIndex())
    found = prepare_movie(with_frames_index(one), PrepareSettings(counts_per_unit=1.0))
    assert "single frame" in " ".join(found.notes)


def with_frames_index(movie: Movie) -> Movie:
    first = movie.frames.read(0, 1)
    return Movie(SlabSource.of_array(first), FrameIndex(), movie.pixel_um)


def test_scatter_is_read_from_time_and_of_few_frames_from_neighbours() -> None:
    rng = np.random.default_rng(0)
    pattern = rng.normal(size=2000)
    many = pattern + rng.normal(0, 0.1, (10, 2000))
    assert np.sqrt(scatter_of(many)).mean() == pytest.approx(0.1, rel=0.05)
    assert np.sqrt(scatter_of(rng.normal(0, 0.1, (2, 2000)))).mean() == pytest.approx(0.1, rel=0.08)


def test_noise_follows_from_counted_photons() -> None:
    model = NoiseModel("poisson", 10.0, "")
    assert model.variance(np.array([0.0, np.log(2)]), 100.0) == pytest.approx([1e-3, 2e-3])
