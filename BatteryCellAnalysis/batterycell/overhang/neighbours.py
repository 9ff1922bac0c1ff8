"""Overhangs held against those beside them in the same winding."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Table

from .columns import NEGATIVE_FLAGS

Mask = NDArray[np.bool_]

_READ = ("overhang_um", "overhang_axial_um", "uncertainty_um", "tilt_deg")


def doubt_amid_alarms(overhang: Table) -> Table:
    """Take no single reading for the end of an alarm.

    A row that stands between two alarms of its winding and side, and whose own 95 % interval reaches below zero, is
    flagged negative-unclear: a path that strayed onto what lies beyond a short anode is likelier than an anode that is
    long enough at this one angle.

    Args:
        overhang: With `OVERHANG_COLUMNS`.
    """
    doubtful = _between_alarms(overhang) & (overhang["overhang_um"] < overhang["uncertainty_um"])
    if not doubtful.any():
        return overhang
    data: dict[str, NDArray[Any]] = dict(overhang.data)
    for name in (*_READ, *(name for name in data if name.startswith("anode_"))):
        data[name] = np.where(doubtful, np.nan, data[name])
    data["flag"] = np.where(doubtful, "negative-unclear", data["flag"])
    return Table(overhang.columns, data)


def _between_alarms(overhang: Table) -> Mask:
    """Which rows are no alarm, but have one at the angle before and at the angle after, shape (n,)."""
    alarm = np.isin(overhang["flag"], NEGATIVE_FLAGS)
    between = np.zeros(len(overhang), bool)
    sheets = np.stack([overhang["end"] == "top", overhang["side"] == "outer"]).T @ [1, 2] + 4 * overhang["winding"]
    for sheet in np.unique(sheets[alarm]):
        rows = np.flatnonzero(sheets == sheet)
        rows = rows[np.argsort(overhang["angle_deg"][rows], kind="stable")]
        between[rows] = ~alarm[rows] & np.roll(alarm[rows], 1) & np.roll(alarm[rows], -1)
    return between
