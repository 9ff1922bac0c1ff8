"""The size distribution of pores as a table for plots."""

from __future__ import annotations

import numpy as np

from batterycell.tables import Column, Table

from .pores import PoreSizes

COLUMNS = (
    Column("class", "Class", "", "Name of the class."),
    Column("diameter_um", "Diameter", "µm", "Diameter of a sphere (2D: circle)."),
    Column("volume_percent", "By volume", "%", "Share of the class where this is the largest that finds room."),
    Column("below_percent", "By volume, up to here", "%", "Share where no larger one finds room."),
)  # fmt: skip


def pore_table(found: PoreSizes) -> Table:
    """One row a diameter."""
    return Table(
        COLUMNS,
        {
            "class": np.full(len(found.below), found.name),
            "diameter_um": found.diameters_um,
            "volume_percent": 100 * np.diff(found.below, prepend=0.0),
            "below_percent": 100 * found.below,
        },
    )
