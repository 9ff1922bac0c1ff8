"""What cell-overhang learns from: sections of generated cells, painted as the cell factory paints whole volumes."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from batterycell.phantom import CellLabel, Scan, make_cell, preset
from batterycell.pretrain import SPLITS, random_of
from batterycell.pretrain.cells import cell_overhang
from batterycell.pretrain.cells.cylinders import make_cylinder, random_cylinder
from batterycell.pretrain.cells.factory import longitudinal_slices
from batterycell.pretrain.cells.planes import Plane, lay_plane
from batterycell.pretrain.cells.ranges import HELD_OUT, TRAINING
from batterycell.pretrain.cells.scanner import quantise, random_look, scan
from batterycell.pretrain.cells.sections import CAN, OVERHANG, draw_cell, scan_cell
from batterycell.pretrain.cells.stacks import random_stack
from batterycell.pretrain.plan import family_of
from batterycell.pretrain.specimens import check_sample
from batterycell.segment.data.levels import measure_levels
from batterycell.segment.samples import Sample
from batterycell.volume import UM_PER_MM
from made_cells import made_cell
from scipy.ndimage import gaussian_filter


@pytest.fixture(scope="module")
def drawn() -> dict[str, list[Sample]]:
    return {split: draw_cell(50, split) for split in SPLITS}


def test_sections_keep_what_the_plan_promises(drawn: dict[str, list[Sample]]) -> None:
    plan = cell_overhang()
    for samples in drawn.values():
        assert len(samples) == 8
        for sample in samples:
            check_sample(sample, plan)


def test_a_seed_draws_the_same_again(drawn: dict[str, list[Sample]]) -> None:
    for first, again in zip(drawn["training"], draw_cell(50, "training"), strict=True):
        assert np.array_equal(first.image, again.image)
        assert np.array_equal(first.labels, again.labels)
        assert first.levels == again.levels


def test_no_split_shares_a_section_with_another(drawn: dict[str, list[Sample]]) -> None:
    first, second = drawn["training"][0].image, drawn["validation"][0].image
    assert first.shape != second.shape or not np.array_equal(first, second)


def test_every_held_out_specimen_names_its_family(drawn: dict[str, list[Sample]]) -> None:
    assert family_of(drawn["held-out"][0]) == list(HELD_OUT)[50 % len(HELD_OUT)]
    assert family_of(drawn["training"][0]) == "varied"


@pytest.mark.parametrize("family", HELD_OUT)
def test_a_held_out_family_lies_outside_of_what_is_learnt(family: str) -> None:
    pairs = [(getattr(HELD_OUT[family], one.name), getattr(TRAINING, one.name)) for one in fields(TRAINING)]
    changed = [(ours, theirs) for ours, theirs in pairs if ours != theirs]
    assert changed
    assert any(ours[0] > theirs[1] or ours[1] < theirs[0] for ours, theirs in changed)


def test_a_painted_plane_is_the_slice_of_the_whole_volume() -> None:
    cell = random_cylinder(np.random.default_rng(5), replace(TRAINING, turns=(3.5, 4.5), overhang_um=(400, 500)))
    spec = replace(cell.spec, defects=(), tab=None)
    top = spec.roll.cathode_top_mm
    scanner = Scan(voxel_size_um=(60, 45, 45), crop_mm=(top - 1.0, top + 1.0), blur_um=20, noise=0, rings=0,
                   cupping=0, streaks=0)  # fmt: skip
    phantom = make_cell(spec, scanner, seed=1, angles=1)
    middle = phantom.volume.array.shape[1] // 2
    points = phantom.volume.to_ras(np.array([[0, middle, 0], [1, middle, 0], [0, middle, 1], [0, middle + 1, 0]]))
    start, right, down, through = (points - phantom.frame.origin) @ phantom.frame.basis
    plane = Plane(start, down - start, right - start, through - start, phantom.labels.array[:, middle].shape)
    # What is random in the factory's sheets comes from the first stream of its seed.
    grey, labels = make_cylinder(spec, np.random.default_rng([1, 0])).paint(plane.grid(20 * np.sqrt(12)))
    assert np.mean(labels[0] == phantom.labels.array[:, middle]) > 0.999
    blurred = np.maximum(gaussian_filter(grey[0], (20 / 60, 0)), 0)
    assert np.abs(blurred - phantom.volume.array[:, middle])[2:-2].mean() < 2


def test_the_levels_are_those_of_the_whole_scan() -> None:
    rng = np.random.default_rng(2)
    cell = random_cylinder(rng, replace(TRAINING, turns=(3.5, 4.0), can=(2.0, 2.2), clip=(3.0, 3.1)))
    spec = replace(cell.spec, can=replace(cell.spec.can, present=True, dents=()), defects=(), tab=None)
    cell = make_cylinder(spec, rng)
    look = replace(random_look(rng, TRAINING, cell.pitch_um), across_um=60, along_um=60, blur_um=30, noise=0.03,
                   streaks=0, rings=0, cupping=0, haze=0, clutter=0, bits=8, clip=3.0, black=-0.3)  # fmt: skip
    sample = scan_cell(rng, cell, look, "one", sections=1)[0]
    low, high = sample.levels[0].low, sample.levels[0].high
    crop = 1.5, spec.roll.cathode_top_mm + 3.0
    scanner = Scan(voxel_size_um=(60, 60, 60), crop_mm=crop, blur_um=30, noise=2.4, rings=0, cupping=0, streaks=0)
    volume = make_cell(spec, scanner, seed=1, angles=1).volume
    # As the factory's scanner cuts grey values off elsewhere, compare what stands for the can and for air.
    whole = measure_levels(replace(volume, array=quantise(volume.array.astype(np.float32), look)))
    assert high == pytest.approx(whole.high, abs=12)
    assert low == pytest.approx(whole.low, abs=12)


def test_a_pouch_is_no_can_and_a_hard_case_is() -> None:
    rng = random_of(0, "training")
    for case in ("pouch", "prismatic"):
        stack = random_stack(rng, TRAINING)
        while stack.spec.case != case:
            stack = random_stack(rng, TRAINING)
        sample = scan_cell(rng, stack, random_look(rng, TRAINING, stack.pitch_um), "one", sections=1)[0]
        assert (CAN in sample.labels) == (case == "prismatic")


def test_overhang_lies_on_the_anodes_beyond_the_cathodes() -> None:
    rng = np.random.default_rng(9)
    cell = random_stack(rng, TRAINING)
    look = random_look(rng, TRAINING, cell.pitch_um)
    plane = lay_plane(rng, cell, "half", cell.voxel_um(look.across_um, look.along_um))
    _, label = scan(rng, cell, plane, look)
    beyond = np.abs(plane.points[..., :2]) - np.array(cell.stack.cathodes.half)
    overhang = label == CellLabel.OVERHANG
    assert overhang.any()
    slack = 4 * cell.spec.shift_sd_um / UM_PER_MM + 0.1
    assert beyond.max(axis=-1)[overhang].min() > -slack


def test_half_of_the_sections_and_more_show_overhang(drawn: dict[str, list[Sample]]) -> None:
    samples = [sample for split in drawn.values() for sample in split]
    assert np.mean([OVERHANG in sample.labels for sample in samples]) > 0.5


def test_slices_of_whole_cells_show_every_class_in_pixels_that_a_network_is_shown() -> None:
    spec, scan_settings = preset("small")
    flat = replace(scan_settings, voxel_size_um=(160.0, 60.0, 60.0))
    phantom = made_cell(spec, flat, 1)
    classes = np.array([1, 4, 2, 1, 1, 1, 3], np.uint8)
    samples = longitudinal_slices(np.random.default_rng(0), phantom, classes, "varied/1")
    assert len(samples) == 8
    for sample in samples:
        check_sample(sample, cell_overhang())
        assert sample.voxel_size_um == (60.0, 80.0, 60.0)
        assert sample.labels.shape[1] == 2 * phantom.volume.array.shape[0]
        assert set(np.unique(sample.labels)) <= {1, 2, 3, 4}
    assert set(np.unique(np.concatenate([sample.labels.ravel() for sample in samples]))) == {1, 2, 3, 4}
