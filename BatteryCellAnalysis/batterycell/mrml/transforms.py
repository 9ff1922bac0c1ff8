"""The transform that sets a cell upright."""

from __future__ import annotations

from typing import Any

import numpy as np

from batterycell.orient import CellFrame

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
