"""The region of a large image that the box shows by which a preview of it is cut open."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from batterycell.io.binning import coarser_grid
from batterycell.io.options import Region

from .cut_roi import box_of, roi_of
from .loaded import preview_step_of
from .volumes import volume_from_node


def region_of(volume_node: Any) -> Region | None:
    """The voxels (z, y, x) of the whole image that the box around a preview's cut holds.

    Args:
        volume_node: A preview, or a whole image.

    Returns:
        First voxel and the one after the last along each axis; None where there is no box, or it lies outside.
    """
    roi = roi_of(volume_node)
    if roi is None:
        return None
    volume, step, box = volume_from_node(volume_node), preview_step_of(volume_node), box_of(roi)
    signs = np.array(list(product((-0.5, 0.5), repeat=3)))
    corners = volume.to_ijk(box.center + (signs * box.size) @ box.axes.T)
    scale, shift = np.diag(coarser_grid(step))[:3], coarser_grid(step)[:3, 3]
    whole = corners * scale + shift
    first = np.clip(np.ceil(whole.min(axis=0)), 0, None).astype(int)
    last = np.minimum(np.floor(whole.max(axis=0)).astype(int) + 1, np.array(volume.array.shape[::-1]) * step)
    if np.any(first >= last):
        return None
    (i, j, k), (i_end, j_end, k_end) = first.tolist(), last.tolist()
    return (k, k_end), (j, j_end), (i, i_end)
