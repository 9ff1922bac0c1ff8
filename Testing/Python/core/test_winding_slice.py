"""Windings on a single slice, the cathode as a mask, a roll without its can, and images that show no windings."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import winding_slice
from batterycell.errors import InputError
from batterycell.orient import find_cell
from batterycell.phantom import CellLabel, preset
from batterycell.volume import Volume
from batterycell.winding import measure_winding, trace_mask, trace_windings
from made_cells import made_cell
from made_windings import measured, number, phantom, truth

REAL = pytest.mark.skipif(not winding_slice.SLICE.is_dir(), reason="the real slice is not here (BATTERYCELL_DATA)")


@cache
def one_slice() -> Volume:
    """A slice through the middle of the windings of the plain cell."""
    volume, windings = phantom("plain").volume, measured("plain")[1]
    place = windings.frame.from_cylindrical(0.0, 0.0, float(windings.heights_mm.mean()))
    k = round(float(volume.to_ijk(place)[2]))
    return replace(volume, array=volume.array[k : k + 1])


def test_a_single_slice_counts_the_windings_of_the_whole_cell() -> None:
    volume = one_slice()
    cell = find_cell(volume)
    stage = measure_winding(volume, cell, trace_windings(volume, cell))
    assert number(stage, "winding_count")[0] == truth("plain")["count"]
    assert number(stage, "winding_turns")[0] == pytest.approx(truth("plain")["turns"], abs=0.02)
    assert number(stage, "winding_pitch_um")[0] == pytest.approx(truth("plain")["pitch_um"], rel=0.01)
    assert any("one height" in note for note in stage.notes)
    assert all(len(one.rows.values) == 1 for one in stage.maps)


@pytest.mark.parametrize("name", ["plain", "kink"])
def test_the_mask_is_the_cathode(name: str) -> None:
    made, (cell, windings, _) = phantom(name), measured(name)
    mask = trace_mask(made.volume, cell, windings).array > 0
    rows = np.flatnonzero(mask.any(axis=(1, 2)))[3:-3]
    assert len(rows) > 5
    assert winding_slice.dice(mask[rows], made.labels.array[rows] == CellLabel.CATHODE) > 0.9


def test_nothing_is_drawn_where_the_windings_were_not_traced() -> None:
    made, (cell, windings, _) = phantom("plain"), measured("plain")
    mask = trace_mask(made.volume, cell, windings)
    places = np.argwhere(mask.array > 0)[:, ::-1]
    _, _, height = cell.frame.to_cylindrical(mask.to_ras(places))
    low, high = windings.heights_mm[[0, -1]] + (-0.3, 0.3)
    assert low < height.min() and height.max() < high
    assert set(np.unique(mask.array)) == {0, 255} and mask.array.dtype == np.uint8


def test_a_roll_without_its_can_is_measured() -> None:
    spec, scan = preset("small")
    made = made_cell(replace(spec, can=replace(spec.can, present=False)), scan, seed=3)
    cell = find_cell(made.volume)
    stage = measure_winding(made.volume, cell, trace_windings(made.volume, cell))
    assert number(stage, "winding_count")[0] == np.ceil(spec.roll.turns)


def test_rings_that_are_no_spiral_are_refused() -> None:
    volume = one_slice()
    cell = find_cell(volume)
    rows, columns = np.indices(volume.array.shape[1:])
    ras = volume.to_ras(np.stack([columns, rows, np.zeros_like(rows)], axis=-1))
    _, radius, _ = cell.frame.to_cylindrical(ras)
    rings = np.where((radius / 0.37) % 1 < 0.5, 80, 25) * (radius > 1) * (radius < 0.9 * cell.can.outer_radius_mm)
    rings = np.where((radius > 0.95 * cell.can.outer_radius_mm) & (radius < cell.can.outer_radius_mm), 197, rings)
    with pytest.raises(InputError) as error:
        trace_windings(replace(volume, array=rings[None].astype(np.uint8)), cell)
    assert error.value.code == "windings-unclear" and error.value.hint


@pytest.mark.real
@REAL
@pytest.mark.parametrize("voxel_um", [5.0, 20.0, 60.0])
def test_the_real_slices_electrode_is_drawn_as_by_hand_whatever_its_pixels_are(voxel_um: float) -> None:
    volume, mask = winding_slice.load(voxel_um)
    traced = winding_slice.trace(volume)
    drawn = trace_mask(volume, traced.cell, traced.windings).array[0] > 0
    assert winding_slice.dice(drawn, mask) > 0.97
    assert traced.windings.count == 19


@pytest.mark.real
@REAL
def test_the_real_slices_spiral_is_followed_through_all_windings() -> None:
    volume, _ = winding_slice.load(20.0)
    traced = winding_slice.trace(volume)
    stage = measure_winding(volume, traced.cell, traced.windings)
    assert number(stage, "winding_count")[0] == 19
    # With the bare foil at its inner end, which the mask shows too.
    assert number(stage, "winding_turns")[0] == pytest.approx(18.99, abs=0.03)
    assert np.isfinite(traced.windings.radii_mm).all()
    pitch, mean, most = (
        number(stage, f"winding_{name}_um")[0] / 20 for name in ("pitch", "deviation_mean", "deviation_max")
    )
    assert pitch == pytest.approx(10.34, abs=0.05)
    assert 0.5 < mean < 2 < most < 6
