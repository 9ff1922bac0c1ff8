"""The sheets of a pouch cell: where each lies, and its share in each voxel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.volume import UM_PER_MM

from .labels import CellLabel
from .pose import Grid
from .pouch_settings import PouchCell
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

    def depth(self, index: Array, x: Array, y: Array) -> Array:
        """Distance in mm inside a sheet's outline, negative outside; points float32 of shape (n,)."""
        cosine, sine = (f(self.turn).astype(np.float32)[index] for f in (np.cos, np.sin))
        dx, dy = (axis - self.shift[:, n].astype(np.float32)[index] for n, axis in enumerate((x, y)))
        across = np.abs(cosine * dx + sine * dy), np.abs(cosine * dy - sine * dx)
        return np.asarray(np.minimum(np.float32(self.half[0]) - across[0], np.float32(self.half[1]) - across[1]))


@dataclass(frozen=True)
class PouchStack:
    """All sheets of one pouch cell; z = 0 is the middle of the stack."""

    spec: PouchCell
    cathodes: Sheets
    anodes: Sheets

    def paint(self, grid: Grid, points: Points, target: tuple[Array, Array]) -> None:
        """Draw pouch, separators, anodes and cathodes over grey values and labels of points."""
        greys = self.spec.greys
        self._paint_pouch(grid, points, target)
        wrapped = (self.spec.anode_um + 2 * self.spec.separator_um) / UM_PER_MM
        beyond = self.spec.separator_beyond_um / UM_PER_MM
        self._layer(grid, points, target, (wrapped, beyond, greys.separator, CellLabel.SEPARATOR))
        self._layer(grid, points, target, (self.spec.anode_um / UM_PER_MM, 0.0, greys.anode, CellLabel.ANODE))
        self._layer(grid, points, target, (self.spec.foil_um / UM_PER_MM, 0.0, greys.foil, CellLabel.ANODE))
        self._mark_overhang(points, target[1])
        cathode = (self.spec.cathode_um / UM_PER_MM, 0.0, greys.cathode, CellLabel.CATHODE)
        self._layer(grid, points, target, cathode)

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

    def _paint_pouch(self, grid: Grid, points: Points, target: tuple[Array, Array]) -> None:
        """A shell of laminate around the stack, and its sealed rim in the middle plane."""
        grey, label = target
        laminate, inner = self.spec.laminate_um / UM_PER_MM, pouch_half_mm(self.spec)
        depth = [half - np.abs(axis) for half, axis in zip(inner, points, strict=True)]
        inside = np.minimum(np.minimum(depth[0], depth[1]), depth[2])
        rim = np.minimum(np.minimum(depth[0], depth[1]) + np.float32(self.spec.flange_mm), laminate - np.abs(points[2]))
        shell = np.maximum(box_share(inside + np.float32(laminate), grid.along), box_share(rim, grid.along))
        hollow = box_share(inside, grid.along)
        grey += shell * (self.spec.greys.can * LAMINATE_SHARE - grey)
        grey += hollow * (self.spec.greys.gas - grey)
        label[((inside > -laminate) | (rim > 0)) & (inside < 0)] = CellLabel.CAN


# The laminate is mostly polymer: its aluminium layer is thinner than a voxel.
LAMINATE_SHARE = 0.35


def pouch_half_mm(spec: PouchCell) -> tuple[float, float, float]:
    """Half the size of the room in the pouch along x, y and z in mm."""
    clear = 2 * spec.overhang_um + spec.separator_beyond_um + 4 * spec.shift_sd_um + 400
    x, y = (size / 2 + clear / UM_PER_MM for size in spec.cathode_mm)
    return x, y, spec.stack_um / 2 / UM_PER_MM + 0.03


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
