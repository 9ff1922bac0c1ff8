"""Paint a cell into a volume, slab by slab."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress
from batterycell.volume import UM_PER_MM

from .hardware import Hardware
from .pose import Grid
from .roll import Roll
from .settings import CylindricalCell, Tab
from .voxels import Voxels
from .warp import Warp

Array = NDArray[Any]
CHUNK_VOXELS = 400_000


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

    def paint(self, grid: Grid, progress: Progress) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Grey values without noise or blur, and labels, both of the grid's shape."""
        grey, label = np.empty(grid.shape, np.float32), np.empty(grid.shape, np.uint8)
        step = max(1, CHUNK_VOXELS // (grid.shape[1] * grid.shape[2]))
        for first in range(0, grid.shape[0], step):
            last = min(first + step, grid.shape[0])
            self._paint_slices(grid, (first, last), (grey[first:last], label[first:last]))
            progress.report(last / grid.shape[0], "drawing the cell")
        return grey, label

    def _paint_slices(self, grid: Grid, slices: tuple[int, int], target: tuple[Array, Array]) -> None:
        x, y, z = (values.ravel() for values in grid.slices(*slices))
        radius = np.sqrt(x**2 + y**2)
        grey, label = (array.reshape(-1) for array in target)
        grey[:], label[:] = self.spec.greys.gas, 0
        near = np.flatnonzero(radius < self.spec.can.radius_mm * (1 + self.spec.can.ovality) + 0.5)
        x, y, z, radius = x[near], y[near], z[near], np.maximum(radius[near], np.float32(1e-6))
        wide, narrow = grid.across(x / radius, y / radius)
        angle = np.arctan2(y, x)
        radius = self.warp.without_push(radius, angle, z)
        voxels = Voxels(angle, radius, z, wide, narrow, grid.along)
        grey[near], label[near] = self._painted(voxels)

    def _painted(self, voxels: Voxels) -> tuple[Array, Array]:
        grey = np.full_like(voxels.radius, self.spec.greys.gas)
        label = np.zeros(voxels.radius.shape, np.uint8)
        inner = self.spec.can.radius_mm - self.spec.can.wall_um / UM_PER_MM
        low, high = -self.roll.ends[1].tip.values.max() - 0.5, self.roll.ends[0].tip.values.max() + 0.5
        filled = (voxels.height > low) & (voxels.height < high) & (voxels.radius < inner + 0.1)
        wound = np.flatnonzero(filled & (voxels.radius > self.spec.core_radius_mm - 0.1))
        if wound.size:
            grey[wound], label[wound] = self._roll(voxels.chosen(wound))
        self.hardware.paint(voxels, grey, label)
        return grey, label

    def _roll(self, voxels: Voxels) -> tuple[Array, Array]:
        tab = self.spec.tab
        if tab is None:
            return self.roll.paint(voxels)
        ideal = self.warp.close_tab(voxels.radius, voxels.angle)
        grey, label = self.roll.paint(replace(voxels, radius=ideal))
        self._paint_gap(tab, voxels, (grey, label))
        return grey, label

    def _paint_gap(self, tab: Tab, voxels: Voxels, target: tuple[Array, Array]) -> None:
        """The gap around the tab, filled with electrolyte."""
        grey, label = target
        gap, edge = self.warp.tab_gap(tab, voxels.angle), self.warp.tab_radius(tab, voxels.angle)
        share = voxels.slab_share(voxels.radius - (edge - gap / 2), gap)
        grey += share * (self.spec.greys.gas - grey)
        label[(voxels.radius < edge) & (voxels.radius > edge - gap)] = 0
