"""Fragmentation of generated cathodes is the true one, and its intervals hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.microstructure.fragmentation.intervals import Sample
from batterycell.microstructure.fragmentation.measure import find_parents, measure_fragmentation, settled
from batterycell.microstructure.fragmentation.settings import FragmentationSettings
from batterycell.slabs import SlabSource
from microstructure_cathodes import Cathode, count_objects, random_cathode


def sample(count: int, weights: float = 1.0, repeats: float = 1.0) -> Sample:
    return Sample(np.full(count, weights), repeats, 200, 1)


@pytest.fixture(scope="module", params=[(1, 400, 400), (64, 64, 64)], ids=["2D", "3D"])
def cathode(request: pytest.FixtureRequest) -> Cathode:
    return random_cathode(5, request.param, fraction=0.6, cracked=0.5)


def test_particles_broken_shares_and_sizes_are_those_that_were_generated(cathode: Cathode) -> None:
    settings = settled(FragmentationSettings(crack_um=cathode.widest_um), cathode.labels.shape, cathode.voxel_um)
    parents = find_parents(SlabSource.of_array(cathode.labels), cathode.voxel_um, (2, 1), settings)
    assert settings.min_size_um is not None
    least = settings.min_size_um / cathode.spec.voxel_um
    found, truth = count_objects(parents.labels, least), count_objects(cathode.particles, least)
    assert len(truth.sizes) > 30
    assert len(found.sizes) == pytest.approx(len(truth.sizes), rel=0.08)
    assert found.d50 == pytest.approx(truth.d50, rel=0.06)
    # Of some 60 particles; Testing/Benchmarks/microstructure_truth.py holds thousands to 3 points.
    assert 100 * found.broken.mean() == pytest.approx(100 * truth.broken.mean(), abs=10)


def test_without_cracks_hardly_a_particle_is_broken() -> None:
    whole = random_cathode(6, (1, 320, 320), cracks=False, fraction=0.6)
    stage = measure_fragmentation(whole.labels, whole.voxel_um, 2, 1, FragmentationSettings(crack_um=whole.widest_um))
    values = {one.name: one.value for one in stage.quantities}
    assert values["microstructure_broken_percent"] < 3
    assert values["microstructure_crack_fraction_percent"] < 0.5


def test_every_quantity_has_an_interval_that_could_be_true(cathode: Cathode) -> None:
    settings = FragmentationSettings(crack_um=cathode.widest_um)
    stage = measure_fragmentation(cathode.labels, cathode.voxel_um, 2, 1, settings)
    for one in stage.quantities[1:]:
        assert np.isfinite(one.value) and 0 < one.uncertainty < max(5 * one.value, 40), one.name
    # Nothing is drawn that does not follow from the seed.
    again = measure_fragmentation(cathode.labels, cathode.voxel_um, 2, 1, settings)
    assert again.quantities == stage.quantities


def test_shares_have_jeffreys_intervals() -> None:
    # Brown, Cai and DasGupta (2001): 5 of 20.
    found = sample(20).share(np.arange(20) < 5)
    assert (found.value, found.low, found.high) == pytest.approx((0.25, 0.1022, 0.4647), abs=1e-3)
    none = sample(20).share(np.zeros(20, bool))
    assert (none.value, none.low) == (0, 0) and 0.05 < none.high < 0.15


def test_intervals_of_shares_and_ratios_hold_the_truth_in_95_of_100_samples() -> None:
    rng, held = np.random.default_rng(3), []
    for _ in range(200):
        whole = rng.lognormal(0, 0.5, 60)
        part = whole * rng.beta(2, 8, 60)
        share = sample(60).share(rng.random(60) < 0.2)
        ratio = sample(60).ratio(part, whole)
        held.append((share.low <= 0.2 <= share.high, ratio.low <= 0.2 <= ratio.high))
    assert np.mean(held, axis=0) == pytest.approx(0.95, abs=0.04)


def test_unequal_weights_and_repeated_slices_widen_an_interval() -> None:
    holds = np.arange(100) < 30
    usual = sample(100).share(holds).half
    assert sample(100, repeats=4.0).share(holds).half == pytest.approx(2 * usual, rel=0.1)
    uneven = Sample(np.where(np.arange(100) % 2, 3.0, 1.0), 1.0, 200, 1)
    assert uneven.share(holds).half > usual
    assert sample(100, 7.0).share(holds).half == pytest.approx(usual)
    assert np.isnan(sample(1).ratio(np.ones(1), np.ones(1)).half)
