"""The numbers of a can, each with its uncertainty."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95, Quantity
from batterycell.volume import UM_PER_MM

from .ellipse import Ellipses
from .found import PATCH_MM, Found, groove

Floats = NDArray[np.float64]


def can_quantities(found: Found) -> tuple[Quantity, ...]:
    """The numbers of a can; NaN where it could not be measured."""
    return (*_diameters(found), *_walls(found), *_dents(found), *_groove(found), *_axis(found))


def section_u_mm(found: Found) -> Floats:
    """Half width of the 95 % interval of each section's mean diameter, mm, shape (h,)."""
    u_ray = found.surfaces.u_outer
    with np.errstate(invalid="ignore", divide="ignore"):
        noise = 2 * np.sqrt(np.nansum(u_ray**2, axis=1)) / np.isfinite(u_ray).sum(axis=1)
    return np.asarray(K95 * np.hypot(noise, 2 * found.edge_mm))


def _diameters(found: Found) -> list[Quantity]:
    """Diameters over the straight wall; ovality from the mean oval, which noise does not raise."""
    rows, sections = found.shape.measured, found.shape.sections
    means, ovals = _means(sections)[rows], _ovals(sections)[rows]
    alone = found.shape.resampled
    outer, u_outer = _mean(means, _scatter(means if alone is None else _means(alone), alone), 2 * found.edge_mm)
    scatter = _scatter(ovals if alone is None else _ovals(alone), alone)
    ovality, u_oval = _mean_oval(ovals, scatter, 2 * found.edge_mm / outer)
    wall, u_wall = _mean_wall(found)
    ratio = (1 - ovality / 2) / (1 + ovality / 2)
    slope = 1 / max(np.sqrt(2 * ovality), 1e-3) if np.isfinite(ovality) else np.nan
    return [
        Quantity("can_outer_diameter_mm", "Can, outer diameter", outer, u_outer, "mm",
                 "Median over the straight wall of the mean of both axes of its robust ellipses."),
        Quantity("can_inner_diameter_mm", "Can, inner diameter", outer - 2 * wall, float(np.hypot(u_outer, 2 * u_wall)),
                 "mm", "Outer diameter less twice the mean wall."),
        Quantity("can_largest_diameter_mm", "Can, largest diameter", outer * (1 + ovality / 2),
                 float(np.hypot(u_outer, outer * u_oval / 2)), "mm", "Greater axis of the mean ellipse."),
        Quantity("can_smallest_diameter_mm", "Can, smallest diameter", outer * (1 - ovality / 2),
                 float(np.hypot(u_outer, outer * u_oval / 2)), "mm", "Lesser axis of the mean ellipse."),
        Quantity("can_ovality_percent", "Can, ovality", 100 * ovality, 100 * u_oval, "%",
                 "Largest minus smallest diameter over their mean, of the mean ellipse of the straight wall."),
        Quantity("can_eccentricity", "Can, eccentricity", float(np.sqrt(1 - ratio**2)), u_oval * slope, "",
                 "Root of 1 - (lesser over greater axis)² of the mean ellipse."),
    ]  # fmt: skip


def _means(sections: Ellipses) -> Floats:
    """Mean diameters, mm."""
    return sections.major + sections.minor


def _ovals(sections: Ellipses) -> NDArray[np.complex128]:
    """Ovalities, turned by twice their direction."""
    oval = (sections.major - sections.minor) / _means(sections) * 2
    return np.asarray(oval * np.exp(2j * sections.turn))


def _scatter(values: NDArray[Any], resampled: Ellipses | None) -> float:
    """Standard uncertainty of the mean of sections, or of one section from its resampled ellipses.

    A real can is no ellipse: what a single section differs from one is told by leaving out a sector after another
    (jackknife: Efron & Tibshirani 1993, eq. 11.5).
    """
    if not len(values):
        return np.nan
    squares = float((np.abs(values - values.mean()) ** 2).sum())
    if resampled is not None:
        return float(np.sqrt((len(values) - 1) / len(values) * squares))
    return float(np.sqrt(squares / max(len(values) - 1, 1) / len(values)))


def _mean_oval(turned: NDArray[np.complex128], scatter: float, edge: float) -> tuple[float, float]:
    """Length of the mean ovality of sections, and half width of its 95 % interval."""
    if not len(turned):
        return np.nan, np.nan
    return float(np.abs(turned.mean())), K95 * float(np.hypot(scatter, edge))


def _mean(values: Floats, scatter: float, edge: float) -> tuple[float, float]:
    """Median of sections, and half width of its 95 % interval: their scatter, and what all have in common."""
    if not len(values):
        return np.nan, np.nan
    return float(np.median(values)), K95 * float(np.hypot(scatter, edge))


def _mean_wall(found: Found) -> tuple[float, float]:
    wall = found.wall[np.isfinite(found.wall)]
    if not wall.size:
        return np.nan, np.nan
    return float(wall.mean()), K95 * float(np.hypot(wall.std() / np.sqrt(wall.size), found.u_wall_mm))


def _walls(found: Found) -> list[Quantity]:
    mean, u_mean = _mean_wall(found)
    patches = found.patches[np.isfinite(found.patches)]
    u_patch = float(np.hypot(u_mean, K95 * _noise_of_patch(found)))
    least, most, spread = (patches.min(), patches.max(), patches.std()) if patches.size else (np.nan,) * 3
    rows = [
        ("mean", "mean", mean, u_mean, "Mean thickness along the radius over the straight wall, from the fit "
         "of a blurred slab."),
        ("min", "least", least, u_patch, "Least mean over a patch of 1 mm × 1 mm of the straight wall."),
        ("max", "greatest", most, u_patch, "Greatest mean over a patch of 1 mm × 1 mm of the "
         "straight wall; a sheet that touches it without a gap may be in it."),
        ("sd", "standard deviation", spread, K95 * _noise_of_patch(found), "Standard deviation of the means over "
         "patches of 1 mm × 1 mm."),
    ]  # fmt: skip
    return [Quantity(f"can_wall_{name}_um", f"Can's wall, {title}", float(value) * UM_PER_MM, u * UM_PER_MM, "µm", text)
            for name, title, value, u, text in rows]  # fmt: skip


def _noise_of_patch(found: Found) -> float:
    """Standard uncertainty of a patch's mean thickness from noise, mm."""
    u_wall = found.surfaces.u_wall[np.isfinite(found.wall)]
    if not u_wall.size:
        return np.nan
    counts = [max(1, round(PATCH_MM / max(step, 2 * found.surfaces.rays.voxel_mm)))
              for step in found.surfaces.rays.steps_mm if np.isfinite(step)]  # fmt: skip
    return float(np.nanmedian(u_wall) / np.sqrt(np.prod(counts)))


def _dents(found: Found) -> list[Quantity]:
    """The deepest dent; 0 where there is none, give or take what could not be seen."""
    rays, least = found.surfaces.rays, found.least_dent * UM_PER_MM
    first = found.dents[0] if found.dents else None
    depth = first.depth * UM_PER_MM if first else 0.0 * least
    u_depth = first.u_depth * UM_PER_MM if first else least
    place = (rays.heights[first.row], rays.angles[first.column]) if first else (np.nan, np.nan)
    u_height = rays.axial_mm if first else np.nan
    u_angle = 360 / len(rays.angles) if first else np.nan
    count = float(len(found.dents)) if np.isfinite(least) else np.nan
    doubtful = sum((dent.depth - dent.u_depth) * UM_PER_MM < least for dent in found.dents)
    return [
        Quantity("can_dent_depth_um", "Deepest dent", depth, u_depth, "µm",
                 "Greatest depth below the robust ellipse, of a paraboloid fitted there; 0 where there is none."),
        Quantity("can_dent_height_mm", "Deepest dent, height", float(place[0]), u_height, "mm",
                 "Height of its deepest place."),
        Quantity("can_dent_angle_deg", "Deepest dent, angle", float(place[1]), u_angle, "deg",
                 "Angle of its deepest place."),
        Quantity("can_dent_count", "Dents", count, doubtful if np.isfinite(least) else np.nan, "",
                 "Places of the wall deeper than what noise and the can's form make elsewhere; uncertainty: those "
                 "whose interval reaches down to that."),
    ]  # fmt: skip


def _groove(found: Found) -> list[Quantity]:
    height, depth, u_depth = groove(found)
    u_height = found.surfaces.rays.axial_mm if np.isfinite(height) else np.nan
    return [
        Quantity("can_groove_height_mm", "Groove, height", height, u_height, "mm",
                 "Height at which the groove below the cap is narrowest."),
        Quantity("can_groove_depth_um", "Groove, depth", depth * UM_PER_MM, u_depth * UM_PER_MM, "µm",
                 "How far the outer surface lies inward of the straight wall's there, median around, as far as the "
                 "groove is wider than the blur."),
    ]  # fmt: skip


def _axis(found: Found) -> list[Quantity]:
    """Tilt of the axis through the sections, and how straight it is."""
    frame, slope = found.cell.frame, found.shape.slope
    direction = frame.up + slope[0] * frame.toward_i + slope[1] * frame.toward_j
    direction = direction / np.linalg.norm(direction)
    axes = found.surfaces.rays.sampler.volume.ijk_to_ras[:3, :3]
    along = np.abs(direction @ (axes / np.linalg.norm(axes, axis=0))).max() if np.isfinite(slope).all() else np.nan
    u_tilt = K95 * float(np.degrees(np.hypot(*found.shape.u_slope)))
    bend = found.shape.bend[found.shape.straight]
    most = float(np.nanmax(bend)) * UM_PER_MM if np.isfinite(bend).any() else np.nan
    u_bend = K95 * found.edge_mm * UM_PER_MM if np.isfinite(most) else np.nan
    return [
        Quantity("can_tilt_deg", "Tilt", float(np.degrees(np.arccos(np.minimum(along, 1.0)))), u_tilt, "deg",
                 "Angle between the axis through the sections' middles and the nearest axis of the volume."),
        Quantity("can_straightness_um", "Straightness", most, u_bend, "µm",
                 "Greatest distance of a section's middle from the straight axis through all."),
    ]  # fmt: skip
