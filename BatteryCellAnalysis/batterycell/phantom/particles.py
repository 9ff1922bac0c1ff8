"""Foreign particles: drawn over the painted cell, and where exactly they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import CellFrame
from batterycell.tables import Column, Table
from batterycell.volume import UM_PER_MM, Volume

from .defect_settings import Inclusion
from .imaging import VARIANCE_TO_BOX
from .labels import CellLabel
from .settings import CylindricalCell
from .spiral import cathode_turn
from .warp import Warp

Array = NDArray[Any]
INCLUSION_COLUMNS = (
    Column("diameter_um", "Diameter", "µm", "Diameter of the sphere."),
    Column("grey", "Grey value", "", "Its grey value on the scale of an 8-bit scan."),
    Column("winding", "Winding", "", "Cathode turn beside which it lies, 1 is the outermost at its angle."),
    Column("angle_deg", "Angle", "deg", "Angle about the cell's axis from +i towards +j of the input array."),
    Column("height_mm", "Height", "mm", "Height above the can's base."),
    Column("distance_um", "Distance", "µm", "Distance of its middle outward from the cathode's middle."),
    Column("r_mm", "R", "mm", "R of its middle in the volume's own RAS."),
    Column("a_mm", "A", "mm", "A of its middle in the volume's own RAS."),
    Column("s_mm", "S", "mm", "S of its middle in the volume's own RAS."),
)
_FINE = (np.arange(6) + 0.5) / 6 - 0.5  # places within a voxel at which its share in a sphere is counted
_MARGIN = 3


@dataclass(frozen=True)
class Particles:
    """The foreign particles of a cell.

    Args:
        spec: The cell.
        frame: Where it stands.
        volume: The scanned volume.
    """

    spec: CylindricalCell
    frame: CellFrame
    volume: Volume

    def truth(self) -> Table:
        """One row, of `INCLUSION_COLUMNS`, a particle whose middle lies in the volume."""
        settings = [defect for defect in self.spec.defects if isinstance(defect, Inclusion)]
        places = np.array([self._place(setting) for setting in settings]).reshape(-1, 3)
        words = ("diameter_um", "grey", "winding", "angle_deg", "height_mm", "distance_um")
        data: dict[str, Array] = {word: np.array([getattr(one, word) for one in settings], float) for word in words}
        table = Table(INCLUSION_COLUMNS, data | dict(zip(("r_mm", "a_mm", "s_mm"), places.T, strict=True)))
        ijk = self.volume.to_ijk(places)
        return table.where(np.all((ijk >= 0) & (ijk <= np.array(self.volume.array.shape[::-1]) - 1), axis=1))

    def paint(self, picture: tuple[Array, Array], soften: Array) -> None:
        """Draw them over grey values and labels, softened by boxes of some width in mm along (k, j, i)."""
        found = self.truth()
        places = np.column_stack([found[f"{axis}_mm"] for axis in "ras"])
        for place, grey, diameter in zip(places, found["grey"], found["diameter_um"], strict=True):
            window, share = self._share(place, diameter / 2 / UM_PER_MM, soften)
            picture[0][window] += share * (np.float32(grey) - picture[0][window])
            picture[1][window][share > 0.5] = CellLabel.OTHER

    def _place(self, setting: Inclusion) -> Array:
        turn = cathode_turn(self.spec.roll, setting.winding, setting.angle_deg)
        ideal = self.spec.first_radius_mm - turn * self.spec.roll.pitch_um / UM_PER_MM
        angle, height = np.radians(setting.angle_deg), np.asarray(setting.height_mm)
        radius = Warp(self.spec).to_real(np.asarray(ideal), angle, height)
        outward = radius + setting.distance_um / UM_PER_MM
        return self.frame.from_cylindrical(setting.angle_deg, outward, setting.height_mm)

    def _share(self, place: Array, radius_mm: float, soften: Array) -> tuple[tuple[slice, ...], Array]:
        """The voxels about a sphere, and the share of each that lies in it."""
        from scipy import ndimage

        middle, spacing = self.volume.to_ijk(place)[::-1], self.volume.spacing_mm[::-1]
        reach = radius_mm / spacing + _MARGIN
        first = np.maximum(np.floor(middle - reach), 0).astype(int)
        last = np.minimum(np.ceil(middle + reach) + 1, self.volume.array.shape).astype(int)
        squares = [
            (((np.arange(a, b)[:, None] + _FINE).ravel() - m) * size) ** 2
            for a, b, m, size in zip(first, last, middle, spacing, strict=True)
        ]
        inside = squares[0][:, None, None] + squares[1][:, None] + squares[2] < radius_mm**2
        n = len(_FINE)
        share = inside.reshape(*np.ravel([(size, n) for size in last - first])).mean(axis=(1, 3, 5))
        softened = ndimage.gaussian_filter(share, soften / VARIANCE_TO_BOX / spacing)
        return tuple(map(slice, first, last)), softened.astype(np.float32)
