"""How a cell is turned: one rigid transform over its volume and all that is attached to it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.orient import Cell, CellFrame, is_identity, is_rigid, turn_shown

from .batch import in_one_go
from .cell import ORIENTATION, attach, attached, follows, put_under, role_of, set_cell
from .nodes import nodes_of
from .settle import settle
from .standing import foreign_transform, orientation_of, shown_matrix
from .volumes import matrix_of, to_vtk_matrix

# The role of segmentations made in a cell's volume.
SEGMENTS = "segments"
_FRAME = "BatteryCell.Frame"


def add_upright_transform(scene: Any, frame: CellFrame, name: str = "Upright") -> Any:
    """Add the rigid transform that stands a cell upright: axis on z, cap up, angle 0° on x.

    Returns:
        The new ``vtkMRMLLinearTransformNode`` from RAS to upright mm; put the volume and its points under it.
    """
    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", name)
    _stand_upright(node, frame)
    return node


def frame_from_transform(node: Any) -> CellFrame | None:
    """The frame kept with a transform of `add_upright_transform`; None for any other transform."""
    text = node.GetAttribute(_FRAME)
    if not text:
        return None
    origin, up, toward_i, toward_j = np.array(text.split(), float).reshape(4, 3)
    return CellFrame(origin, up, toward_i, toward_j)


def set_upright(volume_node: Any, cell: Cell) -> Any:
    """Stand the cell of a volume upright, with everything attached to it, however it was turned before.

    Args:
        volume_node: The cell's volume.
        cell: Where the cell stands, in the volume's own RAS.

    Returns:
        The ``vtkMRMLLinearTransformNode`` under which they stand.

    Raises:
        InputError: if the volume stands under a transform of someone else.
    """
    _prepare(volume_node)
    set_cell(volume_node, cell)
    with in_one_go(volume_node.GetScene()):
        transform = _orientation_node(volume_node)
        _stand_upright(transform, cell.frame)
        put_under(volume_node, transform)
    return transform


def turn_cell(volume_node: Any, axis: str, degrees: float) -> Any:
    """Turn a volume, with everything attached to it, about its middle and an axis of the world.

    Args:
        volume_node: The cell's volume.
        axis: "R", "A" or "S", as the views show it.
        degrees: How far; 180 is a flip.

    Returns:
        The ``vtkMRMLLinearTransformNode`` under which they stand; None where they stand as scanned again.

    Raises:
        InputError: if the volume stands under a transform of someone else, or holds no image.
        UsageError: if there is no such axis.
    """
    _prepare(volume_node)
    matrix = turn_shown(shown_matrix(volume_node), axis, degrees, _middle(volume_node))
    if is_identity(matrix):
        put_back(volume_node)
        return None
    with in_one_go(volume_node.GetScene()):
        transform = _orientation_node(volume_node)
        transform.SetMatrixTransformToParent(to_vtk_matrix(matrix))
        put_under(volume_node, transform)
    return transform


def put_back(volume_node: Any) -> None:
    """Show the cell as it was scanned, or as it was hardened last.

    Raises:
        InputError: if the volume stands under a transform of someone else.
    """
    _prepare(volume_node)
    with in_one_go(volume_node.GetScene()):
        put_under(volume_node, None)
        _remove_orientation(volume_node)


def harden_orientation(volume_node: Any) -> None:
    """Make what is shown the volume's own RAS: voxels are not touched, only where they lie.

    Everything attached moves along, and so do the cell and the RAS columns of its tables. The views show the same.

    Raises:
        InputError: if the cell is not turned, or the volume stands under a transform of someone else.
    """
    _prepare(volume_node)
    if orientation_of(volume_node) is None:
        raise InputError("not-turned", "The cell is not turned: there is nothing to harden.", "Turn it first.")
    if not is_rigid(shown_matrix(volume_node)):
        raise InputError(
            "not-rigid", "The cell's transform scales, shears or mirrors it.", "Go back and turn it again."
        )
    with in_one_go(volume_node.GetScene()):
        for node in [*filter(follows, attached(volume_node)), volume_node]:
            node.HardenTransform()
        _remove_orientation(volume_node)
    settle(volume_node)


def _prepare(volume_node: Any) -> None:
    """Refuse to turn what someone else turns; else see that all is in its place."""
    foreign = foreign_transform(volume_node)
    if foreign is not None:
        raise InputError(
            "foreign-transform",
            f"{volume_node.GetName()} stands under the transform {foreign.GetName()}, which is not of this module.",
            "Take it out of that transform, or harden it, in the module Transforms.",
        )
    _adopt_segments(volume_node)
    settle(volume_node)


def _adopt_segments(volume_node: Any) -> None:
    """Let what was segmented in the volume turn with it, also what another module segmented."""
    for node in nodes_of(volume_node.GetScene(), "vtkMRMLSegmentationNode"):
        is_of_volume = node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole()) is volume_node
        if is_of_volume and not role_of(node) and node.GetTransformNodeID() == volume_node.GetTransformNodeID():
            attach(volume_node, node, SEGMENTS)


def _orientation_node(volume_node: Any) -> Any:
    """The volume's one orientation transform, made where it is missing."""
    known = attached(volume_node, ORIENTATION)
    if known:
        return known[0]
    name = f"{volume_node.GetName()} orientation"
    transform = volume_node.GetScene().AddNewNodeByClass("vtkMRMLLinearTransformNode", name)
    attach(volume_node, transform, ORIENTATION)
    return transform


def _remove_orientation(volume_node: Any) -> None:
    for transform in attached(volume_node, ORIENTATION):
        volume_node.GetScene().RemoveNode(transform)


def _stand_upright(transform: Any, frame: CellFrame) -> None:
    transform.SetMatrixTransformToParent(to_vtk_matrix(np.asarray(np.linalg.inv(frame.upright_to_ras), np.float64)))
    # The matrix is rigid and so cannot say whether angles run left or right about the axis: the frame can.
    transform.SetAttribute(_FRAME, _text(frame))


def _text(frame: CellFrame) -> str:
    numbers = np.concatenate([frame.origin, frame.up, frame.toward_i, frame.toward_j])
    return " ".join(repr(number) for number in numbers.tolist())


def _middle(volume_node: Any) -> NDArray[np.float64]:
    """The middle of a volume in its own RAS mm, shape (3,)."""
    image = volume_node.GetImageData()
    if image is None:
        raise InputError(
            "volume-empty", f"The volume {volume_node.GetName()} holds no image.", "Choose another volume."
        )
    matrix, last = matrix_of(volume_node), np.array(image.GetDimensions()) - 1
    return np.asarray(matrix[:3, :3] @ (last / 2) + matrix[:3, 3])
