"""A cell is found, and set upright, however it lies in the volume."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from batterycell.errors import InputError
from batterycell.orient import CellFrame, cell_notes, find_can, find_cell
from batterycell.phantom import Phantom, preset
from batterycell.result import cell_from_json, cell_to_json
from batterycell.volume import Volume
from made_cells import made_cell


def small(**changes: object) -> Phantom:
    spec, scan = preset("small")
    return made_cell(spec, replace(scan, **changes), seed=3)


def tube(
    shape: tuple[int, int, int] = (40, 120, 120), centre: tuple[float, float] = (60, 60), radius: float = 50
) -> Volume:
    """A bare can in a box of air."""
    j, i = np.indices(shape[1:])
    distance = np.hypot(i - centre[0], j - centre[1])
    section = 5 + 195 * np.clip(radius - distance + 0.5, 0, 1) * np.clip(distance - radius + 6.5, 0, 1)
    return Volume.from_stack(np.repeat(section[None], shape[0], axis=0).astype(np.float32), (60, 40, 40), "made")


@pytest.mark.parametrize(
    "pose",
    [
        {},
        {"upside_down": True},
        {"tilt_deg": 5.0, "tilt_toward_deg": 70.0},
        {"tilt_deg": 3.0, "upside_down": True, "tilt_toward_deg": 200.0},
        {"axis": "i"},
        {"axis": "j", "upside_down": True},
    ],
    ids=str,
)
def test_axis_and_top_are_found(pose: dict[str, object]) -> None:
    phantom = small(**pose)
    cell = find_cell(phantom.volume)
    angle = np.degrees(np.arccos(np.clip(cell.frame.up @ phantom.frame.up, -1, 1)))
    assert angle < 0.15
    assert cell.can.outer_diameter_mm == pytest.approx(phantom.spec.can.outer_diameter_mm, rel=0.005)


def test_the_axis_runs_through_the_cells_middle() -> None:
    phantom = small(tilt_deg=4.0)
    cell = find_cell(phantom.volume)
    _, radius, _ = phantom.frame.to_cylindrical(cell.frame.from_cylindrical(0, 0, np.array([-2.0, 0.0, 2.0])))
    assert np.all(radius < 0.5 * phantom.volume.spacing_mm.max())


def test_the_diameter_of_a_bare_tube_is_right_to_a_tenth_of_a_voxel() -> None:
    can = find_can(tube())
    assert can.outer_diameter_mm == pytest.approx(2 * 50 * 0.04, abs=0.004)
    assert can.u_outer_diameter_mm < 0.04


def test_angles_run_from_i_to_j_whichever_way_is_up() -> None:
    for up in ((0, 0, 1), (0, 0, -1)):
        frame = CellFrame.from_axis(np.zeros(3), np.array(up, float), np.diag([-1.0, -1.0, 1.0, 1.0]))
        angle, _, _ = frame.to_cylindrical(np.array([[-1.0, 0, 0], [0, -1.0, 0]]))
        assert angle == pytest.approx([0, 90])


def test_cylindrical_coordinates_round_trip() -> None:
    frame = CellFrame.from_axis(np.array([1.0, 2, 3]), np.array([0.1, -0.2, -0.9]), np.diag([-0.03, -0.03, 0.07, 1]))
    places = np.random.default_rng(0).normal(size=(50, 3))
    assert frame.from_cylindrical(*frame.to_cylindrical(places)) == pytest.approx(places)


def test_the_upright_transform_is_a_rotation() -> None:
    frame = CellFrame.from_axis(np.zeros(3), np.array([0.1, 0.2, -1.0]), np.diag([-1.0, -1.0, 1.0, 1.0]))
    rotation = frame.upright_to_ras[:3, :3]
    assert rotation @ rotation.T == pytest.approx(np.eye(3))
    assert np.linalg.det(rotation) == pytest.approx(1)


@pytest.mark.parametrize(
    "volume",
    [
        Volume.from_stack(np.random.default_rng(0).normal(20, 5, (40, 80, 80)), (60, 40, 40), "made"),
        tube(shape=(40, 120, 60)),
        tube(centre=(20, 60)),
    ],
    ids=["noise alone", "half a cell", "cut by the border"],
)
def test_what_is_no_whole_cell_is_refused_with_a_hint(volume: Volume) -> None:
    with pytest.raises(InputError) as caught:
        find_cell(volume)
    assert caught.value.code in {"no-cell", "cell-cut"}
    assert caught.value.hint


@pytest.mark.parametrize("outside", [0, 40000], ids=["dark", "bright"])
def test_air_with_an_offset_and_blank_corners_are_no_can(outside: float) -> None:
    j, i = np.indices((120, 120))
    array = np.where(np.hypot(i - 59.5, j - 59.5) < 59, 30000 + 100 * tube().array, outside).astype(np.uint16)
    can = find_can(Volume.from_stack(array, (60, 40, 40), "made"))
    assert can.outer_diameter_mm == pytest.approx(2 * 50 * 0.04, abs=0.008)


def test_inverted_grey_values_are_refused() -> None:
    volume = tube()
    with pytest.raises(InputError) as caught:
        find_cell(replace(volume, array=255 - volume.array))
    assert caught.value.code == "no-cell"


@pytest.mark.parametrize("slices", [1, 3])
def test_of_a_few_slices_the_axis_is_that_across_them(slices: int) -> None:
    cell = find_cell(tube(shape=(slices, 120, 120)))
    assert cell.can.outer_diameter_mm == pytest.approx(2 * 50 * 0.04, abs=0.004)
    assert (cell.tilt_deg, cell.top_from, cell.has_can) == (0, "unknown", True)
    np.testing.assert_array_equal(cell.frame.up, [0, 0, 1])
    half = (slices - 1) / 2 * 0.06
    assert cell.heights_mm == pytest.approx((-half, half))


def test_a_mask_of_an_outline_is_a_cell() -> None:
    mask = tube(shape=(1, 120, 120)).array > 100
    cell = find_cell(Volume.from_stack(mask, (60, 40, 40), "made"))
    assert cell.can.outer_diameter_mm == pytest.approx(2 * 50 * 0.04, abs=0.04)


def roll_alone() -> Phantom:
    """A jelly roll in air."""
    spec, scan = preset("small")
    return made_cell(replace(spec, can=replace(spec.can, present=False)), replace(scan, streaks=0.0), seed=3)


def test_the_outer_boundary_of_a_jelly_roll_alone_stands_for_the_can() -> None:
    phantom = roll_alone()
    cell = find_cell(phantom.volume)
    assert not cell.has_can and cell.top_from == "unknown"
    assert np.degrees(np.arccos(abs(cell.frame.up @ phantom.frame.up))) < 0.3
    assert 0.85 < cell.can.outer_diameter_mm / phantom.spec.can.outer_diameter_mm < 1
    assert "No can" in cell_notes(cell)[0]
    assert not cell_from_json(cell_to_json(cell)).has_can


def test_a_cell_noted_before_cans_were_told_has_one() -> None:
    noted = cell_to_json(find_cell(tube()))
    del noted["has_can"]
    assert cell_from_json(noted).has_can


def beside(count: int, gap: int, slices: int = 8) -> Volume:
    section = tube(shape=(slices, 120, 120)).array[:, :, 6:114]
    air = np.full((slices, 120, gap), 5, np.float32)
    row = [part for _ in range(count) for part in (section, air)]
    return Volume.from_stack(np.concatenate(row, axis=2), (60, 40, 40), "made")


@pytest.mark.parametrize(("count", "gap", "slices"), [(2, 10, 8), (3, 5, 30), (2, 10, 1)])
def test_cells_beside_each_other_are_refused(count: int, gap: int, slices: int) -> None:
    with pytest.raises(InputError, match=f"{count} round cells lie beside") as caught:
        find_cell(beside(count, gap, slices))
    assert caught.value.code == "several-cells" and "Crop" in caught.value.hint


def test_cells_behind_each_other_are_refused() -> None:
    one = tube(shape=(80, 120, 120)).array
    volume = np.concatenate([one, np.full((12, 120, 120), 5, np.float32), one])
    with pytest.raises(InputError, match="one behind the other") as caught:
        find_cell(Volume.from_stack(volume, (60, 40, 40), "made"))
    assert caught.value.code == "several-cells"


def test_a_diameter_of_no_known_format_is_pointed_out() -> None:
    cell = find_cell(tube(shape=(3, 120, 120)))
    (note,) = cell_notes(cell)
    assert note.startswith("4.0") and "check the voxel size" in note and "AAAA" in note
    right = replace(cell, can=replace(cell.can, outer_radius_mm=10.6))
    assert cell_notes(right) == ()


def test_a_cell_far_taller_than_wide_is_found_though_its_long_sections_have_corners_on_a_circle() -> None:
    tall = np.zeros((480, 60, 60), np.uint8)
    rows, columns = np.indices((60, 60)) - 29.5
    radius = np.hypot(rows, 1.06 * columns)
    tall[20:460, (radius < 24) & (radius > 21)] = 200
    cell = find_cell(Volume.from_stack(tall, (40.0, 40.0, 40.0), "test"))
    assert cell.can.outer_diameter_mm == pytest.approx(46.6 * 0.04, rel=0.02)


def test_small_things_beside_a_cell_do_not_hide_it() -> None:
    array = tube(shape=(12, 140, 140), centre=(75, 75)).array.copy()
    j, i = np.indices(array.shape[1:])
    array[:, np.hypot(i - 10, j - 10) < 8] = 220
    cell = find_cell(Volume.from_stack(array, (60, 40, 40), "made"))
    assert cell.can.outer_diameter_mm == pytest.approx(2 * 50 * 0.04, abs=0.004)


def test_cells_that_touch_are_told_apart() -> None:
    one, gap = tube(shape=(8, 120, 120)).array, 10
    touching = np.concatenate([one[:, :, : 120 - gap], one[:, :, gap:]], axis=2)
    with pytest.raises(InputError, match="2 round cells") as caught:
        find_cell(Volume.from_stack(touching, (60, 40, 40), "made"))
    assert caught.value.code == "several-cells"


def test_a_short_oval_cell_is_not_taken_for_one_that_is_tilted_more() -> None:
    slices, rows, columns = np.indices((30, 120, 120)) - 59.5
    radius = np.hypot(rows, 1.04 * (columns - np.tan(np.radians(2)) * (slices + 45)))
    short = np.where((radius < 50) & (radius > 46), 200, 0).astype(np.uint8)
    frame = find_cell(Volume.from_stack(short, (40.0, 40.0, 40.0), "test")).frame
    assert np.degrees(np.arccos(abs(frame.up[2]))) == pytest.approx(2, abs=0.4)
