"""A can's form: its sections' ellipses, the axis through them, and the smooth surface that dents are measured from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .dents import is_dented
from .ellipse import Ellipses, fit_ellipses
from .rays import Rays
from .regions import NECK, STRAIGHT, find_regions
from .surfaces import Surfaces

Floats = NDArray[np.float64]

_FLOOR = 0.02  # voxels: finer, edges are not known
_SMOOTH_MM = 0.5  # heights over which a can's form hardly changes
_MARGIN_MM = 0.25  # next to groove and base a can bends already
_FEWEST = 4  # sections that tell an axis
SECTORS = 12  # of a single section, each left out once


@dataclass(frozen=True)
class Shape:
    """A can's form.

    Args:
        sections: An ellipse for each height.
        regions: What each height shows, see `find_regions`.
        reference: Radius of the smooth elliptic surface over height and angle, mm, shape (h, a); NaN off the wall.
        slope: Slope of the axis through the sections' middles against the frame's, along its two directions across.
        u_slope: Standard uncertainty of both slopes.
        bend: How far the sections' middles lie off that axis, mm, shape (h,); NaN off the straight wall.
        resampled: Of a single section the ellipses without each of its `SECTORS`, from which its scatter is known as
            that of many sections is from one to the next; None where there are more.
    """

    sections: Ellipses
    regions: NDArray[np.str_]
    reference: Floats
    slope: Floats
    u_slope: Floats
    bend: Floats
    resampled: Ellipses | None = None

    @property
    def straight(self) -> NDArray[np.bool_]:
        """Which heights show the straight wall, shape (h,)."""
        return np.asarray(self.regions == STRAIGHT)

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Heights of the straight wall whose whole section is seen, shape (h,)."""
        return self.straight & np.isfinite(self.sections.major)


def find_shape(surfaces: Surfaces) -> Shape:
    """Fit ellipses to the sections of a can, and tell its regions."""
    rays = surfaces.rays
    angle = np.radians(rays.angles)
    step = rays.heights[1] - rays.heights[0] if len(rays.heights) > 1 else _MARGIN_MM
    margin = round(_MARGIN_MM / step) if len(rays.heights) > _FEWEST else 0
    regions = find_regions(_medians(surfaces.rough), _medians(surfaces.wall), rays.voxel_mm, margin)
    outer = np.where(np.isin(regions, (STRAIGHT, NECK))[:, None], surfaces.outer, np.nan)
    sections = fit_ellipses(angle, outer, _FLOOR * rays.voxel_mm)
    # Once more without dents, whose feet are too shallow to be told from noise ray by ray.
    dented = is_dented(_reference(sections, regions, rays) - outer, rays.steps_mm, rays.voxel_mm)
    sections = fit_ellipses(angle, outer, _FLOOR * rays.voxel_mm, dented)
    straight = (regions == STRAIGHT) & np.isfinite(sections.major)
    slope, u_slope, bend = _axis(rays.heights, np.stack([sections.x, sections.y], axis=1), straight)
    rows = np.flatnonzero(straight)
    resampled = _without_sectors(angle, outer[rows], _FLOOR * rays.voxel_mm, dented[rows]) if len(rows) == 1 else None
    return Shape(sections, regions, _reference(sections, regions, rays), slope, u_slope, bend, resampled)


def _without_sectors(angle: Floats, radius: Floats, floor_mm: float, dented: NDArray[np.bool_]) -> Ellipses:
    """Ellipses through a section of which a sector is left out each time; radius and dented of shape (1, a)."""
    sector = np.arange(len(angle)) * SECTORS // len(angle)
    left_out = (sector == np.arange(SECTORS)[:, None]) | dented
    return fit_ellipses(angle, np.repeat(radius, SECTORS, axis=0), floor_mm, left_out)


def _reference(sections: Ellipses, regions: NDArray[np.str_], rays: Rays) -> Floats:
    """Radius of the smooth elliptic surface, shape (h, a)."""
    reference = np.full((len(rays.heights), len(rays.angles)), np.nan)
    for region in (STRAIGHT, NECK):
        own = regions == region
        reference[own] = _smoothed(sections, own, rays.heights).radius(np.radians(rays.angles))[own]
    return reference


def _medians(values: Floats) -> Floats:
    """Median of each height; NaN where less than half of it is seen."""
    enough = np.isfinite(values).mean(axis=1) > 0.5
    found = np.full(len(values), np.nan)
    found[enough] = np.nanmedian(values[enough], axis=1)
    return found


def _smoothed(sections: Ellipses, own: NDArray[np.bool_], heights: Floats) -> Ellipses:
    """Ellipses whose parameters are running medians over neighbouring heights; half seen sections take the next."""
    known = np.flatnonzero(own & np.isfinite(sections.major))
    size = (sections.major + sections.minor) / 2
    oval = (sections.major - sections.minor) / 2
    values = np.stack(
        [sections.x, sections.y, size, oval * np.cos(2 * sections.turn), oval * np.sin(2 * sections.turn)]
    )
    if not len(known):
        return Ellipses(*np.full((5, len(heights)), np.nan))
    step = heights[1] - heights[0] if len(heights) > 1 else _SMOOTH_MM
    window = 2 * round(_SMOOTH_MM / step / 2) + 1
    smooth = ndimage.median_filter(values[:, known], (1, min(window, len(known))), mode="nearest")
    x, y, size, cosine, sine = (np.interp(heights, heights[known], row) for row in smooth)
    oval = np.hypot(cosine, sine)
    return Ellipses(x, y, size + oval, size - oval, np.arctan2(sine, cosine) / 2 % np.pi)


def _axis(heights: Floats, middles: Floats, straight: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Slope and its uncertainty along both directions, and the distance of each middle from the line."""
    bend = np.full(len(heights), np.nan)
    rows = np.flatnonzero(straight)
    if len(rows) < _FEWEST:
        return np.full(2, np.nan), np.full(2, np.nan), bend
    system = np.stack([heights[rows] - heights[rows].mean(), np.ones(len(rows))], axis=1)
    line = np.linalg.lstsq(system, middles[rows], rcond=None)[0]
    residual = middles[rows] - system @ line
    bend[rows] = np.linalg.norm(residual, axis=1)
    spread = np.sqrt((residual**2).sum(axis=0) / (len(rows) - 2))
    return line[0], spread / np.sqrt((system[:, 0] ** 2).sum()), bend
