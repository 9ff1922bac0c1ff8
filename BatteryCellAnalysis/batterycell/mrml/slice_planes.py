"""Slice views turned to planes of a cell: across a winding, and longitudinal about the cell's axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.orient import Cell
from batterycell.reslice import longitudinal_extent, longitudinal_plane

from .places import from_world, to_world
from .volumes import to_vtk_matrix

Floats = NDArray[np.float64]

_ANGLE = "BatteryCell.HalfPlaneAngle"
# Of the width shown, what is left free beside the axis and the can.
_MARGIN = 0.02
# Two planes are the same within a hundredth of a degree.
_SAME = 1e-4


def show_oblique(slice_node: Any, volume_node: Any, plane: ArrayLike, width_mm: float | None = None) -> None:
    """Turn a slice view to a plane of a volume; the plane's origin comes into its middle.

    Args:
        slice_node: The ``vtkMRMLSliceNode``.
        volume_node: The volume; it may stand under a transform.
        plane: Slice to the volume's own RAS, shape (4, 4), as of `reslice.plane_across_winding`.
        width_mm: Width to show; None keeps the zoom.
    """
    changing = slice_node.StartModify()
    slice_node.RemoveAttribute(_ANGLE)
    if width_mm is not None:
        _zoom(slice_node, width_mm / slice_node.GetDimensions()[0])
    _aim(slice_node, _in_world(volume_node, np.asarray(plane, float)), (0.0, 0.0))
    slice_node.EndModify(changing)


def show_half_plane(slice_node: Any, volume_node: Any, cell: Cell, angle_deg: float, fit: bool = False) -> None:
    """Turn a slice view to the longitudinal half-plane of a cell at an angle, the cap up.

    The first time, or to ``fit``, the half fills the view, with the axis at its left edge; afterwards the view turns
    about the axis and zoom and place stay as they are. The angle is kept with the view: a saved scene restores it.

    Args:
        slice_node: The ``vtkMRMLSliceNode``.
        volume_node: The cell's volume; it may stand under a transform.
        cell: Where the cell stands, in the volume's own RAS.
        angle_deg: Angle about the cell's axis.
        fit: Whether to fit the half into the view again.
    """
    before = None if fit else half_plane_angle(slice_node, volume_node, cell)
    changing = slice_node.StartModify()
    middle = _fit(slice_node, cell) if before is None else _middle(slice_node, _axial(volume_node, cell, before))
    slice_node.SetAttribute(_ANGLE, repr(float(angle_deg) % 360.0))
    _aim(slice_node, _axial(volume_node, cell, angle_deg), middle)
    slice_node.EndModify(changing)


def half_plane_angle(slice_node: Any, volume_node: Any, cell: Cell) -> float | None:
    """The angle of the half-plane that a view shows; None where it shows something else, by whoever's hand."""
    text = slice_node.GetAttribute(_ANGLE)
    if not text:
        return None
    kept = _axial(volume_node, cell, float(text))
    return float(text) if np.allclose(_matrix(slice_node)[:3, :3], kept[:3, :3], atol=_SAME) else None


def forget_half_plane(slice_node: Any) -> None:
    """Let a view be any slice view again; it stays as it is turned."""
    slice_node.RemoveAttribute(_ANGLE)


def angle_of(volume_node: Any, cell: Cell, slice_node: Any, world: ArrayLike) -> float:
    """The angle of the half-plane through a point, RAS mm as the views show it.

    Where the half-plane shown by the view, or its other half, holds the point already, that one stays.
    """
    shown = half_plane_angle(slice_node, volume_node, cell)
    if shown is not None:
        place = np.linalg.inv(_axial(volume_node, cell, shown)) @ np.append(np.asarray(world, float), 1.0)
        if abs(place[2]) < _SAME:
            return shown
    return float(cell.frame.to_cylindrical(from_world(volume_node, world))[0])


def _axial(volume_node: Any, cell: Cell, angle_deg: float) -> Floats:
    """The half-plane as of `longitudinal_plane` in the world, with its origin on the axis."""
    plane = longitudinal_plane(cell, angle_deg)
    plane[:3, 3] -= plane[:3, 0] * longitudinal_extent(cell)[0] / 2
    return _in_world(volume_node, plane)


def _in_world(volume_node: Any, plane: Floats) -> Floats:
    """A plane of the volume's own RAS as the views show it; a stretch or shear leaves it a plane with right angles."""
    origin = plane[:3, 3]
    places = to_world(volume_node, np.array([origin, origin + plane[:3, 0], origin + plane[:3, 1]]))
    right, up = _unit(places[1] - places[0]), places[2] - places[0]
    up = _unit(up - (up @ right) * right)
    matrix = np.eye(4)
    matrix[:3] = np.column_stack([right, up, np.cross(right, up), places[0]])
    return matrix


def _fit(slice_node: Any, cell: Cell) -> tuple[float, float]:
    """Zoom so that the half fits into the view; where the view's middle lies then, outward and up from the axis."""
    columns, rows, _ = slice_node.GetDimensions()
    width, height = longitudinal_extent(cell)
    pixel = max(width / columns, height / rows) * (1 + 2 * _MARGIN)
    _zoom(slice_node, pixel)
    return columns * pixel / 2 - _MARGIN * width, 0.0


def _zoom(slice_node: Any, pixel_mm: float) -> None:
    columns, rows, _ = slice_node.GetDimensions()
    slice_node.SetXYZOrigin(0.0, 0.0, 0.0)
    slice_node.SetFieldOfView(columns * pixel_mm, rows * pixel_mm, slice_node.GetFieldOfView()[2])


def _middle(slice_node: Any, plane: Floats) -> tuple[float, float]:
    """Where the view's slice has its origin, to the right and up from the origin of a plane."""
    right, up, *_ = np.linalg.inv(plane) @ _matrix(slice_node)[:, 3]
    return float(right), float(up)


def _aim(slice_node: Any, plane: Floats, middle: tuple[float, float]) -> None:
    matrix = plane.copy()
    matrix[:, 3] = plane @ [*middle, 0.0, 1.0]
    slice_node.GetSliceToRAS().DeepCopy(to_vtk_matrix(matrix))
    slice_node.UpdateMatrices()


def _matrix(slice_node: Any) -> Floats:
    matrix = slice_node.GetSliceToRAS()
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def _unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.linalg.norm(vector))
