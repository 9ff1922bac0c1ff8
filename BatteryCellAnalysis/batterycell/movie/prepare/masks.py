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
# From so many energies on the lowest one may be taken for what absorbs beside the metal.
_WITH_EDGE, _EDGE_EV = 3, 3.0


def find_particles(
    density: NDArray[np.float32], points: Points, pixel_um: tuple[float, float], settings: PrepareSettings
) -> NDArray[np.int32]:
    """Number particles, the largest 1, shape (rows, columns).

    Raises:
        InputError: if there is none.
    """
    from scipy import ndimage

    signal = ndimage.gaussian_filter(fill_gaps(absorption(density, points)), _SMOOTH_PX)
    threshold = settings.threshold_od or otsu(signal)
    inside = ndimage.binary_fill_holes(signal > threshold)
    labels = number_regions(inside, settings.min_area_um2 / (pixel_um[0] * pixel_um[1]))
    if not labels.any():
        message = f"No particle: nowhere absorbs more than {threshold:.3g} over {settings.min_area_um2:g} µm²."
        raise InputError("mask-empty", message, "Lower --threshold or --min-area, or give --mask.")
    return labels


def absorption(density: NDArray[np.float32], points: Points) -> Floats:
    """Mean optical density; of scans that begin before the edge, of the metal alone, shape (rows, columns)."""
    mean = _mean(density, points.frames.ravel())
    energies = points.energies_ev
    if len(energies) < _WITH_EDGE or np.ptp(energies) < _EDGE_EV:
        return mean
    return mean - _mean(density, points.frames[:, energies <= energies[0] + 0.05 * np.ptp(energies)].ravel())


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
