"""What one sees through the hole that was cut into a volume rendering.

Slicer picks a place in a 3D view as if nothing had been taken out of a carved rendering (`carving`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.interpolation import interpolate

from .carving import is_carved
from .cut_roi import cut_of
from .places import from_world, to_world
from .rendering import renderings
from .volumes import volume_from_node

# From this opacity on a sample is taken for a surface.
_OPAQUE = 0.3
_STEPS_PER_VOXEL = 2


def seen_place(volume_node: Any, eye: ArrayLike, picked: ArrayLike) -> NDArray[np.float64] | None:
    """The place one sees where a place was picked that a cut may have taken away.

    Args:
        volume_node: The cell's volume.
        eye: From where one looks, RAS mm as the views show it, shape (3,).
        picked: What was picked, in the same coordinates.

    Returns:
        The picked place where the cut left it, else what lies behind it on the same ray; None where nothing does.
    """
    cut, carved = cut_of(volume_node), [display for display in renderings(volume_node) if is_carved(display)]
    start = from_world(volume_node, picked)
    if cut is None or not carved or cut.keeps(start):
        return np.asarray(picked, float)
    way = start - from_world(volume_node, eye)
    points = _ray(volume_node, start, way / np.linalg.norm(way))
    shown = np.flatnonzero(cut.keeps(points) & (_opacity(volume_node, carved[0], points) > _OPAQUE))
    return to_world(volume_node, points[shown[0]]) if len(shown) else None


def _ray(volume_node: Any, start: NDArray[np.float64], way: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points from a start through the whole of a volume, in its own RAS mm."""
    volume = volume_from_node(volume_node)
    step = float(volume.spacing_mm.min()) / _STEPS_PER_VOXEL
    length = float(np.linalg.norm(volume.spacing_mm * volume.array.shape[::-1]))
    return np.asarray(start + np.arange(0.0, length, step)[:, None] * way)


def _opacity(volume_node: Any, display: Any, points: NDArray[np.float64]) -> NDArray[np.float64]:
    volume = volume_from_node(volume_node)
    function, ijk = display.GetVolumePropertyNode().GetScalarOpacity(), volume.to_ijk(points)
    # A rendering reaches from the first voxels' centres to the last.
    inside = np.all((ijk >= 0) & (ijk <= np.array(volume.array.shape[::-1]) - 1), axis=-1)
    opacity = [function.GetValue(grey) for grey in np.nan_to_num(interpolate(volume, ijk))]
    return np.where(inside, opacity, 0.0)
