"""Unrolled cells: sheets become straight, voxels true, and every place has its way back."""

from __future__ import annotations

import numpy as np
import pytest
from batterycell.errors import Cancelled, InputError
from batterycell.interpolation import interpolate
from batterycell.progress import Progress
from batterycell.reslice import Unrolled, UnrolledMap, UnrollSettings, unroll_around
from batterycell.winding import unroll_winding
from look_cells import CELLS, POSES, across_voxel_mm, found, phantom, traced, true_windings
from made_cells import real_cell
from real_cell import DATA

KINDS = ("around", "winding")


def unrolled(name: str, kind: str = "winding") -> Unrolled:
    volume, cell = phantom(name).volume, found(name)
    if kind == "around":
        return unroll_around(volume, cell, 0.7 * cell.can.outer_radius_mm, UnrollSettings(depth_mm=0.8))
    return unroll_winding(volume, cell, traced(name), (2, 3))


def some_places(made: Unrolled, count: int = 2000) -> np.ndarray:
    """Places in an unrolled picture, RAS of the picture, nearer to its sheet than the next turn."""
    random, shown = np.random.default_rng(1), made.map
    near = np.clip(shown.depth_mm, -0.1, 0.1)
    right = shown.side * random.uniform(0.01, shown.curve.length_mm - 0.01, count)
    return np.column_stack([right, random.uniform(*near, count), random.uniform(*shown.heights_mm, count)])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CELLS)
def test_the_way_there_and_back_ends_where_it_began(name: str, kind: str) -> None:
    made = unrolled(name, kind)
    there = some_places(made)
    back = made.map.to_unrolled(made.map.to_cell(there))
    assert np.isfinite(back).all()
    assert np.abs(back - there).max() < 0.01 * made.volume.spacing_mm.min()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CELLS)
def test_each_voxel_shows_the_place_that_its_map_names(name: str, kind: str) -> None:
    made, source = unrolled(name, kind), phantom(name).volume
    random = np.random.default_rng(2)
    kji = np.column_stack([random.integers(0, size, 3000) for size in made.volume.array.shape])
    ras = made.map.to_cell(made.volume.to_ras(kji[:, ::-1]))
    grey = interpolate(source, source.to_ijk(ras))
    known = np.isfinite(grey)
    assert known.mean() > 0.9
    assert np.abs(made.volume.array[tuple(kji.T)][known] - grey[known]).max() <= 0.51


@pytest.mark.parametrize("name", CELLS)
def test_the_sheets_lie_straight(name: str) -> None:
    made = unrolled(name)
    windings = traced(name)
    for height in windings.heights_mm[[0, -1]]:
        turns, ras = true_windings(name, float(height))
        middle = made.map.to_unrolled(ras[(turns > 1.05) & (turns < 2.95)])
        off = middle[:, 1] / across_voxel_mm(name)
        assert np.isfinite(off).mean() > 0.99
        assert np.nanstd(off) < 0.25 and np.nanpercentile(np.abs(off), 95) < 0.45


@pytest.mark.parametrize("name", POSES)
def test_the_bright_sheet_runs_along_the_middle_row(name: str) -> None:
    made = unrolled(name)
    heights = (traced(name).heights_mm[0] - made.volume.ijk_to_ras[2, 3]) / made.volume.spacing_mm[2]
    section = made.volume.array[round(float(heights))].astype(float)
    near = np.abs(made.volume.to_ras([[0, j, 0] for j in range(len(section))])[:, 1]) < 0.3 * traced(name).pitch_mm
    weight = np.where(near[:, None], section - section.min(), 0.0)
    rows = made.volume.to_ras([[0, j, 0] for j in range(len(section))])[:, 1]
    middle = (weight * rows[:, None]).sum(axis=0) / weight.sum(axis=0)
    assert np.abs(middle).mean() < 0.3 * across_voxel_mm(name)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [*POSES, "clockwise"])
def test_the_picture_is_no_mirror_image(name: str, kind: str) -> None:
    made = unrolled(name, kind)
    # Slicer turns left-handed files over as it reads them.
    assert np.array_equal(np.sign(np.diag(made.volume.ijk_to_ras)), [-1, -1, 1, 1])
    start = some_places(made, 20)
    steps = 1e-3 * np.eye(3)
    images = [made.map.to_cell(start + step) - made.map.to_cell(start) for step in steps]
    assert np.all(np.linalg.det(np.stack(images, axis=-1)) > 0)


@pytest.mark.parametrize("name", POSES)
def test_voxel_sizes_are_true_at_the_chosen_radius(name: str) -> None:
    made = unrolled(name, "around")
    spacing = made.volume.spacing_mm
    for axis in range(3):
        ends = np.array([[50.0, 0.0, 40.0]] * 2)
        ends[1, axis] += 1
        ras = made.volume.to_ras(ends)
        ras[:, 1] = 0.0 if axis != 1 else [0.0, -spacing[1]]
        distance = np.linalg.norm(np.diff(made.map.to_cell(ras), axis=0))
        assert distance == pytest.approx(spacing[axis], rel=1e-3)


def test_the_whole_circumference_is_shown_once() -> None:
    cell = found("plain")
    made = unroll_around(phantom("plain").volume, cell, 2.5)
    assert made.volume.array.shape[2] * made.volume.spacing_mm[0] == pytest.approx(2 * np.pi * 2.5)


def test_beyond_the_axis_the_picture_is_empty() -> None:
    volume, cell = phantom("plain").volume, found("plain")
    made = unroll_around(volume, cell, 0.3, UnrollSettings(depth_mm=1.0))
    ijk = np.stack(np.meshgrid(*map(np.arange, made.volume.array.shape[::-1]), indexing="ij"), axis=-1)
    nowhere = np.isnan(made.map.to_cell(made.volume.to_ras(ijk))).any(axis=-1).T
    assert 0.1 < nowhere.mean() < 0.4
    assert (made.volume.array[nowhere] == 0).all() and (made.volume.array[~nowhere] > 0).mean() > 0.9


def test_without_depth_the_picture_reaches_out_past_the_can() -> None:
    cell = found("plain")
    made = unroll_around(phantom("plain").volume, cell)
    assert made.map.depth_mm[1] + 0.75 * cell.can.outer_radius_mm >= cell.can.outer_radius_mm
    assert made.map.depth_mm[0] + 0.75 * cell.can.outer_radius_mm > 0


def test_a_strip_is_as_long_as_its_spiral() -> None:
    turns, ras = true_windings("plain", float(traced("plain").heights_mm.mean()))
    length = np.linalg.norm(np.diff(ras[(turns >= 1) & (turns <= 3)], axis=0), axis=1).sum()
    assert unrolled("plain").map.curve.length_mm == pytest.approx(length, rel=0.003)


def test_the_type_of_the_voxels_is_kept() -> None:
    for dtype in (np.uint8, np.int16, np.float32):
        volume = phantom("plain").volume
        volume = type(volume)(volume.array.astype(dtype), volume.ijk_to_ras, "test")
        assert unroll_around(volume, found("plain"), 2.0, UnrollSettings(0.2)).volume.array.dtype == dtype


@pytest.mark.parametrize("kind", KINDS)
def test_the_way_back_is_kept_in_text_exactly(kind: str) -> None:
    made = unrolled("flipped", kind)
    again = UnrolledMap.from_json(made.map.to_json())
    places = some_places(made, 50)
    assert np.array_equal(again.to_cell(places), made.map.to_cell(places))


@pytest.mark.parametrize("text", ["", "null", "{}", '{"frame": {}, "curve": {}, "depth_mm": 1, "heights_mm": 2}'])
def test_text_that_holds_no_map_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="way back"):
        UnrolledMap.from_json(text)


def test_places_outside_the_picture_or_the_cell_have_no_counterpart() -> None:
    made = unrolled("plain", "around")
    length, side = made.map.curve.length_mm, made.map.side
    outside = [[-0.5 * side, 0, 0], [side * (length + 0.5), 0, 0], [side, 9, 0], [side, 0, 99], [np.nan, 0, 0]]
    assert np.isnan(made.map.to_cell(outside)).all()
    frame = found("plain").frame
    assert np.isnan(made.map.to_unrolled(frame.from_cylindrical([0.0, 10.0], [0.01, 2.0], [0.0, 99.0]))).all()


def test_what_is_no_place_has_no_counterpart_and_no_winding() -> None:
    made, nowhere = unrolled("plain"), [np.nan] * 3
    assert np.isnan(made.map.to_cell(nowhere)).all() and np.isnan(made.map.to_unrolled(nowhere)).all()
    assert np.isnan(traced("plain").winding_at(nowhere).winding)


@pytest.mark.parametrize("radius", [0.0, -1.0, 99.0, float("nan")])
def test_a_radius_that_is_not_in_the_can_is_refused(radius: float) -> None:
    with pytest.raises(InputError, match="radius"):
        unroll_around(phantom("plain").volume, found("plain"), radius)


@pytest.mark.parametrize("span", [(0, 2), (3, 2), (1, 99), (99, 99)])
def test_windings_that_do_not_exist_are_refused(span: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="no winding"):
        unroll_winding(phantom("plain").volume, found("plain"), traced("plain"), span)


@pytest.mark.parametrize("settings", [{"depth_mm": 0.0}, {"depth_mm": float("nan")}, {"step_mm": -1.0}])
def test_lengths_that_cannot_be_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(InputError):
        UnrollSettings(**settings)


def test_heights_outside_the_volume_are_refused() -> None:
    with pytest.raises(InputError, match="heights"):
        unroll_around(phantom("plain").volume, found("plain"), 2.0, UnrollSettings(heights_mm=(50.0, 60.0)))


def test_what_does_not_fit_into_the_memory_is_refused_before_it_is_tried() -> None:
    with pytest.raises(InputError, match="GB"):
        unroll_around(phantom("plain").volume, found("plain"), 2.0, UnrollSettings(step_mm=2e-6))


@pytest.mark.parametrize("kind", KINDS)
def test_unrolling_stops_when_asked_to(kind: str) -> None:
    reports: list[float] = []
    progress = Progress(lambda fraction, message: reports.append(fraction), lambda: len(reports) > 3)
    volume, cell = phantom("plain").volume, found("plain")
    with pytest.raises(Cancelled):
        if kind == "around":
            unroll_around(volume, cell, 2.0, progress=progress)
        else:
            unroll_winding(volume, cell, traced("plain"), progress=progress)
    assert len(reports) == 4


@pytest.mark.real
@pytest.mark.skipif(not DATA.is_dir(), reason="the real cell's data is not here (BATTERYCELL_DATA)")
def test_the_real_cells_sheets_lie_straight() -> None:
    volume, cell, windings = real_cell()
    made = unroll_winding(volume, cell, windings, (3, 10))
    row = round((windings.heights_mm[0] - made.map.heights_mm[0]) / made.volume.spacing_mm[2])
    section = made.volume.array[row - 3 : row + 4].astype(float).mean(axis=0)
    depth = made.volume.to_ras([[0, j, 0] for j in range(len(section))])[:, 1] / made.volume.spacing_mm[1]
    near = np.abs(depth) < 0.3 * windings.pitch_mm / made.volume.spacing_mm[1]
    weight = np.where(near[:, None], section - section.min(axis=0), 0.0)
    middle = (weight * depth[:, None]).sum(axis=0) / weight.sum(axis=0)
    assert np.abs(middle).mean() < 0.3 and np.percentile(np.abs(middle), 99) < 1.0
