"""Uncertainty of overhangs: noise of the fits, and what the fits cannot know."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Calibrated on generated cells (random_cell, seeds 100 to 111) and tested on others: residuals understate correlated
# noise, part of which the fits absorb; real edges are not quite Gaussian.
_NOISE_FACTOR = 1.2
_SINGLE_VOXELS = 0.05  # from place to place
_COMMON_VOXELS = 0.04  # the same all around an end: blur and contrast that are not as the model has them


def standard_uncertainty(noise_mm: Floats, voxel_mm: float) -> Floats:
    """Standard uncertainty in mm of single overhangs from that of the fits and the voxel size along the axis."""
    return np.asarray(
        np.sqrt((_NOISE_FACTOR * noise_mm) ** 2 + (_SINGLE_VOXELS * voxel_mm) ** 2 + common_uncertainty(voxel_mm) ** 2)
    )


def common_uncertainty(voxel_mm: float) -> float:
    """Standard uncertainty in mm that all overhangs of a cell share."""
    return _COMMON_VOXELS * voxel_mm
