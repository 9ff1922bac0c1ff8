"""Shapes of can, cap and insulators, read off a real 21700 cell, and distances from strokes."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.spatial import cKDTree

Array = NDArray[Any]
Material = Literal["can", "cap", "insulator", "plastic", "tab"]
SOFT: tuple[Material, ...] = ("plastic", "insulator")
METAL: tuple[Material, ...] = ("tab", "cap", "can")
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


def curve(points: Array, smooth: bool = True) -> Array:
    """Points close together along a line through the given points, shape (n, 2)."""
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    at = np.linspace(0, length[-1], max(int(length[-1] / CURVE_STEP_MM), 2))
    if smooth:
        return np.asarray(PchipInterpolator(length, points)(at))
    return np.stack([np.interp(at, length, axis) for axis in points.T], -1)


def stroke_distance(points: Array, line: Array, thickness: float) -> Array:
    """Signed distance in mm inside a stroke; beyond FAR_MM outside it stays -FAR_MM."""
    furthest = thickness / 2 + FAR_MM
    distance, _ = cKDTree(line).query(points.reshape(-1, 2), distance_upper_bound=furthest)
    return np.asarray(thickness / 2 - np.minimum(distance, furthest).reshape(points.shape[:2]))
