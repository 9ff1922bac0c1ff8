"""Unroll a cell along a curve around its axis, as a real volume."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from batterycell.errors import InputError
from batterycell.orient import Cell
from batterycell.progress import Progress
from batterycell.volume import Volume

from .curve import Curve, UnrolledMap, side_of
from .sampling import CylinderSampler, Floats, centres, in_threads, rows_between, voxel_sizes
from .storing import outside_value, refuse_too_large

_USUAL_RADIUS = 0.75  # of the can's: the outer half of the cell fits around it
_BLOCK = 2_000_000  # samples computed together by each thread: some 30 MB


@dataclass(frozen=True)
class UnrollSettings:
    """How a cell is unrolled.

    Args:
        depth_mm: Thickness across the curve, half of it on either side; None is chosen to suit.
        step_mm: Voxel size along and across the curve; None is that of the volume.
        heights_mm: Least and greatest height; None is all that the volume shows.
    """

    depth_mm: float | None = None
    step_mm: float | None = None
    heights_mm: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        for name, value in (("depth", self.depth_mm), ("step", self.step_mm)):
            if value is not None and not (np.isfinite(value) and value > 0):
                raise InputError(f"unroll-{name}", f"A {name} of {value:g} mm cannot be.", "Give a positive length.")


@dataclass(frozen=True)
class Unrolled:
    """An unrolled cell.

    Args:
        volume: To the right as seen from outside (i), inward (j), upward (k); its RAS is that of `UnrolledMap`.
        map: The way back to the cell.
    """

    volume: Volume
    map: UnrolledMap


def circle(cell: Cell, radius_mm: float | None = None) -> Curve:
    """The circle around a cell's axis from 0° to 360°; without a radius, three quarters of the can's.

    Raises:
        InputError: if the circle does not lie in the can.
    """
    can = cell.can.outer_radius_mm
    radius = _USUAL_RADIUS * can if radius_mm is None else float(radius_mm)
    if not 0 < radius <= can:
        raise InputError(
            "unroll-radius", f"A radius of {radius:g} mm does not lie in the can.", f"Give 0 to {can:.2f} mm."
        )
    angles = np.arange(0.0, 361.0)
    return Curve(angles, np.zeros(1), np.full((1, len(angles)), radius))


def unroll_around(
    volume: Volume,
    cell: Cell,
    radius_mm: float | None = None,
    settings: UnrollSettings | None = None,
    progress: Progress | None = None,
) -> Unrolled:
    """Unroll a cell around its axis: angle × depth × height.

    Voxel sizes are true at the chosen radius; farther out a picture of the same width shows more.

    Args:
        volume: The cell.
        cell: Where it stands.
        radius_mm: Radius at which lengths around the cell are true; None is three quarters of the can's.
        settings: Depth (None reaches from there to the can, and as far inward), voxel size, heights.
        progress: Told how far it is.

    Raises:
        InputError: if the radius lies outside the can, or the result would not fit into the memory.
        Cancelled: if the user asked to stop.
    """
    curve, settings = circle(cell, radius_mm), settings or UnrollSettings()
    radius, can = float(curve.radii_mm[0, 0]), cell.can.outer_radius_mm
    most = 2 * min(radius, 1.02 * can - radius)
    depth = settings.depth_mm if settings.depth_mm is not None else max(most, 0.04 * can)
    return unroll(volume, cell, curve, replace(settings, depth_mm=depth), progress)


def unroll(
    volume: Volume, cell: Cell, curve: Curve, settings: UnrollSettings, progress: Progress | None = None
) -> Unrolled:
    """Unroll a cell along any curve around its axis by linear interpolation, row by row on all cores.

    Args:
        volume: The cell.
        cell: Where it stands.
        curve: What becomes the picture's long side.
        settings: Depth (None is ten voxels), voxel size, heights.
        progress: Told how far it is.

    Returns:
        The unrolled volume, of the type of the cell's; places outside the cell's volume, or beyond its axis, hold its
        least value, or 0.

    Raises:
        InputError: if the result would be empty, thicker than the cell, or not fit into the memory.
        Cancelled: if the user asked to stop.
    """
    if settings.depth_mm is not None and settings.depth_mm > 2.1 * cell.can.outer_radius_mm:
        size = 2 * cell.can.outer_radius_mm
        raise InputError("unroll-depth", f"A depth of {settings.depth_mm:g} mm is more than the cell's {size:.1f} mm.")
    grid = _Grid.of(volume, cell, curve, settings)
    unrolled = UnrolledMap(cell.frame, curve, grid.depth_limits, grid.height_limits)
    refuse_too_large(grid.shape, volume)
    sampler = CylinderSampler(volume, cell.frame, outside_value(volume))
    out = np.empty(grid.shape, volume.array.dtype)
    blocks = grid.blocks()
    angles = curve.angle_at(unrolled.side * grid.right)

    def sample(number: int) -> None:
        row, columns = blocks[number]
        angle, height = angles[columns], float(grid.heights[row])
        radius = curve.radius_at(angle, height) + grid.depths[:, None]
        values = sampler(angle, radius, height, out.dtype)
        if radius.min() < 0:  # beyond the axis one would see the other side, mirrored
            values[radius < 0] = sampler.fill
        out[row][:, columns] = values

    in_threads(sample, len(blocks), progress or Progress(), "unrolling")
    return Unrolled(Volume(out, grid.ijk_to_ras, volume.voxel_size_source, "unrolled"), unrolled)


@dataclass(frozen=True)
class _Grid:
    """Voxel centres of an unrolled volume in its RAS: R (falling), A (falling), S (rising), and their distances."""

    right: Floats
    depths: Floats
    heights: Floats
    steps: tuple[float, float, float]

    @classmethod
    def of(cls, volume: Volume, cell: Cell, curve: Curve, settings: UnrollSettings) -> _Grid:
        axial, across = voxel_sizes(volume, cell.frame)
        step = settings.step_mm or across
        columns = max(1, round(curve.length_mm / step))
        along = curve.length_mm / columns
        end = curve.length_mm if side_of(cell.frame, curve) > 0 else 0.0
        right: Floats = np.asarray(end - (np.arange(columns) + 0.5) * along, np.float64)
        depths = centres(0.0, settings.depth_mm or 10 * step, step)[::-1]
        low, high = _heights(cell, settings)
        return cls(right, depths, rows_between(low, high, axial), (along, step, axial))

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.heights), len(self.depths), len(self.right)

    @property
    def depth_limits(self) -> tuple[float, float]:
        return float(self.depths[-1] - self.steps[1] / 2), float(self.depths[0] + self.steps[1] / 2)

    @property
    def height_limits(self) -> tuple[float, float]:
        return float(self.heights[0] - self.steps[2] / 2), float(self.heights[-1] + self.steps[2] / 2)

    @property
    def ijk_to_ras(self) -> Floats:
        along, across, axial = self.steps
        matrix = np.diag([-along, -across, axial, 1.0])
        matrix[:3, 3] = self.right[0], self.depths[0], self.heights[0]
        return matrix

    def blocks(self) -> list[tuple[int, slice]]:
        """Row and columns of each piece of work: within one slice of the cell the processor's cache suffices."""
        width = max(1, _BLOCK // len(self.depths))
        starts = range(0, len(self.right), width)
        return [(row, slice(start, start + width)) for row in range(len(self.heights)) for start in starts]


def _heights(cell: Cell, settings: UnrollSettings) -> tuple[float, float]:
    low, high = settings.heights_mm or cell.heights_mm
    low, high = max(low, cell.heights_mm[0]), min(high, cell.heights_mm[1])
    if not low < high:
        raise InputError(
            "unroll-heights",
            "The volume shows nothing at these heights.",
            f"Choose from {cell.heights_mm[0]:.2f} to {cell.heights_mm[1]:.2f} mm.",
        )
    return low, high
