"""How a cell stands: turned, upright, hardened, or under a transform of someone else."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import is_identity
from batterycell.result import Standing

from .cell import ORIENTATION, cell_of, role_of, volume_node_of
from .geometry import SCANNED, geometry_text, moved
from .volumes import from_vtk_matrix

# A cell that is off by less than this, about 0.01°, stands upright.
_UPRIGHT = 2e-4


def orientation_of(volume_node: Any) -> Any:
    """The transform that turns a cell; None while it stands as it was scanned, or hardened."""
    transform = volume_node.GetParentTransformNode()
    return transform if transform and _is_orientation(volume_node, transform) else None


def foreign_transform(volume_node: Any) -> Any:
    """The first transform of someone else over a volume; None where there is none."""
    transform = volume_node.GetParentTransformNode()
    while transform and _is_orientation(volume_node, transform):
        transform = transform.GetParentTransformNode()
    return transform


def stands_upright(volume_node: Any) -> bool:
    """Whether the views show the cell upright, its angle 0° on the right, be it turned, hardened or scanned so.

    Returns:
        False while it is not known where the cell stands.
    """
    cell = cell_of(volume_node)
    if cell is None or foreign_transform(volume_node) is not None:
        return False
    shown = shown_matrix(volume_node)[:3, :3] @ cell.frame.upright_to_ras[:3, :3]
    return bool(np.abs(shown - np.eye(3)).max() < _UPRIGHT)


def standing_of(volume_node: Any) -> Standing:
    """How a volume was turned since it was scanned."""
    scanned = volume_node.GetAttribute(SCANNED)
    hardened = moved(scanned, geometry_text(volume_node)) if scanned else np.eye(4)
    transform = volume_node.GetParentTransformNode()
    is_matrix = transform is None or transform.IsTransformToWorldLinear()
    return Standing(hardened, shown_matrix(volume_node) if is_matrix else None)


def shown_matrix(volume_node: Any) -> NDArray[np.float64]:
    """Matrix (4, 4) from a volume's own RAS mm to the RAS mm that the views show."""
    from vtkmodules.vtkCommonMath import vtkMatrix4x4

    matrix, transform = vtkMatrix4x4(), volume_node.GetParentTransformNode()
    if transform:
        transform.GetMatrixTransformToWorld(matrix)
    return from_vtk_matrix(matrix)


def is_hardened(volume_node: Any) -> bool:
    """Whether a volume's own RAS is another than that of its scan."""
    hardened = standing_of(volume_node).hardened
    return hardened is not None and not is_identity(hardened)


def _is_orientation(volume_node: Any, transform: Any) -> bool:
    return role_of(transform) == ORIENTATION and volume_node_of(transform) is volume_node
