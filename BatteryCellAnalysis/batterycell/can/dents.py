"""Dents: places where a can lies inward of its robust ellipse, each as one object."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95

Floats = NDArray[np.float64]

_SMOOTH_MM = 0.4  # over which dents are sought
_FIT_MM = 0.35  # about its deepest place, in which a dent's depth is fitted
_CLEAR = 4.0  # robust standard deviations of what is no dent
_LEAST_MM, _LEAST_VOXELS = 0.01, 0.2
_LEAST_AREA_MM2 = 0.15
_SEEN, _SEEN_VOXELS, _RIM_MM = 2.5, 0.1, 1.2  # of a dent's foot: robust standard deviations, voxels; rim's width
# Standard uncertainty of a depth: of the surface it is measured from, in voxels, and of the dent's form, as its share.
_U_VOXELS, _U_SHARE = 0.08, 0.01


@dataclass(frozen=True)
class Dent:
    """A dent.

    Args:
        row: Number of the height of its deepest place.
        column: Number of the angle of its deepest place.
        depth: Depth there, mm, of a paraboloid through the values within 0.35 mm.
        u_depth: Half width of its 95 % interval, mm.
        around: Full width at half its depth around the can, mm.
        along: Full width at half its depth along the can, mm; NaN where only one height is seen.
        area: Area deeper than the least depth that is told from noise and form, mm²; NaN likewise.
    """

    row: int
    column: int
    depth: float
    u_depth: float
    around: float
    along: float
    area: float


@dataclass(frozen=True)
class DentGrid:
    """The map in which dents are sought.

    Args:
        depth: Depth below the ellipse over height and angle, mm, shape (h, a); NaN off the wall.
        u_depth: Standard uncertainty of one value, mm.
        height_step: Distance between heights, mm; NaN where there is only one.
        angle_step: Distance between angles along the circumference, mm.
        voxel_mm: Voxel size across.
    """

    depth: Floats
    u_depth: float
    height_step: float
    angle_step: float
    voxel_mm: float


def find_dents(grid: DentGrid) -> tuple[list[Dent], float]:
    """All dents, the deepest first, and the least depth that counts as one, mm.

    A dent is deeper than noise, and than a can whose form is no ellipse, make elsewhere.
    """
    smooth = box_mean(grid.depth, (grid.height_step, grid.angle_step), _SMOOTH_MM)
    if not np.isfinite(smooth).any():
        return [], np.nan
    scatter = _scatter(smooth)
    least = max(_CLEAR * scatter, _LEAST_MM, _LEAST_VOXELS * grid.voxel_mm)
    # Cut the map open where least is dented: a dent over the angles' start stays one.
    start = int(np.argmin(np.maximum(np.nan_to_num(smooth), 0).sum(axis=0)))
    turned = np.roll(np.nan_to_num(smooth, nan=-np.inf), -start, axis=1)
    found = [dent for dent in _objects(turned, least, grid) if _is_large(dent, grid)]
    dents = [_finished(dent, start, scatter, grid) for dent in found]
    return sorted(dents, key=lambda dent: -dent.depth), least


def _finished(dent: Dent, start: int, scatter: float, grid: DentGrid) -> Dent:
    """The dent at its place in the map, as deep as a paraboloid through the values about it is there.

    A mean over a box would be lower than its middle where the surface is curved.
    """
    column = (dent.column + start) % grid.depth.shape[1]
    system, values = _around(grid, dent.row, column)
    if len(values) < 2 * system.shape[1]:
        return replace(dent, column=column, u_depth=K95 * float(np.hypot(scatter, grid.u_depth)))
    inverse = np.linalg.pinv(system.T @ system)
    depth = float((inverse @ system.T @ values)[0])
    noise = grid.u_depth * float(np.sqrt(inverse[0, 0] * _rays_per_value(grid)))
    parts = noise, scatter, _U_VOXELS * grid.voxel_mm, _U_SHARE * depth
    return replace(dent, column=column, depth=depth, u_depth=K95 * float(np.linalg.norm(parts)))


def _around(grid: DentGrid, row: int, column: int) -> tuple[Floats, Floats]:
    """Terms of a paraboloid, shape (n, 6), or of a parabola, (n, 3), and depths, (n,), about a place."""
    steps = grid.height_step, grid.angle_step
    high, wide = (size // 2 for size in box_sizes(steps, 2 * _FIT_MM))
    rows = np.arange(max(row - high, 0), min(row + high + 1, len(grid.depth)))
    columns = np.arange(column - wide, column + wide + 1)
    y, x = np.meshgrid((rows - row) / max(high, 1), (columns - column) / max(wide, 1), indexing="ij")
    values = grid.depth[np.ix_(rows, columns % grid.depth.shape[1])]
    terms = [np.ones_like(x), x, x * x] + ([y, y * y, x * y] if len(rows) > 1 else [])
    known = np.isfinite(values)
    return np.stack([term[known] for term in terms], axis=1), values[known]


def _rays_per_value(grid: DentGrid) -> float:
    """How many rays one independent value is worth: those nearer than two voxels are alike."""
    steps = [step for step in (grid.height_step, grid.angle_step) if np.isfinite(step)]
    return float(np.prod([max(1.0, 2 * grid.voxel_mm / step) for step in steps]))


def is_dented(depth: Floats, steps: tuple[float, float], voxel_mm: float) -> NDArray[np.bool_]:
    """Where a can is dented ever so little, and a rim about it, shape (h, a)."""
    from scipy import ndimage

    smooth = box_mean(depth, steps, _SMOOTH_MM)
    below = np.nan_to_num(smooth) > max(_SEEN * _scatter(smooth), _SEEN_VOXELS * voxel_mm)
    size = box_sizes(steps, _RIM_MM)
    return np.asarray(ndimage.maximum_filter(_opened(below, steps), size, mode=("constant", "wrap")))


def _opened(mask: NDArray[np.bool_], steps: tuple[float, float]) -> NDArray[np.bool_]:
    """The mask without what is small."""
    from scipy import ndimage

    size = np.ones(box_sizes(steps, 2 * _SMOOTH_MM), bool)
    return np.asarray(ndimage.binary_opening(np.pad(mask, ((0, 0), (90, 90)), mode="wrap"), size)[:, 90:-90])


def box_mean(values: Floats, steps: tuple[float, float], size: float) -> Floats:
    """Means of what is known in a box around each value of a map whose columns close; NaN stays.

    Args:
        values: Shape (h, a).
        steps: Distance between rows and between columns, mm; NaN for a single row.
        size: Side of the box, mm.
    """
    from scipy import ndimage

    sizes = box_sizes(steps, size)
    known = np.isfinite(values)
    total, count = (
        ndimage.uniform_filter(layer, sizes, mode=("constant", "wrap"))
        for layer in (np.where(known, values, 0.0), known.astype(float))
    )
    return np.where(known, total / np.maximum(count, 1e-9), np.nan)


def box_sizes(steps: tuple[float, float], size: float) -> list[int]:
    """Rows and columns that a box of a size in mm holds."""
    return [1 if not np.isfinite(step) else max(1, round(size / step)) for step in steps]


def _scatter(smooth: Floats) -> float:
    """Robust standard deviation of the map outward of the ellipse, where no dent is."""
    outward = smooth[smooth < 0]
    return float(1.4826 * np.median(-outward)) if outward.size else 0.0


def _objects(depth: Floats, least: float, grid: DentGrid) -> list[Dent]:
    from scipy import ndimage

    labels, count = ndimage.label(depth > least, structure=np.ones((3, 3)))
    found = []
    for number in range(1, count + 1):
        own = labels == number
        row, column = np.unravel_index(int(np.argmax(np.where(own, depth, -np.inf))), depth.shape)
        found.append(_measure(depth, own, (int(row), int(column)), grid))
    return found


def _measure(depth: Floats, own: NDArray[np.bool_], peak: tuple[int, int], grid: DentGrid) -> Dent:
    row, column = peak
    deepest = float(depth[row, column])
    half = own & (depth > deepest / 2)
    along = _run_through(half[:, column], row) * grid.height_step
    around = _run_through(half[row], column) * grid.angle_step
    area = float(own.sum()) * grid.height_step * grid.angle_step
    return Dent(row, column, deepest, np.nan, around, along, area)


def _run_through(mask: NDArray[np.bool_], at: int) -> int:
    """Length of the run of a mask that holds a place."""
    before = np.argmin(mask[at::-1]) if not mask[at::-1].all() else at + 1
    behind = np.argmin(mask[at:]) if not mask[at:].all() else len(mask) - at
    return int(before + behind - 1)


def _is_large(dent: Dent, grid: DentGrid) -> bool:
    if np.isfinite(dent.area):
        return dent.area > _LEAST_AREA_MM2
    return dent.around > 2 * grid.voxel_mm
