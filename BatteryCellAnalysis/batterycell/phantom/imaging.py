"""What a scanner adds: blur, cupping, streaks, rings, noise and quantisation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.progress import Progress

from .scan_settings import Scan

Array = NDArray[Any]
COARSE = 4
STREAK_FIELDS = 3
# Share of metal around a place that a thin can's wall alone makes: streaks come only from wider metal.
WALL_SHARE = 0.12
METAL_GREY = 110.0
VARIANCE_TO_BOX = float(np.sqrt(12))


def image(grey: NDArray[np.float32], scan: Scan, softened: str, rng: np.random.Generator, progress: Progress) -> Array:
    """Turn ideal grey values into a scan.

    Args:
        grey: Shape (k, j, i); overwritten.
        scan: How it was scanned.
        softened: Array axes, letters of "kji", along which `softening_um` has acted already.
        rng: Source of noise.
        progress: Listener.
    """
    if scan.blur_um:
        ndimage.gaussian_filter(grey, _remaining_blur(scan, softened), output=grey, truncate=3.5)
    if scan.streaks:
        _add_streaks(grey, scan, rng)
    progress.report(0.4, "adding blur and artefacts")
    _add_artefacts(grey, scan, rng)
    progress.report(0.6, "adding noise")
    if scan.noise:
        _add_noise(grey, scan, rng)
    progress.report(1.0, "adding noise")
    return quantise(grey, scan)


def softening_um(scan: Scan, axes: str) -> float:
    """Width of the box along some axes that already acts while the cell is drawn: a voxel, if the blur allows."""
    sizes = [size for size, axis in zip(scan.voxel_size_um, "kji", strict=True) if axis in axes]
    return min(scan.blur_um * VARIANCE_TO_BOX, max(sizes))


def _remaining_blur(scan: Scan, softened: str) -> Array:
    """Standard deviation in voxels along (k, j, i) of the blur that is left after the softening."""
    left = np.sqrt(max(scan.blur_um**2 - (softening_um(scan, softened) / VARIANCE_TO_BOX) ** 2, 0))
    blur = np.array([left if axis in softened else scan.blur_um for axis in "kji"])
    return np.asarray(blur / np.array(scan.voxel_size_um))


def quantise(grey: Array, scan: Scan) -> Array:
    """Grey values rounded to the scan's type."""
    top, factor = (255, 1) if scan.dtype == "uint8" else (65535, 256)
    np.multiply(grey, factor, out=grey)
    np.clip(np.rint(grey, out=grey), 0, top, out=grey)
    return grey.astype(scan.dtype)


def _add_noise(grey: Array, scan: Scan, rng: np.random.Generator) -> None:
    """Gaussian noise, correlated over some µm as reconstruction and filtering leave it, of the wanted deviation."""
    noise = rng.standard_normal(grey.shape, np.float32)
    sigma = scan.noise_um / np.array(scan.voxel_size_um)
    if scan.noise_um:
        ndimage.gaussian_filter(noise, sigma, output=noise, truncate=2.5)
    sample = noise[:: max(1, len(noise) // 16)]
    noise *= np.float32(scan.noise / max(float(sample.std()), 1e-9))
    grey += noise


def _add_artefacts(grey: Array, scan: Scan, rng: np.random.Generator) -> None:
    """Cupping and rings around the scanner's axis, which is the middle of the slices."""
    radius = _slice_radius(grey.shape)
    middle = min(radius.shape) / 2
    cup = 1 - scan.cupping * np.clip(1 - (radius / middle) ** 2, 0, 1)
    rings = ndimage.gaussian_filter1d(rng.standard_normal((len(grey), int(radius.max()) + 2)), 8, axis=0)
    rings = (rings / rings.std() * scan.rings).astype(np.float32)
    for values, ring in zip(grey, rings, strict=True):
        values *= cup
        values += ring[radius.astype(np.int32)]


def _add_streaks(grey: Array, scan: Scan, rng: np.random.Generator) -> None:
    """Halos above and below wide metal, and dark and bright bands in the slices that hold much of it."""
    coarse = grey[:, ::COARSE, ::COARSE]
    metal = np.clip((coarse - METAL_GREY) / METAL_GREY, 0, 1)
    sizes = np.array(scan.voxel_size_um) * (1, COARSE, COARSE)
    glow = ndimage.gaussian_filter(metal, np.array((150, 300, 300)) / sizes, truncate=3)
    near = ndimage.gaussian_filter(metal, np.array((250, 1500, 1500)) / sizes, truncate=2.5)
    near = np.maximum(near - WALL_SHARE, 0)
    change = np.float32(scan.streaks) * (90 * glow + 110 * near * _streaks(coarse.shape, sizes, rng))
    for values, smooth in zip(grey, change, strict=True):
        values += _enlarged(smooth, values.shape) * (values < METAL_GREY)


def _streaks(shape: tuple[int, ...], sizes: Array, rng: np.random.Generator) -> Array:
    """Bands that change from slice to slice and slowly across a slice, of standard deviation 1."""
    total = np.zeros(shape, np.float32)
    for _ in range(STREAK_FIELDS):
        profile = ndimage.gaussian_filter1d(rng.standard_normal(shape[0]), 0.8)
        field = ndimage.gaussian_filter(rng.standard_normal(shape[1:]), 1800 / sizes[1:])
        total += (profile[:, None, None] * field).astype(np.float32)
    return np.asarray(total / max(float(total.std()), 1e-9))


def _enlarged(image: Array, shape: tuple[int, ...]) -> Array:
    j, i = (np.arange(size, dtype=np.float32) / COARSE for size in shape)
    rows = ndimage.map_coordinates(image, np.meshgrid(j, i, indexing="ij"), np.float32, order=1, mode="nearest")
    return np.asarray(rows)


def _slice_radius(shape: tuple[int, ...]) -> Array:
    j, i = np.ogrid[: shape[1], : shape[2]]
    return np.hypot(j - (shape[1] - 1) / 2, i - (shape[2] - 1) / 2).astype(np.float32)
