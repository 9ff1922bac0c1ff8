"""Measure a can."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95, Axis, Map, Stage
from batterycell.orient import Cell, cell_notes
from batterycell.progress import Progress
from batterycell.volume import UM_PER_MM, Volume

from .dents import DentGrid, find_dents
from .found import Found
from .quantities import can_quantities
from .shape import Shape, find_shape
from .surfaces import Surfaces, read_surfaces
from .tables import can_tables

Floats = NDArray[np.float64]

_CLIPPED = 0.3
_THIN_BLURS = 3.0
_LEAST_WALL = 0.9  # of the rays of the straight wall


def measure_can(volume: Volume, cell: Cell, progress: Progress | None = None) -> Stage:
    """Measure a can on a slice or on a volume: diameters, wall, ovality, dents, groove, tilt.

    Outer and inner surface are found finer than a voxel on rays at every height and angle, by fitting a blurred slab
    (`fit_slab`); an ellipse that dents do not pull is fitted to each section (`fit_ellipses`). Groove, rim and ends
    are told apart and left out of diameters, wall and dents. Uncertainties hold blur, noise and fit; that of the
    voxel size is not in them.

    Args:
        volume: Grey values, or a mask of the can; a whole volume, or a slice or a few.
        cell: Where the cell stands.
        progress: Told how far it is.

    Returns:
        The stage "can"; of a jelly roll alone its outer boundary, and no wall.

    Raises:
        InputError: if no wall can be seen.
        Cancelled: if the user asked to stop.
    """
    progress = progress or Progress()
    surfaces = read_surfaces(volume, cell, progress.part(0.0, 0.9))
    shape = find_shape(surfaces)
    progress.report(0.95, "measuring the can")
    found = _with_dents(cell, surfaces, shape)
    maps = (_dent_map(found), _wall_map(found)) if cell.has_can else (_dent_map(found),)
    return Stage("can", "Can", can_quantities(found), can_tables(found), maps, _notes(volume, found))


def _with_dents(cell: Cell, surfaces: Surfaces, shape: Shape) -> Found:
    found = Found(cell, surfaces, shape, [], np.nan)
    if not cell.has_can:
        return found  # the end of the outermost sheet is no dent
    u_depth = float(np.nanmedian(surfaces.u_outer))
    grid = DentGrid(shape.reference - surfaces.outer, u_depth, *found.surfaces.rays.steps_mm, surfaces.rays.voxel_mm)
    return Found(cell, surfaces, shape, *find_dents(grid))


def _axes(found: Found) -> tuple[Axis, Axis]:
    rays = found.surfaces.rays
    return Axis("height_mm", "Height", "mm", rays.heights), Axis("angle_deg", "Angle", "deg", rays.angles)


def _places(found: Found, radius: Floats) -> Floats:
    rays = found.surfaces.rays
    return found.cell.frame.from_cylindrical(rays.angles, radius, rays.heights[:, None])


def _dent_map(found: Found) -> Map:
    surfaces, reference = found.surfaces, found.shape.reference
    return Map(
        "can_dent_um", "Can, depth of dents", "µm",
        "Depth of the outer surface below the can's smooth elliptic surface along the radius, inward positive.",
        *_axes(found), (reference - surfaces.outer) * UM_PER_MM, _places(found, surfaces.outer),
        K95 * np.hypot(surfaces.u_outer, found.edge_mm) * UM_PER_MM,
    )  # fmt: skip


def _wall_map(found: Found) -> Map:
    surfaces = found.surfaces
    on_wall = np.isfinite(found.shape.reference)
    return Map(
        "can_wall_um", "Can, wall thickness", "µm",
        "Thickness of the wall along the radius, between both surfaces of a blurred slab.",
        *_axes(found), np.where(on_wall, surfaces.wall, np.nan) * UM_PER_MM,
        _places(found, (surfaces.outer + surfaces.inner) / 2),
        K95 * np.hypot(surfaces.u_wall, found.u_wall_mm) * UM_PER_MM,
    )  # fmt: skip


def _notes(volume: Volume, found: Found) -> tuple[str, ...]:
    notes = list(cell_notes(found.cell))
    if not found.shape.measured.any():
        notes.append("No whole section of the can's straight wall lies in the volume: its diameter was not measured.")
    return (*notes, *(_wall_notes(volume, found) if found.cell.has_can else ()))


def _wall_notes(volume: Volume, found: Found) -> list[str]:
    surfaces, notes = found.surfaces, []
    if surfaces.clipped > _CLIPPED:
        notes.append("The wall's grey values are clipped at the greatest value of their type: it reads too thick; "
                     "export the scan with a wider grey value window.")  # fmt: skip
    blurs = surfaces.blur.thickness / surfaces.blur.sigma
    if blurs < _THIN_BLURS and volume.array.dtype.kind != "b":
        notes.append(f"The wall is only {blurs:.1f} times as thick as the blur: "
                     "its thickness rests on the metal's grey value.")  # fmt: skip
    outer = np.isfinite(surfaces.outer[found.shape.straight])
    seen = np.isfinite(surfaces.inner[found.shape.straight])[outer]
    if seen.size and seen.mean() < _LEAST_WALL:
        notes.append(f"The wall's inner surface was seen at {100 * seen.mean():.0f} % of the places only: elsewhere "
                     "something as bright touches it.")  # fmt: skip
    return notes
