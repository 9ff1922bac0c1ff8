"""What cathode-microstructure learns from: reliefs of electrodes behind a section, seen by detectors."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from batterycell.phantom.microstructure import Phase
from batterycell.pretrain import SPLITS
from batterycell.pretrain.cathodes import cathode_microstructure
from batterycell.pretrain.cathodes.bodies import Bodies
from batterycell.pretrain.cathodes.camera import scan
from batterycell.pretrain.cathodes.draw import draw_specimen
from batterycell.pretrain.cathodes.ranges import FAMILIES, TRAINING, ranges_of
from batterycell.pretrain.cathodes.relief import Rays, cast
from batterycell.pretrain.cathodes.structure import Structure, make_structure
from batterycell.pretrain.plan import family_of
from batterycell.pretrain.specimens import check_sample
from batterycell.segment.data.levels import measure_levels
from batterycell.segment.samples import Sample
from batterycell.volume import Volume

SMALL = 128


@pytest.fixture(scope="module")
def drawn() -> dict[str, list[Sample]]:
    return {split: draw_specimen(1, split, SMALL) for split in SPLITS}


@pytest.fixture(scope="module")
def structure() -> Structure:
    return make_structure(TRAINING, SMALL, np.random.default_rng(5))


def ball(depth: float, radius: float) -> Bodies:
    return Bodies(
        np.array([[depth, 32.0, 32.0]]),
        np.array([radius]),
        np.eye(3)[None] / radius**2,
        np.array([[[1.0, 0.0, 0.0, 1e6]]]),
    )


def test_specimens_keep_what_the_plan_promises(drawn: dict[str, list[Sample]]) -> None:
    plan = cathode_microstructure()
    for samples in drawn.values():
        for sample in samples:
            check_sample(sample, plan)
            assert sample.image.dtype == np.uint8


def test_a_seed_draws_the_same_again_and_another_split_draws_something_else(drawn: dict[str, list[Sample]]) -> None:
    again = draw_specimen(1, "training", SMALL)
    assert np.array_equal(drawn["training"][0].image, again[0].image)
    assert not np.array_equal(drawn["validation"][0].image, again[0].image)


def test_two_detectors_see_one_electrode(drawn: dict[str, list[Sample]]) -> None:
    first, second = drawn["held-out"]
    assert np.array_equal(first.labels, second.labels)
    assert not np.array_equal(first.image, second.image)
    assert first.source == second.source


def test_levels_are_those_of_the_image_when_a_model_is_applied(drawn: dict[str, list[Sample]]) -> None:
    sample = drawn["training"][0]
    volume = Volume.from_stack(sample.image[0], (1.0, 1.0, 1.0), "test", "image")
    assert sample.levels == (measure_levels(volume),)


def test_each_held_out_family_lies_beyond_the_ranges_of_training() -> None:
    for name, ranges in FAMILIES.items():
        changed = [one.name for one in fields(ranges) if getattr(ranges, one.name) != getattr(TRAINING, one.name)]
        assert changed, name
        for field in changed:
            (low, high), (trained_low, trained_high) = getattr(ranges, field), getattr(TRAINING, field)
            assert high < trained_low or low > trained_high, (name, field)


def test_held_out_specimens_take_turns_among_the_families(drawn: dict[str, list[Sample]]) -> None:
    assert {ranges_of(seed, "held-out")[0] for seed in range(len(FAMILIES))} == set(FAMILIES)
    assert family_of(drawn["held-out"][0]) == list(FAMILIES)[1]
    assert ranges_of(3, "training") == ("training", TRAINING)


def test_only_what_the_section_cuts_is_active_material(structure: Structure) -> None:
    assert structure.cut.any()
    assert (structure.depth[structure.cut] == 0).all()
    deep_particles = (structure.owner > 0) & (structure.behind > 0) & ~structure.is_binder
    assert deep_particles.any()
    assert not structure.cut[deep_particles].any()


def test_all_three_phases_are_labelled_and_none_is_unknown(structure: Structure) -> None:
    assert set(np.unique(structure.labels)) == {Phase.PORE, Phase.ACTIVE_MATERIAL, Phase.BINDER}


def test_the_section_holds_about_as_much_active_material_as_was_asked_for() -> None:
    loose, dense = (
        make_structure(replace(TRAINING, fraction=(part, part), diameter=(25.0, 25.0)), 192, np.random.default_rng(2))
        for part in (0.35, 0.65)
    )
    assert loose.cut.mean() == pytest.approx(0.35, abs=0.12)
    assert dense.cut.mean() == pytest.approx(0.65, abs=0.12)


def test_a_ball_behind_the_section_is_met_where_its_surface_is() -> None:
    relief = cast(ball(15.0, 10.0), Rays(64, 40.0))
    rows, columns = np.indices((64, 64)) - 32
    aside = rows**2 + columns**2
    expected = 15.0 - np.sqrt(100.0 - aside[aside < 99])
    assert relief.depth[aside < 99] == pytest.approx(expected, abs=1e-3)
    assert (relief.depth[aside > 101] == 40.0).all()
    assert not relief.cut.any()


def test_a_ball_in_the_section_is_cut_as_a_circle() -> None:
    relief = cast(ball(6.0, 10.0), Rays(64, 40.0))
    assert relief.cut.sum() == pytest.approx(np.pi * (100 - 36), rel=0.05)


def test_rays_that_are_tilted_meet_deep_things_elsewhere() -> None:
    straight, tilted = (cast(ball(20.0, 8.0), Rays(64, 40.0, tilt)) for tilt in ((0.0, 0.0), (0.5, 0.0)))
    moved = np.argwhere(straight.owner).mean(0) - np.argwhere(tilted.owner).mean(0)
    assert moved == pytest.approx([10.0, 0.0], abs=1.0)


def test_curtains_run_over_the_section_and_not_over_what_lies_deep(structure: Structure) -> None:
    striped = replace(TRAINING, curtain=(0.1, 0.1), noise=(0.0, 0.0), shading=(0.0, 0.0), charging=(0.0, 0.0))
    grey = np.where(structure.cut, 1.0, 0.5).astype(np.float32)
    image = scan(grey, structure, striped, np.random.default_rng(0)).astype(float)
    deep = structure.depth > 15
    assert image[structure.cut].std() > 4 * image[deep].std()
