"""Paint a cell into a volume, slab by slab."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress
from batterycell.volume import UM_PER_MM

from .hardware import Hardware, strip_depth
from .hardware_shapes import METAL, SOFT
from .labels import CellLabel
from .pose import Grid
from .roll import Roll
from .roll_settings import Tab
from .settings import CylindricalCell
from .voxels import Voxels
from .warp import Warp

Array = NDArray[Any]
Points = tuple[Array, Array, Array]
Block = tuple[slice, slice]
Picture = tuple[NDArray[np.float32], NDArray[np.uint8]]
STRIP_START_MM = 1.5
CHUNK_VOXELS = 100_000
MOST_THREADS = 4


def paint_in_slabs(
    grid: Grid, air: float, paint: Callable[[Grid, Points, tuple[Array, Array]], None], progress: Progress
) -> Picture:
    """Let ``paint`` fill grey values and labels for the x, y, z of a block of voxels at a time, all flat."""
    grey, label = np.full(grid.shape, air, np.float32), np.zeros(grid.shape, np.uint8)

    def paint_block(block: Block) -> None:
        x, y, z = (values.ravel() for values in grid.points(*block))
        paint(grid, (x, y, z), (grey[block].reshape(-1), label[block].reshape(-1)))

    blocks = _blocks(grid.shape)
    pool = ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_THREADS))
    try:
        for done, _ in enumerate(pool.map(paint_block, blocks)):
            progress.report((done + 1) / len(blocks), "drawing the cell")
    finally:
        pool.shutdown(cancel_futures=True)
    return grey, label


def _blocks(shape: tuple[int, int, int]) -> list[Block]:
    """Slices and rows of blocks that lie in one piece in memory and fit into a processor's cache."""
    rows = max(1, CHUNK_VOXELS // shape[2])
    if rows < shape[1]:
        return [
            (slice(k, k + 1), slice(j, min(j + rows, shape[1])))
            for k in range(shape[0])
            for j in range(0, shape[1], rows)
        ]
    step = max(1, rows // shape[1])
    return [(slice(k, min(k + step, shape[0])), slice(0, shape[1])) for k in range(0, shape[0], step)]


@dataclass(frozen=True)
class CellPainter:
    """Paints voxels of one cell.

    Args:
        spec: The cell.
        roll: Its sheets.
        hardware: Can and cap.
        warp: Its deformation.
    """

    spec: CylindricalCell
    roll: Roll
    hardware: Hardware
    warp: Warp

    def paint(self, grid: Grid, progress: Progress) -> Picture:
        """Grey values without noise or blur, and labels, both of the grid's shape."""
        return paint_in_slabs(grid, self.spec.greys.air, self._paint_points, progress)

    def _paint_points(self, grid: Grid, points: Points, target: tuple[Array, Array]) -> None:
        x, y, z = points
        grey, label = target
        radius = np.sqrt(x**2 + y**2)
        near = np.flatnonzero(radius < self.spec.can.radius_mm * (1 + self.spec.can.ovality) + 0.5)
        x, y, z, radius = x[near], y[near], z[near], np.maximum(radius[near], np.float32(1e-6))
        wide, narrow = grid.across(x / radius, y / radius)
        angle = np.arctan2(y, x)
        radius = self.warp.without_push(radius, angle, z)
        grey[near], label[near] = self._painted(Voxels(angle, radius, z, wide, narrow, 1.0, grid.along))

    def _painted(self, voxels: Voxels) -> tuple[Array, Array]:
        can, greys = self.spec.can, self.spec.greys
        outside = (voxels.radius > can.radius_mm) | (voxels.height < 0) | (voxels.height > can.height_mm)
        inside = greys.gas if can.present else greys.air
        grey = np.where(outside, np.float32(greys.air), np.float32(inside))
        label = np.zeros(voxels.radius.shape, np.uint8)
        # Anodes may reach into the insulator, so it comes first.
        self.hardware.paint(SOFT, voxels, (grey, label))
        wound = np.flatnonzero(self._near_roll(voxels))
        if wound.size:
            sheets = grey[wound], label[wound]
            self._paint_roll(voxels.chosen(wound), sheets)
            grey[wound], label[wound] = sheets
        self.hardware.paint(METAL, voxels, (grey, label))
        return grey, label

    def _near_roll(self, voxels: Voxels) -> Array:
        inner = self.spec.can.radius_mm - self.spec.can.wall_um / UM_PER_MM
        low, high = -self.roll.ends[1].tip.values.max() - 0.5, self.roll.ends[0].tip.values.max() + 0.5
        tall = (voxels.height > low) & (voxels.height < high)
        hollow = self.spec.core_radius_mm - self.spec.collapse_mm - 0.1
        return np.asarray(tall & (voxels.radius < inner + 0.1) & (voxels.radius > hollow))

    def _paint_roll(self, voxels: Voxels, target: tuple[Array, Array]) -> None:
        angle, height = voxels.angle, voxels.height
        settled = self.warp.unkinked(voxels.radius, angle, height)
        wound = replace(voxels, radius=self.warp.unsettled(settled, angle))
        whole = replace(wound, radius=self.warp.close_gaps(wound.radius, angle, height))
        ideal = self.warp.close_tab(whole.radius, angle)
        stretch = self.warp.stretch(ideal, angle) * self.warp.kink_stretch(settled, angle, height)
        self.roll.paint(replace(voxels, radius=ideal, stretch=stretch), target)
        if self.spec.tab is not None:
            self._paint_strip(self.spec.tab, whole, target)
        self._paint_gaps(replace(wound, stretch=stretch), target)

    def _paint_gaps(self, voxels: Voxels, target: tuple[Array, Array]) -> None:
        """Gas where the sheets came apart, in place of the electrolyte that the roll was drawn with."""
        grey, label = target
        for gap, edge in self.warp.gap_edges(voxels.angle, voxels.height):
            opening = gap.opening(voxels.angle, voxels.height)
            away = (voxels.radius - edge + opening / 2) * voxels.stretch
            share = voxels.slab_share(away, opening * voxels.stretch)
            grey += share * (self.spec.greys.gas - self.spec.greys.electrolyte)
            label[share > 0.5] = CellLabel.SEPARATOR

    def _paint_strip(self, tab: Tab, voxels: Voxels, target: tuple[Array, Array]) -> None:
        """The part of the tab that lies in the roll; the rest belongs to the hardware."""
        grey, label = target
        middle = self.warp.tab_radius(tab, voxels.angle) - self.warp.tab_gap(tab, voxels.angle) / 2
        thickness = tab.strip_um / UM_PER_MM
        share = voxels.slab_share(voxels.radius - middle, thickness)
        low, high = self.spec.roll.cathode_bottom_mm + STRIP_START_MM, self.hardware.strip_from_mm
        share *= (strip_depth(tab, voxels) > 0) & (voxels.height > low) & (voxels.height < high)
        grey += share * (self.spec.greys.tab - grey)
        label[share > 0.5] = CellLabel.OTHER
