"""Uncertainty of overhangs: noise of the fits, and what the fits cannot know."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.tables import Table

Floats = NDArray[np.float64]

# Calibrated on generated cells (random_cell, seeds 100 to 111) and tested on others: residuals understate correlated
# noise, part of which the fits absorb; real edges are not quite Gaussian.
_NOISE_FACTOR = 1.35
_SINGLE_VOXELS = 0.015  # from place to place
_COMMON_VOXELS = 0.03  # the same all around: blur, contrast and lean that are not as the model has them
_LABELLED_VOXELS = 0.15  # the same where people or a network set the border (generated cells, one real cell: to 0.11)
_SHORT_VOXELS = 0.25  # where an anode ends between the cathodes, what fills the gap beyond it is known badly

TILT_DEG = 1.5  # half width of the mean tilt's 95 % interval, from the same cells


def standard_uncertainty(noise_mm: Floats, voxel_mm: float, negative: NDArray[np.bool_]) -> Floats:
    """Standard uncertainty in mm of single overhangs.

    Args:
        noise_mm: That of the fits, any shape.
        voxel_mm: Voxel size along the axis.
        negative: Where the anode ends before the cathode, same shape.
    """
    model = np.where(negative, np.hypot(_SINGLE_VOXELS, _SHORT_VOXELS), _SINGLE_VOXELS) * voxel_mm
    return np.asarray(np.sqrt((_NOISE_FACTOR * noise_mm) ** 2 + model**2 + common_uncertainty(voxel_mm) ** 2))


def common_uncertainty(voxel_mm: float, is_labelled: bool = False) -> float:
    """Standard uncertainty in mm that all overhangs of a cell share.

    Args:
        voxel_mm: Voxel size along the axis.
        is_labelled: Whether they were read in labels or a model's segmentation, not at the edges of grey values.
    """
    return (_LABELLED_VOXELS if is_labelled else _COMMON_VOXELS) * voxel_mm


def shared_by(overhang: Table, voxel_mm: float) -> float:
    """Standard uncertainty in mm that the rows of an overhang table share, by what they were read from."""
    return common_uncertainty(voxel_mm, bool((overhang["source"] != "edges").any()))
