"""Turning by quarter turns and flips: exact, rigid, never mirrored, and the cell turns with its volume."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from batterycell.errors import UsageError
from batterycell.orient import AXES, find_cell, is_identity, is_rigid, move_cell, turn, turn_shown
from batterycell.phantom import preset
from batterycell.volume import Volume
from made_cells import made_cell

CENTRE = (1.1, -20.3, 30.7)


@pytest.mark.parametrize(("axis", "degrees"), list(product(AXES, (-90, 90, 180, 33.3))))
def test_a_turn_is_rigid_and_keeps_its_centre(axis: str, degrees: float) -> None:
    matrix = turn(axis, degrees, CENTRE)
    assert is_rigid(matrix)
    np.testing.assert_allclose(matrix @ [*CENTRE, 1], [*CENTRE, 1], atol=1e-13)


@pytest.mark.parametrize("axis", AXES)
def test_the_axis_itself_does_not_turn_and_the_next_turns_to_the_one_after(axis: str) -> None:
    index = AXES.index(axis)
    rotation = turn(axis, 90, CENTRE)[:3, :3]
    np.testing.assert_array_equal(rotation[:, index], np.eye(3)[index])
    np.testing.assert_array_equal(rotation[:, (index + 1) % 3], np.eye(3)[(index + 2) % 3])


@pytest.mark.parametrize("axis", AXES)
def test_quarter_turns_have_whole_numbers_and_no_negative_zeros(axis: str) -> None:
    for degrees in (-270, -180, -90, 0, 90, 180, 270, 360, 3690):
        rotation = turn(axis, degrees, CENTRE)[:3, :3]
        assert set(np.unique(rotation)) <= {-1.0, 0.0, 1.0}
        assert not np.signbit(rotation[rotation == 0]).any()


@pytest.mark.parametrize("words", [[90] * 4, [-90] * 4, [180] * 2, [90, -90], [180, 90, 90]])
@pytest.mark.parametrize("axis", AXES)
def test_turns_that_cancel_each_other_give_the_identity_to_the_last_bit(axis: str, words: list[float]) -> None:
    shown = np.eye(4)
    for degrees in words:
        shown = turn_shown(shown, axis, degrees, CENTRE)
    np.testing.assert_array_equal(shown, np.eye(4))


def test_turning_on_keeps_what_is_shown_in_the_middle() -> None:
    shown = turn("R", 20, (5, 6, 7)) @ turn("S", 77, (1, 2, 3))
    on = turn_shown(shown, "A", 90, CENTRE)
    np.testing.assert_allclose(on @ [*CENTRE, 1], shown @ [*CENTRE, 1], atol=1e-12)
    np.testing.assert_allclose(on[:3, :3], turn("A", 90, CENTRE)[:3, :3] @ shown[:3, :3], atol=1e-15)


def test_a_thousand_quarter_turns_do_not_drift() -> None:
    start = shown = turn("R", 20, (5, 6, 7))
    for step in range(1000):
        shown = turn_shown(shown, AXES[step % 3], 90, CENTRE)
    assert is_rigid(shown)
    np.testing.assert_allclose(shown @ [*CENTRE, 1], start @ [*CENTRE, 1], atol=1e-10)


def test_a_mirrored_scaled_or_sheared_matrix_is_not_rigid() -> None:
    sheared = np.eye(4)
    sheared[0, 1] = 0.1
    assert not any(is_rigid(matrix) for matrix in (np.diag([-1.0, 1, 1, 1]), np.diag([1.0, 1, 1.01, 1]), sheared))
    assert is_rigid(np.eye(4)) and is_identity(np.eye(4)) and not is_identity(turn("S", 0.001, CENTRE))


def test_an_unknown_axis_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UsageError, match="R, A, S"):
        turn("x", 90, CENTRE)


@pytest.fixture(scope="module")
def scan() -> Volume:
    return made_cell(*preset("small"), seed=3).volume


@pytest.mark.parametrize(("axis", "degrees"), [("R", 90), ("A", 180), ("S", -90), ("R", 31.0)])
def test_the_cell_of_a_turned_volume_is_the_turned_cell(scan: Volume, axis: str, degrees: float) -> None:
    cell, matrix = find_cell(scan), turn(axis, degrees, CENTRE)
    turned = Volume(scan.array, matrix @ scan.ijk_to_ras, "test")
    moved, found = move_cell(cell, matrix, turned.ijk_to_ras), find_cell(turned)
    for name in ("origin", "up", "toward_i", "toward_j"):
        np.testing.assert_allclose(getattr(moved.frame, name), getattr(found.frame, name), atol=1e-4, err_msg=name)
    assert (moved.upside_down, moved.top_from) == (found.upside_down, found.top_from)
    assert moved.tilt_deg == pytest.approx(found.tilt_deg, abs=1e-3)
    assert moved.can.outer_radius_mm == cell.can.outer_radius_mm
