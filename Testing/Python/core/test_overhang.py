"""Overhang on generated cells, whose truth is known, and on the real one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from batterycell.errors import InputError
from batterycell.orient import find_cell
from batterycell.overhang import FLAGS, NEGATIVE_FLAGS, OVERHANG_COLUMNS, READABLE_FLAGS, measure_overhang
from batterycell.phantom import Phantom, add_negatives, make_cell, preset
from batterycell.tables import Table
from batterycell.volume import Volume
from made_cells import made_cell, real_cell
from matching import Matches, match
from real_cell import DATA, compare
from scipy import ndimage

ANGLES = 24


@cache
def measured(name: str) -> tuple[Phantom, Table]:
    spec, scan = preset("small")
    changes = {"negative": {}, "tilted": {"tilt_deg": 4.0, "upside_down": True}}.get(name, {})
    spec = add_negatives(spec, 2, seed=4) if name == "negative" else spec
    phantom = made_cell(spec, replace(scan, **changes), seed=2, angles=ANGLES)
    return phantom, measure_overhang(phantom.volume, find_cell(phantom.volume), ANGLES)


def errors(name: str) -> tuple[np.ndarray, np.ndarray, Matches]:
    phantom, table = measured(name)
    found = match(table, phantom.truth)
    rows = found.measured[found.found]
    error = table["overhang_um"][rows] - phantom.truth["overhang_um"][found.true[found.found]]
    return error, table["uncertainty_um"][rows], found


@pytest.mark.parametrize("name", ["plain", "tilted"])
def test_overhang_is_right_to_a_fraction_of_a_voxel(name: str) -> None:
    error, _, found = errors(name)
    phantom, _ = measured(name)
    assert found.found.mean() > 0.97
    assert abs(error.mean()) < 0.02 * np.nanmean(phantom.truth["overhang_um"])
    assert np.abs(error).mean() < 0.25 * 60
    assert np.percentile(np.abs(error), 99) < 60


def test_the_stated_intervals_hold_the_truth() -> None:
    error, uncertainty, _ = errors("plain")
    assert 0.88 < np.mean(np.abs(error) <= uncertainty) <= 1.0
    assert np.median(uncertainty) < 0.6 * 60


def test_every_negative_overhang_is_found_and_none_is_invented() -> None:
    phantom, table = measured("negative")
    found = match(table, phantom.truth)
    negative = phantom.truth["overhang_um"][found.true] < 0
    assert negative.sum() >= 4
    assert np.all(np.isin(found.flags[negative], NEGATIVE_FLAGS))
    _, clean = measured("plain")
    assert not np.isin(clean["flag"], NEGATIVE_FLAGS).any()


def test_no_anode_is_taken_for_a_cathode_where_the_outermost_cathode_begins() -> None:
    spec, scan = preset("demo")
    short, top = replace(spec, can=replace(spec.can, height_mm=9.0)), replace(scan, crop_mm=(0.0, 4.5))
    phantom = make_cell(short, top, seed=1, angles=40)
    table = measure_overhang(phantom.volume, find_cell(phantom.volume), 40)
    assert np.isin(table["flag"], NEGATIVE_FLAGS).sum() == (phantom.truth["overhang_um"] < 0).sum()


def test_the_axial_length_is_the_projection_of_the_length_along_the_sheet() -> None:
    _, table = measured("tilted")
    read = np.isin(table["flag"], READABLE_FLAGS)
    ratio = table["overhang_um"][read] / table["overhang_axial_um"][read]
    assert np.all(ratio >= 1 - 1e-9)
    assert np.median(ratio) < 1.05


def test_places_in_voxels_and_in_ras_agree_and_rows_say_where_both_ends_lie() -> None:
    phantom, table = measured("tilted")
    read = np.isin(table["flag"], READABLE_FLAGS)
    for part in ("cathode", "anode"):
        ijk = np.column_stack([table[f"{part}_{axis}"] for axis in "ijk"])[read]
        ras = np.column_stack([table[f"{part}_{axis}_mm"] for axis in "ras"])[read]
        assert phantom.volume.to_ras(ijk) == pytest.approx(ras)


def test_every_row_has_a_known_flag_and_a_length_only_where_it_was_read() -> None:
    for name in ("plain", "negative"):
        _, table = measured(name)
        assert set(table["flag"]) <= set(FLAGS)
        assert np.array_equal(np.isfinite(table["overhang_um"]), np.isin(table["flag"], READABLE_FLAGS))
        assert np.array_equal(table["overhang_um"] < 0, table["flag"] == "negative")
    assert [column.name for column in table.columns] == [column.name for column in OVERHANG_COLUMNS]


def test_there_is_a_row_for_every_end_angle_winding_and_side() -> None:
    _, table = measured("plain")
    keys = set(zip(table["end"], table["angle_deg"], table["winding"], table["side"], strict=True))
    assert len(keys) == len(table)
    for end, angle in {(end, angle) for end, angle, _, _ in keys}:
        windings = sorted(w for e, a, w, _ in keys if (e, a) == (end, angle))
        assert windings == sorted(2 * list(range(1, max(windings) + 1)))


def test_an_end_outside_the_volume_is_flagged_not_left_out() -> None:
    phantom, _ = measured("plain")
    k = np.linspace(0, phantom.volume.array.shape[0] - 1, 3).astype(int)[1]
    upper = Volume(phantom.volume.array[k:], phantom.volume.ijk_to_ras, "made")
    table = measure_overhang(upper, find_cell(upper), 6)
    assert set(table["flag"][table["end"] == "bottom"]) == {"outside-volume"}
    assert np.isin(table["flag"][table["end"] == "top"], READABLE_FLAGS).mean() > 0.9


def test_a_can_without_a_jelly_roll_is_refused() -> None:
    j, i = np.indices((120, 120))
    distance = np.hypot(i - 60, j - 60)
    section = np.where((distance < 50) & (distance > 44), 200, 5)
    array = np.repeat(section[None], 60, axis=0) + np.random.default_rng(0).normal(0, 2, (60, 120, 120))
    volume = Volume.from_stack(array.astype(np.float32), (60, 40, 40), "made")
    with pytest.raises(InputError) as caught:
        measure_overhang(volume, find_cell(volume), 6)
    assert caught.value.hint


@pytest.mark.real
def test_the_real_cell_agrees_with_marks_read_by_eye() -> None:
    if not DATA.exists():
        pytest.skip(f"no real data in {DATA} (BATTERYCELL_DATA)")
    volume, cell, _ = real_cell()
    table = measure_overhang(volume, cell, 72)
    agreement = compare(table.where(table["end"] == "top"))
    assert len(agreement.missed) <= 0.01 * (len(agreement.missed) + len(agreement.overhang))
    assert np.mean(np.abs(agreement.overhang) < 0.7) >= 0.95
    assert abs(agreement.overhang.mean()) < 0.3
    assert np.mean(np.abs(agreement.overhang) <= agreement.uncertainty) > 0.9
    assert not np.isin(table["flag"], NEGATIVE_FLAGS).any()
    assert cell.can.outer_diameter_mm == pytest.approx(21.23, rel=0.005)


def test_scale_and_offset_of_the_grey_values_change_nothing() -> None:
    phantom, table = measured("plain")
    grey = 0.02 * phantom.volume.array.astype(np.float32) - 3.0
    volume = replace(phantom.volume, array=grey)
    other = measure_overhang(volume, find_cell(volume), ANGLES)
    assert np.array_equal(other["flag"], table["flag"])
    assert other["overhang_um"] == pytest.approx(table["overhang_um"], abs=1.0, nan_ok=True)


def test_a_cell_too_large_for_the_memory_is_measured_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    phantom, whole = measured("plain")
    monkeypatch.setattr("batterycell.overhang.edges.measure._BLOCK", 1)
    table = measure_overhang(phantom.volume, find_cell(phantom.volume), ANGLES)
    for name in ("end", "angle_deg", "winding", "side"):
        assert np.array_equal(table[name], whole[name])
    both = np.isfinite(table["overhang_um"]) & np.isfinite(whole["overhang_um"])
    assert both.sum() > 0.98 * np.isfinite(whole["overhang_um"]).sum()
    assert np.abs(table["overhang_um"] - whole["overhang_um"])[both].mean() < 0.05 * 60


def top_of_the_cell(depth_mm: float) -> Volume:
    """The plain cell without what lies deeper than so far below its cathodes' upper ends."""
    phantom, _ = measured("plain")
    level = np.nanmedian(phantom.truth["cathode_k"][phantom.truth["end"] == "top"])
    k = round(level - depth_mm / float(phantom.volume.spacing_mm[2]))
    return replace(phantom.volume, array=phantom.volume.array[k:])


def test_a_scan_of_the_top_alone_is_not_turned_over_and_read_in_full() -> None:
    volume = top_of_the_cell(1.6)
    cell = find_cell(volume)
    assert not cell.upside_down
    table = measure_overhang(volume, cell, 6)
    _, whole = measured("plain")
    same = (whole["end"] == "top") & (whole["angle_deg"] % 60 == 0)
    top = table["end"] == "top"
    assert top.sum() == same.sum()
    assert np.isin(table["flag"][top], READABLE_FLAGS).mean() > 0.95


def test_too_little_of_the_windings_is_refused() -> None:
    volume = top_of_the_cell(0.5)
    with pytest.raises(InputError) as caught:
        measure_overhang(volume, find_cell(volume), 6)
    assert caught.value.code == "windings-cut"


def test_voxels_much_smaller_than_the_blur_are_read_too() -> None:
    spec, scan = preset("small")
    phantom = make_cell(spec, replace(scan, blur_um=50.0), seed=2, angles=6)
    top = phantom.truth.where(phantom.truth["end"] == "top")
    first = round(float(np.nanmedian(top["cathode_k"]))) - 30
    to_coarse = np.diag([1 / 3, 1 / 3, 1 / 3, 1])
    to_coarse[:3, 3] = np.array([0, 0, first]) - 1 / 3
    array = ndimage.zoom(phantom.volume.array[first : first + 55], 3, order=1, grid_mode=True, mode="nearest")
    volume = Volume(array, phantom.volume.ijk_to_ras @ to_coarse, "made")
    table = measure_overhang(volume, find_cell(volume), 6)
    found = match(table, top)
    error = table["overhang_um"][found.measured[found.found]] - top["overhang_um"][found.true[found.found]]
    assert found.found.mean() > 0.95
    assert abs(error.mean()) < 0.25 * 60


def test_anodes_that_stand_out_by_two_pitches_are_not_taken_for_cathodes() -> None:
    spec, scan = preset("small")
    spec = replace(spec, roll=replace(spec.roll, cathode_um=110, anode_um=95, gap_um=20, turns=8))
    phantom = make_cell(
        spec, replace(scan, voxel_size_um=(30, 20, 20), blur_um=15, crop_mm=(0.0, 3.8)), seed=2, angles=12
    )
    table = measure_overhang(phantom.volume, find_cell(phantom.volume), 12)
    assert not np.isin(table["flag"], NEGATIVE_FLAGS).any()
    assert match(table, phantom.truth).found.mean() > 0.98
