"""How often each size of a measure occurs among objects, by number or by what the objects weigh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Column, Table

Floats = NDArray[np.float64]

NUMBER, VOLUME = "number", "volume"
_WEIGHTS = ("volume_um3", "area_um2", "voxels")
_FEWEST, _MOST = 8, 60
# Values that span more than two decades are counted in classes of equal ratio.
_DECADES = 2.0


@dataclass(frozen=True)
class Histogram:
    """Counted values.

    Args:
        column: The measure.
        weight: NUMBER, or VOLUME (in 2D: area).
        edges: Limits of the classes, rising, shape (n + 1,).
        heights: Objects in each class, or percent of the volume, shape (n,).
        is_log: Whether classes have equal ratios.
    """

    column: Column
    weight: str
    edges: Floats
    heights: Floats
    is_log: bool

    @property
    def middles(self) -> Floats:
        """Middle of each class; the decimal logarithm of it where classes have equal ratios."""
        places = np.log10(self.edges) if self.is_log else self.edges
        return np.asarray((places[1:] + places[:-1]) / 2)

    def rows(self, table: Table, classes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows of the objects in some classes."""
        found = _class_of(_values(table, self.column.name), self.edges)
        return np.flatnonzero(np.isin(found, classes))


def histogram(table: Table, measure: str, weight: str = NUMBER) -> Histogram:
    """Count the objects of a table by a measure.

    The width of classes follows Freedman and Diaconis, "On the histogram as a density estimator: L2 theory" (1981).

    Args:
        table: One row an object.
        measure: Name of a column of numbers.
        weight: NUMBER for objects, VOLUME for percent of their volume (in 2D: area).
    """
    values = _values(table, measure)
    finite = values[np.isfinite(values)]
    is_log = finite.size > 0 and finite.min() > 0 and np.log10(finite.max() / finite.min()) > _DECADES
    edges = 10 ** _edges(np.log10(finite)) if is_log else _edges(finite)
    weights = _weights(table) if weight == VOLUME else np.ones(len(values))
    found = _class_of(values, edges)
    heights = np.asarray(np.bincount(found[found >= 0], weights[found >= 0], len(edges) - 1), float)
    column = next(one for one in table.columns if one.name == measure)
    return Histogram(column, weight, edges, heights if weight == NUMBER else _percent(heights), bool(is_log))


def numbers_of(table: Table) -> list[Column]:
    """The columns that can be counted: numbers, that are not the object's own or its place."""
    skipped = {"n", "class", "slice", *(f"{axis}{end}" for axis in "ijk" for end in ("", "_min", "_max"))}
    return [
        one
        for one in table.columns
        if table[one.name].dtype.kind in "iuf" and one.name not in skipped and one.name[1:] != "_mm"
    ]


def present_rows(table: Table) -> NDArray[np.int64]:
    """Rows of the objects that are there: edits keep the rows of those that they took away."""
    if "weight" not in table.data:
        return np.arange(len(table))
    return np.flatnonzero(table["weight"] + table["on_border"])


def _values(table: Table, measure: str) -> Floats:
    """Values of a measure; none for objects that are gone."""
    values = np.full(len(table), np.nan)
    rows = present_rows(table)
    values[rows] = table[measure][rows]
    return values


def _edges(values: Floats) -> Floats:
    if not values.size or np.ptp(values) == 0:
        middle = float(values[0]) if values.size else 0.0
        half = abs(middle) / 2 or 0.5
        return np.array([middle - half, middle + half])
    first, third = np.percentile(values, (25, 75))
    width = 2 * (third - first) / values.size ** (1 / 3)
    count = np.clip(np.ptp(values) / width, _FEWEST, _MOST) if width > 0 else _FEWEST
    return np.linspace(values.min(), values.max(), int(count) + 1)


def _class_of(values: Floats, edges: Floats) -> NDArray[np.int64]:
    """Number of the class of each value, the last class with its upper limit; -1 for none."""
    found = np.searchsorted(edges, values, side="right") - 1
    # Limits that went through a logarithm are not exact.
    found = np.clip(found, 0, len(edges) - 2)
    return np.where(np.isfinite(values), found, -1)


def _weights(table: Table) -> Floats:
    name = next((one for one in _WEIGHTS if one in table.data), None)
    weights = np.ones(len(table)) if name is None else table[name].astype(float)
    return np.asarray(np.nan_to_num(weights), float)


def _percent(heights: Floats) -> Floats:
    total = heights.sum()
    return np.asarray(heights * (100 / total if total else 0.0))
