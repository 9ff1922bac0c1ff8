"""A slice view that shows an unrolled cell: the curve along its width, the cap up."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .slice_planes import turn_view
from .unrolled import map_of
from .volumes import volume_from_node

# A picture much longer than high is not shown whole, but at least so high, in heights of the view.
_LEAST_HEIGHT = 0.3
_MARGIN = 1.02
# In halves of the view's width and height: nearer to the edge than this the view is scrolled.
_INNER = 0.9
# As Slicer's coronal views: R to the left, S up, seen from where A grows, which is outside the cell.
_SEEN_FROM_OUTSIDE = np.array([[-1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]])


def show_unrolled(slice_node: Any, layers_node: Any, unrolled_node: Any) -> None:
    """Show an unrolled cell in a view of its own, at the depth of its curve.

    What is too long for the view is shown from its beginning, large enough to be seen, and can be scrolled.

    Args:
        slice_node: The ``vtkMRMLSliceNode``.
        layers_node: The view's ``vtkMRMLSliceCompositeNode``.
        unrolled_node: As of `unrolled.add_unrolled`.
    """
    layers_node.SetBackgroundVolumeID(unrolled_node.GetID())
    layers_node.SetForegroundVolumeID(None)
    layers_node.SetLabelVolumeID(None)
    width_mm = _width_to_show(slice_node, unrolled_node)
    turn_view(slice_node, unrolled_node, _plane(unrolled_node, width_mm), _MARGIN * width_mm)


def scroll_to(slice_node: Any, world: ArrayLike) -> None:
    """Bring a place into a view: to its depth, and inside its edges where it lies beyond them."""
    point = np.asarray(world, float)
    slice_node.JumpSliceByOffsetting(*point)
    place, size = slice_node.GetXYToRAS(), np.array(slice_node.GetDimensions()[:2])
    inverse = np.linalg.inv([[place.GetElement(row, column) for column in range(4)] for row in range(4)])
    offset = (inverse @ [*point, 1.0])[:2] / size * 2 - 1
    if np.abs(offset).max() > _INNER:
        slice_node.JumpSliceByCentering(*point)


def _width_to_show(slice_node: Any, unrolled_node: Any) -> float:
    columns, rows, _ = slice_node.GetDimensions()
    width, height = _size(unrolled_node)
    least = height * columns / rows
    return float(max(min(width, least / _LEAST_HEIGHT), least))


def _plane(unrolled_node: Any, width_mm: float) -> NDArray[np.float64]:
    """The plane at the depth of the curve; its middle is such that a view of that width begins with the picture."""
    way, (width, _) = map_of(unrolled_node), _size(unrolled_node)
    from_left = min(width_mm, width) / 2
    # Where the curve runs to the left as seen from outside, its end is on the left.
    along = from_left if way.side < 0 else width - from_left
    plane = _SEEN_FROM_OUTSIDE.copy()
    plane[:3, 3] = way.side * along, 0.0, sum(way.heights_mm) / 2
    return np.asarray(plane)


def _size(unrolled_node: Any) -> tuple[float, float]:
    volume = volume_from_node(unrolled_node)
    (slices, _, columns), (along, _, up) = volume.array.shape, volume.spacing_mm
    return float(columns * along), float(slices * up)
