"""The can of cells whose truth is known: diameters, wall, ovality, dents, groove, tilt."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from batterycell.can import measure_can
from batterycell.can.ellipse import Ellipses, fit_ellipses
from batterycell.can.rays import Rays
from batterycell.can.regions import find_regions
from batterycell.can.slab import Blur, fit_slab
from batterycell.measured import Quantity, Stage
from batterycell.orient import find_cell
from batterycell.phantom import Dent, Phantom, make_cell, preset
from batterycell.progress import Progress
from batterycell.volume import Volume
from made_cans import OVALITY, RADIUS_MM, WALL_MM, made_can, stage_of
from scipy import special

DATA = Path(os.environ.get("BATTERYCELL_DATA", Path(__file__).parents[4] / "shared" / "data"))
VOXEL_MM = 0.04


@pytest.fixture(scope="module")
def dented() -> Phantom:
    """A generated cell with a dent over the start of the angles, tilted and oval."""
    spec, scan = preset("small")
    dent = Dent(angle_deg=2.0, height_mm=3.4, depth_um=200.0, width_mm=1.6)
    can = replace(spec.can, dents=(dent,), ovality=0.01, ovality_angle_deg=50.0)
    return make_cell(replace(spec, can=can), replace(scan, tilt_deg=2.0, tilt_toward_deg=30.0), seed=5, angles=4)


@pytest.fixture(scope="module")
def stage(dented: Phantom) -> Stage:
    return stage_of(dented.volume)


def numbers(stage: Stage) -> dict[str, Quantity]:
    return {one.name: one for one in stage.quantities}


def test_the_diameter_is_right_to_a_thousandth(dented: Phantom, stage: Stage) -> None:
    found, truth = numbers(stage), dented.spec.can
    assert found["can_outer_diameter_mm"].value == pytest.approx(truth.outer_diameter_mm, rel=1e-3)
    inner = truth.outer_diameter_mm - 2e-3 * truth.wall_um
    assert found["can_inner_diameter_mm"].value == pytest.approx(inner, rel=3e-3)


def test_the_wall_is_right_to_a_few_micrometres(dented: Phantom, stage: Stage) -> None:
    found = numbers(stage)
    assert found["can_wall_mean_um"].value == pytest.approx(dented.spec.can.wall_um, abs=6)
    least, most = (found[f"can_wall_{name}_um"].value for name in ("min", "max"))
    assert least < found["can_wall_mean_um"].value < most
    assert most - least < 40 and found["can_wall_sd_um"].value < 6


def test_the_ellipse_is_not_pulled_by_the_dent(dented: Phantom, stage: Stage) -> None:
    found = numbers(stage)
    assert found["can_ovality_percent"].value == pytest.approx(1.0, abs=0.1)
    assert found["can_eccentricity"].value == pytest.approx(np.sqrt(1 - (0.995 / 1.005) ** 2), abs=0.01)
    sections = stage.tables["can_sections"]
    rows = (sections["region"] == "straight") & np.isfinite(sections["outer_diameter_mm"])
    assert np.ptp(sections["outer_diameter_mm"][rows]) < 0.02
    assert np.median(sections["largest_at_deg"][rows]) == pytest.approx(50, abs=6)


def test_a_dent_is_one_object_with_place_depth_and_size(dented: Phantom, stage: Stage) -> None:
    table, voxel_um = stage.tables["can_dents"], 40
    assert len(table) == 1
    assert table["depth_um"][0] == pytest.approx(200, abs=0.5 * voxel_um)
    assert (table["angle_deg"][0] + 180) % 360 - 180 == pytest.approx(2, abs=3)
    assert table["width_around_mm"][0] == pytest.approx(1.6, rel=0.15)
    assert table["width_along_mm"][0] == pytest.approx(1.6, rel=0.15)
    place = np.array([table[f"{axis}_mm"][0] for axis in "ras"])
    _, _, height = dented.frame.to_cylindrical(place)
    assert height == pytest.approx(3.4, abs=0.2)
    deepest = numbers(stage)
    assert deepest["can_dent_depth_um"].value == table["depth_um"][0] and deepest["can_dent_count"].value == 1


def test_rays_lie_all_around_the_outer_surface() -> None:
    volume = made_can(1)
    _, around = Rays.of(volume, find_cell(volume)).steps_mm
    assert 360 * around == pytest.approx(2 * np.pi * RADIUS_MM, rel=0.005)


def test_the_dent_map_is_the_truth(dented: Phantom, stage: Stage) -> None:
    found = next(one for one in stage.maps if one.name == "can_dent_um")
    angle, _, height = dented.frame.to_cylindrical(found.places)
    off = np.abs(found.values - dented.can_shape.dent_um(angle, height))
    known = np.isfinite(found.values)
    assert np.isfinite(off[known]).all() and np.mean(off[known]) < 5 and off[known].max() < 40
    assert found.uncertainty is not None and np.isfinite(found.uncertainty[known]).all()
    covered = (off <= found.uncertainty)[known].mean()
    assert covered > 0.8


def test_groove_rim_and_end_are_told_from_the_straight_wall(dented: Phantom, stage: Stage) -> None:
    found, features = numbers(stage), stage.tables["can_features"]
    names = features["feature"].tolist()
    assert names.count("groove") == 1 and names[-1] == "rim" and "straight" in names and names[0] in ("end", "none")
    place = find_cell(dented.volume).frame.from_cylindrical(0, 0, found["can_groove_height_mm"].value)
    assert dented.frame.to_cylindrical(place)[2] == pytest.approx(dented.can_shape.groove_mm, abs=0.15)
    assert found["can_groove_depth_um"].value > 100
    low, high = dented.can_shape.straight_mm
    straight = stage.tables["can_sections"].where(stage.tables["can_sections"]["region"] == "straight")
    ends = find_cell(dented.volume).frame.from_cylindrical(0, 0, straight["height_mm"][[0, -1]])
    heights = dented.frame.to_cylindrical(ends)[2]
    assert heights[0] > low - 0.2 and heights[1] < high + 0.2 and np.ptp(heights) > 0.7 * (high - low)


def test_tilt_and_straightness_are_found(stage: Stage) -> None:
    found = numbers(stage)
    assert found["can_tilt_deg"].value == pytest.approx(2.0, abs=0.1)
    assert found["can_straightness_um"].value < 20


def test_every_number_has_a_uncertainty_or_none_at_all(stage: Stage) -> None:
    for one in stage.quantities:
        assert np.isfinite(one.uncertainty) == np.isfinite(one.value), one.name
        assert one.name.startswith("can_") and one.description.endswith(".")


@pytest.mark.parametrize("slices", [1, 3])
def test_a_slice_is_measured_like_a_volume(slices: int) -> None:
    found = numbers(stage_of(made_can(slices)))
    assert found["can_outer_diameter_mm"].value == pytest.approx(2 * RADIUS_MM, abs=0.002)
    assert found["can_wall_mean_um"].value == pytest.approx(1e3 * WALL_MM, abs=2)
    assert found["can_ovality_percent"].value == pytest.approx(100 * OVALITY, abs=0.05)
    assert np.isnan(found["can_groove_height_mm"].value) and found["can_dent_depth_um"].value == 0


def test_a_single_section_that_is_no_ellipse_is_stated_less_certainly() -> None:
    j, i = np.indices((151, 151)) - 75
    around = np.arctan2(j, i)

    def diameter(lobes_mm: float) -> Quantity:
        edge = RADIUS_MM + lobes_mm * np.cos(3 * around) * (around > 0) - np.hypot(i, j) * VOXEL_MM
        smooth = 200 * special.expit(edge / (0.5 * VOXEL_MM))
        grey = np.round(smooth).astype(np.uint8)[None]
        return numbers(stage_of(Volume.from_stack(grey, (40.0, 40.0, 40.0), "made")))["can_outer_diameter_mm"]

    round_one, lobed = diameter(0.0), diameter(VOXEL_MM)
    assert lobed.uncertainty > 2 * round_one.uncertainty
    assert abs(lobed.value - round_one.value) < lobed.uncertainty


def test_an_upside_down_stack_and_other_grey_values_change_nothing() -> None:
    plain = made_can(12, dent_mm=0.15)
    other = Volume.from_stack((20000 + 150 * plain.array[::-1]).astype(np.uint16), plain.voxel_size_um, "made")
    first, second = (numbers(stage_of(volume)) for volume in (plain, other))
    for name in ("can_outer_diameter_mm", "can_ovality_percent"):
        assert first[name].value == pytest.approx(second[name].value, rel=2e-3)
    assert first["can_wall_mean_um"].value == pytest.approx(second["can_wall_mean_um"].value, abs=1)
    assert second["can_dent_depth_um"].value == pytest.approx(150, abs=12)


def test_a_mask_is_measured_to_a_fraction_of_its_pixels() -> None:
    made = made_can(1, blur_mm=0.002)
    mask = Volume.from_stack(made.array > 100, made.voxel_size_um, "made")
    found = numbers(stage_of(mask))
    assert found["can_outer_diameter_mm"].value == pytest.approx(2 * RADIUS_MM, abs=0.5 * VOXEL_MM)
    assert found["can_wall_mean_um"].value == pytest.approx(1e3 * WALL_MM, abs=0.5e3 * VOXEL_MM)


def test_a_filled_mask_has_an_outline_but_no_wall() -> None:
    made = made_can(1)
    j, i = np.indices(made.array.shape[1:])
    disc = np.hypot(i - 75, j - 75) * VOXEL_MM < RADIUS_MM
    stage = stage_of(Volume.from_stack(disc[None], made.voxel_size_um, "made"))
    found = numbers(stage)
    assert found["can_outer_diameter_mm"].value == pytest.approx(2 * RADIUS_MM, abs=0.5 * VOXEL_MM)
    assert np.isnan(found["can_wall_mean_um"].value)


def test_half_maximum_would_be_wrong_for_a_wall_as_thin_as_its_blur() -> None:
    sigma, thickness = 0.05, 0.08
    radius = np.arange(5.6, 4.4, -0.02)[None].repeat(5, 0)
    outer = 5.0 + np.linspace(-0.01, 0.01, 5)[:, None]
    grey = 200 * (special.ndtr((outer - radius) / sigma) - special.ndtr((outer - thickness - radius) / sigma))
    half = np.array([np.interp(-0.5 * row.max(), -row[: row.argmax()][::-1], radius[0, : row.argmax()][::-1])
                     for row in grey])  # fmt: skip
    start = np.hstack([outer + 0.02, outer - thickness - 0.02])
    slab = fit_slab(radius, grey, start, Blur(sigma, 200.0, 0.0, 0.5, thickness))
    assert np.abs(slab.outer - outer[:, 0]).max() < 0.001 and np.abs(slab.inner - outer[:, 0] + thickness).max() < 0.001
    assert np.abs(half - outer[:, 0]).min() > 0.005


def test_ellipses_keep_their_shape_with_a_third_of_the_circumference_dented() -> None:
    angle = np.radians(np.arange(360.0))
    truth = Ellipses(*(np.array([value]) for value in (0.1, -0.05, 5.05, 4.95, 0.6)))
    radius = truth.radius(angle) + np.random.default_rng(1).normal(0, 0.002, (1, 360))
    radius[:, 20:140] -= 0.4 * np.sin(np.linspace(0, np.pi, 120))
    radius[:, 200:210] = np.nan
    found = fit_ellipses(angle, radius, 0.001)
    for name in ("x", "y", "major", "minor"):
        assert getattr(found, name) == pytest.approx(getattr(truth, name), abs=0.002)
    assert found.turn == pytest.approx(truth.turn, abs=0.02)


def test_regions_are_named_along_a_can() -> None:
    radius = np.array([np.nan, 9.0, 9.5] + [10.0] * 12 + [10.02, 9.5, 8.0, 9.0, 9.7, 9.95, 9.96, np.nan])
    wall = np.where(radius == 10.02, 0.3, 0.2)
    names = find_regions(radius, wall, 0.04, 0)
    assert names.tolist() == ["none", "end", "end", *["straight"] * 12, "neck", *["groove"] * 4, *["rim"] * 2, "none"]


def test_cancelling_stops() -> None:
    from batterycell.errors import Cancelled

    volume = made_can(3)
    cell = find_cell(volume)
    with pytest.raises(Cancelled):
        measure_can(volume, cell, Progress(is_cancelled=lambda: True))


@pytest.mark.real
def test_the_real_cell_has_the_diameter_and_the_neck_that_a_ruler_reads() -> None:
    tifffile = pytest.importorskip("tifffile")
    files = sorted((DATA / "cell_top_ucl").glob("im*.tif"))
    if not files:
        pytest.skip(f"no real cell in {DATA}")
    array = np.stack([tifffile.imread(file) for file in files])
    stage = stage_of(Volume.from_stack(array, (67.94, 33.97, 33.97), "made"))
    assert numbers(stage)["can_outer_diameter_mm"].value == pytest.approx(21.22, abs=0.03)
    features = stage.tables["can_features"]
    walls = dict(zip(features["feature"].tolist(), features["wall_um"].tolist(), strict=True))
    assert walls["neck"] == pytest.approx(295.2, abs=4.6 + 6)
    assert 200 < walls["straight"] < 230 and "groove" in walls and "rim" in walls


@pytest.mark.real
def test_the_drawn_outline_has_its_ovality_and_its_dent() -> None:
    tifffile = pytest.importorskip("tifffile")
    file = DATA / "winding_ucl" / "ellipse_dent.tif"
    if not file.exists():
        pytest.skip(f"no drawn outline in {DATA}")
    stage = stage_of(Volume.from_stack(tifffile.imread(file)[None], (47.9,) * 3, "made"))
    found = numbers(stage)
    assert found["can_ovality_percent"].value == pytest.approx(14.2, abs=0.5)
    assert found["can_dent_depth_um"].value == pytest.approx(1025, abs=50) and len(stage.tables["can_dents"]) == 1
