"""The overhang table as a stage of the road: numbers with uncertainty, maps, and what must be told."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import Quantity, Stage
from batterycell.orient import Cell
from batterycell.reslice import voxel_sizes
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM, Volume

from .columns import NEGATIVE_FLAGS
from .maps import overhang_maps
from .notes import overhang_notes
from .spread import describe_spread, is_read
from .uncertainty import TILT_DEG, shared_by

_ENDS = ("top", "bottom")


def overhang_stage(volume: Volume, cell: Cell, table: Table) -> Stage:
    """What the overhang table says of the cell and of each of its ends.

    Args:
        volume: The cell.
        cell: Where it stands.
        table: Rows with `OVERHANG_COLUMNS`, from edges or from labels.

    Returns:
        The stage "overhang": numbers of the cell and of each end that lies in the volume; for each end maps over
        winding and angle of the lesser overhang on the two faces of the cathode and of the levels of both ends.
    """
    common_um = UM_PER_MM * shared_by(table, voxel_sizes(volume, cell.frame)[0])
    inside = table.where(table["flag"] != "outside-volume")
    ends = {end: inside.where(inside["end"] == end) for end in _ENDS if (inside["end"] == end).any()}
    quantities = _numbers("overhang", "", inside, common_um)
    for end, rows in ends.items():
        quantities += _numbers(f"overhang_{end}", f", {end}", rows, common_um) + _shape(end, rows)
    maps = tuple(found for end, rows in ends.items() for found in overhang_maps(end, rows))
    return Stage("overhang", "Overhang", quantities, {}, maps, overhang_notes(table))


def _numbers(name: str, where: str, rows: Table, common_um: float) -> tuple[Quantity, ...]:
    """How many, mean, scatter, least and greatest of some rows."""
    spread = describe_spread(rows, common_um)
    least, greatest = (_extreme(rows, largest) for largest in (False, True))
    read, negative = is_read(rows), np.isin(rows["flag"], NEGATIVE_FLAGS)
    doubtful = read & (np.abs(rows["overhang_um"]) <= rows["uncertainty_um"])
    return (
        Quantity(f"{name}_mean_um", f"Mean overhang{where}", spread.mean, spread.u_mean, "µm",
                 "Mean of all overhangs that were read, along the sheets. Uncertainty: errors common to all rows, and "
                 "rows of one anode within 10° taken as one (JCGM 100:2008, 5.2.2)."),
        Quantity(f"{name}_sd_um", f"Scatter of overhang{where}", spread.sd, spread.u_sd, "µm",
                 "Standard deviation of the overhangs that were read, the scatter of measuring included."),
        Quantity(f"{name}_min_um", f"Least overhang{where}", *least, "µm",
                 "Least overhang that was read, with its own uncertainty; as the least of many it lies too low rather "
                 "than too high. Limits of every overhang judge each row by itself."),
        Quantity(f"{name}_max_um", f"Greatest overhang{where}", *greatest, "µm",
                 "Greatest overhang that was read, with its own uncertainty; as the greatest of many it lies too high "
                 "rather than too low."),
        Quantity(f"{name}_count", f"Overhangs read{where}", spread.count, 0.0, "",
                 f"Rows that carry an overhang, of {len(rows)} looked at."),
        Quantity(f"{name}_negative_count", f"Negative overhangs{where}", int(negative.sum()), int(doubtful.sum()), "",
                 "Rows whose anode ends before the cathode; uncertainty: rows whose interval holds zero."),
    )  # fmt: skip


def _extreme(rows: Table, largest: bool) -> tuple[float, float]:
    """Least or greatest overhang and its uncertainty."""
    read = rows.where(is_read(rows))
    if len(read) == 0:
        return np.nan, np.nan
    row = int(read["overhang_um"].argmax() if largest else read["overhang_um"].argmin())
    return float(read["overhang_um"][row]), float(read["uncertainty_um"][row])


def _shape(end: str, rows: Table) -> tuple[Quantity, ...]:
    """Tilt, levels and count of one end's windings."""
    read = rows.where(is_read(rows))
    base = np.abs(read["base_deviation_um"])
    row = int(np.nanargmax(base)) if np.isfinite(base).any() else None
    highest = (np.nan, np.nan) if row is None else (float(base[row]), float(read["uncertainty_um"][row]))
    return (
        Quantity(f"overhang_{end}_tilt_mean_deg", f"Mean tilt, {end}", _mean(read["tilt_deg"]), TILT_DEG, "deg",
                 "Mean lean of the anodes' overhang against the cell's axis, positive away from it; uncertainty from "
                 "generated cells."),
        Quantity(f"overhang_{end}_tilt_sd_deg", f"Scatter of tilt, {end}", _sd(read["tilt_deg"]), np.nan, "deg",
                 "Standard deviation of the lean of the anodes' overhang."),
        Quantity(f"overhang_{end}_base_deviation_max_um", f"Largest base deviation, {end}", *highest, "µm",
                 "Largest distance along the axis of a cathode's end from the median one of this end; uncertainty: "
                 "at most that of the overhang there."),
        Quantity(f"overhang_{end}_windings_count", f"Windings read, {end}", len(np.unique(read["winding"])), 0.0, "",
                 "Cathode windings of which at least one overhang was read."),
    )  # fmt: skip


def _mean(values: NDArray[np.float64]) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else np.nan


def _sd(values: NDArray[np.float64]) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.std(ddof=1)) if len(finite) > 1 else np.nan
