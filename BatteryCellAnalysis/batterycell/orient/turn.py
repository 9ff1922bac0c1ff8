"""Turning a cell about the axes of the world: rigid matrices that stay exact over any number of quarter turns.

A flip is a turn by 180°. Nothing here mirrors: no move of a real cell does, and a mirrored scan would show a cell that
does not exist, wound the other way round.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.errors import UsageError

from .frame import CellFrame
from .upright import Cell, array_axis

Matrix = NDArray[np.float64]

AXES = ("R", "A", "S")
_SAME_MM = 1e-9
_SAME_TURN = 1e-12
_RIGID = 1e-6


def turn(axis: str, degrees: float, centre: ArrayLike) -> Matrix:
    """Rigid matrix (4, 4) of a turn about an axis of the world, counter-clockwise for who looks against the axis.

    Args:
        axis: "R", "A" or "S".
        degrees: How far; multiples of 90 give whole numbers in the matrix.
        centre: The point that stays where it is, RAS mm, shape (3,).

    Raises:
        UsageError: if there is no such axis or angle.
    """
    rotation, point = _rotation(axis, degrees), np.asarray(centre, float)
    return _matrix(rotation, point - rotation @ point)


def turn_shown(shown: Matrix, axis: str, degrees: float, centre: ArrayLike) -> Matrix:
    """What is shown, turned further about a point of the volume.

    Args:
        shown: Matrix (4, 4) from the volume's own RAS to the world as it is now.
        axis: "R", "A" or "S" of the world.
        degrees: How far.
        centre: The point in the volume's own RAS mm that stays where it is shown.

    Returns:
        The new matrix (4, 4); the identity, to the last bit, where turns have cancelled each other.
    """
    point = np.asarray(centre, float)
    rotation = _rotation(axis, degrees) @ shown[:3, :3]
    matrix = _matrix(rotation, shown[:3, :3] @ point + shown[:3, 3] - rotation @ point)
    return np.eye(4) if is_identity(matrix) else matrix


def is_identity(matrix: Matrix) -> bool:
    """Whether a matrix (4, 4) moves nothing by more than rounding."""
    away = np.abs(matrix - np.eye(4))
    return bool(away[:3, :3].max() < _SAME_TURN and away[:3, 3].max() < _SAME_MM)


def is_rigid(matrix: Matrix) -> bool:
    """Whether a matrix (4, 4) only turns and moves: no scaling, no shear, no mirroring."""
    rotation = matrix[:3, :3]
    return bool(np.abs(rotation.T @ rotation - np.eye(3)).max() < _RIGID and np.linalg.det(rotation) > 0)


def move_cell(cell: Cell, matrix: Matrix, ijk_to_ras: Matrix) -> Cell:
    """The cell in a volume that was moved.

    Args:
        cell: Where it stood, in the volume's RAS before.
        matrix: Rigid matrix (4, 4) by which the volume was moved.
        ijk_to_ras: Geometry (4, 4) of the volume now.

    Returns:
        What `find_cell` would find in the moved volume.
    """
    frame, direction = move_frame(cell.frame, matrix), matrix[:3, :3] @ cell.can.direction
    can = replace(cell.can, origin=_move(matrix, cell.can.origin), direction=direction)
    return replace(cell, frame=frame, can=can, upside_down=bool(frame.up @ array_axis(ijk_to_ras, frame.up) < 0))


def move_frame(frame: CellFrame, matrix: Matrix) -> CellFrame:
    """The upright coordinates of a cell that was moved by a rigid matrix (4, 4)."""
    up, toward_i, toward_j = (matrix[:3, :3] @ axis for axis in (frame.up, frame.toward_i, frame.toward_j))
    return CellFrame(_move(matrix, frame.origin), up, toward_i, toward_j)


def _rotation(axis: str, degrees: float) -> Matrix:
    if axis not in AXES:
        raise UsageError("axis-unknown", f"There is no axis {axis}.", f"Use one of {', '.join(AXES)}.")
    if not np.isfinite(degrees):
        raise UsageError("angle-unknown", f"{degrees} is no angle.", "Turn by a number of degrees.")
    cosine, sine = _exact(np.cos(np.radians(degrees)), degrees), _exact(np.sin(np.radians(degrees)), degrees)
    first, second = (AXES.index(axis) + 1) % 3, (AXES.index(axis) + 2) % 3
    rotation = np.eye(3)
    rotation[[first, second], [first, second]] = cosine
    rotation[second, first], rotation[first, second] = sine, 0.0 - sine
    return rotation


def _exact(value: float, degrees: float) -> float:
    # Adding zero turns -0 into 0, which texts would show.
    return float(np.round(value) + 0.0) if degrees % 90 == 0 else float(value)


def _matrix(rotation: Matrix, translation: Matrix) -> Matrix:
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, translation
    return matrix


def _move(matrix: Matrix, point: Matrix) -> Matrix:
    return np.asarray(matrix[:3, :3] @ point + matrix[:3, 3])
