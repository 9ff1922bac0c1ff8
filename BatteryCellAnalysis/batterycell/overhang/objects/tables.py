"""Tables of overhang regions and objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import Cell
from batterycell.tables import Column, Table
from batterycell.volume import UM_PER_MM

from .drawing import Drawn
from .follow import Followed, follow
from .shapes import Shapes, measure_shapes

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Columns = dict[str, NDArray[Any]]

_TYPES = {"end": str, "side": str, "winding": np.int64, "object": np.int64, "sheet": np.int64, "planes": np.int64}


@dataclass(frozen=True)
class EndObjects:
    """The objects of one end.

    Args:
        drawn: Their regions.
        shapes: What these look like.
        item: Number of each region's object, from 1, shape (n,).
        sheet: Number of each region's piece of sheet, from 1, shape (n,).
        begins: Whether no region of the object lies on the half-plane before, shape (n,).
        centre: RAS in mm of each region's centroid, shape (n, 3).
        step: Distance in mm to the next half-plane at each region's end and at its centroid, shape (n, 2).
        count: Number of objects.
    """

    drawn: Drawn
    shapes: Shapes
    item: Indices
    sheet: Indices
    begins: NDArray[np.bool_]
    centre: Floats
    step: Floats
    count: int

    @classmethod
    def of(cls, drawn: Drawn, cell: Cell, before: int) -> EndObjects:
        """Measure what was drawn; numbers go on after those that were given before."""
        regions, shapes, together = drawn.regions, measure_shapes(drawn), follow(drawn)
        angle = regions.angles[regions.angle]
        radius, height = shapes.centre.T
        centre = cell.frame.from_cylindrical(angle, radius, regions.sign * height)
        turn = 2 * np.pi / len(regions.angles)
        step = turn * np.column_stack([regions.tip[:, 0], radius])
        item = _numbered(together, regions.gap, regions.angle)
        return cls(drawn, shapes, item + before + 1, together.sheet + 1, together.begins, centre, step,
                   int(item.max()) + 1)  # fmt: skip


def _numbered(together: Followed, gap: Indices, angle: Indices) -> Indices:
    """Numbers of the regions' objects from the outside in, by their first angle."""
    items, first = np.unique(together.item, return_index=True)
    order = np.lexsort((angle[first], gap[first]))
    number = np.empty(len(items), np.int64)
    number[order] = np.arange(len(items))
    return np.asarray(number[together.item])


def table_of_parts(columns: tuple[Column, ...], parts: Sequence[Columns], source: str) -> Table:
    """One table of the columns of both ends; without rows where there are none."""
    data = {
        column.name: np.concatenate([part[column.name] for part in parts]) if parts
        else np.zeros(0, _TYPES.get(column.name, float))
        for column in columns if column.name != "source"
    }  # fmt: skip
    count = len(next(iter(data.values())))
    return Table(columns, data | {"source": np.full(count, source)})


def plane_columns(found: EndObjects) -> Columns:
    """One row a region: the columns of `OBJECT_PLANE_COLUMNS` but the source."""
    regions, shapes = found.drawn.regions, found.shapes
    lengths = {"major_axis_um": shapes.major, "minor_axis_um": shapes.minor, "feret_um": shapes.feret,
               "box_um": shapes.box}  # fmt: skip
    return {
        "object": found.item,
        "end": np.full(len(regions), regions.end),
        "winding": regions.winding,
        "side": regions.side,
        "angle_deg": regions.angles[regions.angle],
        "arc_um": regions.arc_um,
        "uncertainty_um": regions.u_arc_um,
        **{name: UM_PER_MM * values for name, values in lengths.items()},
        "area_um2": UM_PER_MM**2 * shapes.area,
        "orientation_deg": shapes.orientation_deg,
        **{f"{axis}_mm": found.centre[:, n] for n, axis in enumerate("ras")},
    }


def object_columns(found: EndObjects, planes: Columns) -> Columns:
    """One row an object: the columns of `OBJECT_COLUMNS` but the source, from those of its regions."""
    group = found.item - found.item.min()
    first = np.unique(group, return_index=True)[1]
    mean, least, most = _Over(group, np.ones(len(group))), np.minimum, np.maximum
    volume = found.shapes.area * found.step[:, 1]
    weighted = _Over(group, np.nan_to_num(volume))
    begin, end = _spans(found, group)
    means = {"arc_mean_um": "arc_um", "u_arc_mean_um": "uncertainty_um", "major_axis_mean_um": "major_axis_um",
             "feret_mean_um": "feret_um", "box_mean_um": "box_um", "area_mean_um2": "area_um2"}  # fmt: skip
    return {
        **{name: planes[name][first] for name in ("object", "end", "winding", "side")},
        "sheet": found.sheet[first],
        "angle_from_deg": begin,
        "angle_to_deg": end,
        "planes": np.bincount(group),
        **{name: mean.mean(planes[column]) for name, column in means.items()},
        "orientation_deg": _mean_direction(planes, mean),
        "arc_min_um": mean.extreme(least, planes["arc_um"]),
        "arc_max_um": mean.extreme(most, planes["arc_um"]),
        "major_axis_max_um": mean.extreme(most, planes["major_axis_um"]),
        "feret_max_um": mean.extreme(most, planes["feret_um"]),
        "sheet_area_mm2": mean.total(planes["arc_um"] / UM_PER_MM * found.step[:, 0]),
        "width_mm": mean.total(found.step[:, 0]),
        "volume_mm3": mean.total(volume),
        **{f"{axis}_mm": weighted.mean(planes[f"{axis}_mm"]) for axis in "ras"},
    }


def _mean_direction(planes: Columns, over: _Over) -> Floats:
    """Mean angle of axes that have no sense, ±90° being one: of doubled angles, the slenderer the more it counts."""
    slender = planes["major_axis_um"] ** 2 - planes["minor_axis_um"] ** 2
    double = np.radians(2 * planes["orientation_deg"])
    return np.degrees(0.5 * np.arctan2(over.total(slender * np.sin(double)), over.total(slender * np.cos(double))))


@dataclass(frozen=True)
class _Over:
    """Sums over the regions of each object.

    Args:
        group: Object of each region, from 0, shape (n,).
        weight: Of each region in means, shape (n,).
    """

    group: Indices
    weight: Floats

    def total(self, values: Floats) -> Floats:
        """Sum of what is finite."""
        return np.asarray(np.bincount(self.group, np.nan_to_num(values)), float)

    def mean(self, values: Floats) -> Floats:
        """Weighted mean of what is finite."""
        weight = np.where(np.isfinite(values), self.weight, 0.0)
        with np.errstate(invalid="ignore"):
            return np.asarray(self.total(weight * np.nan_to_num(values)) / np.bincount(self.group, weight))

    def extreme(self, which: np.ufunc, values: Floats) -> Floats:
        """Least or greatest finite value."""
        start = np.inf if which is np.minimum else -np.inf
        found = np.full(int(self.group.max()) + 1, start)
        known = np.isfinite(values)
        which.at(found, self.group[known], values[known])
        return np.where(np.isfinite(found), found, np.nan)


def _spans(found: EndObjects, group: Indices) -> tuple[Floats, Floats]:
    """First and last angle of each object: it begins where it has no region on the half-plane before."""
    regions = found.drawn.regions
    order = np.lexsort((regions.angle, ~found.begins, group))
    first = order[np.flatnonzero(np.diff(group[order], prepend=-1))]
    onward = (regions.angle - regions.angle[first][group]) % len(regions.angles)
    begin = regions.angles[regions.angle[first]]
    last = np.zeros(len(first), np.int64)
    np.maximum.at(last, group, onward)
    return begin, begin + last * 360.0 / len(regions.angles)
