"""A result that was made, not measured, for tests of everything that comes after measuring."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from batterycell.orient import Can, Cell, CellFrame
from batterycell.overhang import OVERHANG_COLUMNS
from batterycell.recipe import AnalyzeRecipe
from batterycell.result import CellResult
from batterycell.tables import Table
from batterycell.volume import Volume

WINDINGS = 6


def made_result(angles: int = 12, seed: int = 1) -> CellResult:
    """A small cell whose top lies in the volume.

    Winding 2 has a negative overhang, winding 3 one whose anode's end is unclear, winding 6 a side without anode.
    """
    volume = made_volume()
    frame = CellFrame.from_axis(volume.to_ras([39.5, 39.5, 14.5]), [0, 0, 1], volume.ijk_to_ras)
    can = Can(frame.origin, frame.up, 3.5, 0.02, 0.01)
    cell = Cell(frame, can, (-1.45, 1.45), 0.4, False, "groove")
    return CellResult(volume, cell, made_overhang(volume, frame, angles, seed), AnalyzeRecipe(angles, pictures=2))


def made_volume() -> Volume:
    """A can with rings in it, 80 x 80 voxels of 0.1 mm."""
    y, x = np.mgrid[:80, :80] - 39.5
    radius = np.hypot(y, x)
    section = np.where(radius < 35, 90 + 60 * (radius % 5 > 2.5) + 80 * (radius > 33), 10)
    stack = np.repeat(section[None].astype(np.uint8), 30, axis=0)
    return Volume.from_stack(stack, (100.0, 100.0, 100.0), "--voxel-size", "made cell")


def made_overhang(volume: Volume, frame: CellFrame, angles: int, seed: int) -> Table:
    """A table with every flag in it."""
    random = np.random.default_rng(seed)
    keys = product(("top", "bottom"), np.arange(angles) * 360.0 / angles, range(1, WINDINGS + 1), ("outer", "inner"))
    rows = [_row(volume, frame, key, random) for key in keys]
    data = {column.name: np.array([row.get(column.name, np.nan) for row in rows]) for column in OVERHANG_COLUMNS}
    return Table(OVERHANG_COLUMNS, data)


def _row(volume: Volume, frame: CellFrame, key: tuple[str, float, int, str], random: Any) -> dict[str, Any]:
    end, angle, winding, side = key
    row: dict[str, Any] = {"end": end, "angle_deg": angle, "winding": winding, "side": side, "flag": _flag(key)}
    row["source"] = "edges"
    if row["flag"] not in ("ok", "negative", "negative-unclear"):
        return row
    radius = 3.3 - 0.5 * winding
    row |= _place(volume, "cathode", frame.from_cylindrical(angle, radius, 0.5))
    if row["flag"] == "negative-unclear":
        return row
    overhang = -0.05 if row["flag"] == "negative" else 0.6 + 0.05 * random.standard_normal()
    anode = frame.from_cylindrical(angle, radius + (0.1 if side == "outer" else -0.1), 0.5 + overhang)
    row |= {"overhang_um": 1000 * overhang, "overhang_axial_um": 1000 * overhang, "uncertainty_um": 30.0}
    return row | _place(volume, "anode", anode)


def _place(volume: Volume, part: str, point: Any) -> dict[str, float]:
    voxel = {f"{part}_{axis}": value for axis, value in zip("ijk", volume.to_ijk(point), strict=True)}
    return voxel | {f"{part}_{axis}_mm": value for axis, value in zip("ras", point, strict=True)}


def _flag(key: tuple[str, float, int, str]) -> str:
    end, angle, winding, side = key
    if end == "bottom":
        return "outside-volume"
    if winding == WINDINGS:
        return "no-anode" if side == "inner" else "cathode-unclear"
    if winding == 4 and angle == 0:
        return "anode-unclear"
    alarms = {(2, "outer"): "negative", (3, "inner"): "negative-unclear"}
    return alarms.get((winding, side), "ok") if angle == 90 else "ok"
