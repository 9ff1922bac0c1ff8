"""The can's tables: sections, dents, and stretches along its height."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Table
from batterycell.volume import UM_PER_MM

from .columns import DENT_COLUMNS, FEATURE_COLUMNS, SECTION_COLUMNS
from .dents import box_mean
from .found import Found, median_radius, straight_radius
from .quantities import section_u_mm
from .regions import GROOVE, NONE, RIM

Floats = NDArray[np.float64]


def can_tables(found: Found) -> dict[str, Table]:
    """Tables by machine name."""
    return {"can_sections": _sections(found), "can_dents": _dents(found), "can_features": _features(found)}


def _sections(found: Found) -> Table:
    sections, surfaces = found.shape.sections, found.surfaces
    mean = sections.major + sections.minor
    with np.errstate(invalid="ignore"):
        wall = _over(np.nanmean, np.where(np.isfinite(mean)[:, None], surfaces.wall, np.nan))
    around = box_mean(surfaces.wall, (np.nan, found.surfaces.rays.steps_mm[1]), 1.0)
    smooth = box_mean(found.shape.reference - surfaces.outer, (np.nan, found.surfaces.rays.steps_mm[1]), 0.4)
    known = np.where(np.isfinite(mean), 1.0, np.nan)
    data = {
        "height_mm": surfaces.rays.heights,
        "region": found.shape.regions,
        "outer_diameter_mm": mean,
        "u_outer_diameter_mm": section_u_mm(found) * known,
        "largest_diameter_mm": 2 * sections.major,
        "smallest_diameter_mm": 2 * sections.minor,
        "ovality_percent": 200 * (sections.major - sections.minor) / mean,
        "largest_at_deg": np.degrees(sections.turn),
        "inner_diameter_mm": mean - 2 * wall,
        "wall_mean_um": wall * UM_PER_MM,
        "wall_min_um": _over(np.nanmin, around) * UM_PER_MM * known,
        "wall_max_um": _over(np.nanmax, around) * UM_PER_MM * known,
        "wall_sd_um": _over(np.nanstd, around) * UM_PER_MM * known,
        "dent_um": _over(np.nanmax, smooth) * UM_PER_MM,
        "bend_um": found.shape.bend * UM_PER_MM,
    }
    return Table(SECTION_COLUMNS, data)


def _over(reduce: Any, values: Floats) -> Floats:
    """Reduce each row that holds something; NaN for the others."""
    some = np.isfinite(values).any(axis=1)
    out = np.full(len(values), np.nan)
    out[some] = reduce(values[some], axis=1)
    return out


def _dents(found: Found) -> Table:
    dents, rays = found.dents, found.surfaces.rays
    rows, columns = (np.array([getattr(dent, name) for dent in dents], int) for name in ("row", "column"))
    values = {name: np.array([getattr(dent, name) for dent in dents], float)
              for name in ("depth", "u_depth", "around", "along", "area")}  # fmt: skip
    places = found.cell.frame.from_cylindrical(
        rays.angles[columns], found.surfaces.outer[rows, columns], rays.heights[rows]
    )
    data: dict[str, NDArray[Any]] = {
        "dent": np.arange(1, len(dents) + 1),
        "angle_deg": rays.angles[columns],
        "height_mm": rays.heights[rows],
        "depth_um": values["depth"] * UM_PER_MM,
        "uncertainty_um": values["u_depth"] * UM_PER_MM,
        "width_around_mm": values["around"],
        "width_along_mm": values["along"],
        "area_mm2": values["area"],
    }
    data |= {f"{axis}_mm": places[:, n] for n, axis in enumerate("ras")}
    return Table(DENT_COLUMNS, data)


def _features(found: Found) -> Table:
    names, heights, radius = found.shape.regions, found.surfaces.rays.heights, median_radius(found)
    cuts = np.flatnonzero(names[1:] != names[:-1]) + 1
    runs = [run for run in np.split(np.arange(len(names)), cuts) if names[run[0]] != NONE]
    at = np.array([_extreme(str(names[run[0]]), run, radius) for run in runs], int)
    wall = [_over(np.nanmedian, found.surfaces.wall[run].reshape(1, -1))[0] for run in runs]
    data: dict[str, NDArray[Any]] = {
        "feature": np.array([names[run[0]] for run in runs], str),
        "from_mm": np.array([heights[run[0]] for run in runs], float),
        "to_mm": np.array([heights[run[-1]] for run in runs], float),
        "at_mm": heights[at],
        "diameter_mm": 2 * radius[at],
        "depth_um": (straight_radius(found) - radius[at]) * UM_PER_MM,
        "wall_um": np.array(wall, float) * UM_PER_MM,
    }
    return Table(FEATURE_COLUMNS, data)


def _extreme(name: str, run: NDArray[np.intp], radius: Floats) -> int:
    """The height that stands for a stretch."""
    values = radius[run]
    if not np.isfinite(values).any() or name not in (GROOVE, RIM):
        return int(run[len(run) // 2])
    return int(run[np.nanargmin(values) if name == GROOVE else np.nanargmax(values)])
