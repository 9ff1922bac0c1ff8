"""Longitudinal half-planes: pictures of the cell between its axis and its can at one angle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.interpolation import interpolate
from batterycell.orient import CellFrame
from batterycell.volume import Volume


@dataclass(frozen=True)
class HalfPlane:
    """Grey values over height and radius at one angle.

    Args:
        image: Shape (heights, radii), float32; NaN outside the volume.
        angle_deg: Angle about the cell's axis.
        radii: Radius of each column in mm, evenly spaced.
        heights: Height of each row along the axis in mm, evenly spaced, increasing.
    """

    image: NDArray[np.float32]
    angle_deg: float
    radii: NDArray[np.float64]
    heights: NDArray[np.float64]


def sample_half_plane(
    volume: Volume,
    frame: CellFrame,
    angle_deg: float,
    radii: NDArray[np.float64],
    heights: NDArray[np.float64],
    widths: tuple[float, ...] = (0.0,),
) -> HalfPlane:
    """Sample one half-plane by linear interpolation.

    Args:
        volume: Grey values.
        frame: Where the cell stands.
        angle_deg: Angle about the axis.
        radii: Radii in mm, shape (m,).
        heights: Heights in mm, shape (n,).
        widths: Tangential offsets in mm over which grey values are averaged (noise falls, sheets do not blur,
            as long as the offsets stay small against the radius).

    Returns:
        The half-plane, image shape (n, m).
    """
    height_grid, radius_grid = np.meshgrid(heights, radii, indexing="ij")
    points = frame.from_cylindrical(angle_deg, radius_grid, height_grid)
    angle = np.radians(angle_deg)
    tangent = -np.sin(angle) * frame.toward_i + np.cos(angle) * frame.toward_j
    total = np.zeros(points.shape[:2], np.float32)
    for width in widths:
        ijk = volume.to_ijk(points + width * tangent)
        total += interpolate(volume, ijk)
    return HalfPlane(total / np.float32(len(widths)), float(angle_deg), radii, heights)
