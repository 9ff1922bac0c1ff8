"""What the pictures show: a cell, where it stands and what was found in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from batterycell.mrml.points import end_points
from batterycell.mrml.views import slice_to_ras
from batterycell.orient import CellFrame
from batterycell.result import readable
from batterycell.tables import Table
from batterycell.volume import Volume

_MARGIN = 1.08
_SPOKES = 24


@dataclass(frozen=True)
class Subject:
    """A measured cell.

    Args:
        volume: Grey values.
        frame: Where the cell stands.
        overhang: The overhang table.
        can_radius_mm: Outer radius of the can.
    """

    volume: Volume
    frame: CellFrame
    overhang: Table
    can_radius_mm: float

    @property
    def radius(self) -> float:
        """Radius to show in mm: the can and a margin."""
        return self.can_radius_mm * _MARGIN

    @cached_property
    def heights(self) -> tuple[float, float]:
        """Lowest and highest height in mm at which the cell's axis lies inside the volume."""
        last = np.array(self.volume.array.shape[::-1]) - 0.5
        corners = self.volume.to_ras(np.array(list(product(*((-0.5, end) for end in last)))))
        _, _, reach = self.frame.to_cylindrical(corners)
        heights = np.linspace(reach.min(), reach.max(), 2001)
        ijk = self.volume.to_ijk(self.frame.origin + heights[:, None] * self.frame.up)
        inside = heights[np.all((ijk >= -0.5) & (ijk <= last), axis=1)]
        reached = inside if inside.size else heights
        return float(reached[0]), float(reached[-1])

    @property
    def height(self) -> float:
        """Height to show in mm: what the volume covers and a margin."""
        return (self.heights[1] - self.heights[0]) * _MARGIN

    @property
    def center(self) -> NDArray[np.float64]:
        """Middle of what is shown, on the axis, RAS mm, shape (3,)."""
        return np.asarray(self.frame.origin + sum(self.heights) / 2 * self.frame.up)

    @cached_property
    def cathode_level(self) -> float | None:
        """Median height in mm at which cathodes end, at the top where it was read, else at the bottom; else None."""
        _, _, heights = self.frame.to_cylindrical(end_points(self.overhang, "cathode"))
        for end in ("top", "bottom"):
            rows = readable(self.overhang) & (self.overhang["end"] == end)
            if rows.any():
                return float(np.median(heights[rows]))
        return None

    def plane(self, orientation: str) -> NDArray[np.float64]:
        """Slice to RAS, shape (4, 4), of a view: axial where the cathodes end, the others through the axis."""
        center = self.center
        if orientation == "axial" and self.cathode_level is not None:
            center = np.asarray(self.frame.origin + self.cathode_level * self.frame.up)
        return slice_to_ras(self.frame, orientation, center)

    def extent(self, orientation: str) -> tuple[float, float]:
        """Width and height in mm of what a slice view shows."""
        # Room for the ruler under a round picture.
        return 2 * self.radius, 2.3 * self.radius if orientation == "axial" else self.height

    @property
    def some_rows(self) -> Table:
        """The rows at some of the angles, so that the points do not hide the cell."""
        angles = np.unique(self.overhang["angle_deg"])
        some = angles[:: max(1, len(angles) // _SPOKES)]
        return self.overhang.where(np.isin(self.overhang["angle_deg"], some))

    @property
    def cut_rows(self) -> Table:
        """The rows nearest to the plane 0°-180° along which the cell is cut open."""
        off = np.abs((self.overhang["angle_deg"] + 90.0) % 180.0 - 90.0)
        return self.overhang.where(off <= off.min(initial=np.inf) + 1e-6)

    def caption(self, view: str) -> str:
        """What a view shows, for people."""
        if not len(self.overhang):
            return "cut open" if view == "3D" else "through the middle"
        if view == "axial":
            return "where the cathodes end" if self.cathode_level is not None else "middle of the volume"
        return {"sagittal": "270°  |  90°", "coronal": "180°  |  0°", "3D": "cut open along 180°  |  0°"}[view]
