"""What is exactly known about a generated can."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.volume import UM_PER_MM

from .hardware_shapes import CRIMP, REAL_RADIUS_MM
from .settings import CylindricalCell
from .warp import Warp

Array = NDArray[Any]


@dataclass(frozen=True)
class CanTruth:
    """The can of a generated cell at any angle (degrees) and height (mm above the base's outer face).

    Radii are distances from the cell's axis, on the straight wall between base and crimp. All arguments broadcast.

    Args:
        spec: The cell.
    """

    spec: CylindricalCell

    def outer_mm(self, angle_deg: ArrayLike, height_mm: ArrayLike) -> Array:
        """Radius of the outer face."""
        return self._face(self.spec.can.radius_mm, angle_deg, height_mm)

    def inner_mm(self, angle_deg: ArrayLike, height_mm: ArrayLike) -> Array:
        """Radius of the inner face."""
        return self._face(self.spec.can.radius_mm - self.spec.can.wall_um / UM_PER_MM, angle_deg, height_mm)

    def wall_um(self, angle_deg: ArrayLike, height_mm: ArrayLike) -> Array:
        """Thickness of the wall along the radius."""
        return (self.outer_mm(angle_deg, height_mm) - self.inner_mm(angle_deg, height_mm)) * UM_PER_MM

    def dent_um(self, angle_deg: ArrayLike, height_mm: ArrayLike) -> Array:
        """How far the outer face is pushed inward from the can without dents."""
        whole = Warp(self.spec).oval(np.radians(np.asarray(angle_deg, float))) * self.spec.can.radius_mm
        return np.asarray((whole - self.outer_mm(angle_deg, height_mm)) * UM_PER_MM)

    def deepest_dent(self) -> tuple[float, float, float]:
        """Depth in µm, angle in degrees and height in mm of the deepest place of all dents, on a grid of 1° x 50 µm."""
        heights, angles = np.arange(0, self.spec.can.height_mm, 0.05)[:, None], np.arange(360.0)
        depth = self.dent_um(angles, heights)
        row, column = np.unravel_index(np.argmax(depth), depth.shape)
        return float(depth[row, column]), float(angles[column]), float(heights[row, 0])

    @property
    def straight_mm(self) -> tuple[float, float]:
        """Heights between which the wall is straight: from above the base's corner to below the bead."""
        can = self.spec.can
        crimp = CRIMP[0][1] * can.radius_mm / REAL_RADIUS_MM if can.cap else 0.0
        return 0.5 + can.wall_um / UM_PER_MM, can.height_mm - crimp

    @property
    def groove_mm(self) -> float:
        """Height at which the bead (groove) is deepest; NaN for an open tube."""
        can = self.spec.can
        deepest = max(CRIMP[:9])[1] * can.radius_mm / REAL_RADIUS_MM
        return can.height_mm - deepest if can.cap else float("nan")

    def describe(self) -> dict[str, Any]:
        """Its numbers: diameters over the round can without dents."""
        can = self.spec.can
        largest, smallest = (can.outer_diameter_mm * (1 + sign * can.ovality / 2) for sign in (1, -1))
        return {
            "outer_diameter_mm": can.outer_diameter_mm,
            "inner_diameter_mm": can.outer_diameter_mm - 2 * can.wall_um / UM_PER_MM,
            "largest_diameter_mm": largest,
            "smallest_diameter_mm": smallest,
            "ovality_percent": 100 * can.ovality,
            "ovality_angle_deg": can.ovality_angle_deg,
            "wall_um": can.wall_um,
            "dent_depth_um": self.deepest_dent()[0],
            "groove_mm": self.groove_mm,
            "dents": [asdict(dent) for dent in can.dents],
        }

    def _face(self, radius_mm: float, angle_deg: ArrayLike, height_mm: ArrayLike) -> Array:
        angle, height = np.broadcast_arrays(np.radians(np.asarray(angle_deg, float)), np.asarray(height_mm, float))
        return Warp(self.spec).dented(np.full(angle.shape, radius_mm), angle, height)
