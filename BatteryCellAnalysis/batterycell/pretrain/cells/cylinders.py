"""Cylindrical cells drawn from wide ranges, and where planes are laid through them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import UsageError
from batterycell.phantom import FAMILIES, Can, CylindricalCell, JellyRoll, RollEnd, Scan, Tab, add_negatives
from batterycell.phantom.hardware import Hardware
from batterycell.phantom.pose import Grid
from batterycell.phantom.render import CellPainter
from batterycell.phantom.roll import Roll
from batterycell.phantom.roll_ends import ENDS, make_ends
from batterycell.phantom.settings import GROOVE_SHARE
from batterycell.phantom.warp import Warp
from batterycell.progress import Progress
from batterycell.volume import UM_PER_MM

from .cell import Kind, Pose, Size, turned
from .greys import random_greys
from .ranges import Ranges, draw

Array = NDArray[Any]
# What else may be wrong with a cell; the others of these families are the scan's, or are drawn here from wider ranges.
_TROUBLES = ("ovality", "dents", "tab", "buckled core", "delamination", "missing anode", "missing cathode",
             "curled tips", "touching tips", "no can")  # fmt: skip
_TROUBLED, _SHORT, _OPEN, _TRIALS = 0.55, 0.3, 0.15, 20


@dataclass(frozen=True)
class Cylinder:
    """A cylindrical cell that can be painted on any plane; x and y from the axis, z up from the can's base, in mm.

    Args:
        spec: The cell.
        painter: Paints it.
    """

    spec: CylindricalCell
    painter: CellPainter

    @property
    def pitch_um(self) -> float:
        """From sheet to sheet."""
        return self.spec.roll.pitch_um

    @property
    def cathode_um(self) -> float:
        """Thickness of a cathode."""
        return self.spec.roll.cathode_um

    @property
    def has_can(self) -> bool:
        """Whether what is labelled as can is one."""
        return True

    @property
    def is_round(self) -> bool:
        """Whether a pixel far from the middle stands for many: all around the axis."""
        return True

    def voxel_um(self, across: float, along: float) -> Size:
        """Voxels along x, y, z, from their size across and along the sheets."""
        return across, across, along

    def beyond_mm(self, points: Array) -> Array:
        """How far points lie beyond where the anodes end on the whole, in mm; negative within."""
        spec, height = self.spec, points[..., 2]
        top = spec.can.height_mm - spec.roll.cathode_top_mm + spec.top.overhang_um / UM_PER_MM
        bottom = spec.roll.cathode_bottom_mm - spec.bottom.overhang_um / UM_PER_MM
        return np.asarray(np.maximum(height - top, bottom - height))

    def box_mm(self) -> tuple[Array, Array]:
        """Lowest and highest corner in mm."""
        radius = self.spec.can.radius_mm
        return np.array([-radius, -radius, 0.0]), np.array([radius, radius, self.spec.can.height_mm])

    def pose(self, rng: np.random.Generator, kind: Kind) -> Pose:
        """A plane through the ends of some sheets."""
        sign = 1.0 if rng.random() < 0.7 else -1.0
        angle, away = (
            rng.uniform(0, 2 * np.pi),
            rng.uniform(0.1, 0.8 if kind in ("offset", "oblique") else 0.95) * self.spec.can.radius_mm,
        )
        outward, around = np.array([np.cos(angle), np.sin(angle), 0.0]), np.array([-np.sin(angle), np.cos(angle), 0.0])
        down = np.array([0.0, 0.0, -sign])
        level = self._level(rng, sign)
        if kind == "half":
            return Pose(away * outward + level, outward, down, 0.0)
        if kind == "whole":
            return Pose(away * outward + level, outward, down)
        along = away * outward + rng.uniform(-0.5, 0.5) * self.spec.can.radius_mm * around + level
        if kind == "offset":
            return Pose(along, around, down)
        tilt = rng.uniform(-0.6, 0.6) if kind == "oblique" else np.pi / 2 + rng.uniform(-0.15, 0.15)
        right = outward if rng.random() < 0.5 else around
        return Pose(along, right, turned(down, right, tilt))

    def _level(self, rng: np.random.Generator, sign: float) -> Array:
        """A height among the ends of the sheets at the top or at the bottom, as a vector in mm."""
        spec = self.spec
        end = spec.top if sign > 0 else spec.bottom
        base = spec.can.height_mm - spec.roll.cathode_top_mm if sign > 0 else spec.roll.cathode_bottom_mm
        reach = rng.uniform(-0.5, 1.0) * end.reach_um / UM_PER_MM
        return np.array([0.0, 0.0, base + sign * reach])

    def paint(self, grid: Grid) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Grey values and labels on a grid."""
        return self.painter.paint(grid, Progress())

    def softened(self, direction: Array) -> float:
        """How far painting softens along a unit vector: across the sheets, that is across the axis."""
        return float(np.sqrt(max(0.0, 1.0 - float(direction[2]) ** 2)))

    def radius(self, points: Array) -> Array:
        """How far points (..., 3) lie from the axis, as a share of the can's radius."""
        return np.asarray(np.hypot(points[..., 0], points[..., 1]) / self.spec.can.radius_mm)

    def encloses(self, points: Array) -> Array:
        """Whether points lie inside the can."""
        inside = self.radius(points) < 1 - self.spec.can.wall_um / UM_PER_MM / self.spec.can.radius_mm
        return np.asarray(inside & (points[..., 2] > 0) & (points[..., 2] < self.spec.can.height_mm))


def random_cylinder(rng: np.random.Generator, ranges: Ranges) -> Cylinder:
    """Draw a cell; combinations that make no cell are drawn again."""
    for _ in range(_TRIALS):
        try:
            return make_cylinder(_random_spec(rng, ranges), rng)
        except UsageError:
            continue
    raise RuntimeError(f"no cell in {_TRIALS} trials")


def make_cylinder(spec: CylindricalCell, rng: np.random.Generator) -> Cylinder:
    """A cell whose sheets end as random numbers say, as the cell factory draws them.

    Raises:
        UsageError: if the settings make no cell.
    """
    ends = tuple(make_ends(spec, end, rng) for end in ENDS)
    return Cylinder(spec, CellPainter(spec, Roll(spec, ends), Hardware.of(spec), Warp(spec)))


def _random_spec(rng: np.random.Generator, ranges: Ranges) -> CylindricalCell:
    roll, top, bottom = _random_roll(rng, ranges), _random_end(rng, ranges), _random_end(rng, ranges)
    turns = roll.turns + roll.anode_trail_turns + 2.2
    can = _random_can(rng, (rng.uniform(1500, 2600) + turns * roll.pitch_um) / UM_PER_MM)
    groove = GROOVE_SHARE * can.radius_mm + can.wall_um / 2 / UM_PER_MM if can.cap else 0.0
    above = groove + (top.reach_um + rng.uniform(50, 900)) / UM_PER_MM
    below = (can.base_um + bottom.reach_um + rng.uniform(100, 700)) / UM_PER_MM
    height = rng.uniform(2.5, 6.0) if rng.random() < _SHORT else rng.uniform(8.0, 60.0)
    roll = replace(roll, cathode_top_mm=above, cathode_bottom_mm=below)
    can = replace(can, height_mm=above + below + height)
    tab = _random_tab(rng, roll.turns)
    spec = CylindricalCell(can=can, roll=roll, top=top, bottom=bottom, tab=tab, greys=random_greys(rng, ranges))
    return _troubled(rng, spec)


def _troubled(rng: np.random.Generator, spec: CylindricalCell) -> CylindricalCell:
    # The families ask a scan only for the part of the cell that it shows.
    scan = Scan(voxel_size_um=(40, 40, 40))
    if rng.random() < _TROUBLED:
        for name in rng.choice(_TROUBLES, int(rng.integers(1, 3)), replace=False):
            spec, _ = FAMILIES[name](spec, scan, rng)
    if rng.random() < _TROUBLED / 2:
        spec = add_negatives(spec, int(rng.integers(1, 4)), int(rng.integers(2**31)))  # type: ignore[assignment]
    return spec


def _random_roll(rng: np.random.Generator, ranges: Ranges) -> JellyRoll:
    return JellyRoll(
        turns=draw(rng, ranges.turns),
        cathode_um=draw(rng, ranges.cathode_um),
        anode_um=draw(rng, ranges.anode_um),
        foil_um=draw(rng, ranges.foil_um),
        separator_um=draw(rng, ranges.separator_um),
        gap_um=rng.uniform(10, 140),
        start_deg=rng.uniform(0, 360),
        anode_lead_turns=rng.uniform(0.1, 1.3),
        anode_trail_turns=rng.uniform(0.1, 1.3),
        clockwise=bool(rng.random() < 0.5),
        separator_beyond_um=rng.uniform(0, 600),
        buckle_um=float(rng.choice([0.0, rng.uniform(50, 200)])),
        buckle_deg=rng.uniform(0, 360),
    )


def _random_end(rng: np.random.Generator, ranges: Ranges) -> RollEnd:
    lean = draw(rng, ranges.lean_deg)
    return RollEnd(
        overhang_um=draw(rng, ranges.overhang_um),
        overhang_sd_um=rng.uniform(5, 70),
        core_rise_um=rng.uniform(-300, 500),
        core_dip_um=rng.uniform(0, 150),
        wave_um=rng.uniform(0, 120),
        cathode_sd_um=rng.uniform(3, 40),
        lean_core_deg=0.2 * lean * float(rng.choice([-1, 1])),
        lean_can_deg=lean,
        lean_sd_deg=rng.uniform(0.3, 3.0),
    )


def _random_can(rng: np.random.Generator, radius_mm: float) -> Can:
    return Can(
        outer_diameter_mm=2 * radius_mm,
        wall_um=rng.uniform(140, 340),
        base_um=rng.uniform(200, 450),
        cap=bool(rng.random() > _OPEN),
        ovality=rng.uniform(0, 0.015),
        ovality_angle_deg=rng.uniform(0, 180),
    )


def _random_tab(rng: np.random.Generator, turns: float) -> Tab | None:
    if rng.random() < 0.6:
        return None
    return Tab(
        turn=rng.uniform(1.2, max(1.4, turns - 1.5)),
        angle_deg=rng.uniform(0, 360),
        bare_deg=rng.uniform(40, 120),
        opening_um=rng.uniform(60, 160),
        strip_um=rng.uniform(60, 150),
        strip_mm=rng.uniform(1.5, 4.0),
    )
