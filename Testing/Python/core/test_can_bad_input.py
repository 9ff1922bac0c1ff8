"""Cans that can be measured in part only, or not at all: told, never guessed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from batterycell.can import measure_can
from batterycell.errors import InputError
from batterycell.measured import Stage
from batterycell.orient import find_cell
from batterycell.phantom import preset
from batterycell.volume import Volume
from made_cans import RADIUS_MM, made_can, stage_of
from made_cells import made_cell


def value(stage: Stage, name: str) -> float:
    return next(one.value for one in stage.quantities if one.name == name)


def test_of_a_jelly_roll_alone_the_outline_is_measured_and_no_wall() -> None:
    spec, scan = preset("small")
    bare = made_cell(replace(spec, can=replace(spec.can, present=False)), replace(scan, streaks=0.0), 3)
    stage = stage_of(bare.volume)
    assert 0.8 < value(stage, "can_outer_diameter_mm") / spec.can.outer_diameter_mm < 1
    for name in ("can_wall_mean_um", "can_inner_diameter_mm", "can_dent_depth_um", "can_dent_count"):
        assert np.isnan(value(stage, name)), name
    assert [one.name for one in stage.maps] == ["can_dent_um"]
    assert any("jelly roll" in note for note in stage.notes)


def test_a_clipped_wall_is_pointed_out() -> None:
    made = made_can(2)
    clipped = np.clip(made.array * 2, 0, 255).astype(np.uint8)
    stage = stage_of(Volume.from_stack(clipped, made.voxel_size_um, "made"))
    assert any("clipped" in note for note in stage.notes)
    assert not any("clipped" in note for note in stage_of(made).notes)


def test_a_wall_hardly_thicker_than_the_blur_is_pointed_out() -> None:
    stage = stage_of(made_can(2, blur_mm=0.05, wall_mm=0.09))
    assert any("times as thick as the blur" in note for note in stage.notes)


def test_where_something_bright_touches_the_wall_its_thickness_stays_empty() -> None:
    made = made_can(3)
    j, i = np.indices(made.array.shape[1:])
    angle, radius = np.degrees(np.arctan2(j - 74.8, i - 75.3)), np.hypot(i - 75.3, j - 74.8) * 0.04
    strip = (np.abs(angle - 40) < 30) & (radius > RADIUS_MM - 0.6) & (radius < RADIUS_MM - 0.1)
    stage = stage_of(Volume.from_stack(np.where(strip, 200, made.array), made.voxel_size_um, "made"))
    walls = next(one for one in stage.maps if one.name == "can_wall_um")
    assert np.isnan(walls.values[:, 25:55]).all() and np.isfinite(walls.values[:, 100:]).all()
    assert value(stage, "can_wall_mean_um") == pytest.approx(220, abs=3)
    assert any("something as bright touches it" in note for note in stage.notes)


def test_a_wrong_voxel_size_is_pointed_out() -> None:
    made = made_can(2)
    wrong = Volume.from_stack(made.array, (360, 240, 240), "made")
    assert any("check the voxel size" in note for note in stage_of(wrong).notes)
    right = Volume.from_stack(made.array, (60 * 4.24, 40 * 4.24, 40 * 4.24), "made")
    assert stage_of(right).notes == ()


def test_a_cell_that_is_not_where_it_is_said_to_be_is_refused() -> None:
    made = made_can(3)
    cell = find_cell(made)
    empty = replace(made, array=np.zeros_like(made.array))
    with pytest.raises(InputError) as caught:
        measure_can(empty, cell)
    assert caught.value.code == "no-can" and caught.value.hint


@pytest.mark.parametrize("shown", [slice(0, 100), slice(30, None)], ids=["one side", "the other"])
def test_a_can_that_is_not_whole_is_refused(shown: slice) -> None:
    made = made_can(6)
    with pytest.raises(InputError) as caught:
        stage_of(replace(made, array=made.array[:, :, shown]))
    assert caught.value.code == "cell-cut" and caught.value.hint


def test_noise_as_strong_as_the_wall_is_told_by_wide_intervals_or_an_error() -> None:
    made = made_can(4)
    noisy = replace(made, array=made.array + np.random.default_rng(1).normal(0, 60, made.array.shape))
    try:
        stage = stage_of(noisy)
    except InputError as error:
        assert error.hint
        return
    assert value(stage, "can_outer_diameter_mm") == pytest.approx(2 * RADIUS_MM, abs=0.05)
