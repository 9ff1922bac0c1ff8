"""The exact overhang table of a generated cylindrical cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import CellFrame
from batterycell.overhang.columns import OVERHANG_COLUMNS
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM, Volume

from .roll import Roll
from .roll_ends import SheetEnds, anode_presence, winding_turns, within
from .warp import Warp

Array = NDArray[Any]
SIDES = ("outer", "inner")
CURVE_POINTS = 129
ARC_POINTS = 720  # a turn


@dataclass(frozen=True)
class Exact:
    """A cell of which everything is known.

    Args:
        roll: Its sheets.
        warp: Its deformation.
        frame: Where it stands.
        volume: The scanned volume.
    """

    roll: Roll
    warp: Warp
    frame: CellFrame
    volume: Volume


def overhang_truth(exact: Exact, angles_deg: Array) -> Table:
    """One row for each end in the volume, angle, cathode winding and side; uncertainty_um is 0."""
    ends = [_of_end(exact, end, angles_deg) for end in exact.roll.ends]
    data = {c.name: np.concatenate([part[c.name] for part in ends]) for c in OVERHANG_COLUMNS}
    return _without_cropped_ends(Table(OVERHANG_COLUMNS, data))


def _of_end(exact: Exact, end: SheetEnds, angles_deg: Array) -> dict[str, Array]:
    parts = [_end_rows(exact, end, angle) for angle in angles_deg]
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    level = np.where(rows["flag"] == "outside-volume", np.nan, end.cathode(rows["turn"]))
    usual = np.median(level[np.isfinite(level)]) if np.isfinite(level).any() else np.nan
    rows["base_deviation_um"] = (level - usual) * UM_PER_MM
    return rows | {"arc_mm": _cathode_arc(exact, end, rows["turn"])}


def _cathode_arc(exact: Exact, end: SheetEnds, turns: Array) -> Array:
    """Length in mm along the cathode's middle from its outer end, at the level at which it ends."""
    grid = np.arange(0.0, exact.roll.spec.roll.turns + 1, 1 / ARC_POINTS)
    roll, sense = exact.roll.spec.roll, -1 if exact.roll.spec.roll.clockwise else 1
    angle = np.radians(roll.start_deg + sense * 360 * (grid + 1e-9))
    radius = exact.warp.to_real(exact.roll.cathode_radius(grid), angle, end.sign * end.cathode(grid))
    around = 0.5 * (radius[1:] + radius[:-1]) * 2 * np.pi / ARC_POINTS
    arc = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(radius), around))])
    return np.asarray(np.interp(turns, grid, arc))


def _without_cropped_ends(table: Table) -> Table:
    """Leave out an end of the cell that lies outside the volume altogether."""
    seen = {end for end in np.unique(table["end"]) if np.any(table["flag"][table["end"] == end] != "outside-volume")}
    return table.where(np.isin(table["end"], sorted(seen)))


def _end_rows(exact: Exact, end: SheetEnds, angle_deg: float) -> dict[str, Array]:
    windings = winding_turns(exact.roll.spec, angle_deg)
    turns, inner = np.repeat(windings, 2), np.tile([0, 1], len(windings))
    anodes = turns - 1 + inner
    cathode, anode = _cathode_ends(exact, end, turns, angle_deg), _anode_curve(exact, end, anodes, turns, angle_deg)
    overhang = _arc_length(anode) * np.sign(end.tip(anodes) - end.cathode(turns))
    axial = end.sign * (anode[:, -1] - cathode) @ exact.frame.up
    rows = {
        "end": np.full(len(turns), "top" if end.sign > 0 else "bottom"),
        "angle_deg": np.full(len(turns), float(angle_deg)),
        "winding": np.floor(turns).astype(int) + 1,
        "turn": turns,
        "side": np.array(SIDES)[inner],
        "overhang_um": overhang * UM_PER_MM,
        "overhang_axial_um": axial * UM_PER_MM,
        "uncertainty_um": np.zeros(len(turns)),
        "tilt_deg": _tilt_deg(exact, end, anode),
        "flag": np.where(overhang < 0, "negative", "ok").astype(object),
        "source": np.full(len(turns), "truth"),
        **point_values(exact.volume, "cathode", cathode),
        **point_values(exact.volume, "anode", anode[:, -1]),
    }
    _blank(rows, within(anodes, anode_presence(exact.roll.spec)) < 0, "no-anode")
    _blank(rows, ~(_inside(exact.volume, cathode) & _inside(exact.volume, anode[:, -1])), "outside-volume")
    return {**rows, "flag": rows["flag"].astype(str)}


def _blank(rows: dict[str, Array], chosen: Array, flag: str) -> None:
    """Leave what cannot be read empty and say why."""
    rows["flag"][chosen] = flag
    anode = [name for name in rows if name.startswith("anode_")]
    for name in ("overhang_um", "overhang_axial_um", "uncertainty_um", "tilt_deg", *anode):
        rows[name][chosen] = np.nan


def _cathode_ends(exact: Exact, end: SheetEnds, turns: Array, angle_deg: float) -> Array:
    height = end.sign * end.cathode(turns)
    return _ras(exact, exact.roll.cathode_radius(turns), angle_deg, height)


def _anode_curve(exact: Exact, end: SheetEnds, anodes: Array, turns: Array, angle_deg: float) -> Array:
    """Points along the anodes' middles from the level of the cathode's end to the tip, RAS, shape (n, points, 3)."""
    start, tip = end.cathode(turns), end.tip(anodes)
    outward = start[:, None] + (tip - start)[:, None] * np.linspace(0, 1, CURVE_POINTS)
    height = end.sign * outward
    return _ras(exact, exact.roll.anode_radius(np.repeat(anodes[:, None], CURVE_POINTS, 1), height), angle_deg, height)


def _ras(exact: Exact, ideal_radius: Array, angle_deg: float, height: Array) -> Array:
    radius = exact.warp.to_real(ideal_radius, np.radians(angle_deg), height)
    return exact.frame.from_cylindrical(angle_deg, radius, height)


def _arc_length(curve: Array) -> Array:
    return np.asarray(np.linalg.norm(np.diff(curve, axis=1), axis=-1).sum(axis=1))


def _tilt_deg(exact: Exact, end: SheetEnds, curve: Array) -> Array:
    """Lean of the straight lines from the curves' (n, points, 3) first to last points, positive away from the axis."""
    _, radius, height = exact.frame.to_cylindrical(curve[:, [0, -1]])
    return np.asarray(np.degrees(np.arctan(np.diff(radius)[:, 0] / (end.sign * np.diff(height)[:, 0]))))


def point_values(volume: Volume, part: str, ras: Array) -> dict[str, Array]:
    """The columns that say where one part ends, from RAS mm (n, 3)."""
    indices = dict(zip("ijk", volume.to_ijk(ras).T, strict=True))
    world = dict(zip("ras", ras.T, strict=True))
    return {f"{part}_{axis}": value.copy() for axis, value in indices.items()} | {
        f"{part}_{axis}_mm": value.copy() for axis, value in world.items()
    }


def _inside(volume: Volume, ras: Array) -> Array:
    last = np.array(volume.array.shape[::-1]) - 0.5
    ijk = volume.to_ijk(ras)
    return np.asarray(np.all((ijk >= -0.5) & (ijk <= last), axis=-1))
