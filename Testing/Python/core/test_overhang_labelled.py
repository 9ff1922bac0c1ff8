"""Overhang on segmented half-planes that are drawn by hand: every length is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from batterycell.errors import InputError
from batterycell.overhang.labelled.one_end import measure_label_planes
from batterycell.overhang.labelled.planes import LabelPlanes
from batterycell.overhang.rows import EndRows
from batterycell.winding import EndPlanes, RollEnd

STEP, PIXEL = 0.034, 0.034  # mm: two rows a voxel
VOXEL = 2 * STEP
LEVEL = 1.02  # height at which the cathodes end, between two rows
COLUMNS = (18, 34, 50)


def planes(cathode: np.ndarray, overhang: np.ndarray, anode: np.ndarray | None = None) -> LabelPlanes:
    """Half-planes (a, rows, columns) of shares, rows outward."""
    count, rows, columns = cathode.shape
    end, radii = RollEnd("top", 1, LEVEL, True), (np.arange(columns) + 1) * PIXEL
    grid = EndPlanes(
        end, np.arange(float(count)), np.arange(rows) * STEP, radii,
        cathode.astype(np.float32), np.ones(cathode.shape, bool), VOXEL, PIXEL,
    )  # fmt: skip
    return LabelPlanes(grid, overhang.astype(np.float32), None if anode is None else anode.astype(np.float32))


@pytest.fixture
def roll() -> tuple[np.ndarray, np.ndarray]:
    """Cathodes that end above row 29, anodes between and beside them whose tips stand 10, 11, 12 and 13 rows higher."""
    cathode, overhang = np.zeros((2, 1, 60, 70))
    for column in COLUMNS:
        cathode[:, :30, column - 3 : column + 4] = 1
    for n, column in enumerate((10, 26, 42, 58)):
        overhang[:, 30 : 40 + n, column - 2 : column + 3] = 1
    return cathode, overhang


def measure(given: LabelPlanes) -> EndRows:
    return measure_label_planes(given, None)


def test_the_overhang_of_every_cathode_is_measured_on_both_sides(roll: tuple[np.ndarray, np.ndarray]) -> None:
    rows = measure(planes(*roll))
    assert rows.winding.tolist() == [1, 2, 3]
    assert rows.flag.tolist() == [["ok", "ok"]] * 3
    assert rows.lengths[0] == pytest.approx(STEP * np.array([[13, 12], [12, 11], [11, 10]]), abs=1e-3)
    assert rows.lengths[1] == pytest.approx(rows.lengths[0], abs=1e-3)
    assert rows.tilt_deg == pytest.approx(np.zeros((3, 2)), abs=0.5)


def test_ends_lie_between_the_last_row_of_a_class_and_the_next(roll: tuple[np.ndarray, np.ndarray]) -> None:
    rows = measure(planes(*roll))
    assert rows.cathode[1] == pytest.approx(np.full(3, 29.5 * STEP))
    assert rows.cathode[0] == pytest.approx((np.array(COLUMNS[::-1]) + 1) * PIXEL)
    assert rows.anode[1][0] == pytest.approx([42.5 * STEP, 41.5 * STEP])


def test_a_probability_that_falls_slowly_ends_at_its_middle_and_is_less_certain(
    roll: tuple[np.ndarray, np.ndarray],
) -> None:
    sharp = measure(planes(*roll))
    roll[1][0, 41:45, 56:61] = np.array([0.8, 0.6, 0.4, 0.2])[:, None]
    blurred = measure(planes(*roll))
    assert blurred.anode[1][0, 0] == pytest.approx(42.5 * STEP)
    assert blurred.lengths[2][0, 0] > 1.1 * sharp.lengths[2][0, 0]


def test_a_leaning_anode_is_measured_along_itself(roll: tuple[np.ndarray, np.ndarray]) -> None:
    cathode, overhang = roll
    overhang[:, :, 52:] = 0
    for row in range(30, 54):
        overhang[:, row, 56 + (row - 30) // 3 : 61 + (row - 30) // 3] = 1
    rows = measure(planes(cathode, overhang))
    assert rows.lengths[1][0, 0] == pytest.approx(24 * STEP, abs=1e-3)
    assert rows.lengths[0][0, 0] == pytest.approx(24 * STEP * np.hypot(1, 1 / 3), rel=0.015)
    assert rows.tilt_deg[0, 0] == pytest.approx(np.degrees(np.arctan(1 / 3)), abs=1.5)


def test_an_anode_that_does_not_rise_between_two_cathodes_is_short(roll: tuple[np.ndarray, np.ndarray]) -> None:
    roll[1][:, :, 40:45] = 0
    assert measure(planes(*roll)).flag.tolist() == [
        ["ok", "negative-unclear"],
        ["negative-unclear", "ok"],
        ["ok", "ok"],
    ]


def test_no_anode_is_missed_where_none_must_stand(roll: tuple[np.ndarray, np.ndarray]) -> None:
    roll[1][:, :, 54:] = 0
    assert measure(planes(*roll)).flag[0].tolist() == ["no-anode", "ok"]


def test_a_model_in_doubt_is_not_taken_for_a_short_anode(roll: tuple[np.ndarray, np.ndarray]) -> None:
    roll[1][:, 30:40, 40:45] = 0.4
    assert measure(planes(*roll)).flag[0].tolist() == ["ok", "anode-unclear"]


def test_an_anode_of_its_own_class_is_measured_where_it_ends_too_early(roll: tuple[np.ndarray, np.ndarray]) -> None:
    cathode, overhang = roll
    overhang[:, :, 40:45] = 0
    anode = overhang.copy()
    for column in (10, 26, 58):
        anode[:, :30, column - 2 : column + 3] = 1
    anode[:, :24, 40:45] = 1
    rows = measure(planes(cathode, overhang, anode))
    assert rows.flag.tolist() == [["ok", "negative"], ["negative", "ok"], ["ok", "ok"]]
    assert rows.lengths[0][0, 1] == pytest.approx(-6 * STEP, abs=1e-3)


def test_what_lies_beyond_a_gap_is_another_thing(roll: tuple[np.ndarray, np.ndarray]) -> None:
    roll[1][:, 48:55, 40:45] = 1
    assert measure(planes(*roll)).lengths[0][1, 0] == pytest.approx(12 * STEP, abs=1e-3)


def test_sheets_that_touch_at_their_tips_are_told_apart_or_said_to_be_unclear(
    roll: tuple[np.ndarray, np.ndarray],
) -> None:
    cathode, overhang = roll
    for row in range(34, 41):
        overhang[:, row, 24 : 29 + 3 * (row - 34)] = 1
    rows = measure(planes(cathode, overhang))
    assert rows.flag[1, 1] in ("ok", "anode-unclear")
    assert rows.lengths[0][1, 0] == pytest.approx(12 * STEP, abs=2 * STEP)


def test_specks_are_no_sheets(roll: tuple[np.ndarray, np.ndarray]) -> None:
    roll[0][:, 5:9, 5] = 1
    roll[1][:, 50:52, 40] = 1
    assert measure(planes(*roll)).winding.tolist() == [1, 2, 3]


def test_a_turn_whose_cathode_is_missing_keeps_its_number(roll: tuple[np.ndarray, np.ndarray]) -> None:
    roll[0][:, :, 30:38] = 0
    more = np.concatenate([roll[0], roll[0]]), np.concatenate([roll[1], roll[1]])
    more[0][1, :30, 31:38] = 1  # seen at the other angle, which tells the pitch
    rows = measure(planes(*more))
    assert rows.winding.tolist() == [1, 2, 3] * 2
    assert rows.flag[1].tolist() == ["cathode-unclear"] * 2


def test_planes_without_cathodes_are_refused(roll: tuple[np.ndarray, np.ndarray]) -> None:
    with pytest.raises(InputError, match="no windings"):
        measure(planes(np.zeros_like(roll[0]), roll[1]))


def test_planes_that_the_labels_do_not_reach_are_unclear(roll: tuple[np.ndarray, np.ndarray]) -> None:
    given = planes(*roll)
    known = given.planes.known.copy()
    known[:, 42:] = False
    rows = measure(replace(given, planes=replace(given.planes, known=known)))
    assert rows.flag[0].tolist() == ["anode-unclear", "anode-unclear"]
    assert rows.flag[2, 1] == "ok"
