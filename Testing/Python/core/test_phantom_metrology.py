"""The can, windings, gaps and particles of a generated cell lie where its truth says."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from batterycell.errors import UsageError
from batterycell.phantom import (
    FAMILIES,
    Can,
    CoreKink,
    CylindricalCell,
    Delamination,
    Dent,
    Greys,
    Inclusion,
    JellyRoll,
    MissingCathode,
    Phantom,
    RollEnd,
    Scan,
    make_cell,
    preset,
    random_cell,
    random_hard_cell,
)
from batterycell.reslice import sample_half_plane
from numpy.typing import NDArray

VOXEL_MM = 0.04
HEIGHT_MM = 3.6
STEP_MM = 0.002
GAP = Delamination(winding=2, side="inner", angle_deg=60, height_mm=HEIGHT_MM, opening_um=200, width_deg=80)
KINK = CoreKink(angle_deg=200, height_mm=HEIGHT_MM, depth_um=300, turns=2.5)
PARTICLE = Inclusion(winding=2, angle_deg=300, height_mm=HEIGHT_MM, distance_um=90, diameter_um=180, grey=200)
SCAN = Scan(
    voxel_size_um=(40, 40, 40), blur_um=0, noise=0, rings=0, cupping=0, streaks=0, margin_mm=0.2, dtype="uint16",
    crop_mm=(3.0, 4.8), tilt_deg=3.0, tilt_toward_deg=40,
)  # fmt: skip
NOTHING = Greys(
    gas=0, can=0, cathode=0, anode=0, foil=0, separator=0, cap=0, plastic=0, tab=0, electrolyte=0, air=0, insulator=0
)


@cache
def made(defects: tuple[object, ...], material: str, dtype: str = "uint16") -> Phantom:
    """A perfect scan of a cell in which one material alone is seen."""
    can = Can(
        outer_diameter_mm=8.0, wall_um=200, height_mm=7.5, ovality=0.02, ovality_angle_deg=25,
        dents=(Dent(angle_deg=340, height_mm=HEIGHT_MM, depth_um=300, width_mm=2),),
    )  # fmt: skip
    roll = JellyRoll(turns=4.6, cathode_bottom_mm=1.9, cathode_top_mm=2.6, anode_trail_turns=0.6)
    level = RollEnd(overhang_um=520, core_rise_um=200)
    spec = CylindricalCell(can=can, roll=roll, top=level, bottom=level, tab=None, defects=defects)
    return make_cell(replace(spec, greys=replace(NOTHING, **{material: 200})), replace(SCAN, dtype=dtype), 3, angles=4)


def profile(phantom: Phantom, angle_deg: float, radii: NDArray[np.float64], height: float) -> NDArray[np.float64]:
    """Share of the material along a radius."""
    plane = sample_half_plane(phantom.volume, phantom.frame, angle_deg, radii, np.array([height]))
    return np.asarray(plane.image[0] / (200 * 256))


@pytest.mark.parametrize("angle_deg", [340.0, 352.0, 25.0, 115.0, 220.0])
def test_both_faces_of_the_can_lie_where_the_truth_says_in_a_dent_too(angle_deg: float) -> None:
    phantom, truth = made((), "can"), made((), "can").can_shape
    for height in (HEIGHT_MM, HEIGHT_MM + 0.6):
        outer, inner = (float(face(angle_deg, height)) for face in (truth.outer_mm, truth.inner_mm))
        radii = np.arange(inner - 0.2, outer + 0.2, STEP_MM)
        share = profile(phantom, angle_deg, radii, height)
        assert share.sum() * STEP_MM == pytest.approx(outer - inner, abs=0.1 * VOXEL_MM)
        assert np.sum(share * radii) / share.sum() == pytest.approx((outer + inner) / 2, abs=0.1 * VOXEL_MM)
        assert truth.wall_um(angle_deg, height) == pytest.approx((outer - inner) * 1000)


def test_the_depth_of_a_dent_is_known_at_every_place() -> None:
    truth = made((), "can").can_shape
    assert truth.dent_um(340, HEIGHT_MM) == pytest.approx(300, rel=0.02)
    assert truth.dent_um(340, HEIGHT_MM + 1) == pytest.approx(150, rel=0.02)
    assert truth.dent_um(160, HEIGHT_MM) == pytest.approx(0, abs=0.1)
    assert truth.deepest_dent() == pytest.approx((300, 340, HEIGHT_MM), abs=1)


def test_the_can_is_described_in_numbers() -> None:
    phantom = made((), "can")
    numbers = phantom.can_truth
    assert numbers["largest_diameter_mm"] - numbers["smallest_diameter_mm"] == pytest.approx(0.02 * 8.0)
    assert numbers["inner_diameter_mm"] == pytest.approx(7.6)
    low, high = phantom.can_shape.straight_mm
    assert low < HEIGHT_MM < high < numbers["groove_mm"] < 7.5


@pytest.mark.parametrize("defect", [GAP, KINK])
def test_the_cathode_lies_where_the_truth_says_beside_a_gap_and_in_a_collapsed_core(defect: object) -> None:
    phantom = made((defect,), "cathode")
    truth = phantom.winding_truth
    for turn in np.arange(0.05, truth.turns, 0.0931):
        radius = float(truth.radius_mm(turn, HEIGHT_MM))
        radii = radius + np.arange(-0.16, 0.16, STEP_MM)
        share = profile(phantom, float(truth.angle_deg(turn)), radii, HEIGHT_MM)
        assert np.sum(share * radii) / share.sum() == pytest.approx(radius, abs=0.15 * VOXEL_MM)


def test_a_gap_is_as_wide_as_the_truth_says() -> None:
    gap = replace(GAP, side="outer")
    phantom = made((gap,), "gas")
    place = np.array([phantom.gap_truth[f"{axis}_mm"][0] for axis in "ras"])
    angle, radius, height = phantom.frame.to_cylindrical(place)
    assert (angle, height) == pytest.approx((60, HEIGHT_MM))
    radii = radius + np.arange(-0.3, 0.3, STEP_MM)
    share = profile(phantom, float(angle), radii, float(height))
    opening = phantom.gap_truth["opening_um"][0] / 1000
    assert share.sum() * STEP_MM == pytest.approx(opening, abs=0.1 * VOXEL_MM)
    assert np.sum(share * radii) / share.sum() == pytest.approx(float(radius), abs=0.1 * VOXEL_MM)
    assert opening == pytest.approx(0.2, rel=0.1)


def test_a_particle_lies_and_weighs_what_the_truth_says() -> None:
    phantom = made((PARTICLE,), "tab")
    truth, grey = phantom.inclusion_truth, phantom.volume.array / (200 * 256)
    volume = np.pi / 6 * (truth["diameter_um"][0] / 1000) ** 3
    assert grey.sum() * np.prod(phantom.volume.spacing_mm) == pytest.approx(volume, rel=0.02)
    middle = [np.sum(grey * index) / grey.sum() for index in np.indices(grey.shape)]
    place = phantom.volume.to_ras(middle[::-1])
    assert place == pytest.approx([truth[f"{axis}_mm"][0] for axis in "ras"], abs=0.02 * VOXEL_MM)
    turn = phantom.winding_truth.turns - phantom.winding_truth.turns % 1
    _, radius, _ = phantom.frame.to_cylindrical(place)
    beside = [float(phantom.winding_truth.radius_mm(n + (300 - 85) / 360, HEIGHT_MM)) for n in range(int(turn))]
    assert radius - beside[1] == pytest.approx(0.09, abs=0.01)


def test_a_particle_outside_the_volume_is_not_in_the_truth() -> None:
    assert len(made((replace(PARTICLE, height_mm=1.0),), "tab").inclusion_truth) == 0


def test_where_cathode_is_missing_the_winding_numbers_run_on() -> None:
    phantom = made((MissingCathode(winding=2, angle_deg=100, width_deg=40),), "cathode")
    truth = phantom.winding_truth
    turn = 1 + (100 - 85) / 360
    assert not truth.present(turn)
    assert np.all(truth.present([turn - 0.06, turn + 0.06]))
    radii = float(truth.radius_mm(turn, HEIGHT_MM)) + np.arange(-0.1, 0.1, STEP_MM)
    assert profile(phantom, 100, radii, HEIGHT_MM).max() < 0.02
    assert truth.count == 5


def test_the_windings_of_the_truth_are_the_same_in_a_turned_frame() -> None:
    phantom = made((KINK,), "cathode")
    truth, frame = phantom.winding_truth, phantom.frame
    up = frame.up + 0.01 * frame.toward_i
    turned = type(frame).from_axis(frame.origin + 0.05 * frame.toward_j, up, phantom.volume.ijk_to_ras)
    windings = truth.windings(turned, np.linspace(3.2, 4.0, 3))
    assert windings.turns == pytest.approx(truth.turns, abs=0.02)
    turns = np.arange(0.02, truth.turns - 0.02, 0.0131)
    place = windings.winding_at(truth.ras(turns, HEIGHT_MM))
    assert np.abs(place.distance_um).max() < 0.3 * VOXEL_MM * 1000
    clear = np.abs((turns + 0.5) % 1 - 0.5) > 0.02
    assert np.array_equal(place.winding[clear], np.floor(turns[clear]) + 1)


def test_a_collapsed_core_shows_in_deviation_and_buckling() -> None:
    plain, collapsed = (made(defects, "cathode").winding_truth for defects in ((), (KINK,)))
    assert plain.describe()["core_buckling_um"] == 0
    assert collapsed.describe()["core_buckling_um"] == pytest.approx(300 * (1 - 0.28 / 2.5), rel=0.06)
    innermost = 4 + (200 - 85) / 360
    pushed = plain.deviation_um(innermost, HEIGHT_MM) - collapsed.deviation_um(innermost, HEIGHT_MM)
    assert 100 < pushed < 300


def test_a_jelly_roll_can_stand_without_a_can() -> None:
    spec, scan = preset("small")
    coarse = replace(scan, voxel_size_um=(120, 80, 80), noise=0.0)
    alone = make_cell(replace(spec, can=replace(spec.can, present=False)), coarse, 1, angles=4)
    canned = make_cell(spec, coarse, 1, angles=4)
    assert np.percentile(alone.volume.array, 99.9) < 0.6 * np.percentile(canned.volume.array, 99.9)
    assert np.array_equal(alone.truth["overhang_um"], canned.truth["overhang_um"])


def test_cells_of_earlier_seeds_stay_what_they_were() -> None:
    spec, scan = random_cell(0)
    assert spec.roll.turns == pytest.approx(4.616583186292548)
    assert spec.can.outer_diameter_mm == pytest.approx(9.934108110110055)
    assert scan.noise == pytest.approx(random_cell(0)[1].noise)


def test_hard_cells_go_through_all_families_and_say_which() -> None:
    cells = [random_hard_cell(seed) for seed in range(len(FAMILIES))]
    assert [cell.families[0] for cell in cells] == list(FAMILIES)
    assert random_hard_cell(3) == cells[3]
    assert sum(len(cell.families) for cell in cells) > len(FAMILIES)
    assert not cells[list(FAMILIES).index("no can")].spec.can.present


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Delamination(opening_um=0),
        lambda: CoreKink(turns=0),
        lambda: Inclusion(diameter_um=-1),
        lambda: MissingCathode(width_deg=0),
        lambda: replace(preset("small")[0], defects=(CoreKink(depth_um=5000),)),
        lambda: replace(preset("small")[0], defects=(Inclusion(winding=40),)),
    ],
)
def test_defects_that_no_cell_can_have_are_refused_with_a_hint(wrong: object) -> None:
    with pytest.raises(UsageError) as caught:
        wrong()
    assert caught.value.hint
