"""Bare cans with exactly known surfaces, and how they are measured."""

from __future__ import annotations

import numpy as np
from batterycell.can import measure_can
from batterycell.measured import Stage
from batterycell.orient import find_cell
from batterycell.volume import Volume
from scipy import special

RADIUS_MM, WALL_MM, OVALITY = 2.5, 0.22, 0.012
_VOXEL_MM = 0.04


def made_can(slices: int, dent_mm: float = 0.0, blur_mm: float = 0.03, wall_mm: float = WALL_MM) -> Volume:
    """An oval can, blurred, with a dent in its middle at 100°.

    Args:
        slices: How many, 60 µm apart.
        dent_mm: Depth of the dent; its full width is 1.2 mm.
        blur_mm: Standard deviation of the blur.
        wall_mm: Thickness of the wall.
    """
    j, i = np.indices((151, 151))
    x, y = (i - 75.3) * _VOXEL_MM, (j - 74.8) * _VOXEL_MM
    angle, radius = np.arctan2(y, x), np.hypot(x, y)
    height = (np.arange(slices) - (slices - 1) / 2)[:, None, None] * 0.06
    sigma = 1.2 / (2 * np.sqrt(2 * np.log(2)))
    around = np.angle(np.exp(1j * (angle - np.radians(100)))) * RADIUS_MM
    dent = dent_mm * np.exp(-(around**2 + height**2) / (2 * sigma**2))
    outer = RADIUS_MM * (1 + OVALITY / 2 * np.cos(2 * (angle - 0.5))) - dent
    share = special.ndtr((outer - radius) / blur_mm) - special.ndtr((outer - wall_mm - radius) / blur_mm)
    noise = np.random.default_rng(0).normal(0, 1.0, share.shape)
    return Volume.from_stack((10 + 190 * share + noise).astype(np.float32), (60, 40, 40), "made")


def stage_of(volume: Volume) -> Stage:
    """What is measured of a can."""
    return measure_can(volume, find_cell(volume))
