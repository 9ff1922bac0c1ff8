"""Connections as quantities and as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import Quantity
from batterycell.tables import Column, Table

from .connectivity import Connection
from .settings import slug

COLUMNS = (
    Column("class", "Class", "", "Name of the class."),
    Column("axis", "Axis", "", "The axis: z across slices, y down, x to the right."),
    Column("kind", "Kind", "", "through: connected to both ends; first, last: to that end alone or not."),
    Column("share_percent", "Share", "%", "Share of the class that is so connected, over faces of voxels (2D: edges)."),
    Column("u_percent", "Uncertainty (95 %)", "%", "Half width of the interval of representativity."),
)  # fmt: skip


def connection_quantities(found: Connection) -> Iterator[Quantity]:
    """Percolating share along each axis, and what is cut off."""
    start = f"microstructure_{slug(found.name)}"
    interval = "Neighbours over faces of voxels (2D: edges); interval of representativity, the paths taken as they are."
    for (axis, kind), share in found.shares.items():
        if kind == "through":
            told = f"Share of {found.name} that is connected to both ends of the image along {axis}. {interval}"
            name, title = f"{start}_percolating_{axis}_percent", f"{found.name}: percolates along {axis}"
            yield Quantity(name, title, 100 * share.value, 100 * share.half, "%", told)
    told = f"Share of {found.name} that is connected to no end of the image. {interval}"
    isolated = found.isolated.times(100)
    yield Quantity(f"{start}_isolated_percent", f"{found.name}: cut off", isolated.value, isolated.half, "%", told)


def connection_table(found: list[Connection]) -> Table:
    """One row a class, axis and kind of connection."""
    rows = [(one.name, *key, 100 * share.value, 100 * share.half) for one in found for key, share in one.shares.items()]
    kinds = (str, str, str, float, float)
    data: dict[str, NDArray[Any]] = {
        column.name: np.array([row[n] for row in rows], kind)
        for n, (column, kind) in enumerate(zip(COLUMNS, kinds, strict=True))
    }
    return Table(COLUMNS, data)
