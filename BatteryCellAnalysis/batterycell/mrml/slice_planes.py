"""Slice views turned to planes of a cell: across a winding, and longitudinal about the cell's axis."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.orient import Cell
from batterycell.reslice import longitudinal_extent, longitudinal_plane

from .places import from_world, to_world
from .volumes import to_vtk_matrix

Floats = NDArray[np.float64]

# On a slice view: the angle of its half-plane, null for a plane across the winding, and how the view was turned then.
_PLANE = "BatteryCell.Plane"
# Of the width shown, what is left free beside the axis and the can.
_MARGIN = 0.02
# Two planes are the same within a hundredth of a degree; saved scenes keep that.
_SAME = 1e-4


def turn_view(slice_node: Any, volume_node: Any, plane: ArrayLike, width_mm: float | None = None) -> None:
    """Turn a slice view to a plane of a volume; the plane's origin comes into its middle.

    Args:
        slice_node: The ``vtkMRMLSliceNode``.
        volume_node: The volume; it may stand under a transform.
        plane: Slice to the volume's own RAS, shape (4, 4).
        width_mm: Width to show; None keeps the zoom.
    """
    changing = slice_node.StartModify()
    if width_mm is not None:
        _zoom(slice_node, width_mm / slice_node.GetDimensions()[0])
    _aim(slice_node, _in_world(volume_node, np.asarray(plane, float)), (0.0, 0.0))
    slice_node.EndModify(changing)


def show_oblique(slice_node: Any, volume_node: Any, plane: ArrayLike, width_mm: float | None = None) -> None:
    """Turn a slice view across the winding, and let it know so; else as `turn_view`.

    Args:
        slice_node: The ``vtkMRMLSliceNode``.
        volume_node: The volume; it may stand under a transform.
        plane: As of `reslice.plane_across_winding`.
        width_mm: Width to show; None keeps the zoom.
    """
    changing = slice_node.StartModify()
    turn_view(slice_node, volume_node, plane, width_mm)
    _keep(slice_node, None)
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
    before = None if fit else half_plane_angle(slice_node)
    changing = slice_node.StartModify()
    middle = _fit(slice_node, cell) if before is None else _middle(slice_node, _axial(volume_node, cell, before))
    _aim(slice_node, _axial(volume_node, cell, angle_deg), middle)
    _keep(slice_node, float(angle_deg) % 360.0)
    slice_node.EndModify(changing)


def half_plane_angle(slice_node: Any) -> float | None:
    """The angle of the half-plane that a view shows; None where it shows none, or was turned by someone else since."""
    kept = _kept(slice_node)
    return None if kept is None else kept["angle"]


def shows_oblique(slice_node: Any) -> bool:
    """Whether a view stands across the winding, as of `show_oblique`, and was not turned by someone else since."""
    kept = _kept(slice_node)
    return kept is not None and kept["angle"] is None


def follow_cell(slice_node: Any, volume_node: Any, cell: Cell) -> None:
    """Turn the half-plane of a view along with the cell, where the cell was turned under it."""
    angle = half_plane_angle(slice_node)
    if angle is not None and not _same(_matrix(slice_node), _axial(volume_node, cell, angle)):
        show_half_plane(slice_node, volume_node, cell, angle, fit=True)


def forget_plane(slice_node: Any) -> None:
    """Let a view be any slice view again; it stays as it is turned."""
    slice_node.RemoveAttribute(_PLANE)


def angle_of(volume_node: Any, cell: Cell, slice_node: Any, world: ArrayLike) -> float:
    """The angle of the half-plane through a point, RAS mm as the views show it.

    Where the half-plane shown by the view, or its other half, holds the point already, that one stays.
    """
    shown = half_plane_angle(slice_node)
    if shown is not None and abs(_place_in(_axial(volume_node, cell, shown), world)[2]) < _SAME:
        return shown
    return float(cell.frame.to_cylindrical(from_world(volume_node, world))[0])


def is_in_view(slice_node: Any, world: ArrayLike) -> bool:
    """Whether a point, RAS mm as the views show it, lies on the plane of a view."""
    return bool(abs(_place_in(_matrix(slice_node), world)[2]) < _SAME)


def _keep(slice_node: Any, angle_deg: float | None) -> None:
    rotation = _matrix(slice_node)[:3, :3].tolist()
    slice_node.SetAttribute(_PLANE, json.dumps({"angle": angle_deg, "rotation": rotation}))


def _kept(slice_node: Any) -> Any:
    kept = json.loads(slice_node.GetAttribute(_PLANE) or "null")
    return kept if kept and _same(_matrix(slice_node), np.array(kept["rotation"])) else None


def _same(first: Floats, second: Floats) -> bool:
    return bool(np.abs(first[:3, :3] - second[:3, :3]).max() < _SAME)


def _place_in(plane: Floats, world: ArrayLike) -> Floats:
    """A point of the world to the right of, above and before the origin of a plane."""
    return np.asarray(np.linalg.inv(plane) @ np.append(np.asarray(world, float), 1.0))


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
    right, up, *_ = _place_in(plane, _matrix(slice_node)[:3, 3])
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
