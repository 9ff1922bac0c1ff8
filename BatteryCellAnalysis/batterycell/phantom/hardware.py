"""Can, cap and insulators: strokes around the cell's axis, kept as tables of distances over radius and height."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.interpolate import PchipInterpolator
from scipy.spatial import cKDTree

from batterycell.volume import UM_PER_MM

from .labels import CellLabel
from .settings import CylindricalCell
from .voxels import Voxels

Array = NDArray[Any]
Material = Literal["can", "cap", "plastic"]
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
    ("plastic", 0.55, ((2.6, 2.0), (4.0, 1.9), (9.0, 1.9))),
    ("plastic", 0.40, ((9.55, 1.9), (9.75, 1.36), (9.6, 0.8), (8.8, 0.5))),
    ("plastic", 0.16, ((0, 2.98), (2.6, 3.0))),
    ("plastic", 0.18, ((1.5, 3.3), (4.0, 3.24), (9.8, 3.5))),
)


@dataclass(frozen=True)
class Hardware:
    """Everything of a cell but the jelly roll."""

    spec: CylindricalCell

    def paint(self, voxels: Voxels, grey: Array, label: Array) -> None:
        """Put can, cap and plastic over the grey values and labels of voxels."""
        end = self._ends_mm
        far = (voxels.height < end[0]) | (voxels.height > self.spec.can.height_mm - end[1])
        at_ends = np.flatnonzero(far)
        if at_ends.size:
            near = voxels.chosen(at_ends)
            for material in ("plastic", "cap"):
                self._paint_table(material, near, (at_ends, grey, label))
        self._paint_table("can", voxels, (slice(None), grey, label))

    def _paint_table(self, material: Material, voxels: Voxels, target: tuple[Any, Array, Array]) -> None:
        rows, grey, label = target
        distance = self._distance(material, voxels)
        if distance is None:
            return
        share = voxels.side_share(distance)
        value = {"can": self.spec.greys.can, "cap": self.spec.greys.cap, "plastic": self.spec.greys.plastic}[material]
        grey[rows] += share * (value - grey[rows])
        inside = distance > 0
        label[rows] = np.where(inside, CellLabel.CAN if material == "can" else CellLabel.OTHER, label[rows])

    def _distance(self, material: Material, voxels: Voxels) -> Array | None:
        """Signed distance in mm from the faces of a material, positive inside."""
        table = self._tables.get(material)
        if table is None:
            return None
        rows = (self._folded(voxels.height) + self._margin) / STEP_MM
        coordinates = np.stack([rows, voxels.radius / STEP_MM])
        return np.asarray(ndimage.map_coordinates(table, coordinates, np.float32, order=1, mode="nearest"))

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
        return np.minimum(height, bottom) + np.maximum(height - (self.spec.can.height_mm - top), 0)

    @cached_property
    def _tables(self) -> dict[str, Array]:
        return {material: self._table(material) for material in ("can", "cap", "plastic") if self._strokes(material)}

    def _table(self, material: str) -> Array:
        bottom, top = self._ends_mm
        rows = np.arange(-self._margin, bottom + top + self._margin, STEP_MM)
        heights = rows + (rows > bottom) * (self.spec.can.height_mm - top - bottom)
        columns = np.arange(0, self.spec.can.radius_mm + self._margin, STEP_MM)
        points = np.stack(np.meshgrid(columns, heights), -1)
        strokes = [_stroke_distance(points, curve, thickness) for curve, thickness in self._strokes(material)]
        return np.max(strokes, axis=0).astype(np.float32)

    def _strokes(self, material: str) -> list[tuple[Array, float]]:
        if material == "can":
            return self._can_strokes()
        if not self.spec.can.cap:
            return []
        height = self.spec.can.height_mm
        return [
            (_curve(np.array(points) * (1, -1) * self._scale + (0, height)), thickness * self._scale)
            for kind, thickness, points in CLOSURE
            if kind == material
        ]

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
