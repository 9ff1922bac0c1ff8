"""A generated stack of sheets is found and measured as it was made."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from batterycell.measured import Stage, quantity_table
from batterycell.phantom import make_cell
from batterycell.pouch import (
    LAYER_COLUMNS,
    POUCH_FLAGS,
    POUCH_OVERHANG_COLUMNS,
    POUCH_OVERHANG_DTYPES,
    find_pouch,
    measure_pouch,
)
from batterycell.tables import read_csv, write_csv
from pouch_cells import CELLS, SEED, Measured, measured
from pouch_matching import PouchMatches, match_pouch


def matched(cell: Measured) -> PouchMatches:
    return match_pouch(cell.phantom, cell.stack, cell.pouch, cell.stage)


def value(stage: Stage, name: str) -> float:
    return next(quantity.value for quantity in stage.quantities if quantity.name == name)


@pytest.mark.parametrize("name", CELLS)
def test_the_stack_lies_where_it_was_put(name: str) -> None:
    cell = measured(name)
    found, true = cell.pouch.frame, cell.phantom.frame
    away = (found.origin - true.origin) @ true.basis
    assert np.abs(found.up @ true.up) > np.cos(np.radians(0.3))
    assert np.abs(found.toward_i @ true.toward_i) > np.cos(np.radians(1.0))
    assert np.abs(away).max() < 0.3
    assert all(side.in_volume for side in cell.pouch.sides)


@pytest.mark.parametrize("name", CELLS)
def test_every_layer_is_counted_and_its_pitch_read(name: str) -> None:
    cell = measured(name)
    assert value(cell.stage, "pouch_cathode_count") == 3
    assert value(cell.stage, "pouch_anode_count") == 4
    assert value(cell.stage, "pouch_pitch_um") == pytest.approx(cell.phantom.spec.pitch_um, rel=0.005)


@pytest.mark.parametrize("name", CELLS)
def test_overhangs_are_true_to_a_fraction_of_a_voxel(name: str) -> None:
    cell = measured(name)
    rows = matched(cell)
    read = rows.read & ~rows.tab & rows.expected
    error = (rows.measured - rows.true)[read]
    assert read.sum() > 0.9 * (rows.expected & ~rows.tab).sum()
    assert abs(error.mean()) < 0.02 * np.abs(rows.true[read]).mean()
    assert np.abs(error).mean() < 0.25 * cell.voxel_um
    assert np.mean(np.abs(error) <= rows.uncertainty[read]) > 0.85


def test_a_slipped_anode_is_an_alarm_on_one_side_only() -> None:
    cell = measured("slipped")
    rows, table = matched(cell), cell.stage.tables["overhang"]
    negative = (rows.true < 0) & rows.expected
    assert negative.any()
    assert rows.flagged[negative].all()
    assert not rows.flagged[rows.true > 0].any()
    assert set(table["edge"][table["flag"] == "negative"]) == {"x+"}
    assert value(cell.stage, "overhang_negative_count") == np.char.startswith(table["flag"], "negative").sum()


@pytest.mark.parametrize("name", ["clean", "bent", "prismatic"])
def test_clean_stacks_raise_no_alarm(name: str) -> None:
    assert value(measured(name).stage, "overhang_negative_count") == 0


def test_a_tab_is_not_taken_for_the_sheet() -> None:
    rows = matched(measured("bent"))
    assert rows.tab.any()
    far = np.abs(rows.measured - rows.true) > 3 * measured("bent").voxel_um
    assert not (rows.tab & rows.read & far).any()


@pytest.mark.parametrize("name", CELLS)
def test_misalignment_of_every_sheet_is_that_it_was_laid_with(name: str) -> None:
    cell = measured(name)
    layers, spec = cell.stage.tables["layers"], cell.phantom.spec
    turned = np.diag((cell.pouch.frame.basis.T @ cell.phantom.frame.basis).round())
    sheets = (cell.stack.cathodes, cell.stack.anodes)
    shift = np.concatenate([s.shift[:: int(turned[2])] for s in sheets]) * turned[:2] * 1000
    turn = np.degrees(np.concatenate([s.turn[:: int(turned[2])] for s in sheets])) * turned[0] * turned[1]
    found = np.column_stack([layers["offset_x_um"], layers["offset_y_um"]])
    assert np.abs(found - (shift - shift.mean(axis=0))).max() < 0.4 * cell.voxel_um
    assert np.abs(layers["rotation_deg"] - (turn - turn.mean())).max() < 0.35
    assert layers["length_x_mm"][:3] == pytest.approx(spec.cathode_mm[0], abs=0.02)
    assert layers["length_y_mm"][3:] == pytest.approx(spec.cathode_mm[1] + 1.0, abs=0.04)


def test_the_largest_misalignment_is_that_of_the_slipped_anode() -> None:
    stage = measured("slipped").stage
    layers = stage.tables["layers"]
    distance = np.hypot(layers["offset_x_um"], layers["offset_y_um"])
    assert value(stage, "pouch_misalignment_max_um") == pytest.approx(distance.max())
    assert layers["sheet"][distance.argmax()] == "anode"
    assert layers["layer"][distance.argmax()] == 3  # the found direction of stacking is against that of the cell


def test_every_row_has_a_place_in_the_volume_or_a_flag_that_says_why_not() -> None:
    cell = measured("bent")
    table = cell.stage.tables["overhang"]
    assert set(table["flag"]) <= set(POUCH_FLAGS)
    read = table["flag"] == "ok"
    places = np.column_stack([table[f"anode_{axis}_mm"] for axis in "ras"])
    assert np.isfinite(places[read]).all()
    index = np.column_stack([table[f"anode_{axis}"] for axis in "ijk"])
    assert cell.phantom.volume.to_ijk(places[read]) == pytest.approx(index[read])
    assert np.isnan(table["overhang_um"][~read]).all()


def test_maps_show_the_table_with_a_place_for_every_value() -> None:
    cell = measured("clean")
    assert [found.name for found in cell.stage.maps] == [
        f"overhang_{name}_um" for name in ("x_minus", "x_plus", "y_minus", "y_plus")
    ]
    table = cell.stage.tables["overhang"]
    for edge, found in zip(("x-", "x+", "y-", "y+"), cell.stage.maps, strict=True):
        rows = table.where(table["edge"] == edge)
        assert np.nansum(found.values) == pytest.approx(np.nansum(rows["overhang_um"]))
        assert np.isfinite(found.places).all()
        upper = (rows["layer"] == 2) & (rows["face"] == "upper")
        assert found.values[3] == pytest.approx(rows["overhang_um"][upper], nan_ok=True)
        assert found.rows.values[3] == 2.25


def test_every_quantity_has_a_name_with_its_unit_and_an_uncertainty() -> None:
    table = quantity_table([measured("clean").stage])
    endings = {"µm": "_um", "deg": "_deg", "": "_count"}
    assert len(set(table["quantity"])) == len(table)
    for name, units, u in zip(table["quantity"], table["units"], table["uncertainty"], strict=True):
        assert name.endswith(endings[units])
        assert np.isfinite(u), name


def test_tables_keep_their_columns_through_a_file(tmp_path) -> None:
    stage = measured("clean").stage
    assert stage.tables["layers"].columns == LAYER_COLUMNS
    write_csv(stage.tables["overhang"], tmp_path / "overhang.csv")
    again = read_csv(tmp_path / "overhang.csv", POUCH_OVERHANG_COLUMNS, POUCH_OVERHANG_DTYPES)
    for column in POUCH_OVERHANG_COLUMNS:
        np.testing.assert_array_equal(again[column.name], stage.tables["overhang"][column.name])


def test_a_corner_of_a_cell_is_measured_on_the_two_sides_it_shows() -> None:
    cell = measured("clean")
    _, j, i = cell.phantom.volume.array.shape
    part = replace(cell.phantom.volume, array=cell.phantom.volume.array[:, : int(0.6 * j), : int(0.6 * i)])
    pouch = find_pouch(part)
    assert [side.name for side in pouch.sides if side.in_volume] == ["x-", "y-"]
    stage = measure_pouch(part, pouch, positions=8)
    assert value(stage, "pouch_cathode_count") == 3
    assert value(stage, "pouch_anode_count") == 4
    assert any("x+, y+" in note for note in stage.notes)
    rows = match_pouch(cell.phantom, cell.stack, pouch, stage)
    error = (rows.measured - rows.true)[rows.read]
    assert np.abs(error).mean() < 0.25 * cell.voxel_um


def test_the_same_cell_with_other_grey_values_gives_the_same_lengths() -> None:
    cell = measured("clean")
    other = replace(cell.phantom.volume, array=(cell.phantom.volume.array.astype(np.float32) * 100 - 900))
    stage = measure_pouch(other, find_pouch(other), positions=12)
    mean = "overhang_mean_um"
    assert value(stage, mean) == pytest.approx(value(cell.stage, mean), abs=0.5)


def test_generated_cells_come_back_the_same() -> None:
    assert np.array_equal(make_cell(*CELLS["bent"], SEED).volume.array, measured("bent").phantom.volume.array)
