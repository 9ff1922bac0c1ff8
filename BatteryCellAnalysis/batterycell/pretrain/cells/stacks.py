"""Pouch cells and stacks in hard cases drawn from wide ranges."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.phantom import MisplacedLayer, PouchCell, PouchTab
from batterycell.phantom.pose import Grid
from batterycell.phantom.pouch_settings import EDGES
from batterycell.phantom.pouch_stack import PouchStack, make_stack, pouch_half_mm
from batterycell.phantom.render import paint_in_slabs
from batterycell.progress import Progress
from batterycell.volume import UM_PER_MM

from .cell import Kind, Pose, Size, turned
from .greys import random_greys
from .ranges import Ranges, draw

Array = NDArray[Any]
_PRISMATIC, _BENT, _TABBED, _MISPLACED = 0.4, 0.35, 0.5, 0.4


@dataclass(frozen=True)
class Stack:
    """Flat sheets that can be painted on any plane; x and y in the sheets, z across them, in mm from the middle.

    Args:
        spec: The cell.
        stack: Its sheets.
    """

    spec: PouchCell
    stack: PouchStack

    @property
    def pitch_um(self) -> float:
        """From sheet to sheet."""
        return self.spec.pitch_um

    @property
    def cathode_um(self) -> float:
        """Thickness of a cathode."""
        return self.spec.cathode_um

    @property
    def has_can(self) -> bool:
        """Whether what is labelled as can is one: a pouch is none."""
        return self.spec.case == "prismatic"

    @property
    def is_round(self) -> bool:
        """Whether a pixel far from the middle stands for many."""
        return False

    def voxel_um(self, across: float, along: float) -> Size:
        """Voxels along x, y, z, from their size across and along the sheets."""
        return along, along, across

    def beyond_mm(self, points: Array) -> Array:
        """How far points lie beyond where the anodes end on the whole, in mm; negative within."""
        half = self.stack.anodes.half
        return np.asarray(np.maximum(np.abs(points[..., 0]) - half[0], np.abs(points[..., 1]) - half[1]))

    def box_mm(self) -> tuple[Array, Array]:
        """Lowest and highest corner in mm, with the sealed rim."""
        rim = self.spec.flange_mm if self.spec.case == "pouch" else 0.0
        wall = self.spec.laminate_um / UM_PER_MM
        half = np.array(pouch_half_mm(self.spec)) + np.array([rim + wall, rim + wall, wall])
        return -half, half

    def pose(self, rng: np.random.Generator, kind: Kind) -> Pose:
        """A plane through the ends of some sheets."""
        edge, sign = int(rng.integers(2)), float(rng.choice([-1.0, 1.0]))
        normal, up = np.zeros(3), np.array([0.0, 0.0, float(rng.choice([-1.0, 1.0]))])
        normal[edge] = sign
        half = np.array([*self.stack.cathodes.half, self.spec.stack_um / 2 / UM_PER_MM])
        anchor = half * rng.uniform(-0.9, 0.9, 3)
        anchor[edge] = sign * (half[edge] + rng.uniform(-0.5, 1.0) * self.spec.overhang_um / UM_PER_MM)
        slant = rng.uniform(-0.8, 0.8) if kind == "offset" else rng.uniform(-0.1, 0.1)
        right = turned(normal, up, slant)
        tilt = {"oblique": rng.uniform(-0.6, 0.6), "across": np.pi / 2 + rng.uniform(-0.1, 0.1)}.get(kind, 0.0)
        return Pose(anchor, right, turned(up, right, tilt))

    def paint(self, grid: Grid) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Grey values and labels on a grid."""
        return paint_in_slabs(grid, self.spec.greys.air, self.stack.paint, Progress())

    def softened(self, direction: Array) -> float:
        """How far painting softens along a unit vector: across the sheets."""
        return float(abs(direction[2]))

    def radius(self, points: Array) -> Array:
        """How far points (..., 3) lie from the middle, as a share of the cell's."""
        half = pouch_half_mm(self.spec)
        return np.asarray(np.hypot(points[..., 0] / half[0], points[..., 1] / half[1]) / np.sqrt(2))

    def encloses(self, points: Array) -> Array:
        """Whether points lie inside the case."""
        inside = [np.abs(points[..., axis]) < half for axis, half in enumerate(pouch_half_mm(self.spec))]
        return np.asarray(inside[0] & inside[1] & inside[2])


def random_stack(rng: np.random.Generator, ranges: Ranges) -> Stack:
    """Draw a stack of sheets."""
    shift, turn = rng.uniform(5, 90), rng.uniform(0.02, 0.3)
    half = rng.uniform(2.0, 5.0), rng.uniform(2.0, 5.0)
    cell = PouchCell(
        cathodes=int(draw(rng, ranges.layers)),
        cathode_mm=(2 * half[0], 2 * half[1]),
        overhang_um=draw(rng, ranges.overhang_um),
        cathode_um=draw(rng, ranges.cathode_um),
        anode_um=draw(rng, ranges.anode_um),
        foil_um=draw(rng, ranges.foil_um),
        separator_um=draw(rng, ranges.separator_um),
        separator_beyond_um=rng.uniform(0, 600),
        shift_sd_um=shift,
        turn_sd_deg=turn,
        laminate_um=rng.uniform(80, 180),
        flange_mm=rng.uniform(0.2, 1.0),
        clearance_um=rng.uniform(0, 200),
        greys=random_greys(rng, ranges),
    )
    cell = _dressed(rng, cell)
    return Stack(cell, make_stack(cell, rng))


def _dressed(rng: np.random.Generator, cell: PouchCell) -> PouchCell:
    """With a hard case, bent sheets, tabs and misplaced anodes, each in some of the cells."""
    extra: dict[str, Any] = {}
    if rng.random() < _PRISMATIC:
        extra = {"case": "prismatic", "laminate_um": rng.uniform(200, 600), "clearance_um": rng.uniform(40, 300)}
    if rng.random() < _BENT:
        extra["bow_um"] = rng.uniform(30, 250)
    if rng.random() < _BENT:
        extra["curl_um"] = rng.uniform(-0.3, 0.3) * cell.overhang_um
    if rng.random() < _TABBED:
        extra["tabs"] = _tabs(rng, cell)
    if rng.random() < _MISPLACED:
        extra["misplaced"] = tuple(_misplaced(rng, cell) for _ in range(int(rng.integers(1, 3))))
    return replace(cell, **extra)


def _tabs(rng: np.random.Generator, cell: PouchCell) -> tuple[PouchTab, PouchTab]:
    edge = EDGES[int(rng.integers(4))]
    across = cell.cathode_mm[1 - EDGES.index(edge) // 2]
    place, width = 0.22 * across, rng.uniform(0.15, 0.3) * across
    return PouchTab("cathode", edge, -place, width), PouchTab("anode", edge, place, width)


def _misplaced(rng: np.random.Generator, cell: PouchCell) -> MisplacedLayer:
    """An anode shifted by up to half more than its overhang."""
    number = int(rng.integers(1, cell.cathodes + 2))
    slip = rng.uniform(-1.5, 1.5, 2) * cell.overhang_um * (rng.random(2) < 0.6)
    return MisplacedLayer(number, float(slip[0]), float(slip[1]), rng.uniform(-0.5, 0.5))
