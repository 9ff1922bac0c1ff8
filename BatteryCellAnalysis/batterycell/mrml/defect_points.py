"""The points that stand for marked defects, in the lists of all classes of a volume."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.annotate.defects import number_of

from .defect_classes import defect_lists
from .unrolled import is_unrolled_place, to_cell_world, unrolled_of


def points(volume_node: Any) -> Iterator[tuple[Any, int]]:
    """Every point that was placed: its list, and its index in it."""
    for node in defect_lists(volume_node):
        for index in range(node.GetNumberOfControlPoints()):
            if node.GetNthControlPointPositionStatus(index) == node.PositionDefined:
                yield node, index


def put_point(node: Any, label: str, world: NDArray[np.float64], description: str) -> None:
    """Add a point to a list: label, place in RAS mm as the views show it, description."""
    from vtkmodules.vtkCommonDataModel import vtkVector3d

    changing = node.StartModify()
    index = node.AddControlPointWorld(vtkVector3d(*world.tolist()), label)
    node.SetNthControlPointDescription(index, description)
    node.EndModify(changing)


def world_of(node: Any, index: int) -> NDArray[np.float64]:
    """A point's place in RAS mm as the views show it, shape (3,)."""
    return np.array(node.GetNthControlPointPositionWorld(index))


def next_id(volume_node: Any) -> str:
    """The first number after all that are in use."""
    labels = (node.GetNthControlPointLabel(index) for node, index in points(volume_node))
    return f"D{max(map(number_of, labels), default=0) + 1}"


def share_last_number(volume_node: Any) -> None:
    """Let Slicer's own place mode go on with the next number, whichever list it fills."""
    last = number_of(next_id(volume_node)) - 1
    for node in defect_lists(volume_node):
        node.SetLastUsedControlPointNumber(last)


def in_cell(volume_node: Any, world: NDArray[np.float64]) -> NDArray[np.float64]:
    """The place in the cell of a place in its unrolled picture; any other place as it is. All in RAS mm of the views.

    Returns:
        Shape (3,), NaN beside the unrolled picture.
    """
    unrolled = unrolled_of(volume_node)
    is_unrolled = unrolled is not None and is_unrolled_place(unrolled, world)
    return to_cell_world(unrolled, world) if is_unrolled else world
