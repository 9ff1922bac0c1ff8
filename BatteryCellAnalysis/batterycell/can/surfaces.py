"""The can's outer and inner surface, finer than a voxel, at every height and angle."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.orient import Cell
from batterycell.progress import Progress
from batterycell.reslice.sampling import in_threads
from batterycell.volume import Volume

from .common import common_blur
from .rays import Crossings, Rays, find_crossings, most_samples
from .slab import Blur, Slab, fit_slab

Floats = NDArray[np.float64]

_LOOK = 24  # heights that tell what all have in common
_LASTING = 4
_U_BOUNDARY = 0.15  # voxels: standard uncertainty of a roll's boundary
_TOUCHED = 1.6  # of the usual thickness: more is no wall alone


@dataclass(frozen=True)
class Surfaces:
    """A can's surfaces over height and angle, shape (h, a) each unless said otherwise; mm.

    Args:
        rays: Where they were looked for.
        rough: Outer radius at half of the wall's greatest grey value; NaN where there is none.
        outer: Outer radius of the fitted wall; NaN where there is none.
        inner: Inner radius; NaN where it was not seen or is not the wall's.
        u_outer: Standard uncertainty of the outer radius from noise.
        u_wall: Standard uncertainty of the thickness from noise.
        blur: What all rays have in common.
        clipped: Share of rays whose wall holds the greatest grey value there can be.
    """

    rays: Rays
    rough: Floats
    outer: Floats
    inner: Floats
    u_outer: Floats
    u_wall: Floats
    blur: Blur
    clipped: float

    @property
    def wall(self) -> Floats:
        """Thickness along the radius."""
        return self.outer - self.inner


def read_surfaces(volume: Volume, cell: Cell, progress: Progress) -> Surfaces:
    """Find the outer surface, and under it the wall's inner one, at every height and angle.

    Raises:
        InputError: if no wall can be seen.
        Cancelled: if the user asked to stop.
    """
    rays = Rays.of(volume, cell)
    thickest = most_samples(rays, cell.can.outer_radius_mm)
    chosen = np.unique(np.linspace(0, len(rays.heights) - 1, _LOOK).astype(int))
    some = np.concatenate([rays.grey(row) for row in chosen])
    found = find_crossings(some, 0.0, thickest)
    contrast = float(np.nanpercentile(found.metal - found.air, 70)) if np.isfinite(found.outer).any() else 0.0
    found = find_crossings(some, contrast, thickest)
    if not np.isfinite(found.outer).any():
        raise InputError("no-can", "No can's wall can be seen", "Check the grey values: metal must be the brightest.")
    blur = common_blur(rays, some, found)
    blur = replace(blur, noise=max(blur.noise, _fit(rays, some, found, blur).noise))
    shape = (5, len(rays.heights), len(rays.angles))
    maps = np.full(shape, np.nan)
    fit = _fit if cell.has_can else _no_wall

    def read(row: int) -> None:
        grey = rays.grey(row)
        crossings = find_crossings(grey, contrast, thickest)
        if not np.isfinite(crossings.outer).any():
            return
        slab = fit(rays, grey, crossings, blur)
        rough = rays.radii[0] - crossings.outer * rays.step_mm
        maps[:, row] = rough, slab.outer, slab.inner, slab.u_outer, slab.u_wall

    in_threads(read, len(rays.heights), progress, "measuring the can")
    rough, outer, inner, u_outer, u_wall = maps
    return Surfaces(rays, rough, outer, inner, u_outer, u_wall, blur, _clipped(volume, some, found))


def _fit(rays: Rays, grey: NDArray[np.float32], found: Crossings, blur: Blur) -> Slab:
    """Fit the wall; where it is much too thick, something as bright touches it and only its outer surface is known."""
    outer, inner = (rays.radii[0] - at * rays.step_mm for at in (found.outer, found.inner))
    depth = blur.thickness if np.isfinite(blur.thickness) else 12 * blur.sigma
    rows = np.flatnonzero(np.isfinite(outer))
    with np.errstate(invalid="ignore"):
        seen = (outer - inner < _TOUCHED * depth)[rows]
    start = np.stack([outer[rows], np.where(seen, inner[rows], outer[rows] - depth)], axis=1)
    slab = fit_slab(*_about(rays, grey[rows], start, blur), start, blur, seen)
    values = np.full((4, len(grey)), np.nan)
    values[:, rows] = slab.outer, slab.inner, slab.u_outer, slab.u_wall
    return Slab(values[0], values[1], values[2], values[3], slab.noise)


def _no_wall(rays: Rays, grey: NDArray[np.float32], found: Crossings, blur: Blur) -> Slab:
    """Of a jelly roll alone only the outer boundary, where its outermost sheet has half of its greatest grey value."""
    outer, nothing = rays.radii[0] - found.outer * rays.step_mm, np.full(len(grey), np.nan)
    return Slab(outer, nothing, np.where(np.isfinite(outer), _U_BOUNDARY * rays.voxel_mm, np.nan), nothing, blur.noise)


def _about(rays: Rays, grey: NDArray[np.float32], start: Floats, blur: Blur) -> tuple[Floats, Floats]:
    """Radii and grey values of the samples about the wall, shape (n, k) each."""
    first = np.floor((rays.radii[0] - start[:, 0] - 4 * blur.sigma) / rays.step_mm).astype(int)
    depth = float((start[:, 0] - start[:, 1]).max(initial=0.0)) + 7.5 * blur.sigma
    number = np.clip(first, 0, None)[:, None] + np.arange(int(np.ceil(depth / rays.step_mm)) + 1)
    number = np.minimum(number, grey.shape[1] - 1)
    values = np.take_along_axis(grey, number, 1).astype(float)
    values[:, 1:][np.diff(number, axis=1) == 0] = np.nan  # beyond the ray's end
    return rays.radii[number], values


def _clipped(volume: Volume, grey: NDArray[np.float32], found: Crossings) -> float:
    """Share of rays whose wall is as bright as the type of the grey values allows, several samples long."""
    if volume.array.dtype.kind not in "iu":
        return 0.0
    several = (grey >= np.iinfo(volume.array.dtype).max).sum(axis=1) >= _LASTING
    return float(several[np.isfinite(found.outer)].mean())
