"""Turns carry the same winding number at every angle, whatever is missing, pushed in, or in their place."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from batterycell.orient import find_cell
from batterycell.overhang import READABLE_FLAGS, measure_overhang
from batterycell.phantom import Phantom, Tab, make_cell, preset
from batterycell.tables import Table
from batterycell.winding import Windings, trace_windings
from batterycell.winding.numbering import Turns, find_turns
from matching import match

PITCH, ANGLES = 0.4, 24
EXPECTED = Turns(np.arange(1, 7), 10.0 - PITCH * np.arange(6), np.ones(6, bool))


def found_at(*radii: np.ndarray, expected: Turns = EXPECTED, step_deg: float = 5.0) -> list[np.ndarray]:
    angles = step_deg * np.arange(len(radii))
    return find_turns(list(radii), [expected] * len(radii), angles, PITCH)


def test_a_turn_that_is_not_found_leaves_the_numbers_of_the_others_alone() -> None:
    bare = replace(EXPECTED, seen=np.array([True, True, False, True, True, True]))
    (turns,) = found_at(np.delete(EXPECTED.radius, 2), expected=bare)
    assert np.isnan(turns[2])
    assert np.delete(turns, 2) == pytest.approx(np.delete(EXPECTED.radius, 2))


def test_a_turn_that_the_trace_saw_is_looked_for_where_its_neighbours_say() -> None:
    (turns,) = found_at(np.delete(EXPECTED.radius + 0.05, 2))
    assert turns == pytest.approx(EXPECTED.radius + 0.05)


def test_an_anode_beyond_the_outermost_turn_is_no_turn() -> None:
    (turns,) = found_at(np.concatenate([[EXPECTED.radius[0] + PITCH / 2], EXPECTED.radius]))
    assert turns == pytest.approx(EXPECTED.radius)


def test_no_cathode_is_given_to_two_turns() -> None:
    bare = replace(EXPECTED, seen=np.zeros(6, bool))
    (turns,) = found_at(EXPECTED.radius[[0, 1, 4, 5]] - 0.1, expected=bare)
    assert np.isfinite(turns).tolist() == [True, True, False, False, True, True]


def test_a_dent_that_pushes_the_turns_by_more_than_half_a_pitch_is_followed() -> None:
    shift = 0.7 * PITCH * np.sin(np.pi * np.arange(36) / 18).clip(0)
    turns = found_at(*(EXPECTED.radius - one for one in shift))
    for radii, one in zip(turns, shift, strict=True):
        assert radii == pytest.approx(EXPECTED.radius - one)


def test_nothing_found_is_nothing_but_what_the_trace_saw() -> None:
    assert found_at(np.zeros(0))[0] == pytest.approx(EXPECTED.radius)
    assert np.isnan(found_at(np.zeros(0), expected=replace(EXPECTED, seen=np.zeros(6, bool)))[0]).all()


@cache
def with_tab() -> tuple[Phantom, Windings, Table]:
    """A cell with a tab that opens a gap in the second winding."""
    spec, scan = preset("small")
    tab = Tab(turn=2.0, angle_deg=150, bare_deg=80, opening_um=120, strip_mm=1.2)
    spec = replace(spec, tab=tab, can=replace(spec.can, outer_diameter_mm=7.6))
    phantom = make_cell(spec, scan, seed=3, angles=ANGLES)
    cell = find_cell(phantom.volume)
    windings = trace_windings(phantom.volume, cell)
    return phantom, windings, measure_overhang(phantom.volume, cell, ANGLES, windings=windings)


def test_numbers_are_true_at_every_angle_of_a_cell_with_a_tab() -> None:
    phantom, _, table = with_tab()
    found = match(table, phantom.truth)
    measured, true = found.measured[found.found], found.true[found.found]
    assert found.found.mean() > 0.97
    assert np.array_equal(table["winding"][measured], phantom.truth["winding"][true])


def test_the_turn_with_the_tab_keeps_its_rows_and_says_that_no_cathode_is_there() -> None:
    _, _, table = with_tab()
    rows = (table["angle_deg"] == 150) & (table["end"] == "top")
    windings = np.unique(table["winding"][rows])
    assert np.array_equal(windings, np.arange(1, windings.max() + 1))
    assert set(table["flag"][rows & (table["winding"] == 3)]) == {"cathode-unclear"}


def test_the_same_windings_are_counted_at_every_angle_but_for_the_seam() -> None:
    _, windings, table = with_tab()
    top = table.where(table["end"] == "top")
    for angle in np.unique(top["angle_deg"]):
        here = np.unique(top["winding"][top["angle_deg"] == angle])
        assert len(here) == here.max() == int(np.floor(windings.turns - windings.turn(1, angle) + 1e-9)) + 1


def test_places_along_the_cathode_are_continuous_and_true() -> None:
    phantom, windings, table = with_tab()
    found = match(table, phantom.truth)
    measured, true = found.measured[found.found], found.true[found.found]
    turn = table["turn"][measured] - phantom.truth["turn"][true]
    assert np.abs(turn).max() < 1.5 / windings.per_turn
    assert np.abs(table["arc_mm"][measured] - phantom.truth["arc_mm"][true]).max() < 0.5
    assert np.array_equal(np.floor(table["turn"] + 1e-9) + 1, table["winding"])


def test_tilt_and_base_deviation_are_true() -> None:
    phantom, _, table = with_tab()
    found = match(table, phantom.truth)
    measured, true = found.measured[found.found], found.true[found.found]
    tilt = table["tilt_deg"][measured] - phantom.truth["tilt_deg"][true]
    base = table["base_deviation_um"][measured] - phantom.truth["base_deviation_um"][true]
    assert abs(tilt.mean()) < 1.0 and np.abs(tilt).mean() < 1.5
    assert np.abs(base).mean() < 0.15 * 60


def test_without_windings_turns_are_counted_and_have_no_place_along_the_cathode() -> None:
    phantom, _, linked = with_tab()
    table = measure_overhang(phantom.volume, find_cell(phantom.volume), 8)
    assert np.isnan(table["turn"]).all() and np.isnan(table["arc_mm"]).all()
    assert set(table["source"]) == set(linked["source"]) == {"edges"}
    assert np.isin(table["flag"], READABLE_FLAGS).mean() > 0.85
