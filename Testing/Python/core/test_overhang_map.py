"""The overhang table as numbers with uncertainty, maps over winding and angle, and notes."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from batterycell.measured import Stage
from batterycell.overhang.neighbours import doubt_amid_alarms
from batterycell.overhang.notes import overhang_notes
from batterycell.overhang.spread import describe_spread, is_read
from batterycell.overhang.stage import overhang_stage
from batterycell.tables import Table
from made_result import WINDINGS, made_result

ANGLES = 12


@cache
def stage() -> Stage:
    result = made_result(ANGLES)
    return overhang_stage(result.volume, result.cell, result.overhang)


def value(name: str) -> float:
    (found,) = (one for one in stage().quantities if one.name == name)
    return found.value


def test_the_numbers_are_those_of_the_rows_that_were_read() -> None:
    table = made_result(ANGLES).overhang
    read = table["overhang_um"][is_read(table)]
    assert value("overhang_mean_um") == pytest.approx(read.mean())
    assert value("overhang_sd_um") == pytest.approx(read.std(ddof=1))
    assert (value("overhang_min_um"), value("overhang_max_um")) == (read.min(), read.max())
    assert value("overhang_count") == len(read)
    assert value("overhang_negative_count") == np.char.startswith(table["flag"].astype(str), "negative").sum()


def test_only_the_end_inside_the_volume_has_numbers_and_maps_of_its_own() -> None:
    names = [one.name for one in (*stage().quantities, *stage().maps)]
    assert len(set(names)) == len(names)
    assert any(name.startswith("overhang_top_") for name in names)
    assert not any("bottom" in name for name in names)
    assert any("bottom lies outside" in note for note in stage().notes)


def test_what_has_a_value_has_an_interval() -> None:
    known = [one for one in stage().quantities if np.isfinite(one.value)]
    assert len(known) > 10 and all(np.isfinite(one.uncertainty) for one in known)


def test_the_map_holds_the_lesser_overhang_and_where_its_anode_ends() -> None:
    table = made_result(ANGLES).overhang
    least, cathodes, anodes = stage().maps
    assert least.values.shape == (WINDINGS, ANGLES) and least.rows.name == "winding"
    rows = np.flatnonzero(is_read(table) & (table["winding"] == 2) & (table["angle_deg"] == 90))
    row = rows[table["overhang_um"][rows].argmin()]
    assert least.values[1, 3] == table["overhang_um"][row]
    assert least.places[1, 3] == pytest.approx([table[f"anode_{axis}_mm"][row] for axis in "ras"])
    assert least.uncertainty is not None and least.uncertainty[1, 3] == table["uncertainty_um"][row]
    assert np.isnan(least.values[WINDINGS - 1]).all()
    assert np.isfinite(anodes.places[np.isfinite(anodes.values)]).all()
    assert np.isfinite(cathodes.places[np.isfinite(cathodes.values)]).all()


def rows_of(anodes: np.ndarray, u_um: float, mean: float = 500.0) -> Table:
    """A table of rows of so many anode pieces, two rows each."""
    table = made_result(ANGLES).overhang
    keep = np.flatnonzero(is_read(table))[: 2 * len(anodes)]
    some = table.where(np.isin(np.arange(len(table)), keep))
    n = len(some)
    data = {
        **some.data,
        "winding": np.where(np.arange(n) % 2, anodes[np.arange(n) // 2], anodes[np.arange(n) // 2] + 1),
    }
    data["side"] = np.where(np.arange(n) % 2, "inner", "outer")
    data["angle_deg"] = np.zeros(n)
    data["overhang_um"] = mean + np.arange(n, dtype=float)
    data["uncertainty_um"] = np.full(n, u_um)
    return Table(table.columns, data)


def test_two_rows_of_one_anode_tell_no_more_than_one() -> None:
    pieces = np.arange(1, 11)
    spread = describe_spread(rows_of(pieces, 19.6))
    assert spread.u_mean == pytest.approx(19.6 / np.sqrt(len(pieces)))
    apart = rows_of(pieces, 19.6)
    apart.data["angle_deg"] = 40.0 * np.arange(len(apart)) / len(apart) * 9
    assert describe_spread(apart).u_mean < spread.u_mean


def test_what_all_rows_share_does_not_fall_with_their_number() -> None:
    spread = describe_spread(rows_of(np.arange(1, 31), 19.6), common_um=5.0)
    assert spread.u_mean > 1.96 * 5.0
    assert spread.u_sd < 19.6


def test_one_row_or_none_is_told_as_it_is() -> None:
    table = made_result(ANGLES).overhang
    single = table.where(np.arange(len(table)) == np.flatnonzero(is_read(table))[0])
    assert describe_spread(single).u_mean == single["uncertainty_um"][0]
    none = describe_spread(table.where(np.zeros(len(table), bool)))
    assert none.count == 0 and np.isnan(none.mean) and np.isnan(none.u_mean)


def test_a_winding_without_a_cathode_over_a_wide_stretch_is_told_with_its_angles() -> None:
    table = made_result(36).overhang
    blind = (
        (table["end"] == "top") & (table["winding"] == 3) & ((table["angle_deg"] >= 340) | (table["angle_deg"] < 50))
    )
    flags = np.where(blind, "cathode-unclear", table["flag"])
    notes = overhang_notes(Table(table.columns, {**table.data, "flag": flags}))
    assert any("Winding 3 shows no readable cathode at the top from 340° over 70°" in note for note in notes)


def test_a_cell_of_which_little_can_be_read_says_so() -> None:
    table = made_result(ANGLES).overhang
    flags = np.where(table["end"] == "top", "cathode-unclear", table["flag"])
    lengths = np.full(len(table), np.nan)
    result = made_result(ANGLES)
    dark = Table(table.columns, {**table.data, "flag": flags, "overhang_um": lengths})
    stage = overhang_stage(result.volume, result.cell, dark)
    assert any("metal artefacts" in note for note in stage.notes)
    assert all(np.isnan(one.value) for one in stage.quantities if one.name.endswith(("mean_um", "min_um", "max_um")))
    assert replace(stage, notes=()).maps


def test_one_reading_amid_alarms_that_may_be_none_is_doubted() -> None:
    table = made_result(ANGLES).overhang
    group = np.flatnonzero((table["end"] == "top") & (table["winding"] == 2) & (table["side"] == "inner"))
    group = group[np.argsort(table["angle_deg"][group])]
    data = {name: values.copy() for name, values in table.data.items()}
    data["flag"][group] = "ok"
    data["flag"][group[[2, 4, 7, 9]]] = "negative"
    data["overhang_um"][group], data["uncertainty_um"][group] = 500.0, 40.0
    data["overhang_um"][group[[2, 4, 7, 9]]], data["overhang_um"][group[3]] = -150.0, 25.0
    found = doubt_amid_alarms(Table(table.columns, data))
    assert found["flag"][group[3]] == "negative-unclear" and np.isnan(found["overhang_um"][group[3]])
    assert found["flag"][group[8]] == "ok", "what is certainly positive is believed"
    assert (found["flag"] != data["flag"]).sum() == 1
