"""Longitudinal half-planes as images with their place, one by one or all around the cell."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import Cell
from batterycell.progress import Progress
from batterycell.volume import Volume

from .oblique import longitudinal_plane
from .sampling import CylinderSampler, Floats, in_threads, rows_between, voxel_sizes
from .storing import outside_value, refuse_too_large
from .unroll import circle

_BEYOND_CAN = 1.02


def cut_half_plane(volume: Volume, cell: Cell, angle_deg: float) -> Volume:
    """One half-plane, from the axis (left) past the can (right), the cap up: an image in its place in the cell.

    Args:
        volume: The cell.
        cell: Where it stands.
        angle_deg: Angle about the axis.

    Returns:
        Shape (1, heights, radii), of the volume's type, in the cell's RAS.
    """
    radii, heights, (axial, across) = _grid(volume, cell)
    array = _cut(volume, cell, np.array([float(angle_deg)]), Progress())
    plane = longitudinal_plane(cell, angle_deg)
    axes = plane[:3, :3] * (across, -axial, -across)
    matrix = np.eye(4)
    matrix[:3, :3] = axes
    matrix[:3, 3] = cell.frame.from_cylindrical(angle_deg, radii[0], heights[0])
    return Volume(array, matrix, volume.voxel_size_source, f"half-plane {angle_deg:g} deg")


def cut_all_around(
    volume: Volume, cell: Cell, angles: int, radius_mm: float | None = None, progress: Progress | None = None
) -> Volume:
    """Half-planes all around the cell as one stack, to be leafed through.

    Args:
        volume: The cell.
        cell: Where it stands.
        angles: How many, evenly spaced from 0°.
        radius_mm: Radius at which the distance from image to image is true; None is the can's.
        progress: Told how far it is.

    Returns:
        Shape (angles, heights, radii), of the volume's type. In its RAS, -R is the length along the circle as angles
        rise, A the radius, S the height; never left-handed, so that Slicer keeps the order of the images.

    Raises:
        InputError: if the radius does not lie in the can.
    """
    true = circle(cell, cell.can.outer_radius_mm if radius_mm is None else radius_mm)
    radii, heights, (axial, across) = _grid(volume, cell)
    degrees = np.arange(angles) * 360.0 / angles
    array = _cut(volume, cell, degrees, progress or Progress())
    along = 2 * np.pi * float(true.radii_mm[0, 0]) / angles
    matrix = np.array([
        [0.0, 0.0, -along, 0.0], [across, 0.0, 0.0, radii[0]], [0.0, -axial, 0.0, heights[0]], [0, 0, 0, 1],
    ])  # fmt: skip
    return Volume(array, matrix, volume.voxel_size_source, "half-planes around the axis")


def _grid(volume: Volume, cell: Cell) -> tuple[Floats, Floats, tuple[float, float]]:
    """Radii outward, heights from the top down, and the voxel size along and across the axis, all in mm."""
    axial, across = voxel_sizes(volume, cell.frame)
    count = round(_BEYOND_CAN * cell.can.outer_radius_mm / across)
    radii: Floats = np.asarray((np.arange(count) + 0.5) * across, np.float64)
    return radii, rows_between(*cell.heights_mm, axial)[::-1], (axial, across)


def _cut(volume: Volume, cell: Cell, degrees: Floats, progress: Progress) -> NDArray[Any]:
    radii, heights, _ = _grid(volume, cell)
    sampler = CylinderSampler(volume, cell.frame, outside_value(volume))
    shape = len(degrees), len(heights), len(radii)
    refuse_too_large(shape, volume)
    out = np.empty(shape, volume.array.dtype)

    def cut(number: int) -> None:
        out[number] = sampler(degrees[number], radii, heights[:, None], out.dtype)

    in_threads(cut, len(degrees), progress, "cutting half-planes")
    return out
