"""Windings are traced as one spiral, at every angle and height."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from batterycell.errors import Cancelled, InputError
from batterycell.progress import Progress
from batterycell.volume import Volume
from batterycell.winding import Windings, trace_windings
from look_cells import CELLS, across_voxel_mm, found, phantom, traced, true_windings
from made_cells import real_cell
from real_cell import DATA


@pytest.mark.parametrize("name", CELLS)
def test_cathodes_lie_where_they_truly_are_to_a_fraction_of_a_voxel(name: str) -> None:
    windings = traced(name)
    for height in windings.heights_mm[[0, -1]]:
        _, ras = true_windings(name, float(height))
        place = windings.winding_at(ras)
        error = place.distance_um / 1000 / across_voxel_mm(name)
        assert np.isfinite(error).mean() > 0.99
        assert abs(np.nanmean(error)) < 0.1
        assert np.nanpercentile(np.abs(error), 95) < 0.45


def test_a_height_at_which_nothing_is_seen_is_like_the_others() -> None:
    windings = traced("plain")
    radii = windings.radii_mm.copy()
    radii[0] = np.nan
    blind = replace(windings, radii_mm=radii).filled_mm
    assert np.isfinite(blind).all() and np.abs(blind[0] - windings.filled_mm[0]).max() < 0.5 * windings.pitch_mm


@pytest.mark.parametrize("name", CELLS)
def test_every_winding_is_counted_and_carries_its_number(name: str) -> None:
    windings = traced(name)
    turns, ras = true_windings(name, float(windings.heights_mm.mean()))
    assert windings.turns == pytest.approx(phantom(name).spec.roll.turns, abs=0.05)
    assert windings.count == int(np.floor(turns.max())) + 1
    # Beside the angle where the cathode begins, a number changes a sample early or late.
    clear = np.abs((turns + 0.5) % 1 - 0.5) > 0.02
    assert (windings.winding_at(ras).winding == np.floor(turns) + 1)[clear].mean() > 0.995


def test_the_end_of_a_turn_is_the_beginning_of_the_next() -> None:
    windings, height = traced("plain"), float(traced("plain").heights_mm[0])
    before, after = windings.start_deg - 1e-6 * windings.sense, windings.start_deg + 1e-6 * windings.sense
    end, begin = windings.radius(1, before, height), windings.radius(2, after, height)
    assert end == pytest.approx(begin, abs=1e-5)
    assert windings.radius(1, after, height) - begin > 0.7 * windings.pitch_mm


def test_a_bare_stretch_at_a_tab_is_not_seen_but_bridged() -> None:
    windings = traced("tab")
    gap = np.isnan(windings.radii_mm).mean(axis=1)
    bare = phantom("tab").spec.tab.bare_deg / 360 / windings.turns
    assert np.all(np.abs(gap - bare) < 0.4 * bare)
    steps = np.abs(np.diff(windings.filled_mm, axis=1))
    assert np.isfinite(windings.filled_mm).all() and steps.max() < 0.25 * windings.pitch_mm


def test_there_is_no_radius_of_a_winding_that_does_not_exist() -> None:
    windings = traced("plain")
    assert np.isnan(windings.radius([0, windings.count + 1], 10.0, 0.0)).all()


def test_points_outside_the_roll_have_no_winding_but_an_angle() -> None:
    windings, cell = traced("plain"), found("plain")
    place = windings.winding_at(cell.frame.from_cylindrical([30.0, 60.0], [0.1, 2 * cell.can.outer_radius_mm], 0.0))
    assert np.isnan(place.winding).all() and np.isnan(place.distance_um).all()
    assert place.angle_deg == pytest.approx([30.0, 60.0])


def test_distances_grow_outward() -> None:
    windings, height = traced("plain"), float(traced("plain").heights_mm[0])
    radius = windings.radius(2, 200.0, height)
    ras = windings.frame.from_cylindrical(200.0, radius + np.array([-0.05, 0.0, 0.05]), height)
    assert windings.winding_at(ras).distance_um == pytest.approx([-50.0, 0.0, 50.0], abs=0.01)


def test_windings_come_back_from_text_exactly() -> None:
    windings = traced("tab")
    again = Windings.from_json(windings.to_json())
    assert np.array_equal(again.radii_mm, windings.radii_mm, equal_nan=True)
    assert (again.start_deg, again.sense, again.per_turn) == (windings.start_deg, windings.sense, windings.per_turn)
    _, ras = true_windings("tab", 0.0)
    assert np.array_equal(again.winding_at(ras).distance_um, windings.winding_at(ras).distance_um, equal_nan=True)


def test_the_table_holds_every_sample() -> None:
    windings = traced("plain")
    table = windings.to_table()
    assert len(table) == windings.radii_mm.size
    rows = slice(3, None, 97)
    radius = windings.radius(table["winding"][rows], table["angle_deg"][rows], table["height_mm"][rows])
    assert radius == pytest.approx(table["radius_mm"][rows], abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"frame": {}}', '{"frame": 3, "radii_mm": []}'])
def test_text_that_holds_no_windings_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="windings"):
        Windings.from_json(text)


def test_a_can_without_windings_is_refused() -> None:
    made = phantom("plain")
    empty = np.where(phantom("plain").labels.array == 1, made.volume.array, 4).astype(np.uint8)
    with pytest.raises(InputError):
        trace_windings(replace(made.volume, array=empty), found("plain"))


def test_voxels_too_coarse_for_the_windings_are_refused() -> None:
    volume = phantom("plain").volume
    matrix = volume.ijk_to_ras.copy()
    matrix[:3, :2] *= 3
    coarse = Volume(volume.array[:, ::3, ::3], matrix, "test")
    with pytest.raises(InputError, match="pitch"):
        trace_windings(coarse, found("plain"))


def test_tracing_stops_when_asked_to() -> None:
    with pytest.raises(Cancelled):
        trace_windings(phantom("plain").volume, found("plain"), Progress(is_cancelled=lambda: True))


@pytest.mark.real
@pytest.mark.skipif(not DATA.is_dir(), reason="the real cell's data is not here (BATTERYCELL_DATA)")
def test_the_real_cells_windings_are_counted() -> None:
    _, _, windings = real_cell()
    assert windings.turns == pytest.approx(21.2, abs=0.1)
    assert 1000 * windings.pitch_mm == pytest.approx(386, abs=8)
    # Only the bare foil at the tab is unseen.
    assert np.isnan(windings.radii_mm).mean() < 0.03
