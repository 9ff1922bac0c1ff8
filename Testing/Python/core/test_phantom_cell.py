"""The rendered voxels of a generated cell and its truth table say the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from batterycell.errors import UsageError
from batterycell.overhang.columns import OVERHANG_COLUMNS
from batterycell.phantom import (
    PRESETS,
    Can,
    CellLabel,
    CylindricalCell,
    Dent,
    EndDefect,
    Greys,
    JellyRoll,
    MissingAnode,
    Phantom,
    RollEnd,
    Scan,
    make_cell,
    preset,
    random_cell,
)
from batterycell.reslice import sample_half_plane
from batterycell.tables import Table

VOXEL_MM = 0.04
TANGENT = tuple(np.linspace(-0.08, 0.08, 17))
PERFECT = Scan(
    voxel_size_um=(40, 40, 40), blur_um=0, noise=0, rings=0, cupping=0, streaks=0, margin_mm=0.2, dtype="uint16"
)
TOP = replace(PERFECT, crop_mm=(1.5, 4.8))
NOTHING = Greys(
    gas=0, can=0, cathode=0, anode=0, foil=0, separator=0, cap=0, plastic=0, tab=0, electrolyte=0, air=0, insulator=0
)


def cell(**changes: object) -> CylindricalCell:
    base = CylindricalCell(
        can=Can(outer_diameter_mm=7.0, wall_um=200, height_mm=7.5),
        roll=JellyRoll(turns=4.6, cathode_bottom_mm=1.9, cathode_top_mm=3.0, anode_trail_turns=0.6),
        top=RollEnd(overhang_um=520, core_rise_um=200, lean_can_deg=-12, lean_core_deg=4),
        bottom=RollEnd(overhang_um=560, core_rise_um=-100),
        tab=None,
    )
    return replace(base, **changes)


def flat() -> RollEnd:
    return RollEnd(overhang_um=520, lean_can_deg=0, lean_core_deg=0, lean_sd_deg=0)


@cache
def only(
    material: str, value: float, tilt_deg: float = 0.0, upside_down: bool = False, blur_um: float = 0.0
) -> Phantom:
    """A perfect scan in which one material alone is seen."""
    spec = cell(greys=replace(NOTHING, **{material: value}))
    scan = replace(TOP, tilt_deg=tilt_deg, tilt_toward_deg=50, upside_down=upside_down, blur_um=blur_um)
    return make_cell(spec, scan, 5, angles=12)


def area_above_mm2(phantom: Phantom, angle_deg: float, radii: tuple[float, float], level: float, value: float) -> float:
    """Area of the material in a half-plane between two radii and from a height upwards."""
    step = VOXEL_MM / 8
    heights = level + step * (np.arange(170) + 0.5)
    columns = radii[0] + step * (np.arange(round((radii[1] - radii[0]) / step)) + 0.5)
    plane = sample_half_plane(phantom.volume, phantom.frame, angle_deg, columns, heights, TANGENT)
    return float(np.nansum(plane.image)) / (value * 256) * step**2


@pytest.mark.parametrize(("tilt_deg", "upside_down"), [(0.0, False), (4.0, False), (4.0, True)])
def test_cathode_ends_lie_where_the_truth_says(tilt_deg: float, upside_down: bool) -> None:
    phantom = only("cathode", 200, tilt_deg, upside_down)
    table, frame = phantom.truth, phantom.frame
    rows = np.flatnonzero((table["side"] == "outer") & (table["winding"] == 2))
    errors = []
    for row in rows:
        ends = np.array([table[f"cathode_{axis}_mm"][row] for axis in "ras"])
        angle, radius, height = frame.to_cylindrical(ends)
        start = height - 6 * VOXEL_MM
        area = area_above_mm2(phantom, angle, (radius - 0.02, radius + 0.02), start, 200)
        errors.append(area / 0.04 - (height - start))
    assert np.abs(errors).max() < 0.05 * VOXEL_MM


@pytest.mark.parametrize(("tilt_deg", "upside_down"), [(0.0, False), (4.0, False), (4.0, True)])
def test_anode_ends_lie_where_the_truth_says_along_the_sheet(tilt_deg: float, upside_down: bool) -> None:
    phantom = only("foil", 240, tilt_deg, upside_down, 30)
    table, frame, foil_mm = phantom.truth, phantom.frame, phantom.spec.roll.foil_um / 1000
    rows = np.flatnonzero((table["side"] == "inner") & (table["winding"] == 2))
    errors = []
    for row in rows:
        ends = np.array([[table[f"{part}_{axis}_mm"][row] for axis in "ras"] for part in ("cathode", "anode")])
        angle, radius, height = frame.to_cylindrical(ends)
        level = height[0] - 4 * VOXEL_MM
        area = area_above_mm2(phantom, angle[0], (radius[1] - 0.16, radius[1] + 0.16), level, 240)
        errors.append(area / foil_mm - 4 * VOXEL_MM - table["overhang_um"][row] / 1000)
    assert abs(np.mean(errors)) < 0.05 * VOXEL_MM
    assert np.abs(errors).max() < 0.12 * VOXEL_MM


def test_the_foil_runs_through_the_true_anode_end() -> None:
    spec = cell(greys=replace(NOTHING, foil=240), top=flat())
    phantom = make_cell(spec, replace(TOP, blur_um=30), 5, angles=12)
    table, frame = phantom.truth, phantom.frame
    ends = np.array([table[f"anode_{axis}_mm"] for axis in "ras"]).T
    angle, radius, height = frame.to_cylindrical(ends)
    columns = np.arange(-0.15, 0.15, 0.004)
    for place in np.flatnonzero((table["winding"] > 1) & (table["winding"] < 4)):
        around, level = radius[place] + columns, height[place : place + 1]
        plane = sample_half_plane(phantom.volume, frame, angle[place], around, level, TANGENT)
        assert np.sum(plane.image[0] * columns) / np.sum(plane.image[0]) == pytest.approx(0, abs=0.08 * VOXEL_MM)


def test_labels_fill_the_volume_that_the_truth_predicts() -> None:
    phantom = make_cell(cell(top=flat(), bottom=flat()), PERFECT, 5, angles=180)
    table, roll = phantom.truth, phantom.spec.roll
    voxel = float(np.prod(phantom.volume.spacing_mm))
    counts = np.bincount(phantom.labels.array.ravel(), minlength=len(CellLabel)) * voxel
    ras = np.array([table[f"anode_{axis}_mm"] for axis in "ras"]).T
    _, radius, _ = phantom.frame.to_cylindrical(ras)
    single = np.isin(np.arange(len(table)), [*_lonely_rows(table)])
    strip = 2 * np.pi / 180 * radius * roll.anode_um / 2000 * (1 + single)
    expected = np.nansum(strip * table["overhang_um"] / 1000)
    assert counts[CellLabel.OVERHANG] == pytest.approx(expected, rel=0.02)


def _lonely_rows(table: Table) -> Iterator[int]:
    """Rows whose anode has no cathode on its other face."""
    for end in ("top", "bottom"):
        for angle in np.unique(table["angle_deg"]):
            rows = np.flatnonzero((table["end"] == end) & (table["angle_deg"] == angle))
            yield from (rows[0], rows[-1])


def test_the_can_has_its_outer_diameter() -> None:
    phantom = make_cell(cell(greys=replace(NOTHING, can=200)), TOP, 1, angles=4)
    last = phantom.volume.array[: 8 if not phantom.scan.upside_down else None].astype(float).mean(axis=0)
    profile = last[last.shape[0] // 2] / (200 * 256)
    filled = np.flatnonzero(profile > 0)
    width = (filled[-1] - filled[0] - 1 + profile[filled[0]] + profile[filled[-1]]) * VOXEL_MM
    assert width == pytest.approx(7.0, abs=0.1 * VOXEL_MM)


def test_the_same_seed_gives_the_same_cell_and_another_seed_another() -> None:
    first, again, other = (make_cell(*coarse(preset("small")), seed) for seed in (3, 3, 4))
    assert np.array_equal(first.volume.array, again.volume.array)
    assert np.array_equal(first.truth["overhang_um"], again.truth["overhang_um"])
    assert [column.name for column in OVERHANG_COLUMNS] == list(first.truth.data)
    assert not np.array_equal(first.truth["overhang_um"], other.truth["overhang_um"])
    assert not np.array_equal(first.volume.array, other.volume.array)


def test_a_negative_overhang_is_negative_only_where_it_was_put() -> None:
    defect = EndDefect(winding=3, side="outer", angle_deg=200, width_deg=60, overhang_um=-200)
    table = make_cell(cell(defects=(defect,)), TOP, 2).truth
    negative = table["flag"] == "negative"
    middle = (table["angle_deg"] == 200) & (table["winding"] == 3) & (table["side"] == "outer")
    assert table["overhang_um"][middle] == pytest.approx([-200], abs=1)
    assert np.array_equal(negative, table["overhang_um"] < 0)
    assert np.all(np.abs(table["angle_deg"][negative] - 200) <= 30)
    assert set(table["winding"][negative].tolist()) <= {2, 3}


def test_a_missing_anode_is_said_and_has_no_overhang() -> None:
    defect = MissingAnode(winding=3, side="inner", angle_deg=200, width_deg=30)
    phantom = make_cell(cell(defects=(defect,), greys=replace(NOTHING, foil=240)), TOP, 2)
    table = phantom.truth
    missing = table["flag"] == "no-anode"
    assert np.all(np.isnan(table["overhang_um"][missing]))
    assert {(3, "inner"), (4, "outer")} == set(zip(table["winding"][missing], table["side"][missing], strict=True))
    assert np.all(np.abs(table["angle_deg"][missing] - 200) <= 15)


def test_a_curled_tip_is_longer_than_high_and_lies_where_the_truth_says() -> None:
    curled = EndDefect(winding=3, side="outer", angle_deg=200, width_deg=60, overhang_um=None, lean_deg=-28)
    spec = cell(top=flat(), defects=(curled,), greys=replace(NOTHING, foil=240))
    phantom = make_cell(spec, replace(TOP, blur_um=30), 2, angles=36)
    table, frame = phantom.truth, phantom.frame
    row = np.flatnonzero((table["angle_deg"] == 200) & (table["winding"] == 3) & (table["side"] == "outer"))[0]
    assert table["overhang_um"][row] > 1.03 * table["overhang_axial_um"][row]
    ends = np.array([[table[f"{part}_{axis}_mm"][row] for axis in "ras"] for part in ("cathode", "anode")])
    angle, radius, height = frame.to_cylindrical(ends)
    level = height[0] - 4 * VOXEL_MM
    between = (float(radius[1]) - 0.1, float(radius[0]) + 0.3)
    area = area_above_mm2(phantom, angle[0], between, level, 240)
    assert area / 0.01 - 4 * VOXEL_MM == pytest.approx(table["overhang_um"][row] / 1000, abs=0.2 * VOXEL_MM)


@pytest.mark.parametrize("axis", ["i", "j", "k"])
@pytest.mark.parametrize("upside_down", [False, True])
def test_tilt_and_turning_do_not_change_the_overhang(axis: str, upside_down: bool) -> None:
    straight = make_cell(cell(), replace(PERFECT, voxel_size_um=(120, 120, 120)), 9, angles=8).truth
    scan = replace(
        PERFECT, voxel_size_um=(120, 120, 120), axis=axis, upside_down=upside_down, tilt_deg=8, tilt_toward_deg=100
    )
    phantom = make_cell(cell(), scan, 9, angles=8)
    assert phantom.truth["overhang_um"] == pytest.approx(straight["overhang_um"], abs=1e-6)
    ras = np.array([phantom.truth[f"anode_{axis}_mm"] for axis in "ras"]).T
    angle, _, height = phantom.frame.to_cylindrical(ras)
    away = (angle - phantom.truth["angle_deg"] + 180) % 360 - 180
    assert np.abs(away).max() < 1e-6
    assert np.all((height > 3.75) == (phantom.truth["end"] == "top"))


def test_indices_and_ras_of_the_truth_agree() -> None:
    phantom = only("foil", 240, 4.0)
    ras = np.array([phantom.truth[f"anode_{axis}_mm"] for axis in "ras"]).T
    ijk = np.array([phantom.truth[f"anode_{axis}"] for axis in "ijk"]).T
    assert phantom.volume.to_ijk(ras) == pytest.approx(ijk, abs=1e-9)


def test_a_dent_and_a_buckled_core_move_the_sheets_in_truth_and_in_voxels() -> None:
    can = replace(cell().can, dents=(Dent(angle_deg=0, height_mm=4.5, depth_um=200, width_mm=2),), ovality=0.02)
    roll = replace(cell().roll, buckle_um=100)
    spec = cell(can=can, roll=roll, greys=replace(NOTHING, cathode=200))
    phantom = make_cell(spec, TOP, 5, angles=12)
    table = phantom.truth
    ends = np.array([table[f"cathode_{axis}_mm"] for axis in "ras"]).T
    angle, radius, height = phantom.frame.to_cylindrical(ends)
    for row in np.flatnonzero((table["side"] == "outer") & (table["winding"] < 5)):
        columns = radius[row] + np.arange(-0.17, 0.17, 0.005)
        plane = sample_half_plane(phantom.volume, phantom.frame, angle[row], columns, height[row : row + 1] - 0.1)
        centre = np.sum(plane.image[0] * columns) / plane.image[0].sum()
        assert centre == pytest.approx(radius[row], abs=0.15 * VOXEL_MM)


@pytest.mark.parametrize("name", [name for name in PRESETS if name in ("small", "pouch")])
def test_quick_presets_build(name: str) -> None:
    assert len(make_cell(*preset(name), 1).truth) > 50


@pytest.mark.parametrize("name", [name for name in PRESETS if name not in ("small", "pouch")])
def test_the_other_presets_build(name: str) -> None:
    assert np.all(make_cell(*coarse(preset(name)), 1, angles=12).truth["uncertainty_um"] == 0)


def coarse(case: tuple[CylindricalCell, Scan]) -> tuple[CylindricalCell, Scan]:
    """The same with voxels four times larger, and no more of them than the cell needs: only the table matters."""
    spec, scan = case
    return spec, replace(scan, voxel_size_um=tuple(4 * size for size in scan.voxel_size_um), shape=None)


def test_ends_outside_the_volume_are_said_or_left_out() -> None:
    half = make_cell(cell(), replace(TOP, shape=(83, 190, 95)), 5, angles=12).truth
    assert set(half["end"]) == {"top"}
    away = half["flag"] == "outside-volume"
    assert 0.2 < away.mean() < 0.7
    assert np.all(np.isnan(half["overhang_um"][away]))
    assert np.all(half["anode_i"][~away] <= 94.5)


def test_random_cells_have_positive_overhang_unless_asked() -> None:
    for seed in range(2):
        truth = make_cell(*coarse(random_cell(seed)), seed).truth
        assert np.nanmin(truth["overhang_um"]) > 0
        assert set(truth["flag"]) <= {"ok", "no-anode", "outside-volume"}
    assert "negative" in make_cell(*coarse(random_cell(1, negatives=1)), 1).truth["flag"]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Scan(voxel_size_um=(0, 1, 1)),
        lambda: Scan(axis="x"),
        lambda: Can(wall_um=-1),
        lambda: cell(roll=JellyRoll(turns=40)),
        lambda: cell(defects=(EndDefect(winding=99),)),
        lambda: preset("nothing"),
        lambda: make_cell(cell(), Scan(voxel_size_um=(0.1, 0.1, 0.1)), 1),
    ],
)
def test_settings_that_no_cell_can_have_are_refused_with_a_hint(wrong: object) -> None:
    with pytest.raises(UsageError) as caught:
        wrong()
    assert caught.value.hint
