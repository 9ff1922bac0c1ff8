"""The transform that sets a cell upright."""

from __future__ import annotations

from typing import Any

import numpy as np

from batterycell.orient import Cell, CellFrame

from .cell import ORIENTATION, attach, put_under, role_of, set_cell
from .volumes import to_vtk_matrix

_FRAME = "BatteryCell.Frame"


def add_upright_transform(scene: Any, frame: CellFrame, name: str = "Upright") -> Any:
    """Add the rigid transform that stands a cell upright: axis on z, cap up, angle 0° on x.

    Returns:
        The new ``vtkMRMLLinearTransformNode`` from RAS to upright mm; put the volume and its points under it.
    """
    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", name)
    node.SetMatrixTransformToParent(to_vtk_matrix(np.asarray(np.linalg.inv(frame.upright_to_ras), np.float64)))
    # The matrix is rigid and so cannot say whether angles run left or right about the axis: the frame can.
    node.SetAttribute(_FRAME, _text(frame))
    return node


def frame_from_transform(node: Any) -> CellFrame | None:
    """The frame kept with a transform of `add_upright_transform`; None for any other transform."""
    text = node.GetAttribute(_FRAME)
    if not text:
        return None
    origin, up, toward_i, toward_j = np.array(text.split(), float).reshape(4, 3)
    return CellFrame(origin, up, toward_i, toward_j)


def _text(frame: CellFrame) -> str:
    numbers = np.concatenate([frame.origin, frame.up, frame.toward_i, frame.toward_j])
    return " ".join(repr(number) for number in numbers.tolist())


def set_upright(volume_node: Any, cell: Cell) -> Any:
    """Stand the cell of a volume upright, with everything attached to it.

    Returns:
        The ``vtkMRMLLinearTransformNode`` under which they stand.
    """
    set_cell(volume_node, cell)
    transform = add_upright_transform(volume_node.GetScene(), cell.frame, f"{volume_node.GetName()} upright")
    attach(volume_node, transform, ORIENTATION)
    put_under(volume_node, transform)
    return transform


def put_back(volume_node: Any) -> None:
    """Show the cell as it was scanned."""
    transform = orientation_of(volume_node)
    put_under(volume_node, None)
    if transform:
        volume_node.GetScene().RemoveNode(transform)


def orientation_of(volume_node: Any) -> Any:
    """The transform that turns a cell, as of `set_upright`; None while it stands as it was scanned."""
    transform = volume_node.GetParentTransformNode()
    return transform if transform and role_of(transform) == ORIENTATION else None
