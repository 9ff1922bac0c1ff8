"""The sheets of a pouch cell: where each lies, and its share in each voxel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.volume import UM_PER_MM

from .labels import CellLabel
from .pose import Grid
from .pouch_settings import EDGES, PouchCell, PouchTab
from .render import Points
from .voxels import box_share, slab_share

Array = NDArray[Any]


@dataclass(frozen=True)
class Sheets:
    """Equal rectangles stacked along z.

    Args:
        height: Height of each sheet's middle in mm, (n,), evenly spaced.
        shift: Displacement of each along x and y in mm, (n, 2).
        turn: Rotation of each in radians, (n,).
        half: Half its size along its own x and y in mm.
    """

    height: Array
    shift: Array
    turn: Array
    half: tuple[float, float]

    def nearest(self, z: Array) -> Array:
        """Index of the nearest sheet to heights in mm."""
        pitch = self.height[1] - self.height[0] if len(self.height) > 1 else 1.0
        index = np.rint((z - np.float32(self.height[0])) / np.float32(pitch)).astype(np.int32)
        return np.asarray(np.clip(index, 0, len(self.height) - 1))

    def local(self, index: Array, x: Array, y: Array) -> tuple[Array, Array]:
        """Points along a sheet's own x and y in mm; all float32 of shape (n,)."""
        cosine, sine = (f(self.turn).astype(np.float32)[index] for f in (np.cos, np.sin))
        dx, dy = (axis - self.shift[:, n].astype(np.float32)[index] for n, axis in enumerate((x, y)))
        return cosine * dx + sine * dy, cosine * dy - sine * dx

    def depth(self, index: Array, x: Array, y: Array) -> Array:
        """Distance in mm inside a sheet's outline, negative outside; points float32 of shape (n,)."""
        own = self.local(index, x, y)
        return np.asarray(np.minimum(*(np.float32(half) - np.abs(at) for half, at in zip(self.half, own, strict=True))))


@dataclass(frozen=True)
class PouchStack:
    """All sheets of one pouch cell; z = 0 is the middle of the stack."""

    spec: PouchCell
    cathodes: Sheets
    anodes: Sheets

    def paint(self, grid: Grid, points: Points, target: tuple[Array, Array]) -> None:
        """Draw pouch, separators, anodes and cathodes over grey values and labels of points."""
        greys = self.spec.greys
        x, y, z = points
        self._paint_case(grid, (x, y, z - self._bow(x, y)) if self.spec.case == "pouch" else points, target)
        points = x, y, z - self.lift(x, y)
        for tab in self.spec.tabs:
            self._paint_tab(grid, points, target, tab)
        wrapped = (self.spec.anode_um + 2 * self.spec.separator_um) / UM_PER_MM
        beyond = self.spec.separator_beyond_um / UM_PER_MM
        self._layer(grid, points, target, (wrapped, beyond, greys.separator, CellLabel.SEPARATOR))
        self._layer(grid, points, target, (self.spec.anode_um / UM_PER_MM, 0.0, greys.anode, CellLabel.ANODE))
        self._layer(grid, points, target, (self.spec.foil_um / UM_PER_MM, 0.0, greys.foil, CellLabel.ANODE))
        self._mark_overhang(points, target[1])
        cathode = (self.spec.cathode_um / UM_PER_MM, 0.0, greys.cathode, CellLabel.CATHODE)
        self._layer(grid, points, target, cathode)

    def lift(self, x: Array, y: Array) -> Array:
        """How much higher than flat the sheets lie at points in mm: the bow of the stack and the curl of its rims."""
        reach = np.maximum(np.abs(x) - self.cathodes.half[0], np.abs(y) - self.cathodes.half[1])
        over = self.spec.overhang_um / UM_PER_MM
        rim = np.clip(reach / over, 0, 1) if over > 0 else np.zeros_like(reach)
        return np.asarray(self._bow(x, y) + self.spec.curl_um / UM_PER_MM * rim**2, x.dtype)

    def _bow(self, x: Array, y: Array) -> Array:
        inside = [np.maximum(1 - (at / half) ** 2, 0) for at, half in zip((x, y), self.anodes.half, strict=True)]
        return np.asarray(self.spec.bow_um / UM_PER_MM * inside[0] * inside[1], x.dtype)

    def _layer(
        self, grid: Grid, points: Points, target: tuple[Array, Array], look: tuple[float, float, float, CellLabel]
    ) -> None:
        thickness, beyond, value, name = look
        (x, y, z), (grey, label) = points, target
        sheets = self.cathodes if name == CellLabel.CATHODE else self.anodes
        index = sheets.nearest(z)
        away = z - sheets.height.astype(np.float32)[index]
        depth = sheets.depth(index, x, y) + np.float32(beyond)
        share = slab_share(away, thickness, grid.along_boxes) * box_share(depth, grid.in_plane)
        grey += share * (value - grey)
        label[(np.abs(away) < thickness / 2) & (depth > 0)] = name

    def _mark_overhang(self, points: Points, label: Array) -> None:
        """Anode beyond the outline of the cathode that its half of the sheet faces, or of the only one there is."""
        x, y, z = points
        facing = self.cathodes.nearest(z)
        label[(label == CellLabel.ANODE) & (self.cathodes.depth(facing, x, y) < 0)] = CellLabel.OVERHANG

    def _paint_tab(self, grid: Grid, points: Points, target: tuple[Array, Array], tab: PouchTab) -> None:
        """Foil from the sheets' middles straight out to the case."""
        (x, y, z), (grey, label) = points, target
        sheets = self.cathodes if tab.sheet == "cathode" else self.anodes
        index = sheets.nearest(z)
        away = z - sheets.height.astype(np.float32)[index]
        axis, sign = EDGES.index(tab.edge) // 2, 2 * (EDGES.index(tab.edge) % 2) - 1
        own = sheets.local(index, x, y)
        strip = np.float32(tab.width_mm / 2) - np.abs(own[1 - axis] - np.float32(tab.position_mm))
        room = np.float32(pouch_half_mm(self.spec)[axis]) - np.abs((x, y)[axis])
        inside = np.minimum(np.minimum(strip, room), np.float32(sign) * own[axis])
        share = slab_share(away, tab.thickness_um / UM_PER_MM, grid.along_boxes) * box_share(inside, grid.in_plane)
        greys = self.spec.greys
        grey += share * ((greys.tab if tab.sheet == "cathode" else greys.foil) - grey)
        label[(np.abs(away) < tab.thickness_um / 2 / UM_PER_MM) & (inside > 0)] = CellLabel.OTHER

    def _paint_case(self, grid: Grid, points: Points, target: tuple[Array, Array]) -> None:
        """A shell of laminate around the stack with its sealed rim in the middle plane, or the wall of a hard case."""
        grey, label = target
        soft = self.spec.case == "pouch"
        wall, inner = self.spec.laminate_um / UM_PER_MM, pouch_half_mm(self.spec)
        depth = [half - np.abs(axis) for half, axis in zip(inner, points, strict=True)]
        inside = np.minimum(np.minimum(depth[0], depth[1]), depth[2])
        flange = np.float32(self.spec.flange_mm if soft else -1.0)
        rim = np.minimum(np.minimum(depth[0], depth[1]) + flange, wall - np.abs(points[2]))
        shell = box_share(inside + np.float32(wall), grid.along)
        if soft:
            shell = np.maximum(shell, box_share(rim, grid.along))
        grey += shell * (self.spec.greys.can * (LAMINATE_SHARE if soft else 1.0) - grey)
        grey += box_share(inside, grid.along) * (self.spec.greys.gas - grey)
        label[((inside > -wall) | (soft & (rim > 0))) & (inside < 0)] = CellLabel.CAN


# The laminate is mostly polymer: its aluminium layer is thinner than a voxel.
LAMINATE_SHARE = 0.35


def pouch_half_mm(spec: PouchCell) -> tuple[float, float, float]:
    """Half the size of the room in the pouch along x, y and z in mm."""
    clear = 2 * spec.overhang_um + spec.separator_beyond_um + 4 * spec.shift_sd_um + 400
    x, y = (size / 2 + clear / UM_PER_MM for size in spec.cathode_mm)
    bent = np.abs(spec.curl_um) if spec.case == "pouch" else np.abs(spec.curl_um) + np.abs(spec.bow_um)
    return x, y, float((spec.stack_um / 2 + spec.clearance_um + bent) / UM_PER_MM)


def make_stack(spec: PouchCell, rng: np.random.Generator) -> PouchStack:
    """Lay the sheets of a pouch cell down, each a little off its place."""
    x, y = (size / 2 for size in spec.cathode_mm)
    over = spec.overhang_um / UM_PER_MM
    cathodes = _lay(spec, spec.cathodes, (x, y), rng)
    anodes = _lay(spec, spec.cathodes + 1, (x + over, y + over), rng)
    for layer in spec.misplaced:
        anodes.shift[layer.anode - 1] += np.array([layer.shift_x_um, layer.shift_y_um]) / UM_PER_MM
        anodes.turn[layer.anode - 1] += np.radians(layer.turn_deg)
    return PouchStack(spec, cathodes, anodes)


def _lay(spec: PouchCell, count: int, half: tuple[float, float], rng: np.random.Generator) -> Sheets:
    height = (np.arange(count) - (count - 1) / 2) * spec.pitch_um / UM_PER_MM
    shift = rng.normal(0, spec.shift_sd_um / UM_PER_MM, (count, 2))
    return Sheets(height, shift, rng.normal(0, np.radians(spec.turn_sd_deg), count), half)
