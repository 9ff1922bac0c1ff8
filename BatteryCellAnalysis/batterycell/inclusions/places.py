"""Where inclusions are: in the winding, along the electrode, and how far from the electrodes' ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Table
from batterycell.volume import UM_PER_MM

from .candidates import Candidate
from .columns import INCLUSION_COLUMNS, INCLUSION_DTYPES
from .grid import RollGrid
from .size import Greys, Sphere

Floats = NDArray[np.float64]

_NEAR_DEG = 10.0  # an electrode's end is taken from the overhangs so near, of the same winding
_SURE = 4.0  # standard deviations by which the sphere must explain the grey values
_OUTWARD_MM = np.arange(0.1, 0.45, 0.05)
_WIDE_DEG = np.arange(-15.0, 15.1, 2.0)
_FAINT = 0.15  # of the way from air to the brightest metal: ends of sheets may stand out by less


@dataclass(frozen=True)
class Found:
    """A candidate and the sphere that was fitted to it."""

    candidate: Candidate
    sphere: Sphere

    def holds(self, ras: Floats, blur_mm: float) -> bool:
        """Whether a place lies in this one, or in what blurs around it."""
        size = self.sphere.diameter_mm if np.isfinite(self.sphere.diameter_mm) else max(self.candidate.extent_mm)
        return bool(np.linalg.norm(self.sphere.ras - ras) < size / 2 + 3 * blur_mm)


def inclusion_table(grid: RollGrid, found: list[Found], greys: Greys, overhang: Table | None) -> Table:
    """One row an inclusion, the strongest first, with `INCLUSION_COLUMNS`."""
    edges = _Edges.of(grid, overhang)
    rows = [_row(grid, one, greys, edges) for one in found]
    data: dict[str, NDArray[Any]] = {
        column.name: np.array([row[column.name] for row in rows], INCLUSION_DTYPES.get(column.name, float))
        for column in INCLUSION_COLUMNS
    }
    return Table(INCLUSION_COLUMNS, data)


def _row(grid: RollGrid, one: Found, greys: Greys, edges: _Edges) -> dict[str, Any]:
    ras = one.sphere.ras
    place = grid.windings.winding_at(ras)
    winding, angle, height = float(place.winding), float(place.angle_deg), float(grid.to_winding(ras)[2])
    edge, distance = edges.nearest(winding, angle, height)
    ijk = grid.volume.to_ijk(ras)
    return {
        "kind": "particle" if one.candidate.contrast > 0 else "void",
        "flag": _flag(grid, one, greys),
        "diameter_um": UM_PER_MM * one.sphere.diameter_mm,
        "uncertainty_um": UM_PER_MM * one.sphere.uncertainty_mm,
        "contrast_grey": one.candidate.contrast,
        "contrast_sd": one.candidate.sigmas * np.sign(one.candidate.contrast),
        "winding": winding,
        "angle_deg": angle,
        "height_mm": height,
        "depth_um": float(place.distance_um),
        "arc_mm": _arc_mm(grid, winding, angle),
        "edge": edge,
        "edge_distance_um": UM_PER_MM * distance,
        **dict(zip("ijk", ijk.tolist(), strict=True)),
        **dict(zip(("r_mm", "a_mm", "s_mm"), ras.tolist(), strict=True)),
    }


def _flag(grid: RollGrid, one: Found, greys: Greys) -> str:
    if _beside_bare_foil(grid, one):
        return "tab"
    if one.candidate.is_flat:
        return "flat"
    if one.sphere.is_streak:
        return "streak"
    if _of_the_can(grid, one):
        return "can"
    faint = abs(one.sphere.grey) < _FAINT * (greys.metal - greys.air)
    return "faint" if faint or one.sphere.sigmas < _SURE else "ok"


def _beside_bare_foil(grid: RollGrid, one: Found) -> bool:
    """Whether a cathode next to it is not seen over a wide angle: a large particle hides it over a narrow one."""
    turns, height = one.candidate.turns, one.candidate.height_mm
    if not 0 <= turns < grid.windings.turns - 1:
        return False
    angles = grid.angle(turns) + _WIDE_DEG
    unseen = [np.isnan(grid.windings.radius(np.floor(turns) + n, angles, height)).mean() for n in (1, 2)]
    return bool(max(unseen) > 0.5)


def _of_the_can(grid: RollGrid, one: Found) -> bool:
    """Whether it is the can's wall, which a dent presses into the outermost turn: it grows brighter outward."""
    if one.candidate.turns >= 0 or one.candidate.contrast < 0:
        return False
    angle, radius, height = grid.cell.frame.to_cylindrical(one.sphere.ras)
    outward = float(radius) + np.append(0.0, _OUTWARD_MM)[:, None]
    grey = grid.sampler(float(angle), outward, float(height), np.float32)[:, 0]
    return bool(np.nanmax(grey[1:]) >= grey[0])


def _arc_mm(grid: RollGrid, winding: float, angle: float) -> float:
    """Length along the cathode from its outer end."""
    if not np.isfinite(winding):
        return float("nan")
    part = grid.windings.sense * (angle - grid.windings.start_deg) / 360.0 % 1.0
    return float(grid.windings.curve().arc_at(grid.angle(winding - 1 + part)))


@dataclass(frozen=True)
class _Edges:
    """The ends of the electrodes: from the table of overhangs, else the mean ends of the roll.

    Args:
        words: "cathode top" ... of each end.
        winding: Its winding, NaN for all.
        angle: Its angle, NaN for all.
        height: Its height in mm.
    """

    words: NDArray[Any]
    winding: Floats
    angle: Floats
    height: Floats

    @classmethod
    def of(cls, grid: RollGrid, overhang: Table | None) -> _Edges:
        if overhang is None or not len(overhang):
            ends = [end for end in grid.ends if end.in_volume]
            any_ = np.full(len(ends), np.nan)
            levels = np.array([end.sign * end.level_mm for end in ends], float)
            return cls(np.array([f"cathode {end.name}" for end in ends], str), any_, any_, levels)
        parts = [cls._part(grid, overhang, part) for part in ("cathode", "anode")]
        return cls(*(np.concatenate(values) for values in zip(*parts, strict=True)))

    @staticmethod
    def _part(grid: RollGrid, overhang: Table, part: str) -> tuple[NDArray[Any], Floats, Floats, Floats]:
        ras = np.column_stack([overhang[f"{part}_{axis}_mm"] for axis in "ras"])
        rows = np.isfinite(ras).all(axis=1)
        angle, _, height = grid.cell.frame.to_cylindrical(ras[rows])
        words = np.array([f"{part} {end}" for end in overhang["end"][rows]], str)
        return words, overhang["winding"][rows].astype(float), angle, height

    def nearest(self, winding: float, angle: float, height: float) -> tuple[str, float]:
        """The nearest end along the axis, and the distance from inside the sheet to it, negative beyond it."""
        apart = np.abs((self.angle - angle + 180) % 360 - 180)
        near = np.isnan(self.winding) | ((np.abs(self.winding - winding) < 0.5) & (apart <= _NEAR_DEG))
        if not near.any():
            return "", float("nan")
        inside = np.where(np.char.endswith(self.words, "top"), self.height - height, height - self.height)
        words, least = [], []
        for word in np.unique(self.words[near]):
            words.append(str(word))
            least.append(float(np.median(inside[near & (self.words == word)])))
        n = int(np.argmin(np.abs(least)))
        return words[n], least[n]
