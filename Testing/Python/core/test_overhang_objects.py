"""Overhang regions as objects: shapes on their planes, and how they are followed around the cell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from batterycell.measured import Stage, quantity_table
from batterycell.orient import Cell, find_cell
from batterycell.overhang import (
    LabelClasses,
    LabelledCell,
    measure_objects,
    measure_overhang,
    measure_overhang_labels,
)
from batterycell.overhang.objects.columns import OBJECT_COLUMNS, OBJECT_PLANE_COLUMNS
from batterycell.overhang.objects.drawing import Drawn, draw_between_ends
from batterycell.overhang.objects.follow import follow
from batterycell.overhang.objects.regions import Regions, regions_of
from batterycell.overhang.objects.shapes import measure_shapes
from batterycell.phantom import CellLabel, EndDefect, Phantom, make_cell, preset
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM
from batterycell.winding import trace_windings
from made_cells import real_cell
from overhang_objects import true_count, true_lengths
from real_cell import DATA

ANGLES = 36
CLASSES = LabelClasses((CellLabel.CATHODE,), (CellLabel.OVERHANG,), (CellLabel.ANODE,))
NEGATIVE = EndDefect(winding=3, side="outer", angle_deg=120, width_deg=60, overhang_um=-200)
ROW, COLUMN = 0.03, 0.02  # mm


def regions(count: int, planes: int = 1, **changes: object) -> Regions:
    """One region a plane, of one gap."""
    angle, one = np.arange(count) % planes, np.ones(count)
    made = Regions("top", 1, np.arange(planes) * 360.0 / planes, angle, np.zeros(count, np.int64),
                   np.column_stack([one, one]), 0 * one, np.column_stack([0 * one, 0 * one]), 100 * one, one,
                   np.zeros((planes, 2), bool))  # fmt: skip
    return replace(made, **changes)


def drawn(images: np.ndarray, what: Regions | None = None) -> Drawn:
    """Regions (a, h, r), each plane's one of its own."""
    number = np.arange(1, len(images) + 1)[:, None, None]
    planes, rows, columns = images.shape
    ids = (number * (images > 0)).astype(np.int32)
    return Drawn(what or regions(planes, planes), ids, np.arange(rows) * ROW, 1 + np.arange(columns) * COLUMN)


@pytest.fixture
def strip() -> np.ndarray:
    """A leaning strip, a disk and a single pixel, one a plane."""
    images = np.zeros((3, 60, 60), np.uint8)
    for row in range(10, 50):
        images[0, row, 10 + row // 2 : 16 + row // 2] = 1
    y, x = np.indices((60, 60))
    images[1] = np.hypot((y - 30) * ROW, (x - 30) * COLUMN) < 0.3
    images[2, 5, 5] = 1
    return images


def test_shapes_are_those_of_scikit_image(strip: np.ndarray) -> None:
    measure = pytest.importorskip("skimage.measure")
    found = measure_shapes(drawn(strip))
    for n in range(2):
        region = measure.regionprops(strip[n], spacing=(ROW, COLUMN))[0]
        assert found.area[n] == pytest.approx(region.area)
        assert found.major[n] == pytest.approx(region.axis_major_length)
        assert found.minor[n] == pytest.approx(region.axis_minor_length)
        assert found.centre[n] == pytest.approx((1 + region.centroid[1], region.centroid[0]))
        assert found.box[n] == pytest.approx((region.bbox[2] - region.bbox[0]) * ROW)


def test_the_feret_diameter_is_the_longest_distance_of_two_corners(strip: np.ndarray) -> None:
    found = measure_shapes(drawn(strip))
    for n in range(3):
        row, column = np.nonzero(strip[n])
        corners = np.concatenate([np.column_stack([(row + a) * ROW, (column + b) * COLUMN])
                                  for a in (-0.5, 0.5) for b in (-0.5, 0.5)])  # fmt: skip
        longest = max(float(np.linalg.norm(corners - corner, axis=1).max()) for corner in corners)
        assert found.feret[n] == pytest.approx(longest, rel=2e-4)


def test_a_straight_strip_has_an_ellipse_a_sixth_too_long_that_leans_as_it_does() -> None:
    images = np.zeros((1, 200, 60), np.uint8)
    images[0, 20:180, 20:24] = 1
    found = measure_shapes(drawn(images))
    assert found.major[0] / (160 * ROW) == pytest.approx(1.155, abs=0.002)
    assert found.orientation_deg[0] == pytest.approx(0.0, abs=1e-6)


def leaning(tip: int) -> Drawn:
    images = np.zeros((1, 60, 60), np.uint8)
    for row in range(60):
        images[0, row, 28 + tip * (row - 30) // 4 : 32 + tip * (row - 30) // 4] = 1
    return drawn(images)


def test_leaning_outward_is_a_positive_orientation() -> None:
    assert measure_shapes(leaning(1)).orientation_deg[0] == pytest.approx(
        np.degrees(np.arctan(COLUMN / ROW / 4)), abs=1
    )
    assert measure_shapes(leaning(-1)).orientation_deg[0] < -5


def ring(planes: int) -> np.ndarray:
    """The same bar on every plane."""
    images = np.zeros((planes, 20, 20), np.uint8)
    images[:, 5:15, 8:12] = 1
    return images


def test_what_is_seen_all_around_is_one_object_without_beginning() -> None:
    found = follow(drawn(ring(12)))
    assert set(found.item) == set(found.sheet) == {0}
    assert not found.begins.any()


def test_an_object_runs_on_past_the_last_plane() -> None:
    images = ring(12)
    images[4:8] = 0
    what = drawn(images).seen
    found = follow(what)
    assert set(found.item) == {0}
    assert what.regions.angle[found.begins].tolist() == [8]


def test_a_place_without_overhang_parts_two_objects_and_one_that_was_not_read_does_not() -> None:
    images = ring(36)
    images[[10, 25]] = 0
    assert len(set(follow(drawn(images).seen).item)) == 2
    unread = np.zeros((36, 2), bool)
    unread[10, 0] = True
    assert len(set(follow(drawn(images, regions(36, 36, unread=unread)).seen).item)) == 1


def test_a_turn_of_the_spiral_is_an_object_and_all_of_it_one_sheet() -> None:
    gap = np.where(np.arange(12) < 5, 1, 0)
    found = follow(drawn(ring(12), regions(12, 12, gap=gap)))
    assert len(set(found.item)) == 2
    assert set(found.sheet) == {0}


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    cell, scan = preset("small")
    return make_cell(replace(cell, defects=(NEGATIVE,)), scan, 5, angles=ANGLES)


@pytest.fixture(scope="module")
def cell(phantom: Phantom) -> Cell:
    return find_cell(phantom.volume)


@pytest.fixture(scope="module")
def labels(phantom: Phantom) -> LabelledCell:
    return LabelledCell(phantom.labels, CLASSES)


@pytest.fixture(scope="module")
def table(phantom: Phantom, cell: Cell, labels: LabelledCell) -> Table:
    return measure_overhang_labels(labels, cell, ANGLES, None, trace_windings(phantom.volume, cell))


@pytest.fixture(scope="module", params=["ends", "labels"])
def stage(request: pytest.FixtureRequest, phantom: Phantom, cell: Cell, table: Table, labels: LabelledCell) -> Stage:
    return measure_objects(phantom.volume, cell, table, None, labels if request.param == "labels" else None)


def test_there_are_as_many_objects_as_there_are(stage: Stage, phantom: Phantom) -> None:
    objects = stage.tables["objects"]
    assert len(objects) == true_count(phantom.truth)
    assert objects["object"].tolist() == list(range(1, len(objects) + 1))
    counts = {one.name: one.value for one in stage.quantities}
    assert counts["objects_top_count"] + counts["objects_bottom_count"] == len(objects)


def test_lengths_along_the_sheet_are_true_and_the_ellipse_is_a_sixth_too_long(stage: Stage, phantom: Phantom) -> None:
    planes, truth = stage.tables["object_planes"], true_lengths(phantom.truth)
    gap = planes["winding"] - (planes["side"] == "outer")
    keys = zip(planes["end"].tolist(), planes["angle_deg"].tolist(), gap.tolist(), strict=True)
    true = np.array([truth[key] for key in keys])
    assert len(planes) > 0.97 * len(truth)
    assert planes["arc_um"].mean() / true.mean() == pytest.approx(1.0, abs=0.02)
    assert planes["major_axis_um"].mean() / true.mean() == pytest.approx(1.155, abs=0.03)
    assert (planes["feret_um"] >= planes["box_um"] - 1e-6).all()
    assert np.mean(np.abs(planes["arc_um"] - true) <= planes["uncertainty_um"]) > 0.9


def test_an_object_sums_up_its_planes(stage: Stage, cell: Cell) -> None:
    objects, planes = stage.tables["objects"], stage.tables["object_planes"]
    for row in range(len(objects)):
        mine = planes.where(planes["object"] == objects["object"][row])
        assert objects["planes"][row] == len(mine)
        assert objects["arc_mean_um"][row] == pytest.approx(mine["arc_um"].mean())
        assert objects["arc_min_um"][row] == mine["arc_um"].min()
        assert objects["major_axis_max_um"][row] == mine["major_axis_um"].max()
        span = objects["angle_to_deg"][row] - objects["angle_from_deg"][row]
        assert 0 <= span < 360
        assert len(mine) <= round(span / (360 / ANGLES)) + 1
        radius = cell.frame.to_cylindrical(np.column_stack([mine[f"{axis}_mm"] for axis in "ras"]))[1]
        pappus = (mine["area_um2"] / UM_PER_MM**2 * radius).sum() * 2 * np.pi / ANGLES
        assert objects["volume_mm3"][row] == pytest.approx(pappus, rel=1e-6)
        assert objects["sheet_area_mm2"][row] == pytest.approx(
            objects["width_mm"][row] * objects["arc_mean_um"][row] / UM_PER_MM, rel=0.02
        )


def test_a_spot_without_overhang_parts_a_winding(stage: Stage) -> None:
    objects = stage.tables["objects"]
    top = objects.where((objects["end"] == "top") & (objects["winding"] == 2))
    assert len(top) == 2
    assert not ((top["angle_from_deg"] < 120) & (top["angle_to_deg"] > 120)).any()


def test_tables_have_their_columns(stage: Stage) -> None:
    assert stage.name == "objects"
    assert stage.tables["objects"].columns == OBJECT_COLUMNS
    assert stage.tables["object_planes"].columns == OBJECT_PLANE_COLUMNS
    assert set(stage.tables["objects"]["source"]) == {"labels"}
    assert len(quantity_table([stage])) == 5


def test_regions_are_drawn_from_the_cathodes_level_to_the_tip(phantom: Phantom, cell: Cell, table: Table) -> None:
    found = regions_of(table, cell, "top")
    made = draw_between_ends(phantom.volume, cell, found)
    rows = np.array([np.ptp(np.nonzero((made.ids == n + 1).any(axis=(0, 2)))[0]) + 1 for n in range(10)])
    low = np.nanmin(found.level[:10], axis=1)
    assert rows * made.steps[0] == pytest.approx(found.tip[:10, 1] - low, abs=1.5 * made.steps[0])


def test_a_cell_without_any_overhang_has_no_objects(phantom: Phantom, cell: Cell, table: Table) -> None:
    stage = measure_objects(phantom.volume, cell, table.where(np.zeros(len(table), bool)))
    assert len(stage.tables["objects"]) == len(stage.tables["object_planes"]) == 0
    assert [one.value for one in stage.quantities] == [0, 0]
    assert stage.notes


@pytest.mark.real
def test_every_winding_of_the_real_cell_is_one_object() -> None:
    if not DATA.exists():
        pytest.skip(f"no real data in {DATA} (BATTERYCELL_DATA)")
    volume, cell, windings = real_cell()
    table = measure_overhang(volume, cell, 36, None, windings)
    stage = measure_objects(volume, cell, table)
    objects = stage.tables["objects"]
    inner = objects.where((objects["side"] == "inner") & (objects["planes"] == 36))
    assert inner["winding"].tolist() == list(range(1, 22))
    assert (inner["sheet"] == inner["sheet"][0]).all()
    ratio = inner["major_axis_mean_um"] / inner["arc_mean_um"]
    assert ratio == pytest.approx(np.full(21, 1.155), abs=0.04)
