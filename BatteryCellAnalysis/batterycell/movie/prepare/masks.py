"""Which pixels belong to which particle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.io.images import read_image
from batterycell.movie.index import Points
from batterycell.movie.settings import PrepareSettings

from .coarse import fill_gaps
from .thresholds import otsu

Floats = NDArray[np.float64]
_SMOOTH_PX = 1.0
# How far particles rise above the rest, in standard deviations; two halves of mere noise differ by 1.6.
_LEAST_RISE = 4.0
# From so many energies on the lowest one may be taken for what absorbs beside the metal.
_WITH_EDGE, _EDGE_EV = 3, 3.0


def find_particles(
    density: NDArray[np.float32],
    points: Points,
    pixel_um: tuple[float, float],
    settings: PrepareSettings,
    sigma: float,
) -> NDArray[np.int32]:
    """Number particles, the largest 1, shape (rows, columns).

    Args:
        density: Optical density, shape (frames, rows, columns).
        points: Frames as points in time.
        pixel_um: Height and width of a pixel in µm.
        settings: Threshold, if one is stated, and least area.
        sigma: Noise of one pixel of one frame without sample: what rises less above the rest is no particle.

    Raises:
        InputError: if there is none.
    """
    from scipy import ndimage

    signal = ndimage.gaussian_filter(fill_gaps(absorption(density, points)), _SMOOTH_PX)
    threshold = settings.threshold_od or otsu(signal)
    inside = ndimage.binary_fill_holes(signal > threshold)
    if not settings.threshold_od and _rise(signal, threshold) < _LEAST_RISE * sigma * _mean_scatter(points):
        inside[:] = False
    labels = number_regions(inside, settings.min_area_um2 / (pixel_um[0] * pixel_um[1]))
    if not labels.any():
        message = f"No particle: nowhere absorbs more than {threshold:.3g} over {settings.min_area_um2:g} µm²."
        raise InputError("mask-empty", message, "Lower --threshold or --min-area, or give --mask.")
    return labels


def _rise(signal: Floats, threshold: float) -> float:
    above = signal > threshold
    return float(signal[above].mean() - signal[~above].mean()) if above.any() else 0.0


def _mean_scatter(points: Points) -> float:
    """What averaging and smoothing leave of a frame's noise in `absorption`, as a share."""
    low = _before_edge(points)
    frames = 1.0 / points.frames.size + (0.0 if low is None else 1.0 / points.frames[:, low].size)
    return float(np.sqrt(frames / (4 * np.pi)) / _SMOOTH_PX)


def _before_edge(points: Points) -> NDArray[np.bool_] | None:
    """Which energies lie before the edge; None where the movie has no such energies."""
    energies = points.energies_ev
    if len(energies) < _WITH_EDGE or np.ptp(energies) < _EDGE_EV:
        return None
    return np.asarray(energies <= energies[0] + 0.05 * np.ptp(energies))


def absorption(density: NDArray[np.float32], points: Points) -> Floats:
    """Mean optical density; of scans that begin before the edge, of the metal alone, shape (rows, columns)."""
    mean = _mean(density, points.frames.ravel())
    low = _before_edge(points)
    return mean if low is None else mean - _mean(density, points.frames[:, low].ravel())


def _mean(density: NDArray[np.float32], frames: NDArray[np.int64]) -> Floats:
    total, count = np.zeros(density.shape[1:]), np.zeros(density.shape[1:])
    for n in frames:
        known = np.isfinite(density[n])
        total += np.where(known, density[n], 0.0)
        count += known
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(count > 0, total / count, np.nan))


def number_regions(inside: NDArray[Any], least_px: float) -> NDArray[np.int32]:
    """Regions that touch by their edges, numbered by size, without those under ``least_px`` pixels."""
    from scipy import ndimage

    labels, count = ndimage.label(inside)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    order = [n for n in np.argsort(-sizes, kind="stable") if sizes[n] >= max(least_px, 1)]
    numbers = np.zeros(count + 1, np.int32)
    numbers[order] = np.arange(1, len(order) + 1)
    return np.asarray(numbers[labels], np.int32)


def read_mask(path: Path, shape: tuple[int, int]) -> NDArray[np.int32]:
    """A mask that people drew: a picture whose values number particles, or a text of characters (blank is outside).

    A picture of two values is one of regions, numbered by size.

    Raises:
        InputError: if it is of another size, or empty.
    """
    mask = _characters(path, shape[1]) if path.suffix.lower() in (".msk", ".txt") else read_image(path)
    if mask.shape != shape:
        message = f"{path} has {mask.shape[0]} × {mask.shape[1]} pixels, the movie {shape[0]} × {shape[1]}."
        raise InputError("mask-size", message, "Give a mask of the movie's size.")
    values = np.unique(mask)
    if not values.any():
        raise InputError("mask-empty", f"{path} is empty.", "Mark at least one particle.")
    if len(values) == 2:
        return number_regions(mask > 0, 1)
    return np.asarray(np.searchsorted(values[values > 0], mask) + 1, np.int32) * (mask > 0)


def _characters(path: Path, columns: int) -> NDArray[np.uint8]:
    lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    rows = [[character != " " for character in line[:columns].ljust(columns)] for line in lines]
    return np.array(rows, np.uint8)
