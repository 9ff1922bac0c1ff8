"""Boxes that cut a cell open, with and without a known cell, in volumes that lie in any way; and the grey steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from batterycell.clip import Box, Cut, fit_box, grey_steps, half_cut, quarter_cut, slab, standing_frame
from batterycell.errors import InputError
from batterycell.orient import Can, Cell, CellFrame
from batterycell.volume import Volume
from made_result import made_result

RADIUS = 3.0
HEIGHT_UM = 4400.0
SHEARED = np.array([[0.1, 0.03, 0.0, 5.0], [0.0, 0.1, 0.02, -7.0], [0.0, 0.0, 0.2, 3.0], [0.0, 0.0, 0.0, 1.0]])
TILTED = np.array([[0.0, -0.08, 0.12, 1.0], [-0.1, 0.0, 0.0, 2.0], [0.0, -0.06, -0.16, 3.0], [0.0, 0.0, 0.0, 1.0]])
STRAIGHT = np.diag([-0.1, -0.1, 0.2, 1.0])


def volume(matrix: np.ndarray) -> Volume:
    return Volume(np.zeros((22, 80, 90), np.uint8), matrix, "test")


def cell(of: Volume, lean: float = 0.0) -> Cell:
    """A cell in the middle of a volume, its axis off k by a lean."""
    middle = of.to_ras((np.array(of.array.shape[::-1]) - 1) / 2)
    up = of.ijk_to_ras[:3, 2] + lean * of.ijk_to_ras[:3, 0]
    frame = CellFrame.from_axis(middle, up, of.ijk_to_ras)
    return Cell(frame, Can(middle, frame.up, RADIUS, 0.01, 0.01), (-2.2, 2.2), 0.0, False, "groove")


def around(frame: CellFrame, radius: float, height: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Angles and points all around the axis."""
    angles = np.arange(0.5, 360.0, 2.0)
    return angles, frame.from_cylindrical(angles, radius, height)


@pytest.fixture(params=[STRAIGHT, SHEARED, TILTED, -TILTED + 2 * np.diag([0, 0, 0, 1.0])])
def lying(request: pytest.FixtureRequest) -> Volume:
    return volume(request.param)


def is_box(box: Box) -> bool:
    return bool(np.allclose(box.axes.T @ box.axes, np.eye(3)) and np.linalg.det(box.axes) > 0 and (box.size > 0).all())


@pytest.mark.parametrize("lean", [0.0, 0.3])
def test_the_fitted_box_holds_the_can_and_little_more(lying: Volume, lean: float) -> None:
    standing = cell(lying, lean)
    cut = fit_box(lying, standing)
    assert is_box(cut.box) and not cut.removes_inside
    assert cut.keeps(around(standing.frame, RADIUS)[1]).all()
    assert not cut.keeps(around(standing.frame, 1.5 * RADIUS)[1]).any()


def test_without_a_cell_the_fitted_box_holds_the_whole_volume(lying: Volume) -> None:
    corners = np.array([[i, j, k] for i in (0, 89) for j in (0, 79) for k in (0, 21)])
    cut = fit_box(lying)
    assert is_box(cut.box)
    assert cut.keeps(lying.to_ras(corners)).all()


def test_without_a_cell_the_axes_are_those_of_the_volume() -> None:
    straight = standing_frame(volume(TILTED))
    np.testing.assert_allclose(straight.basis, TILTED[:3, :3] / [0.1, 0.1, 0.2], atol=1e-12)
    sheared = standing_frame(volume(SHEARED)).basis
    np.testing.assert_allclose(sheared.T @ sheared, np.eye(3), atol=1e-12)
    axes = SHEARED[:3, :3] / np.linalg.norm(SHEARED[:3, :3], axis=0)
    assert (np.degrees(np.arccos(np.sum(sheared * axes, axis=0))) < 12).all()


@pytest.mark.parametrize("angle", [0.0, 37.0, 300.0])
def test_a_quarter_cut_takes_exactly_a_quarter_away(lying: Volume, angle: float) -> None:
    frame = cell(lying).frame
    cut = quarter_cut(lying, cell(lying), angle)
    assert is_box(cut.box) and cut.removes_inside
    for height in (-2.0, 0.0, 2.0):
        angles, points = around(frame, 0.9 * RADIUS, height)
        np.testing.assert_array_equal(cut.keeps(points), (angles - angle) % 360 > 90)


@pytest.mark.parametrize("angle", [0.0, 37.0, 300.0])
def test_a_half_cut_keeps_the_half_behind_the_angle(lying: Volume, angle: float) -> None:
    cut = half_cut(lying, cell(lying), angle)
    angles, points = around(cell(lying).frame, 0.9 * RADIUS)
    assert is_box(cut.box)
    np.testing.assert_array_equal(cut.keeps(points), (angles - angle) % 360 > 180)


@pytest.mark.parametrize("cut_of", [quarter_cut, half_cut])
def test_without_a_cell_cuts_meet_in_the_middle_of_the_volume(lying: Volume, cut_of: object) -> None:
    frame = standing_frame(lying)
    kept = cut_of(lying, None, 0.0).keeps(around(frame, 1.0)[1])  # type: ignore[operator]
    assert kept.mean() == pytest.approx(0.75 if cut_of is quarter_cut else 0.5)


def test_a_slab_keeps_its_thickness_at_its_height(lying: Volume) -> None:
    standing = cell(lying)
    cut = slab(lying, standing, 500.0, 1000.0)
    heights = np.arange(-2.0, 2.0, 0.01)
    kept = cut.keeps(standing.frame.origin + heights[:, None] * standing.frame.up)
    assert is_box(cut.box)
    np.testing.assert_allclose([heights[kept].min(), heights[kept].max()], [0.0, 1.0], atol=0.011)


def test_a_slab_ends_where_the_volume_ends() -> None:
    straight = volume(STRAIGHT)
    assert slab(straight, cell(straight), 0.0, 1e6).box.size[2] == pytest.approx(HEIGHT_UM / 1000)


@pytest.mark.parametrize(("height", "thickness"), [(0.0, 0.0), (0.0, -5.0), (3000.0, 100.0), (float("nan"), 1.0)])
def test_a_slab_of_nothing_is_refused_with_a_hint(height: float, thickness: float) -> None:
    straight = volume(STRAIGHT)
    with pytest.raises(InputError, match="-2200 and 2200 µm"):
        slab(straight, cell(straight), height, thickness)


def test_an_inverted_cut_keeps_what_the_cut_took_away() -> None:
    cut = quarter_cut(volume(STRAIGHT))
    points = np.random.default_rng(1).uniform(-8, 8, (500, 3))
    inverted = replace(cut, removes_inside=False)
    np.testing.assert_array_equal(cut.keeps(points), ~inverted.keeps(points))
    assert isinstance(cut, Cut)


def three_parts(dtype: type, scale: float, noise: float = 3.0) -> np.ndarray:
    """Air, anodes, cathodes and steel in the shares of a real scan, each with noise."""
    random = np.random.default_rng(3)
    levels = np.repeat([4.0, 36.0, 75.0, 175.0], [50_000, 30_000, 14_000, 6_000])
    return ((levels + noise * random.standard_normal(levels.size)).clip(0) * scale).astype(dtype)


@pytest.mark.parametrize(("dtype", "scale"), [(np.uint8, 1.0), (np.uint16, 257.0), (np.float32, 1e-3), (np.int16, 100)])
def test_the_grey_steps_lie_between_the_parts_at_any_type_and_scale(dtype: type, scale: float) -> None:
    steps = grey_steps(three_parts(dtype, scale))
    assert 10 < steps.air / scale < 30 < 45 < steps.anode / scale < 68 < 85 < steps.cathode / scale < 165
    assert steps.steel / scale == pytest.approx(175, rel=0.03)


def test_hot_voxels_do_not_move_the_grey_steps() -> None:
    array = three_parts(np.uint16, 100.0)
    array[::2000] = 65535
    assert grey_steps(array).cathode < 16500


def test_voxels_that_are_no_numbers_do_not_move_the_grey_steps() -> None:
    array = three_parts(np.float32, 1.0)
    clean = grey_steps(array)
    array[::7] = np.nan
    array[1::700] = np.inf
    assert grey_steps(array).anode == pytest.approx(clean.anode, abs=2)


@pytest.mark.parametrize(
    "array", [np.zeros(100), np.full((4, 4), np.nan), np.array([1, 2]), np.zeros(0), np.eye(2) > 0]
)
def test_scans_without_parts_are_parted_all_the_same(array: np.ndarray) -> None:
    steps = grey_steps(array)
    assert steps.air < steps.anode < steps.cathode and np.isfinite(steps.steel)


def test_the_grey_steps_of_a_made_cell_part_gas_from_sheets_and_sheets_from_the_can() -> None:
    steps = grey_steps(made_result().volume.array)
    assert 10 < steps.air <= 90 and 150 <= steps.cathode < 230
