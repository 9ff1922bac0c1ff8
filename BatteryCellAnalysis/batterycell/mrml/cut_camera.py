"""Where a 3D view looks from."""

from __future__ import annotations

from typing import Any

import numpy as np

from batterycell.clip import open_side, standing_frame
from batterycell.orient import Cell

from .cut_roi import cut_of
from .places import to_world
from .volumes import volume_from_node

# How far above one looks from, in the distance to the side; and how far away, in sizes of the volume, for 30°.
FROM_ABOVE = 0.75
_DISTANCE = 1.6


def look_into(camera: Any, volume_node: Any, cell: Cell | None = None) -> None:
    """Aim a 3D view at a cell: from above, and from the side that is cut open.

    Args:
        camera: The view's ``vtkMRMLCameraNode``.
        volume_node: The cell's volume.
        cell: Where the cell stands in it; without one, along the volume's own axes.
    """
    frame = standing_frame(volume_from_node(volume_node), cell)
    cut, bounds = cut_of(volume_node), [0.0] * 6
    side = open_side(cut, frame) if cut else frame.toward_j
    volume_node.GetRASBounds(bounds)
    low, high = np.array(bounds).reshape(3, 2).T
    middle, size = (low + high) / 2, float(np.linalg.norm(high - low))
    eye, up = to_world(volume_node, [frame.origin + side + FROM_ABOVE * frame.up, frame.origin + frame.up]) - (
        to_world(volume_node, frame.origin)
    )
    camera.SetFocalPoint(*middle)
    camera.SetPosition(*(middle + _DISTANCE * size * eye / np.linalg.norm(eye)))
    camera.SetViewUp(*up)
    camera.ResetClippingRange()
