"""Can, cap and insulators: strokes around the cell's axis, kept as tables of distances over radius and height."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.volume import UM_PER_MM

from .hardware_shapes import (
    CLOSURE,
    CRIMP,
    METAL,
    REAL_RADIUS_MM,
    SOFT,
    STRIP_BEND,
    VENT_MM,
    VENT_SHARE,
    Material,
    curve,
    stroke_distance,
)
from .labels import CellLabel
from .roll_settings import Tab
from .settings import CylindricalCell
from .spiral import wrapped
from .voxels import Voxels
from .warp import Warp

Array = NDArray[Any]
STEP_MM = 0.02


def strip_depth(tab: Tab, voxels: Voxels) -> Array:
    """Distance in mm around the cell from the sides of the tab, positive inside."""
    arc = np.abs(wrapped(voxels.angle - np.float32(np.radians(tab.angle_deg)))) * voxels.radius
    return np.asarray(np.float32(tab.strip_mm / 2) - arc)


@dataclass(frozen=True)
class Hardware:
    """Everything of a cell but the jelly roll.

    Args:
        spec: The cell.
        tables: Signed distance in mm from each material's faces, positive inside, over folded height and radius in
            steps of STEP_MM.
    """

    spec: CylindricalCell
    tables: dict[Material, Array]

    @classmethod
    def of(cls, spec: CylindricalCell) -> Hardware:
        """The hardware of a cell."""
        bare = cls(spec, {})
        return cls(spec, {material: bare._table(material) for material in (*SOFT, *METAL) if bare._strokes(material)})

    def paint(self, materials: tuple[Material, ...], voxels: Voxels, target: tuple[Array, Array]) -> None:
        """Put some materials over the grey values and labels of voxels."""
        bottom, top = self._ends_mm
        far = (voxels.height < bottom) | (voxels.height > self.spec.can.height_mm - top)
        rows = np.flatnonzero(far)
        near = voxels.chosen(rows)
        for material in (material for material in materials if material in self.tables):
            where, some = (slice(None), voxels) if material == "can" else (rows, near)
            if len(some.radius):
                self._paint_one(material, some, (where, *target))

    def _paint_one(self, material: Material, voxels: Voxels, target: tuple[Any, Array, Array]) -> None:
        rows, grey, label = target
        distance = self._distance(material, voxels)
        if material == "cap":
            distance = np.minimum(distance, self._vent_distance(voxels))
        if material == "tab" and self.spec.tab:
            distance = np.minimum(distance, strip_depth(self.spec.tab, voxels))
        value = float(getattr(self.spec.greys, material))
        grey[rows] += voxels.side_share(distance) * (value - grey[rows])
        label[rows] = np.where(distance > 0, CellLabel.CAN if material == "can" else CellLabel.OTHER, label[rows])

    def _vent_distance(self, voxels: Voxels) -> Array:
        """Distance in mm from the three openings in the slope of the cap's disc, negative in them."""
        inner, outer = (radius * self._scale for radius in VENT_MM)
        across = np.abs(voxels.radius - np.float32((inner + outer) / 2)) - np.float32((outer - inner) / 2)
        third = 2 * np.pi / 3
        away = np.abs((voxels.angle + np.float32(np.pi)) % third - third / 2)
        along = (away - np.float32(VENT_SHARE * third / 2)) * voxels.radius
        return np.asarray(np.maximum(across, along))

    def _distance(self, material: Material, voxels: Voxels) -> Array:
        """Signed distance in mm from the faces of a material, positive inside."""
        rows = (self._folded(voxels.height) + self._margin) / STEP_MM
        coordinates = np.stack([rows, voxels.radius / STEP_MM])
        return np.asarray(
            ndimage.map_coordinates(self.tables[material], coordinates, np.float32, order=1, mode="nearest")
        )

    @property
    def _scale(self) -> float:
        return self.spec.can.radius_mm / REAL_RADIUS_MM

    @property
    def _margin(self) -> float:
        return 1.0

    @property
    def _ends_mm(self) -> tuple[float, float]:
        """Heights of the parts of the cell at the base and at the cap where there is more than the can's wall."""
        return 2.0, 4.6 * self._scale if self.spec.can.cap else 1.0

    def _folded(self, height: Array) -> Array:
        """Height with the long stretch of bare wall between the two ends taken out."""
        bottom, top = self._ends_mm
        above = np.maximum(height - (self.spec.can.height_mm - top), 0)
        return np.asarray(np.minimum(height, bottom) + above)

    @property
    def strip_from_mm(self) -> float:
        """Height above which the tab is drawn as hardware."""
        return self.spec.can.height_mm - self._ends_mm[1]

    def _table(self, material: Material) -> Array:
        bottom, top = self._ends_mm
        rows = np.arange(-self._margin, bottom + top + self._margin, STEP_MM)
        heights = rows + (rows > bottom) * (self.spec.can.height_mm - top - bottom)
        columns = np.arange(0, self.spec.can.radius_mm + self._margin, STEP_MM)
        points = np.stack(np.meshgrid(columns, heights), -1)
        strokes = [stroke_distance(points, line, thickness) for line, thickness in self._strokes(material)]
        return np.asarray(np.max(strokes, axis=0), np.float32)

    def _strokes(self, material: Material) -> list[tuple[Array, float]]:
        if not self.spec.can.present:
            return []
        if material == "can":
            return self._can_strokes()
        if material == "tab" and self.spec.tab and self.spec.can.cap:
            return [self._strip(self.spec.tab)]
        if not self.spec.can.cap:
            return []
        height = self.spec.can.height_mm
        return [
            (curve(np.array(points) * (1, -1) * self._scale + (0, height)), thickness * self._scale)
            for kind, thickness, points in CLOSURE
            if kind == material
        ]

    def _strip(self, tab: Tab) -> tuple[Array, float]:
        """The tab from the roll up, over and to the cap."""
        warp, angle = Warp(self.spec), np.radians(tab.angle_deg)
        start = float(warp.settled(warp.tab_radius(tab, angle) - warp.tab_gap(tab, angle) / 2, angle))
        bend = [(start + out * self._scale, below) for out, below in STRIP_BEND]
        points = np.array([(start, self._ends_mm[1] / self._scale + 0.2), *bend, (1.2 * self._scale, 2.15)])
        line = curve(points * (1, -self._scale) + (0, self.spec.can.height_mm))
        return line, tab.strip_um / UM_PER_MM

    def _can_strokes(self) -> list[tuple[Array, float]]:
        can = self.spec.can
        wall, base = can.wall_um / UM_PER_MM, can.base_um / UM_PER_MM
        middle = can.radius_mm - wall / 2
        rim = np.array([[middle, can.height_mm]])
        if can.cap:
            inward, below = np.array(CRIMP).T * self._scale
            rim = np.stack([middle - (inward - inward[0]), can.height_mm - below], -1)
        corner = 0.5
        bend = np.linspace(-np.pi / 2, 0, 12)
        foot = np.stack([middle - corner + corner * np.cos(bend), wall / 2 + corner + corner * np.sin(bend)], -1)
        side = np.stack([np.full(40, middle), np.linspace(corner + wall, rim[0, 1] - 0.05, 40)], -1)
        return [
            (curve(np.concatenate([foot, side]), smooth=False), wall),
            (curve(np.concatenate([side[-2:], rim]), smooth=can.cap), wall),
            (curve(np.array([[0, base / 2], [middle - corner, base / 2]]), smooth=False), base),
        ]
