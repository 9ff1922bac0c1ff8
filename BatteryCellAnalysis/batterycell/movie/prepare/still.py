"""Frames back in their place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress

from .coarse import fill_gaps
from .drift import move

Floats = NDArray[np.float64]
_REACH = 15


def hold_still(density: NDArray[np.float32], shifts: Floats, progress: Progress) -> Floats:
    """Move frames back where they were, in place.

    Args:
        density: Shape (frames, rows, columns); NaN where unknown, and then where a value came from outside.
        shifts: Shape (frames, 2) in pixels.
        progress: Told after every frame.

    Returns:
        What is left of the standard deviation of a frame's noise, shape (frames,).
    """
    for n, shift in enumerate(shifts):
        if shift.any():
            known = np.isfinite(density[n]).astype(float)
            moved = move(fill_gaps(density[n]), shift)
            moved[_moved_mask(known, shift) < 1 - 1e-6] = np.nan
            density[n] = moved
        progress.report((n + 1) / len(shifts), "holding still")
    return np.array([_left(row) * _left(column) for row, column in shifts])


def _moved_mask(known: Floats, shift: Floats) -> Floats:
    from scipy import ndimage

    return np.asarray(ndimage.shift(known, -shift, order=1, mode="constant", cval=0.0))


def _left(shift: float) -> float:
    """Length of the answer of the spline to a single pixel: the share of white noise that interpolating leaves."""
    from scipy import ndimage

    single = np.zeros(2 * _REACH + 1)
    single[_REACH] = 1.0
    return float(np.linalg.norm(ndimage.shift(single, shift - np.round(shift), order=3)))
