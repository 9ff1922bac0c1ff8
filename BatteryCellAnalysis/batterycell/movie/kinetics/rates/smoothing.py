"""Rates smoothed within particles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.lithium import LithiumMovie
from batterycell.progress import Progress

Floats = NDArray[np.float64]
Maps = NDArray[np.float32]
_REACH = 3.0


def smooth_rates(rate: Maps, sigma: Maps, movie: LithiumMovie, smooth_um: float, progress: Progress) -> None:
    """Replace rates by their mean over the pixels around in the same particle, weighted by a Gaussian, in place.

    The variance follows exactly where pixels scatter independently: Σ g² σ² / (Σ g)².

    Args:
        rate: Shape (points, rows, columns), NaN where it is not known.
        sigma: Its standard uncertainty, same shape.
        movie: Particles and size of pixels.
        smooth_um: Standard deviation of the Gaussian in µm.
        progress: Told after every point.
    """
    kernels = [_kernel(smooth_um / size) for size in movie.pixel_um]
    particles = [movie.labels == n for n in np.unique(movie.labels[movie.labels > 0])]
    boxes = [tuple(slice(int(one.min()), int(one.max()) + 1) for one in np.nonzero(own)) for own in particles]
    for point in range(len(rate)):
        progress.report(point / len(rate), "smoothing rates")
        for own, box in zip(particles, boxes, strict=True):
            values, variance = rate[point][box].astype(float), sigma[point][box].astype(float) ** 2
            known = own[box] & np.isfinite(values) & np.isfinite(variance)
            mean, spread = _smoothed(np.where(known, values, 0.0), np.where(known, variance, 0.0), known, kernels)
            rate[point][box][known], sigma[point][box][known] = mean[known], np.sqrt(spread[known])


def _kernel(width_px: float) -> Floats:
    reach = max(int(np.ceil(_REACH * width_px)), 1)
    return np.asarray(np.exp(-((np.arange(-reach, reach + 1) / width_px) ** 2) / 2))


def _smoothed(
    values: Floats, variance: Floats, known: NDArray[np.bool_], kernels: list[Floats]
) -> tuple[Floats, Floats]:
    total = _convolved(known.astype(float), kernels)
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = [kernel**2 for kernel in kernels]
        return _convolved(values, kernels) / total, _convolved(variance, squares) / total**2


def _convolved(values: Floats, kernels: list[Floats]) -> Floats:
    from scipy.ndimage import correlate1d

    for axis, kernel in enumerate(kernels):
        values = correlate1d(values, kernel, axis, mode="constant")
    return np.asarray(values)
