"""Overhang measured in a segmented longitudinal plane."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.overhang import measure_labelled_overhang
from batterycell.volume import Volume

CATHODE, OVERHANG = 2, 3
STEP_UM, PIXEL_UM = 68.0, 34.0


def plane(labels: np.ndarray) -> Volume:
    matrix = np.diag([PIXEL_UM / 1000, -STEP_UM / 1000, 1.0, 1.0])
    return Volume(labels[None], matrix, "test")


@pytest.fixture
def roll() -> np.ndarray:
    """Three cathodes that end at row 30, four anodes whose tips stand at row 20, one row higher outward each."""
    labels = np.ones((60, 70), np.uint8)
    for n, column in enumerate((10, 26, 42, 58)):
        labels[20 - n : 30, column - 1 : column + 2] = OVERHANG
    for column in (18, 34, 50):
        labels[30:, column - 3 : column + 4] = CATHODE
    return labels


def test_the_overhang_of_every_cathode_is_measured_on_both_sides(roll: np.ndarray) -> None:
    table = measure_labelled_overhang(plane(roll), CATHODE, OVERHANG)
    assert table["winding"].tolist() == [1, 1, 2, 2, 3, 3]
    assert table["side"].tolist() == ["outer", "inner"] * 3
    rows = np.array([13, 12, 12, 11, 11, 10])
    assert table["overhang_um"] == pytest.approx(STEP_UM * rows)
    assert table["overhang_axial_um"] == pytest.approx(STEP_UM * rows)


def test_ends_are_placed_in_ras(roll: np.ndarray) -> None:
    table = measure_labelled_overhang(plane(roll), CATHODE, OVERHANG)
    assert table["cathode_r_mm"][0] == pytest.approx(50 * PIXEL_UM / 1000)
    assert table["cathode_a_mm"][0] == pytest.approx(-29.5 * STEP_UM / 1000)
    assert table["anode_a_mm"][0] == pytest.approx(-16.5 * STEP_UM / 1000)


def test_doubtful_pixels_move_an_end_by_parts_of_a_pixel(roll: np.ndarray) -> None:
    uncertainty = np.zeros((1, *roll.shape), np.uint8)
    uncertainty[0, 17, 57:60] = 80  # the tip's own pixels are hardly anode
    table = measure_labelled_overhang(plane(roll), CATHODE, OVERHANG, uncertainty)
    shift = 0.5 - 0.2 / 1.2
    assert table["overhang_axial_um"][0] == pytest.approx(STEP_UM * (13 - shift))


def test_a_leaning_anode_is_measured_along_itself() -> None:
    labels = np.ones((40, 40), np.uint8)
    labels[30:, 8:15] = CATHODE
    for row in range(18, 30):
        labels[row, 17 + (30 - row) // 2 : 20 + (30 - row) // 2] = OVERHANG
    table = measure_labelled_overhang(plane(labels), CATHODE, OVERHANG)
    lean = np.hypot(1.0, 0.5 * PIXEL_UM / STEP_UM)
    assert table["overhang_axial_um"][0] == pytest.approx(STEP_UM * 12)
    assert table["overhang_um"][0] == pytest.approx(STEP_UM * 12 * lean, rel=0.01)


def test_a_missing_anode_leaves_its_two_faces_empty(roll: np.ndarray) -> None:
    roll[:, 40:45] = np.where(roll[:, 40:45] == OVERHANG, 1, roll[:, 40:45])
    table = measure_labelled_overhang(plane(roll), CATHODE, OVERHANG)
    assert np.flatnonzero(np.isnan(table["overhang_um"])).tolist() == [1, 2]


def test_specks_are_no_sheets(roll: np.ndarray) -> None:
    roll[5, 5] = CATHODE
    roll[8:10, 40] = OVERHANG
    assert len(measure_labelled_overhang(plane(roll), CATHODE, OVERHANG)) == 6


def test_a_plane_without_sheets_gives_an_empty_table() -> None:
    assert len(measure_labelled_overhang(plane(np.ones((20, 20), np.uint8)), CATHODE, OVERHANG)) == 0
