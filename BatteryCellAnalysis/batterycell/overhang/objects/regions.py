"""Overhang regions: one for every anode that stands out on a half-plane, from the overhangs on its faces."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import Cell
from batterycell.overhang.columns import READABLE_FLAGS
from batterycell.overhang.means import known_mean
from batterycell.tables import Table

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_UNREAD = ("anode-unclear", "cathode-unclear")


@dataclass(frozen=True)
class Regions:
    """Overhang regions, n in all, of one end of the cell.

    Args:
        end: "top" or "bottom".
        sign: +1 where outward is up, -1 where outward is down.
        angles: Degrees of the half-planes, evenly spaced all around, shape (a,).
        angle: Index into them, shape (n,).
        gap: How many cathode turns lie outside the anode, shape (n,).
        tip: Radius and outward height of the anode's end in mm, shape (n, 2).
        slope: Radius over height along the overhang, shape (n,).
        level: Outward height at which the cathode on its outer and on its inner face ends, shape (n, 2).
        arc_um: Mean over its faces of the length along the sheet, shape (n,).
        u_arc_um: Half width of that length's 95 % interval, shape (n,).
        unread: Where the overhang in a gap could not be read, so that nothing is known of it, shape (a, gaps).
    """

    end: str
    sign: int
    angles: Floats
    angle: Indices
    gap: Indices
    tip: Floats
    slope: Floats
    level: Floats
    arc_um: Floats
    u_arc_um: Floats
    unread: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.angle)

    def chosen(self, which: Indices) -> Regions:
        """Some of them."""
        own = ("angle", "gap", "tip", "slope", "level", "arc_um", "u_arc_um")
        return replace(self, **{name: getattr(self, name)[which] for name in own})

    @property
    def winding(self) -> Indices:
        """Cathode turn on whose face the anode stands: the one outside of it, where there is one."""
        return np.asarray(np.maximum(self.gap, 1))

    @property
    def side(self) -> NDArray[Any]:
        """The face of that cathode: "inner", but "outer" for the anode outside of them all."""
        return np.where(self.gap > 0, "inner", "outer")

    def middle(self, height: Floats) -> Floats:
        """Radius of the sheets' middle at heights of shape (h,), shape (n, h)."""
        return np.asarray(self.tip[:, :1] + self.slope[:, None] * (height - self.tip[:, 1:]))

    @property
    def pitch_mm(self) -> float:
        """Distance of neighbouring sheets."""
        radius, _ = self.tip.T
        follows = (np.diff(self.angle) == 0) & (np.diff(self.gap) == 1)
        return float(np.median(-np.diff(radius)[follows])) if follows.any() else 0.5


def regions_of(table: Table, cell: Cell, end: str) -> Regions:
    """The regions of one end, from a table of overhangs.

    The faces of one anode, towards the cathodes on both sides of it, make one region.
    """
    angles = np.unique(table["angle_deg"])
    sign = 1 if end == "top" else -1
    chosen = (table["end"] == end) & np.isin(table["flag"], READABLE_FLAGS) & (table["overhang_um"] > 0)
    rows, most = table.where(chosen), int(table["winding"].max(initial=0)) + 1
    angle, gap, outer = _keys(rows, angles)
    keys, region = np.unique(angle * most + gap, return_inverse=True)

    def mean(values: Floats) -> Floats:
        return known_mean(values, region, len(keys))[0]

    tips, cathodes = (_places(rows, cell, part, sign) for part in ("anode", "cathode"))
    return Regions(
        end, sign, angles, keys // most, keys % most,
        np.column_stack([mean(values) for values in tips]), mean(np.tan(np.radians(rows["tilt_deg"]))),
        np.column_stack([mean(np.where(side, cathodes[1], np.nan)) for side in (~outer, outer)]),
        mean(rows["overhang_um"]), mean(rows["uncertainty_um"]), _unread(table, end, angles, most),
    )  # fmt: skip


def _keys(rows: Table, angles: Floats) -> tuple[Indices, Indices, NDArray[np.bool_]]:
    """Index of the angle and gap of each row, and whether it is of the cathode inside of that gap."""
    outer = rows["side"] == "outer"
    return np.searchsorted(angles, rows["angle_deg"]), rows["winding"].astype(np.int64) - outer, outer


def _unread(table: Table, end: str, angles: Floats, most: int) -> NDArray[np.bool_]:
    """Where no face of an anode could be read, shape (angles, most)."""
    angle, gap, _ = _keys(table.where((table["end"] == end) & np.isin(table["flag"], _UNREAD)), angles)
    unread = np.zeros((len(angles), most), bool)
    unread[angle, gap] = True
    return unread


def _places(rows: Table, cell: Cell, part: str, sign: int) -> tuple[Floats, Floats]:
    """Radius and outward height of the ends in mm."""
    ras = np.column_stack([rows[f"{part}_{axis}_mm"] for axis in "ras"])
    _, radius, height = cell.frame.to_cylindrical(ras)
    return radius, sign * height
