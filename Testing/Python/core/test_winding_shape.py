"""Layers, pitch, deviation from the ideal spiral and the core are measured as they truly are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from batterycell.errors import Cancelled, InputError
from batterycell.progress import Progress
from batterycell.winding import find_faces, measure_winding, unroll_winding
from batterycell.winding.core import core_buckling
from batterycell.winding.shape import fit_shape
from made_windings import PER_TURN, PITCH_MM, made_faces, measured, number, phantom, truth

CELLS = ("plain", "oval", "clockwise", "tab", "kink")


def voxel_um(name: str) -> float:
    return 1000 * float(np.sort(phantom(name).volume.spacing_mm)[1])


@pytest.mark.parametrize("name", CELLS)
def test_layers_are_counted_and_the_cathodes_length_is_known_to_a_hundredth_of_a_turn(name: str) -> None:
    stage, true = measured(name)[2], truth(name)
    assert number(stage, "winding_count") == (true["count"], 0.0)
    assert number(stage, "winding_turns")[0] == pytest.approx(true["turns"], abs=0.01)


@pytest.mark.parametrize("name", CELLS)
def test_the_pitch_is_right_to_a_twentieth_of_a_voxel(name: str) -> None:
    value, uncertainty = number(measured(name)[2], "winding_pitch_um")
    assert abs(value - truth(name)["pitch_um"]) < min(0.05 * voxel_um(name), uncertainty)


@pytest.mark.parametrize("name", CELLS)
def test_the_deviation_from_the_ideal_spiral_is_right_to_a_fraction_of_a_voxel(name: str) -> None:
    stage, true = measured(name)[2], truth(name)
    assert number(stage, "winding_deviation_mean_um")[0] == pytest.approx(true["deviation_mean_um"], abs=8)
    assert number(stage, "winding_deviation_max_um")[0] == pytest.approx(true["deviation_max_um"], abs=20)


def test_an_oval_roll_lies_near_an_oval_spiral() -> None:
    stage = measured("oval")[2]
    round_um, oval_um = (number(stage, f"winding_deviation_{name}mean_um")[0] for name in ("", "oval_"))
    assert oval_um < 0.6 * round_um


@pytest.mark.parametrize("name", ["kink", "plain", "oval", "tab"])
def test_a_collapsed_core_shows_and_a_whole_one_does_not(name: str) -> None:
    value, uncertainty = number(measured(name)[2], "core_buckling_um")
    assert abs(value - truth(name)["core_buckling_um"]) < min(uncertainty, voxel_um(name))


def test_the_core_is_pushed_in_where_it_is() -> None:
    cell, _, stage = measured("kink")
    core = next(one for one in stage.maps if one.name == "core_buckling_um")
    deepest = np.unravel_index(np.nanargmin(core.values), core.values.shape)
    angle, radius, _ = phantom("kink").frame.to_cylindrical(core.places[deepest])
    assert abs((angle - 200 + 180) % 360 - 180) < 25
    assert radius < 0.5 * cell.can.outer_radius_mm


def test_windings_without_a_readable_face_are_an_error_in_words() -> None:
    cell, windings, _ = measured("plain")
    volume = phantom("plain").volume
    with pytest.raises(InputError, match="No face of a cathode"):
        measure_winding(replace(volume, array=np.zeros_like(volume.array)), cell, windings)


def test_every_place_of_the_flat_sheet_lies_on_the_cathode() -> None:
    _, windings, stage = measured("plain")
    flat = next(one for one in stage.maps if one.name == "winding_deviation_um")
    distance = windings.winding_at(flat.places).distance_um
    assert np.nanmax(np.abs(distance)) < 5
    assert flat.columns.values[-1] > 0.99 * windings.curve().length_mm - flat.columns.values[0]


def test_the_flat_sheet_has_the_lengths_of_the_unrolled_cell() -> None:
    cell, windings, stage = measured("plain")
    flat = next(one for one in stage.maps if one.name == "cathode_grey")
    unrolled = unroll_winding(phantom("plain").volume, cell, windings)
    right, depth, height = np.moveaxis(unrolled.map.to_unrolled(flat.places), -1, 0)
    assert np.abs(right) == pytest.approx(np.broadcast_to(flat.columns.values, right.shape), abs=0.02)
    assert np.abs(depth).max() < 0.01
    assert height == pytest.approx(np.broadcast_to(flat.rows.values[:, None], height.shape), abs=1e-6)


def test_the_flat_sheet_shows_the_cathode_brighter_than_what_lies_between() -> None:
    _, _, stage = measured("plain")
    grey = {one.name: one.values for one in stage.maps}["cathode_grey"]
    volume = phantom("plain").volume.array
    assert np.nanmedian(grey) > np.median(volume[volume > 0]) + 10


def test_every_number_has_an_uncertainty() -> None:
    for one in measured("plain")[2].quantities:
        assert np.isfinite([one.value, one.uncertainty]).all() and one.description.endswith(".")


def test_each_winding_has_its_row() -> None:
    _, windings, stage = measured("plain")
    table = stage.tables["windings"]
    assert table["winding"].tolist() == list(range(1, windings.count + 1))
    assert np.all(np.diff(table["radius_mm"]) < 0)
    assert table["seen_percent"][1] > 99


def test_sheets_are_followed_past_a_dent_from_a_height_at_which_there_is_none() -> None:
    cell, windings, _ = measured("dented")
    heights = np.linspace(windings.heights_mm[0], windings.heights_mm[-1], 5)
    blind = replace(windings, heights_mm=windings.heights_mm[:1], radii_mm=windings.radii_mm[:1])
    volume = phantom("dented").volume
    far, near = (find_faces(volume, cell, some, heights).middle_mm for some in (blind, windings))
    assert np.nanmax(np.abs(np.nanmax(far, axis=0) - np.nanmin(far, axis=0))) > 0.05
    assert np.nanpercentile(np.abs(far - near), 99) < 0.01


def test_a_perfect_spiral_deviates_nowhere() -> None:
    shape = fit_shape(made_faces())
    assert shape.pitch_mm == pytest.approx(PITCH_MM) and shape.start_mm == pytest.approx(5.0)
    assert np.abs(shape.deviation_mm).max() < 1e-9 and np.abs(shape.corrected_mm).max() < 1e-9


def test_a_dent_does_not_pull_the_ideal_spiral() -> None:
    faces = made_faces()
    dent = np.zeros_like(faces.inner_mm)
    dent[:, 20:40] = -1.0
    shape = fit_shape(replace(faces, inner_mm=faces.inner_mm + dent, outer_mm=faces.outer_mm + dent))
    assert np.nanmin(shape.deviation_mm) == pytest.approx(-1.0, abs=0.05)
    assert np.abs(shape.deviation_mm[:, 60:]).max() < 0.02


def test_a_roll_off_the_axis_has_a_whole_core() -> None:
    faces = made_faces()
    aside = 0.1 * np.cos(np.radians(faces.angle_deg))
    moved = replace(faces, inner_mm=faces.inner_mm + aside, outer_mm=faces.outer_mm + aside)
    shape = fit_shape(moved)
    core, _ = core_buckling(moved, shape.deviation_mm)
    assert np.abs(shape.deviation_mm).max() > 0.09 and np.nanmax(np.abs(core)) < 0.005
    assert np.abs(shape.corrected_mm).max() < 0.005


def test_one_turn_that_is_pushed_in_is_the_core() -> None:
    faces = made_faces()
    push = np.zeros(faces.inner_mm.shape[1])
    push[-PER_TURN + 50 : -PER_TURN + 90] = -0.2
    pushed = replace(faces, inner_mm=faces.inner_mm + push, outer_mm=faces.outer_mm + push)
    core, radius = core_buckling(pushed, fit_shape(pushed).deviation_mm)
    assert np.nanmin(core) == pytest.approx(-0.2, abs=0.01)
    assert radius[np.unravel_index(np.nanargmin(core), core.shape)] < 3.0


def test_measuring_stops_when_asked_to() -> None:
    cell, windings, _ = measured("plain")
    with pytest.raises(Cancelled):
        measure_winding(phantom("plain").volume, cell, windings, Progress(is_cancelled=lambda: True))
