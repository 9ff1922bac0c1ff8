"""Planes of slice views: where they lie in words, and the plane that holds a ruler. Lengths in mm, points in RAS."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

AXES = {"sagittal": "R", "coronal": "A", "axial": "S"}
# Slicer's own presets: screen right, screen up and the normal.
PRESETS: dict[str, Matrix] = {
    "axial": np.array([[-1.0, 0, 0], [0, 1, 0], [0, 0, 1]]),
    "sagittal": np.array([[0.0, 0, 1], [-1, 0, 0], [0, 1, 0]]),
    "coronal": np.array([[-1.0, 0, 0], [0, 0, 1], [0, 1, 0]]),
}
_NEARLY_DEG = 10.0
_TOLD_DEG = 0.05


def orientation(matrix: Matrix) -> str:
    """Name of a plane: "axial", "sagittal" or "coronal" within ten degrees of these, else "oblique"."""
    normal = np.abs(_unit(matrix[:3, 2]))
    nearest = int(normal.argmax())
    return list(AXES)[nearest] if normal[nearest] > np.cos(np.radians(_NEARLY_DEG)) else "oblique"


def tilt_deg(matrix: Matrix) -> float:
    """Angle between a plane's normal and the nearest axis of the world, in degrees."""
    return float(np.degrees(np.arccos(min(1.0, np.abs(_unit(matrix[:3, 2])).max()))))


def place(matrix: Matrix) -> str:
    """Where a plane lies: ``S+12.3mm``, or where its middle lies: ``R+1.2A-3.4S+5.6mm``."""
    name, middle = orientation(matrix), matrix[:3, 3]
    if name in AXES:
        return f"{AXES[name]}{_signed(middle['RAS'.index(AXES[name])])}mm"
    return "".join(f"{axis}{_signed(value)}" for axis, value in zip("RAS", middle, strict=True)) + "mm"


def words(matrix: Matrix) -> str:
    """Where a plane lies, for people: ``axial, S +12.3 mm``, with its tilt where it has one."""
    name, tilt = orientation(matrix), tilt_deg(matrix)
    where = place(matrix).removesuffix("mm")
    spaced = "".join(f" {letter} " if letter in "RAS" else letter for letter in where).strip().replace("-", "−")
    tilted = f", tilted {tilt:.1f}°" if name in AXES and tilt > _TOLD_DEG else ""
    return f"{name}, {spaced} mm{tilted}"


def axes_of(matrix: Matrix) -> Matrix:
    """Screen right, screen up and normal of a plane as unit vectors, shape (3, 3)."""
    return np.asarray(matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0))


def fitted(axes: Matrix, bounds: Sequence[float]) -> tuple[Matrix, tuple[float, float]]:
    """The plane through the middle of a box, and the width and height that show all of it.

    Args:
        axes: Screen right, screen up and normal as columns, shape (3, 3).
        bounds: Least and greatest R, A and S.

    Returns:
        Slice to RAS, shape (4, 4); width and height in mm.
    """
    limits = np.asarray(bounds, float).reshape(3, 2)
    across = np.ptp(np.array(list(product(*limits))) @ axes[:3, :3], axis=0)
    return _matrix(axes[:3, :3], limits.mean(axis=1)), (float(across[0]), float(across[1]))


def through(points: Matrix, candidates: Sequence[Matrix]) -> Matrix:
    """Slice to RAS, shape (4, 4), of a plane through points: of the candidates the nearest, turned as little as needed.

    Args:
        points: Two or three points, shape (n, 3).
        candidates: Screen right, screen up and normal as columns of each, shape (3, 3); the first wins a tie.
    """
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    fits = [_turned(axes[:3, :3], points) for axes in candidates]
    best = int(np.argmin([round(angle, 6) for angle, _ in fits]))
    # The middle of the points' box may lie beside the plane of three points.
    normal = fits[best][1][:, 2]
    middle = middle - normal * float((middle - points[0]) @ normal)
    return _matrix(fits[best][1], middle)


def _turned(axes: Matrix, points: Matrix) -> tuple[float, Matrix]:
    """By how much axes must turn so that the plane holds the points (in radians), and the turned axes."""
    normal = _normal(axes[:, 2], points)
    cosine = float(np.clip(axes[:, 2] @ normal, -1.0, 1.0))
    return float(np.arccos(cosine)), _rotation(axes[:, 2], normal, cosine) @ axes


def _normal(wanted: Matrix, points: Matrix) -> Matrix:
    """The normal nearest to the wanted one of the planes that hold the points."""
    first = points[-1] - points[0]
    flat = np.cross(points[1] - points[0], first) if len(points) > 2 else np.zeros(3)
    if np.linalg.norm(flat) > 1e-9:
        return _unit(flat) * (1.0 if flat @ wanted >= 0 else -1.0)
    if np.linalg.norm(first) < 1e-9:
        return np.asarray(wanted, float)
    along = _unit(first)
    left = wanted - (wanted @ along) * along
    # A ruler that stands upright on the view: any plane along it will do.
    return _unit(left) if np.linalg.norm(left) > 1e-6 else _unit(np.cross(along, np.roll(wanted, 1)))


def _rotation(start: Matrix, end: Matrix, cosine: float) -> Matrix:
    """The smallest rotation from one unit vector to another (Rodrigues), shape (3, 3)."""
    x, y, z = np.cross(start, end)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + cross + cross @ cross / (1.0 + cosine) if cosine > -0.999999 else -np.eye(3))


def _matrix(axes: Matrix, middle: Matrix) -> Matrix:
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = axes, middle
    return matrix


def _unit(vector: Matrix) -> Matrix:
    return np.asarray(vector / np.linalg.norm(vector))


def _signed(value: float) -> str:
    return f"{round(value, 1) + 0.0:+.1f}"
