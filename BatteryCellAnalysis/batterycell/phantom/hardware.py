"""Can, cap and insulators: strokes around the cell's axis, kept as tables of distances over radius and height."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.interpolate import PchipInterpolator
from scipy.spatial import cKDTree

from batterycell.volume import UM_PER_MM

from .labels import CellLabel
from .roll_settings import Tab
from .settings import CylindricalCell
from .voxels import Voxels
from .warp import Warp, wrapped

Array = NDArray[Any]
Material = Literal["can", "cap", "insulator", "plastic", "tab"]
SOFT: tuple[Material, ...] = ("plastic", "insulator")
METAL: tuple[Material, ...] = ("tab", "cap", "can")
STEP_MM = 0.02
CURVE_STEP_MM = 0.01
FAR_MM = 0.3
REAL_RADIUS_MM = 10.635

# Middle of the can's wall over its bead and its crimped rim, read off a real 21700 cell: mm inwards from the outer
# face and mm below the top of the rim.
CRIMP = (
    (0.11, 4.4), (0.10, 3.9), (0.24, 3.3), (0.55, 2.93), (0.95, 3.0), (1.45, 3.22), (1.80, 3.25), (2.02, 3.05),
    (2.03, 2.8), (1.85, 2.58), (1.45, 2.50), (0.75, 2.44), (0.38, 2.28), (0.20, 1.95), (0.16, 1.5), (0.21, 0.95),
    (0.38, 0.45), (0.65, 0.19), (1.0, 0.11), (1.9, 0.18),
)  # fmt: skip
# The same for the cap's discs and the plastic: material, thickness in mm, and (mm from the axis, mm below the rim).
CLOSURE: tuple[tuple[Material, float, tuple[tuple[float, float], ...]], ...] = (
    ("cap", 0.46, ((0, 0.07), (4.0, 0.07), (4.5, 0.28), (5.3, 1.12), (5.9, 1.34), (9.2, 1.36))),
    ("cap", 0.14, ((0, 2.02), (1.6, 2.02), (2.6, 2.1))),
    ("plastic", 0.50, ((2.6, 1.9), (4.5, 1.85), (7.0, 1.85), (9.4, 1.85), (9.8, 1.4), (9.6, 0.8), (9.0, 0.55))),
    ("plastic", 0.30, ((2.3, 2.3), (6.0, 2.35), (8.2, 2.5))),
    ("plastic", 0.12, ((0, 2.98), (2.6, 3.0))),
    ("insulator", 0.34, ((1.6, 3.36), (4.0, 3.34), (7.5, 3.46), (9.9, 3.56))),
)
# How the tab bends on its way from the roll to the cap: mm away from the axis, mm below the rim.
STRIP_BEND = ((0, 4.1), (0.08, 3.7), (0.4, 3.5), (0.9, 3.3), (1.05, 3.12), (0.9, 2.95), (0.3, 2.86), (-1.0, 2.7))
# Openings of the cap's disc: from and to in mm from the axis, and the share of the circle.
VENT_MM = (4.35, 5.35)
VENT_SHARE = 0.45


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
        strokes = [_stroke_distance(points, curve, thickness) for curve, thickness in self._strokes(material)]
        return np.asarray(np.max(strokes, axis=0), np.float32)

    def _strokes(self, material: Material) -> list[tuple[Array, float]]:
        if material == "can":
            return self._can_strokes()
        if material == "tab" and self.spec.tab and self.spec.can.cap:
            return [self._strip(self.spec.tab)]
        if not self.spec.can.cap:
            return []
        height = self.spec.can.height_mm
        return [
            (_curve(np.array(points) * (1, -1) * self._scale + (0, height)), thickness * self._scale)
            for kind, thickness, points in CLOSURE
            if kind == material
        ]

    def _strip(self, tab: Tab) -> tuple[Array, float]:
        """The tab from the roll up, over and to the cap."""
        warp, angle = Warp(self.spec), np.radians(tab.angle_deg)
        start = float(warp.settled(warp.tab_radius(tab, angle) - warp.tab_gap(tab, angle) / 2, angle))
        bend = [(start + out * self._scale, below) for out, below in STRIP_BEND]
        points = np.array([(start, self._ends_mm[1] / self._scale + 0.2), *bend, (1.2 * self._scale, 2.15)])
        curve = _curve(points * (1, -self._scale) + (0, self.spec.can.height_mm))
        return curve, tab.strip_um / UM_PER_MM

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
            (_curve(np.concatenate([foot, side]), smooth=False), wall),
            (_curve(np.concatenate([side[-2:], rim]), smooth=can.cap), wall),
            (_curve(np.array([[0, base / 2], [middle - corner, base / 2]]), smooth=False), base),
        ]


def _curve(points: Array, smooth: bool = True) -> Array:
    """Points close together along a line through the given points, shape (n, 2)."""
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    at = np.linspace(0, length[-1], max(int(length[-1] / CURVE_STEP_MM), 2))
    if smooth:
        return np.asarray(PchipInterpolator(length, points)(at))
    return np.stack([np.interp(at, length, axis) for axis in points.T], -1)


def _stroke_distance(points: Array, curve: Array, thickness: float) -> Array:
    """Signed distance in mm inside a stroke; beyond FAR_MM outside it stays -FAR_MM."""
    furthest = thickness / 2 + FAR_MM
    distance, _ = cKDTree(curve).query(points.reshape(-1, 2), distance_upper_bound=furthest)
    return np.asarray(thickness / 2 - np.minimum(distance, furthest).reshape(points.shape[:2]))
