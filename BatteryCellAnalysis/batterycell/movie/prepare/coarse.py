"""Drift to about a pixel, from nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_OUTLINE_PX = 1.5
# Of the running mean that frames are compared with, the share of what came before.
_MEMORY = 0.8


def coarse_shifts(frames: Iterable[Floats], count: int, most_px: float) -> Floats:
    """Whole pixels by which each of ``count`` frames lies off the first, shape (count, 2).

    Outlines (gradients' lengths) are correlated with the running mean of those before, as a changing particle is most
    like itself a moment ago.
    """
    from scipy import ndimage

    shifts = np.zeros((count, 2))
    outlines = (ndimage.gaussian_gradient_magnitude(frame, _OUTLINE_PX) for frame in frames)
    mean: Floats | None = None
    for n, outline in enumerate(outlines):
        scaled = _centred(outline)
        if mean is not None:
            shifts[n] = _peak(mean, scaled, shifts[n - 1], most_px)
        back = np.roll(scaled, -shifts[n].astype(int), (0, 1))
        mean = back if mean is None else _MEMORY * mean + (1 - _MEMORY) * back
    return shifts


def _centred(outline: Floats) -> Floats:
    """Without mean, of length 1, faded out at the border where it would meet the opposite one."""
    fade = np.outer(*(np.hanning(side + 2)[1:-1] ** 0.25 for side in outline.shape))
    centred = (outline - np.median(outline)) * fade
    return np.asarray(centred / (np.linalg.norm(centred) + 1e-12))


def _peak(mean: Floats, frame: Floats, last: Floats, most_px: float) -> Floats:
    """The shift of the best correlation within reach of the frame before."""
    from scipy import fft

    product = np.conj(fft.rfft2(mean)) * fft.rfft2(frame)
    correlation: Any = fft.irfft2(product, mean.shape)
    rows, columns = (fft.fftfreq(side, 1.0 / side) for side in mean.shape)
    far = np.hypot(rows[:, None] - last[0], columns[None] - last[1]) > most_px
    place = np.unravel_index(np.argmax(np.where(far, -np.inf, correlation)), mean.shape)
    return np.array([rows[place[0]], columns[place[1]]])


def fill_gaps(frame: NDArray[Any]) -> Floats:
    """A frame whose unknown pixels have the value of the nearest known one; zero where none is known."""
    from scipy import ndimage

    values = np.asarray(frame, float)
    unknown = ~np.isfinite(values)
    if not unknown.any():
        return values
    if unknown.all():
        return np.zeros_like(values)
    place = ndimage.distance_transform_edt(unknown, return_distances=False, return_indices=True)
    return np.asarray(values[tuple(place)])
