"""The size distributions as a table for plots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95
from batterycell.tables import Column, Table

from .sizes import Objects

Floats = NDArray[np.float64]
COLUMNS = (
    Column("class", "Class", "", "Name of the class."),
    Column("from_um", "From", "µm", "Lower edge of the range of equivalent diameters."),
    Column("to_um", "To", "µm", "Upper edge of the range of equivalent diameters."),
    Column("objects", "Objects", "", "How many objects are in the range, those on the border left out."),
    Column("number_percent", "By number", "%", "Share of the objects, weighted for the border, in the range."),
    Column("u_number_percent", "By number, uncertainty (95 %)", "%", "Half width of its interval."),
    Column("volume_percent", "By volume", "%", "Share of their volume (2D: area) in the range."),
    Column("u_volume_percent", "By volume, uncertainty (95 %)", "%", "Half width of its interval."),
    Column("number_below_percent", "By number, up to here", "%", "Share of the objects up to the upper edge."),
    Column("volume_below_percent", "By volume, up to here", "%", "Share of their volume up to the upper edge."),
)  # fmt: skip
_BINS = 20


def size_table(classes: Sequence[Objects]) -> Table:
    """One row a class and range of sizes; the ranges are the same for all classes."""
    sizes = np.concatenate([one.sizes for one in classes]) if classes else np.zeros(0)
    if not len(sizes):
        return Table(COLUMNS, {column.name: np.zeros(0) for column in COLUMNS} | {"class": np.zeros(0, str)})
    edges = np.geomspace(sizes.min() * 0.999, sizes.max() * 1.001, _BINS + 1)
    parts = [_of_class(one, edges) for one in classes if len(one.sizes)]
    return Table(COLUMNS, {column.name: np.concatenate([part[column.name] for part in parts]) for column in COLUMNS})


def _of_class(objects: Objects, edges: Floats) -> dict[str, NDArray[Any]]:
    number, u_number = _shares(objects.sizes, objects.weights, edges)
    volume, u_volume = _shares(objects.sizes, objects.amounts, edges)
    return {
        "class": np.full(len(number), objects.name),
        "from_um": edges[:-1],
        "to_um": edges[1:],
        "objects": np.histogram(objects.sizes, edges)[0],
        "number_percent": number,
        "u_number_percent": u_number,
        "volume_percent": volume,
        "u_volume_percent": u_volume,
        "number_below_percent": np.cumsum(number),
        "volume_below_percent": np.cumsum(volume),
    }


def _shares(sizes: Floats, masses: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Share of the mass in each range in percent, and its half width (ratio of totals; Cochran 1977, 6.3)."""
    share = np.histogram(sizes, edges, weights=masses)[0] / masses.sum()
    squares = np.histogram(sizes, edges, weights=masses**2)[0] / masses.sum() ** 2
    everything = (masses**2).sum() / masses.sum() ** 2
    variance = squares * (1 - 2 * share) + share**2 * everything
    return 100 * share, 100 * K95 * np.sqrt(np.maximum(variance, 0))
