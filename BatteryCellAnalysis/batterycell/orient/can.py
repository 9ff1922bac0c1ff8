"""The can: its outer surface, sub-voxel, and the cylinder through it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from batterycell.errors import InputError
from batterycell.measured import K95
from batterycell.volume import Volume

from .cylinder import fit_cylinder
from .edges import outer_edges
from .sections import Points, find_sections, flat_axis, no_cell

_WHOLE = 0.94  # of the rays must meet the wall; dents, tabs and noise may hide a few


@dataclass(frozen=True)
class Can:
    """The outer cylinder of a cell.

    Args:
        origin: A point on the axis, RAS mm.
        direction: Unit vector along the axis, RAS, sign arbitrary.
        outer_radius_mm: Mean outer radius of the straight wall.
        outer_diameter_sd_mm: Standard deviation of the outer diameter over the wall (ovality, dents, noise).
        u_outer_diameter_mm: Half width of the mean diameter's 95 % interval.
    """

    origin: Points
    direction: Points
    outer_radius_mm: float
    outer_diameter_sd_mm: float
    u_outer_diameter_mm: float

    @property
    def outer_diameter_mm(self) -> float:
        """Mean outer diameter of the straight wall."""
        return 2.0 * self.outer_radius_mm


def find_can(volume: Volume) -> Can:
    """Find the cylinder of a cell's outer wall.

    The wall's outer edge is where the grey value has risen halfway from the air outside to the wall, on rays in
    slices across the array axis that the cell follows most closely; a cylinder is fitted to the edges robustly, so
    that groove, crimp, dents and tabs do not pull it.

    Args:
        volume: The cell; of one slice or a few the axis is that across the slices.

    Returns:
        The can; of a jelly roll alone its outer boundary.

    Raises:
        InputError: if there is no round can, more than one, or the volume's border cuts it lengthwise.
    """
    sections = find_sections(volume)
    points, expected = outer_edges(volume, sections)
    _refuse_cut_can(points, expected)
    found = fit_cylinder(volume, points, sections.axis, flat_axis(volume) is not None)
    voxel = float(volume.spacing_mm.min())
    # Rays of one slice share ovality and reconstruction errors, so slices, not rays, count as independent; a tenth of
    # a voxel stands for the edge's definition (partial volume, beam hardening at the wall).
    slices = len(np.unique(points[:, 2 - sections.axis]))
    uncertainty = K95 * float(np.hypot(found.spread / np.sqrt(slices), 2 * 0.1 * voxel))
    return Can(found.origin, found.direction, found.radius, found.spread, uncertainty)


def _refuse_cut_can(points: Points, expected: int) -> None:
    share = len(points) / expected
    if share < 0.3:
        raise no_cell("A cylindrical cell must lie in it with its whole circumference; a pouch or prismatic cell is "
                      "no cylinder.")  # fmt: skip
    if share < _WHOLE:
        raise InputError(
            "cell-cut",
            f"The volume holds only {100 * share:.0f} % of a round can's circumference",
            "Scan or crop so that all of it and a rim of air lie inside.",
        )
