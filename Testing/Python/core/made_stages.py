"""Stages that were made, not measured, for tests of everything that carries stages."""

from __future__ import annotations

import numpy as np
from batterycell.cylindrical import Found
from batterycell.errors import InputError
from batterycell.measured import Axis, Map, Quantity, Stage
from batterycell.orient import CellFrame
from batterycell.result import CellResult
from batterycell.tables import Column, Table
from batterycell.volume import Volume

CAN, WINDING = "can", "winding"
QUANTITIES = (
    Quantity("can_outer_diameter_mm", "Outer diameter", 7.004, 0.012, "mm", 'Mean of a "robust" ellipse; ± of 95 %.'),
    Quantity("can_wall_mean_um", "Wall, mean", 251.3, float("nan"), "µm", "Mean wall: outer less inner edge."),
    Quantity("can_dent_count", "Dents", 1.0, 0.0, "", "Dents deeper than a voxel."),
    Quantity("can_dent_depth_um", "Deepest dent", float("nan"), float("nan"), "µm", "Not measurable, here."),
)


def found_in(volume: Volume, made: CellResult) -> Found:
    """What the stages of a made cell would build on."""
    return Found(volume, made.cell, InputError("no-windings", "There is no jelly roll."), made.overhang)


def made_stages(frame: CellFrame) -> tuple[Stage, ...]:
    """A stage with everything in it, and one that could not be measured."""
    can = Stage(CAN, "Can", QUANTITIES, {"can_grooves": _grooves(), "can_nothing": _nothing()}, (made_map(frame),),
                ("The can's wall is thin: 2 voxels.",))  # fmt: skip
    return can, Stage(WINDING, "Winding", notes=("Not measured. There is no jelly roll.",))


def made_map(frame: CellFrame, rows: int = 12, columns: int = 36) -> Map:
    """A dent on a can, with a hole where nothing was measured."""
    heights, angles = np.linspace(-1.1, 1.1, rows), np.arange(columns) * 360.0 / columns
    height, angle = np.meshgrid(heights, angles, indexing="ij")
    values = 2.0 - 180.0 * np.exp(-(((angle - 200) / 30) ** 2) - (height / 0.5) ** 2)
    values[2, 3] = np.nan
    return Map(
        "can_dent_um", "Dent", "µm", "Distance from the robust cylinder, inward negative.",
        Axis("height_mm", "Height", "mm", heights), Axis("angle_deg", "Angle", "deg", angles),
        values, frame.from_cylindrical(angle, 3.5, height), np.full(values.shape, 4.0),
    )  # fmt: skip


def _grooves() -> Table:
    columns = (
        Column("groove", "Groove", "", "Number."),
        Column("kind", "Kind", "", "Groove or crimp."),
        Column("r_mm", "R", "mm", "Place."),
        Column("a_mm", "A", "mm", "Place."),
        Column("s_mm", "S", "mm", "Place."),
    )
    data = {
        "groove": np.array([1, 2]), "kind": np.array(["groove", "crimp, \"rolled\""]),
        "r_mm": np.array([1.0, -2.0]), "a_mm": np.array([0.1, np.nan]), "s_mm": np.array([-1 / 3, 2.0]),
    }  # fmt: skip
    return Table(columns, data)


def _nothing() -> Table:
    columns = (Column("number", "Number", "", "Number."), Column("word", "Word", "", "Word."),
               Column("size_um", "Size", "µm", "Size."))  # fmt: skip
    return Table(columns, {"number": np.zeros(0, int), "word": np.zeros(0, str), "size_um": np.zeros(0)})


def assert_same_stages(found: tuple[Stage, ...], expected: tuple[Stage, ...], places_mm: float = 0.0) -> None:
    """Fail unless stages are the same; places may be off by some mm."""
    assert [(one.name, one.title, one.notes) for one in found] == [(one.name, one.title, one.notes) for one in expected]
    for one, same in zip(found, expected, strict=True):
        assert repr(one.quantities) == repr(same.quantities)
        assert list(one.tables) == list(same.tables)
        for name, table in same.tables.items():
            _assert_same_table(one.tables[name], table, places_mm)
        assert len(one.maps) == len(same.maps)
        for map_found, map_expected in zip(one.maps, same.maps, strict=True):
            _assert_same_map(map_found, map_expected, places_mm)


def _assert_same_table(found: Table, expected: Table, places_mm: float) -> None:
    assert found.columns == expected.columns
    for column in expected.columns:
        values, same = found[column.name], expected[column.name]
        if same.dtype.kind == "f":
            np.testing.assert_allclose(values, same, rtol=0, atol=places_mm)
        else:
            assert values.tolist() == same.tolist()
        assert values.dtype.kind == same.dtype.kind


def _assert_same_map(found: Map, expected: Map, places_mm: float) -> None:
    for name in ("name", "title", "units", "description"):
        assert getattr(found, name) == getattr(expected, name)
    for axis, same in ((found.rows, expected.rows), (found.columns, expected.columns)):
        assert (axis.name, axis.title, axis.units) == (same.name, same.title, same.units)
        np.testing.assert_array_equal(axis.values, same.values)
    np.testing.assert_array_equal(found.values, expected.values)
    np.testing.assert_allclose(found.places, expected.places, rtol=0, atol=places_mm)
    assert (found.uncertainty is None) == (expected.uncertainty is None)
    if expected.uncertainty is not None:
        np.testing.assert_array_equal(found.uncertainty, expected.uncertainty)
