"""Uncertainty of overhangs: noise of the fits, and what the fits cannot know."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Calibrated on generated cells (random_cell, seeds 100 to 111) and tested on others: residuals understate correlated
# noise, part of which the fits absorb; real edges are not quite Gaussian.
_NOISE_FACTOR = 1.35
_SINGLE_VOXELS = 0.015  # from place to place
_COMMON_VOXELS = 0.03  # the same all around: blur, contrast and lean that are not as the model has them
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


def common_uncertainty(voxel_mm: float) -> float:
    """Standard uncertainty in mm that all overhangs of a cell share."""
    return _COMMON_VOXELS * voxel_mm
