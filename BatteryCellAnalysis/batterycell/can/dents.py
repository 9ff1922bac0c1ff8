"""Dents: places where a can lies inward of its robust ellipse, each as one object."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SMOOTH_MM = 0.4
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
        depth: Depth there, mm: the mean over 0.4 mm, and what the mean loses where the dent is curved.
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
    parts = grid.u_depth / np.sqrt(_box_count(grid)), scatter, _U_VOXELS * grid.voxel_mm
    u_surface = float(np.linalg.norm(parts))
    # Cut the map open where least is dented: a dent over the angles' start stays one.
    start = int(np.argmin(np.maximum(np.nan_to_num(smooth), 0).sum(axis=0)))
    turned = np.roll(np.nan_to_num(smooth, nan=-np.inf), -start, axis=1)
    found = [dent for dent in _objects(turned, least, grid) if _is_large(dent, grid)]
    dents = [_finished(dent, start, smooth, u_surface, grid) for dent in found]
    return sorted(dents, key=lambda dent: -dent.depth), least


def _finished(dent: Dent, start: int, smooth: Floats, u_surface: float, grid: DentGrid) -> Dent:
    """The dent at its place in the map, as deep as it is.

    The mean over a box of width w is lower than its middle by w² / 24 times the second derivatives (Taylor).
    """
    along, around = box_sizes((grid.height_step, grid.angle_step), _SMOOTH_MM)
    column = (dent.column + start) % smooth.shape[1]
    curved = _second_difference(smooth[:, column], dent.row, along, closes=False)
    curved += _second_difference(smooth[dent.row], column, around, closes=True)
    depth = dent.depth - curved / 24
    return replace(dent, column=column, depth=depth, u_depth=1.96 * float(np.hypot(u_surface, _U_SHARE * depth)))


def _second_difference(line: Floats, at: int, lag: int, closes: bool) -> float:
    """Second difference over the width of a box; 0 where the map ends."""
    if not closes and not lag <= at < len(line) - lag:
        return 0.0
    value = float(line[(at - lag) % len(line)] - 2 * line[at] + line[(at + lag) % len(line)])
    return min(value, 0.0) if np.isfinite(value) else 0.0


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


def _box_count(grid: DentGrid) -> int:
    """Independent values in a box; those nearer than two voxels are not."""
    steps = [max(step, 2 * grid.voxel_mm) for step in (grid.height_step, grid.angle_step) if np.isfinite(step)]
    return max(1, int(np.prod([max(1, round(_SMOOTH_MM / step)) for step in steps])))


def _run_through(mask: NDArray[np.bool_], at: int) -> int:
    """Length of the run of a mask that holds a place."""
    before = np.argmin(mask[at::-1]) if not mask[at::-1].all() else at + 1
    behind = np.argmin(mask[at:]) if not mask[at:].all() else len(mask) - at
    return int(before + behind - 1)


def _is_large(dent: Dent, grid: DentGrid) -> bool:
    if np.isfinite(dent.area):
        return dent.area > _LEAST_AREA_MM2
    return dent.around > 2 * grid.voxel_mm
