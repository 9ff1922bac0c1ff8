"""Single voxels in the slice views: no interpolation, and so near that each is a square of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .places import to_world
from .volumes import volume_from_node

# Edge length of a voxel on the screen, in pixels.
VOXEL_PIXELS = 16.0


def show_nearest(volume_node: Any, nearest: bool) -> None:
    """Draw each voxel of a volume as a flat square, or grey values between voxels interpolated linearly."""
    volume_node.CreateDefaultDisplayNodes()
    volume_node.GetDisplayNode().SetInterpolate(not nearest)


def shows_nearest(volume_node: Any) -> bool:
    """Whether the views draw each voxel of a volume as a flat square."""
    display = volume_node.GetDisplayNode()
    return display is not None and not display.GetInterpolate()


def zoom_to_pixels(view: Any, volume_node: Any, world: ArrayLike, voxel_pixels: float = VOXEL_PIXELS) -> None:
    """Bring a place into the middle of a slice view, so near that a voxel is at least so many pixels wide and high.

    Args:
        view: A ``vtkMRMLSliceNode``; it keeps its orientation.
        volume_node: The volume whose voxels are meant.
        world: The place as the views show it, RAS mm, shape (3,).
        voxel_pixels: Least width and height of a voxel on the screen.
    """
    width, height, _ = view.GetDimensions()
    pixel_mm = min(voxel_size_on(view, volume_node)) / voxel_pixels
    view.JumpSliceByCentering(*np.asarray(world, float).tolist())
    view.SetXYZOrigin(0, 0, 0)
    view.SetFieldOfView(width * pixel_mm, height * pixel_mm, view.GetFieldOfView()[2])
    view.UpdateMatrices()


def zoom_to_points(views: Sequence[Any], volume_node: Any, points: NDArray[np.float64], turn: int = 0) -> None:
    """Zoom slice views to several places at once where all fit in, else to one of them.

    Args:
        views: ``vtkMRMLSliceNode``s; they keep their orientations.
        volume_node: The volume whose voxels are meant.
        points: The places as the views show them, RAS mm, shape (n, 3).
        turn: Which of them, counted on and on.
    """
    middle = points.mean(axis=0)
    for view in views:
        zoom_to_pixels(view, volume_node, middle)
    if not all(_holds(view, points) for view in views):
        for view in views:
            zoom_to_pixels(view, volume_node, points[turn % len(points)])


def voxel_size_on(view: Any, volume_node: Any) -> tuple[float, float]:
    """Size in mm of a voxel along the screen's width and height in a slice view."""
    right, up = np.linalg.norm(_matrix(view)[:3, :2].T @ voxel_edges(volume_node), axis=1)
    return float(right), float(up)


def voxel_edges(volume_node: Any) -> NDArray[np.float64]:
    """The edges of a volume's first voxel as the views show them, mm, one in each column, shape (3, 3)."""
    volume = volume_from_node(volume_node)
    corner = volume.ijk_to_ras[:3, 3]
    ends = to_world(volume_node, corner + volume.ijk_to_ras[:3, :3].T)
    return np.asarray((ends - to_world(volume_node, corner)).T)


def _holds(view: Any, points: NDArray[np.float64]) -> bool:
    """Whether all places lie within the width and the height of a slice view."""
    matrix = _matrix(view)
    across = np.abs((points - matrix[:3, 3]) @ matrix[:3, :2])
    return bool((across <= np.array(view.GetFieldOfView()[:2]) / 2).all())


def _matrix(view: Any) -> NDArray[np.float64]:
    matrix = view.GetSliceToRAS()
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])
