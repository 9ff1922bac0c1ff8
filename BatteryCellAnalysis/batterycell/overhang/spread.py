"""Mean and scatter of overhangs, with uncertainties that know which rows err together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95
from batterycell.tables import Table

from .columns import READABLE_FLAGS

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_SECTOR_DEG = 10.0  # closer together along a sheet, ends share grey values, path and neighbours


@dataclass(frozen=True)
class Spread:
    """Readable overhangs of some rows, in µm; NaN where there are too few.

    Args:
        count: How many.
        mean: Their mean.
        u_mean: Half width of its 95 % interval.
        sd: Their standard deviation, which holds the scatter of measuring.
        u_sd: Half width of its 95 % interval.
    """

    count: int
    mean: float
    u_mean: float
    sd: float
    u_sd: float


def is_read(overhang: Table) -> Mask:
    """Which rows carry an overhang, shape (n,)."""
    return np.asarray(np.isin(overhang["flag"], READABLE_FLAGS) & np.isfinite(overhang["overhang_um"]))


def describe_spread(overhang: Table, common_um: float = 0.0) -> Spread:
    """Mean and standard deviation of the rows that were read.

    Rows do not err independently. What all of them share (the model's error) does not fall with their number; rows of
    one anode in one sector of 10° are taken to err alike, others on their own: the law of propagation with
    correlation coefficients of 1 and 0 (JCGM 100:2008, 5.2.2; cluster means as in Liang & Zeger 1986).

    Args:
        overhang: Rows of one end or of both, with `OVERHANG_COLUMNS`.
        common_um: Standard uncertainty that all rows share, in µm.
    """
    rows = overhang.where(is_read(overhang))
    values, n = rows["overhang_um"], len(rows)
    if n < 2:
        single = float(values[0]) if n else np.nan
        return Spread(n, single, float(rows["uncertainty_um"][0]) if n else np.nan, np.nan, np.nan)
    mean, sd = float(values.mean()), float(values.std(ddof=1))
    own = np.sqrt(np.maximum((rows["uncertainty_um"] / K95) ** 2 - common_um**2, 0.0))
    cluster = _clusters(rows)
    u_mean = np.hypot(_propagated(np.full(n, 1 / n), own, cluster), common_um)
    u_sd = _propagated((values - mean) / ((n - 1) * max(sd, 1e-9)), own, cluster)
    return Spread(n, mean, K95 * float(u_mean), sd, K95 * u_sd)


def overhang_with_scale_error(overhang: Table, percent: float) -> Table:
    """An overhang table whose intervals hold the uncertainty of the voxel size, too (`measured.with_scale_error`).

    Args:
        overhang: With `OVERHANG_COLUMNS`.
        percent: Half width of the voxel size's 95 % interval in percent of it.
    """
    widened = np.hypot(overhang["uncertainty_um"], percent / 100 * overhang["overhang_um"])
    return Table(overhang.columns, {**overhang.data, "uncertainty_um": widened})


def _clusters(rows: Table) -> NDArray[np.int64]:
    """Number of the piece of anode that each row belongs to: neighbouring turns share the anode between them."""
    anode = rows["winding"] - (rows["side"] == "outer")
    sector = np.floor(rows["angle_deg"] / _SECTOR_DEG)
    keys: NDArray[Any] = np.column_stack([rows["end"] == "top", anode, sector])
    return np.asarray(np.unique(keys, axis=0, return_inverse=True)[1].ravel(), np.int64)


def _propagated(weight: Floats, u: Floats, cluster: NDArray[np.int64]) -> float:
    """Standard uncertainty of a weighted sum of values that err alike in a cluster, and independently elsewhere."""
    return float(np.sqrt((np.bincount(cluster, weight * u) ** 2).sum()))
