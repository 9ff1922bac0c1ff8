"""Where a volume's voxels lie, as a text to keep: what is kept in millimetres says for which geometry it holds."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import is_rigid

from .volumes import to_vtk_matrix

Matrix = NDArray[np.float64]

# On a volume: the geometry in which it was first seen; on anything else: for which geometry of its volume it holds.
SCANNED = "BatteryCell.Scanned"
HOLDS_FOR = "BatteryCell.Geometry"
# On a volume: the transform under which all of its cell stood when it was last seen in its place.
UNDER = "BatteryCell.Under"
_SAME_SIZE = 1e-9


def geometry_text(volume_node: Any) -> str:
    """A volume node's geometry, to the last bit."""
    directions = np.zeros((3, 3))
    volume_node.GetIJKToRASDirections(directions)
    parts = (volume_node.GetSpacing(), volume_node.GetOrigin(), directions.ravel().tolist())
    return json.dumps([list(part) for part in parts])


def restore_geometry(volume_node: Any, text: str) -> None:
    """Give a volume node the geometry of `geometry_text`, to the last bit."""
    spacing, origin, directions = json.loads(text)
    changing = volume_node.StartModify()
    volume_node.SetIJKToRASDirections(np.reshape(directions, (3, 3)))
    volume_node.SetSpacing(spacing)
    volume_node.SetOrigin(origin)
    volume_node.EndModify(changing)


def note_geometry(node: Any, volume_node: Any) -> None:
    """Note on a node that its millimetres hold for the present geometry of a volume."""
    node.SetAttribute(HOLDS_FOR, geometry_text(volume_node))


def mapped(before: str, after: str) -> Matrix:
    """The matrix (4, 4) from where voxels lay to where they lie now; not rigid where the voxel size was changed."""
    return np.asarray(_matrix(after) @ np.linalg.inv(_matrix(before)))


def moved(before: str, after: str) -> Matrix | None:
    """The rigid matrix (4, 4) by which a volume was moved, whatever its voxel size was corrected to.

    Returns:
        None where it was more than moved.
    """
    (_, origin, directions), (_, origin_now, directions_now) = json.loads(before), json.loads(after)
    matrix = np.eye(4)
    matrix[:3, :3] = np.reshape(directions_now, (3, 3)) @ np.linalg.inv(np.reshape(directions, (3, 3)))
    matrix[:3, 3] = np.array(origin_now) - matrix[:3, :3] @ origin
    return matrix if is_rigid(matrix) else None


def same_voxels(before: str, after: str) -> bool:
    """Whether two geometries have voxels of the same size."""
    return bool(np.allclose(json.loads(before)[0], json.loads(after)[0], rtol=_SAME_SIZE, atol=0.0))


def apply_matrix(node: Any, matrix: Matrix) -> None:
    """Move a node's own coordinates."""
    node.ApplyTransformMatrix(to_vtk_matrix(matrix))


def _matrix(text: str) -> Matrix:
    spacing, origin, directions = json.loads(text)
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = np.reshape(directions, (3, 3)) * spacing, origin
    return matrix
