"""Generated cathodes: their truth is exact, follows from the seed, and looks like the real thing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from batterycell.errors import UsageError
from batterycell.phantom.microstructure import (
    PRESETS,
    Binder,
    Micrograph,
    Microscope,
    Microstructure,
    Particles,
    Phase,
    make_micrograph,
    preset,
)
from batterycell.phantom.microstructure.fields import random_field
from scipy import ndimage

SECTION = (1, 96, 128)
FINE = replace(preset("cathode")[0], voxel_um=0.1)
STILL = replace(FINE, variation=0.0)
XRAY = (replace(preset("xct")[0], voxel_um=0.6), preset("xct")[1])


@pytest.fixture(scope="module")
def section() -> Micrograph:
    return make_micrograph(FINE, preset("cathode")[1], SECTION, (3, 0))


@pytest.fixture(scope="module")
def block() -> Micrograph:
    return make_micrograph(*XRAY, (48, 56, 64), (1, 0))


def same(one: Micrograph, other: Micrograph) -> bool:
    pairs = ((one.grey, other.grey), (one.labels, other.labels), (one.instances, other.instances))
    return all(np.array_equal(first.array, second.array) for first, second in pairs)


def test_the_same_seed_makes_the_same_image_and_another_another(section: Micrograph) -> None:
    again, other = (make_micrograph(FINE, preset("cathode")[1], SECTION, seed) for seed in ((3, 0), (3, 1)))
    assert same(section, again)
    assert not np.array_equal(section.labels.array, other.labels.array)


def test_another_microscope_leaves_the_truth_as_it_is(section: Micrograph) -> None:
    other = make_micrograph(FINE, replace(preset("cathode")[1], noise=20.0, curtain=0.0), SECTION, (3, 0))
    assert np.array_equal(other.labels.array, section.labels.array)
    assert np.array_equal(other.instances.array, section.instances.array)
    assert not np.array_equal(other.grey.array, section.grey.array)


@pytest.mark.parametrize("name", PRESETS)
def test_no_pixel_is_unknown_and_the_fractions_are_those_of_the_labels(name: str) -> None:
    structure, microscope = preset(name)
    made = make_micrograph(replace(structure, voxel_um=2 * structure.voxel_um), microscope, (1, 64, 64))
    values, counts = np.unique(made.labels.array, return_counts=True)
    assert values.tolist() == list(range(1, structure.phases + 1))
    assert list(made.fractions.values()) == pytest.approx((counts / counts.sum()).tolist(), abs=0)
    assert len(made.classes) == structure.phases == len(made.fractions)


def test_a_volume_has_the_fractions_that_were_asked_for() -> None:
    structure = replace(XRAY[0], variation=0.0)
    made = make_micrograph(structure, XRAY[1], (48, 48, 48))
    assert made.fractions["active_material"] == pytest.approx(structure.particles.fraction, abs=1e-4)
    assert made.fractions["binder"] == pytest.approx(structure.binder.fraction, abs=1e-4)


def test_sections_have_the_fractions_of_the_real_cathode_on_average() -> None:
    seen = [make_micrograph(STILL, Microscope(), (1, 160, 160), (7, n)).fractions for n in range(6)]
    mean = {name: np.mean([one[name] for one in seen]) for name in seen[0]}
    assert mean == pytest.approx({"pore": 0.144, "active_material": 0.583, "binder": 0.274}, abs=0.04)


def test_particles_are_numbered_without_gaps_and_are_the_active_material(
    section: Micrograph, block: Micrograph
) -> None:
    for made in (section, block):
        instances, labels = made.instances.array, made.labels.array
        assert np.array_equal(instances > 0, labels == Phase.ACTIVE_MATERIAL)
        assert np.array_equal(np.unique(instances[instances > 0]), made.particles["particle"])


def test_the_table_of_particles_says_what_the_voxels_say(block: Micrograph) -> None:
    table, instances = block.particles, block.instances.array
    counts = np.bincount(instances.ravel())[1:]
    assert np.array_equal(table["voxels"], counts)
    assert table["diameter_um"] == pytest.approx(np.cbrt(6 * counts / np.pi) * 0.6)
    z, y, x = np.array(ndimage.center_of_mass(instances > 0, instances, table["particle"])).T * 0.6
    assert np.allclose([table[name] for name in ("x_um", "y_um", "z_um")], [x, y, z])
    edges = np.ones(instances.shape, bool)
    edges[1:-1, 1:-1, 1:-1] = False
    assert set(np.unique(instances[edges])) - {0} <= set(table["particle"][table["on_border"] == 1].tolist())


def test_cracks_are_pores_that_break_particles_and_none_are_there_where_none_are_wanted() -> None:
    broken, whole = (
        make_micrograph(
            replace(FINE, particles=replace(FINE.particles, cracked=part, voids=0.0)), Microscope(), SECTION
        )
        for part in (1.0, 0.0)
    )
    assert broken.particles["crack_voxels"].sum() > 50
    assert broken.particles["fragments"].max() > 1
    assert np.array_equal(broken.particles["cracked"] == 1, broken.particles["crack_voxels"] > 0)
    assert whole.particles["cracked"].sum() == 0
    assert whole.particles["crack_voxels"].sum() == whole.particles["void_voxels"].sum() == 0


def test_particles_hardly_fall_apart_without_cracks(block: Micrograph) -> None:
    table = block.particles
    whole = (table["cracked"] == 0) & (table["voxels"] > 50) & (table["on_border"] == 0)
    assert whole.sum() > 10
    assert np.mean(table["fragments"][whole] > 1) < 0.05


def test_sizes_follow_the_settings() -> None:
    small, large = (
        make_micrograph(
            replace(FINE, particles=Particles(median_um=size, largest_um=size, spread=0.0)), Microscope(), SECTION
        ).particles["diameter_um"]
        for size in (1.5, 4.0)
    )
    assert small.max() < 1.25 * 1.5
    assert 2.5 < large.max() < 1.25 * 4.0


def test_binder_prefers_contacts_as_far_as_it_is_asked_to() -> None:
    def at_surfaces(affinity: float) -> float:
        made = make_micrograph(replace(STILL, binder=Binder(fraction=0.12, affinity=affinity)), Microscope(), SECTION)
        labels = made.labels.array[0]
        near = ndimage.binary_dilation(labels == Phase.ACTIVE_MATERIAL, iterations=4)
        return float(np.mean(near[labels == Phase.BINDER]))

    assert at_surfaces(4.0) > at_surfaces(0.0) + 0.1


def test_pores_and_binder_overlap_in_grey_while_particles_stand_out(section: Micrograph) -> None:
    grey, labels = section.grey.array, section.labels.array
    pore, active, binder = (np.percentile(grey[labels == phase], [10, 90]) for phase in (1, 2, 3))
    assert pore[1] > binder[0]
    assert active[0] > binder[0]
    assert np.mean(grey[labels == 1]) < np.mean(grey[labels == 3]) < np.mean(grey[labels == 2])


def test_what_lies_behind_a_pore_shines_through() -> None:
    still = Microscope(
        greys=(38, 160, 92, 120),
        textures=(0, 0, 0, 0),
        edge=0,
        blur=0,
        curtain=0,
        charging=0,
        shading=0,
        noise=0,
        shot=0,
    )
    clear = replace(still, gain_variation=0, offset_variation=0)
    dark, bright = (make_micrograph(FINE, replace(clear, shine=shine), SECTION) for shine in (0.0, 0.8))
    pores = bright.labels.array == Phase.PORE
    assert set(np.unique(dark.grey.array)) == {38, 92, 160}
    assert np.mean(bright.grey.array[pores] > 60) > 0.02
    assert np.unique(bright.grey.array[~pores]).tolist() == [92, 160]


def test_random_fields_are_standard_normal_whatever_their_scale() -> None:
    rng = np.random.default_rng(0)
    for scale in (0.0, 1.0, 3.0, (0.0, 5.0, 1.0)):
        field = random_field((60, 80, 90), scale, rng)
        assert field.shape == (60, 80, 90)
        assert float(field.mean()) == pytest.approx(0, abs=0.05)
        assert float(field.std()) == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Particles(fraction=0.9),
        lambda: Particles(median_um=float("nan")),
        lambda: Particles(largest_um=1.0),
        lambda: Particles(aspect=0.0),
        lambda: Binder(fraction=0.0),
        lambda: Binder(porosity=0.9),
        lambda: Microstructure(Particles(fraction=0.7), Binder(fraction=0.3)),
        lambda: Microstructure(voxel_um=0.0),
        lambda: Microstructure(voxel_um=2.0),
        lambda: Microscope(noise=-1.0),
        lambda: Microscope(shine=2.0),
        lambda: preset("anode"),
        lambda: make_micrograph(*preset("cathode"), (1, 8, 64)),
        lambda: make_micrograph(*preset("cathode"), (5000, 5000, 5000)),
    ],
)
def test_settings_that_make_no_electrode_are_refused_in_one_sentence(make: object) -> None:
    with pytest.raises(UsageError) as error:
        make()  # type: ignore[operator]
    assert error.value.message.endswith(".") and "\n" not in error.value.message
    assert error.value.hint
