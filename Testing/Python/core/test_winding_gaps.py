"""Gaps between neighbouring turns are found, sized and placed; loose windings and tabs are none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from batterycell.winding.faces import Faces
from batterycell.winding.gaps import GAP_COLUMNS, find_gaps, gap_table
from made_windings import PER_TURN, made_faces, measured, number, phantom

SURE_MM = 0.002


def opened(
    faces: Faces, samples: slice, opening_mm: float, heights: slice = slice(None), darker: float = 15.0
) -> Faces:
    """Faces of which everything inside of a stretch of the sheet lies deeper, with gas in between."""
    push = np.zeros_like(faces.inner_mm)
    stretch = np.arange(push.shape[1])[samples]
    for turn in range(1, 7):
        inside = stretch + turn * PER_TURN
        push[heights, inside[inside < push.shape[1]]] = -opening_mm
    valley = faces.valley.copy()
    valley[0, heights, samples] -= darker
    return replace(faces, inner_mm=faces.inner_mm + push, outer_mm=faces.outer_mm + push, valley=valley)


def test_a_gap_is_found_where_it_is_and_as_wide() -> None:
    stage, made = measured("gap")[2], phantom("gap")
    table, true = stage.tables["gaps"], made.gap_truth
    assert len(table) == 1 and number(stage, "gap_count") == (1.0, 0.0)
    places = (np.array([found[f"{axis}_mm"][0] for axis in "ras"]) for found in (table, true))
    assert np.linalg.norm(np.subtract(*places)) < 0.8
    assert table["winding"][0] == 2
    assert abs(table["opening_um"][0] - true["opening_um"][0]) < 2 * table["u_opening_um"][0]
    assert table["darkness"][0] > 0.25


@pytest.mark.parametrize("name", ["plain", "oval", "dented", "tab", "clockwise"])
def test_a_whole_roll_has_no_gap_and_says_how_small_one_could_be(name: str) -> None:
    value, smallest = number(measured(name)[2], "gap_max_um")
    assert value == 0 and 20 < smallest < 80
    assert number(measured(name)[2], "gap_count")[0] == 0


def test_the_map_of_gaps_shows_the_opening_between_the_turns() -> None:
    _, windings, stage = measured("gap")
    found = next(one for one in stage.maps if one.name == "winding_gap_um")
    widest = np.unravel_index(np.nanargmax(found.values), found.values.shape)
    assert found.values[widest] == pytest.approx(number(stage, "gap_max_um")[0], rel=0.05)
    place = windings.winding_at(found.places[widest])
    assert abs(place.distance_um) > 0.3 * 1000 * windings.pitch_mm


@pytest.mark.parametrize("turn", [0, 2, 4])
def test_an_opening_of_perfect_faces_is_sized_exactly(turn: int) -> None:
    start = turn * PER_TURN + 60
    faces = opened(made_faces(), slice(start, start + 30), 0.1)
    gaps = find_gaps(faces, SURE_MM)
    table = gap_table(faces, gaps)
    assert gaps.count == 1 and table["winding"].tolist() == [turn + 1]
    assert table["opening_um"][0] == pytest.approx(100, abs=1)
    assert table["angle_deg"][0] == pytest.approx(30 + 2 * 75, abs=32)
    around = 2 * np.pi * faces.inner_mm[0, start + 15] / PER_TURN
    assert table["width_mm"][0] == pytest.approx(30 * around, rel=0.1)


def test_two_gaps_are_two_rows_the_widest_first() -> None:
    faces = opened(opened(made_faces(heights=9), slice(20, 40), 0.07, slice(0, 3)), slice(500, 520), 0.12, slice(6, 9))
    table = gap_table(faces, find_gaps(faces, SURE_MM))
    assert table["gap"].tolist() == [1, 2]
    assert table["opening_um"] == pytest.approx([120, 70], abs=1)
    assert table["tall_mm"] == pytest.approx([3, 3])
    assert table["height_mm"][0] > 5 > table["height_mm"][1]


def test_a_roll_that_is_loose_everywhere_at_an_angle_has_no_gap() -> None:
    faces = made_faces()
    loose = 1 + 0.15 * (np.cos(np.radians(faces.angle_deg)) > 0.7)
    middle = faces.middle_mm * loose
    assert find_gaps(replace(faces, inner_mm=middle - 0.1, outer_mm=middle + 0.1), SURE_MM).count == 0


def test_a_thick_coating_is_no_gap() -> None:
    faces = made_faces()
    thin = np.zeros_like(faces.inner_mm)
    thin[:, 2 * PER_TURN : 3 * PER_TURN] = 0.02
    assert find_gaps(replace(faces, inner_mm=faces.inner_mm - thin, outer_mm=faces.outer_mm + thin), SURE_MM).count == 0


def test_a_place_that_is_no_darker_is_a_misread_sheet_and_no_gap() -> None:
    assert find_gaps(opened(made_faces(), slice(100, 130), 0.2, darker=0.0), SURE_MM).count == 0


def test_single_places_are_no_gap() -> None:
    faces = opened(made_faces(), slice(100, 102), 0.2, slice(2, 3))
    assert find_gaps(faces, SURE_MM).count == 0


def test_what_is_not_seen_is_no_gap() -> None:
    faces = made_faces()
    inner = faces.inner_mm.copy()
    inner[:, 200:260] = np.nan
    gaps = find_gaps(replace(faces, inner_mm=inner), SURE_MM)
    assert gaps.count == 0 and np.isnan(gaps.opening_mm[:, 200:260]).all()


def test_a_table_without_gaps_has_all_its_columns() -> None:
    faces = made_faces()
    table = gap_table(faces, find_gaps(faces, SURE_MM))
    assert len(table) == 0 and table.columns == GAP_COLUMNS
