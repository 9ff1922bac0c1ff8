"""Foreign particles and voids: found with size and place where they are, and none in clean cells."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from batterycell.inclusions import INCLUSION_COLUMNS, blur, find_inclusions, grid
from batterycell.inclusions.background import MARGIN_MM
from batterycell.inclusions.blur import find_blur
from batterycell.inclusions.grid import Part, RollGrid
from batterycell.inclusions.size import sphere_profile
from batterycell.measured import Stage
from batterycell.orient import Cell, find_cell
from batterycell.phantom import Phantom, preset
from batterycell.volume import Volume
from batterycell.winding import Windings, trace_windings
from made_cells import made_cell
from numpy.typing import NDArray
from scipy import ndimage, special

BLUR_MM = 0.03


class Made(NamedTuple):
    phantom: Phantom
    cell: Cell
    windings: Windings


@pytest.fixture(scope="module")
def made() -> Made:
    phantom = made_cell(*preset("small"), seed=3)
    cell = find_cell(phantom.volume)
    return Made(phantom, cell, trace_windings(phantom.volume, cell))


def place(made: Made, winding: int, angle: float, height: float, outward_um: float = 0.0) -> NDArray[np.float64]:
    radius = float(made.windings.radius(winding, angle, height)) + outward_um / 1000
    return made.cell.frame.from_cylindrical(angle, radius, height)


def with_sphere(volume: Volume, ras: NDArray[np.float64], diameter_um: float, grey: float) -> Volume:
    """A scan with a blurred sphere in it, that adds a grey value."""
    reach = np.ceil((diameter_um / 2000 + 5 * BLUR_MM) / volume.spacing_mm).astype(int)
    middle = np.round(volume.to_ijk(ras)).astype(int)
    box = tuple(slice(max(m - r, 0), m + r + 1) for m, r in zip(middle[::-1], reach[::-1], strict=True))
    k, j, i = np.meshgrid(*(np.arange(n)[part] for n, part in zip(volume.array.shape, box, strict=True)), indexing="ij")
    distance = np.linalg.norm(volume.to_ras(np.stack([i, j, k], -1)) - ras, axis=-1)
    array = volume.array.copy()
    added = array[box] + grey * sphere_profile(distance, diameter_um / 2000, BLUR_MM)
    array[box] = np.clip(np.rint(added), 0, 255)
    return replace(volume, array=array)


def found_in(made: Made, volume: Volume) -> Stage:
    return find_inclusions(volume, made.cell, made.windings)


def value(stage: Stage, name: str) -> float:
    return next(one.value for one in stage.quantities if one.name == name)


def test_a_blurred_sphere_is_a_sphere_convolved_with_a_gaussian() -> None:
    grid = np.indices((61, 61, 61)) - 30.0
    distance = np.sqrt((grid**2).sum(axis=0))
    soft = np.clip(9.0 - distance + 0.5, 0, 1)
    blurred = ndimage.gaussian_filter(soft, 2.5)
    assert np.abs(sphere_profile(distance, 9.0, 2.5) - blurred).max() < 0.01
    assert sphere_profile(np.zeros(1), 90.0, 2.5)[0] == pytest.approx(1.0)


def test_the_blur_is_read_from_the_can(made: Made) -> None:
    scan = made.phantom.scan
    true = np.hypot(scan.blur_um, scan.voxel_size_um[2] / np.sqrt(12)) / 1000
    assert find_blur(made.phantom.volume, made.cell) == pytest.approx(true, rel=0.12)


def test_the_blur_of_a_thin_wall_is_not_taken_for_sharp() -> None:
    depths = np.linspace(-0.3, 0.3, 61)
    for width in (0.08, 0.15, 0.4):
        wall = special.ndtr(depths / 0.05) - special.ndtr((depths - width) / 0.05)
        assert blur._edge_width(depths, wall / wall.max(), 0.04) == pytest.approx(0.05, rel=0.1)


def test_a_clean_cell_has_no_inclusions(made: Made) -> None:
    stage = found_in(made, made.phantom.volume)
    assert value(stage, "inclusion_count") == 0 and value(stage, "void_count") == 0
    assert value(stage, "inclusion_largest_um") == 0.0
    assert 20 < value(stage, "inclusion_detectable_um") < 120
    known = {one.name: one.uncertainty for one in stage.quantities}
    assert known["inclusion_largest_um"] == value(stage, "inclusion_detectable_um")
    assert np.isnan(known["void_largest_um"])  # smaller ones may be there: never a sure 0
    assert stage.tables["inclusions"].columns == INCLUSION_COLUMNS
    assert stage.notes == ()


@pytest.mark.parametrize(("diameter", "outward"), [(100.0, 0.0), (160.0, 150.0), (260.0, -90.0)])
def test_a_particle_is_found_with_its_size_and_place(made: Made, diameter: float, outward: float) -> None:
    ras = place(made, 2, 100.0, 0.4, outward)
    stage = found_in(made, with_sphere(made.phantom.volume, ras, diameter, 120.0))
    table = stage.tables["inclusions"].where(stage.tables["inclusions"]["flag"] == "ok")
    assert table["kind"].tolist() == ["particle"]
    assert table["diameter_um"][0] == pytest.approx(diameter, abs=max(table["uncertainty_um"][0], 0.1 * diameter))
    assert np.linalg.norm([table[f"{axis}_mm"][0] - one for axis, one in zip("ras", ras, strict=True)]) < 0.03
    assert table["winding"][0] == 2 and table["depth_um"][0] == pytest.approx(outward, abs=30)
    assert table["angle_deg"][0] == pytest.approx(100, abs=1) and table["height_mm"][0] == pytest.approx(0.4, abs=0.03)
    assert np.allclose(made.phantom.volume.to_ijk(ras), [table[axis][0] for axis in "ijk"], atol=0.7)
    assert value(stage, "inclusion_count") == 1 and "1 foreign particle stands out" in stage.notes[0]


def test_a_void_is_found_as_one(made: Made) -> None:
    ras = place(made, 3, 250.0, -0.3)
    stage = found_in(made, with_sphere(made.phantom.volume, ras, 150.0, -70.0))
    assert value(stage, "void_count") == 1 and value(stage, "inclusion_count") == 0
    assert value(stage, "void_largest_um") == pytest.approx(150, abs=25)


def test_several_particles_are_counted_one_by_one(made: Made) -> None:
    volume = made.phantom.volume
    for winding, angle, height in ((1, 40, 0.2), (2, 200, -0.8), (3, 310, 0.9)):
        volume = with_sphere(volume, place(made, winding, angle, height), 140.0, 110.0)
    stage = found_in(made, volume)
    assert value(stage, "inclusion_count") == 3
    assert sorted(stage.tables["inclusions"]["winding"].tolist()) == [1, 2, 3]


def test_the_parts_of_a_fine_scan_hold_every_place_once(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = RollGrid(made.phantom.volume, made.cell, made.windings)
    usual = len(whole.parts(MARGIN_MM))
    monkeypatch.setattr(grid, "_SAMPLES", 60_000)
    cut = RollGrid(made.phantom.volume, made.cell, made.windings)
    parts = cut.parts(MARGIN_MM)
    assert len(parts) > 2 * usual
    assert len({part.span for part in parts}) > 1
    assert cut.threads(MARGIN_MM) == 1
    for number in (-1, 0, 2):
        own = [cut.piece(part, MARGIN_MM).own.sum() for part in parts if part.number == number]
        assert sum(own) == whole.piece(Part(number, slice(0, len(whole.heights))), MARGIN_MM).own.sum()


def test_a_particle_is_found_alike_in_parts_of_a_turn(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    volume = made.phantom.volume
    for winding, angle, height in ((1.5, 40.0, -0.5), (2.5, 200.0, 0.6)):
        volume = with_sphere(volume, place(made, int(winding), angle, height, -60.0), 160.0, 90.0)
    whole = found_in(made, volume).tables["inclusions"]
    monkeypatch.setattr(grid, "_SAMPLES", 60_000)
    cut = found_in(made, volume).tables["inclusions"]
    assert len(whole) == len(cut) > 0
    for name in ("diameter_um", "angle_deg"):
        assert sorted(cut[name]) == pytest.approx(sorted(whole[name]), rel=0.02)


def test_the_distance_from_the_electrodes_end_counts_from_inside(made: Made) -> None:
    from batterycell.winding import find_roll_ends

    top, _ = find_roll_ends(made.phantom.volume, made.cell)
    ras = place(made, 2, 20.0, top.level_mm - 0.5)
    table = found_in(made, with_sphere(made.phantom.volume, ras, 140.0, 110.0)).tables["inclusions"]
    assert table["edge"].tolist() == ["cathode top"] and table["edge_distance_um"][0] == pytest.approx(500, abs=40)
    assert 0 < table["arc_mm"][0] < 2 * 2 * np.pi * made.cell.can.outer_radius_mm


def test_a_large_particle_that_hides_the_cathode_is_no_tab(made: Made) -> None:
    ras = place(made, 2, 300.0, 0.0)
    volume = with_sphere(made.phantom.volume, ras, 330.0, 120.0)
    stage = find_inclusions(volume, made.cell, trace_windings(volume, made.cell))
    assert value(stage, "inclusion_count") == 1
    assert value(stage, "inclusion_largest_um") == pytest.approx(330, abs=30)


def test_a_bright_band_of_a_slice_is_no_row_of_particles(made: Made) -> None:
    array = made.phantom.volume.array.astype(np.float32)
    k = array.shape[0] // 2
    rng = np.random.default_rng(4)
    array[k] += 14 * ndimage.gaussian_filter(rng.standard_normal(array.shape[1:]), 25) * 25 * 3.5
    stage = found_in(made, replace(made.phantom.volume, array=np.clip(array, 0, 255).astype(np.uint8)))
    assert value(stage, "inclusion_count") == 0 and value(stage, "void_count") == 0


def test_a_part_of_a_cell_without_an_end_is_searched_too(made: Made) -> None:
    volume = with_sphere(made.phantom.volume, place(made, 2, 40.0, 0.0), 200.0, 150.0)
    middle = volume.array.shape[0] // 2
    part = replace(volume, array=volume.array[middle - 12 : middle + 13], ijk_to_ras=volume.ijk_to_ras.copy())
    part.ijk_to_ras[:3, 3] += volume.ijk_to_ras[:3, 2] * (middle - 12)
    found = find_inclusions(part, find_cell(part))
    assert value(found, "inclusion_count") == 1
    assert found.tables["inclusions"]["edge"].tolist() == [""]  # no electrode ends here


def test_the_overhangs_say_where_the_nearest_electrode_ends(made: Made) -> None:
    from batterycell.overhang import measure_overhang

    overhang = measure_overhang(made.phantom.volume, made.cell, 12)
    rows = (overhang["end"] == "top") & (overhang["winding"] == 2) & (np.abs(overhang["angle_deg"] - 60) < 20)
    ends = np.column_stack([overhang[f"cathode_{axis}_mm"][rows] for axis in "ras"])
    level = float(np.nanmedian(made.cell.frame.to_cylindrical(ends)[2]))
    volume = with_sphere(made.phantom.volume, place(made, 2, 60.0, level - 0.4), 140.0, 110.0)
    table = find_inclusions(volume, made.cell, made.windings, overhang=overhang).tables["inclusions"]
    assert table["edge"].tolist() == ["cathode top"]
    assert table["edge_distance_um"][0] == pytest.approx(400, abs=40)


def test_a_bright_strip_like_a_tab_is_no_particle(made: Made) -> None:
    volume = made.phantom.volume
    i, j, k = np.ogrid[: volume.array.shape[2], : volume.array.shape[1], : volume.array.shape[0]]
    places = np.stack(np.broadcast_arrays(i, j, k), -1).transpose(2, 1, 0, 3)
    angle, radius, height_mm = made.cell.frame.to_cylindrical(volume.to_ras(places))
    wide = np.abs(radius - float(made.windings.radius(2, 150.0, 0.0))) < 0.06
    metal = wide & (np.abs(angle - 150) < 12) & (np.abs(height_mm) < 2.5)
    marked = replace(volume, array=np.where(metal, 200, volume.array).astype(np.uint8))
    assert value(found_in(made, marked), "inclusion_count") == 0
