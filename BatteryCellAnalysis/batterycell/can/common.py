"""What all rays have in common: blur, metal and noise, from their mean about the wall."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from .rays import Crossings, Rays
from .slab import Blur

Floats = NDArray[np.float64]

_AIR, _INSIDE = 4.0, 1.5  # voxels outside and inside of the wall that the mean profile shows
_LIKE = 0.15  # of the median thickness: rays whose wall differs more are left out of the mean
_SHARPEST, _WIDEST = 0.15, 4.0  # voxels
_LEAST_NOISE = 0.01  # of the contrast
_SLOPE_SD = 0.05  # of the contrast, from surface to surface: usual beam hardening in a wall


def common_blur(rays: Rays, grey: NDArray[np.float32], found: Crossings) -> Blur:
    """The blur, the metal's grey value and slope, and the wall's usual thickness.

    Rays with a wall of the usual thickness are laid over each other at its middle and averaged; a slab of a Gaussian
    blur, whose metal changes evenly with depth, is fitted to the mean.

    Args:
        rays: How the rays were cast.
        grey: Some rays, shape (n, r).
        found: Where they meet the wall.
    """
    air, metal = float(np.nanmedian(found.air)), float(np.nanmedian(found.metal))
    noise = _LEAST_NOISE * (metal - air)
    thickness = found.inner - found.outer
    if not np.isfinite(thickness).any():
        return Blur(rays.voxel_mm, metal, 0.0, noise, np.nan)
    usual = float(np.nanmedian(thickness))
    like = np.abs(thickness - usual) < _LIKE * usual + 1
    half = usual / 2 * rays.step_mm
    place = np.arange(-half - _AIR * rays.voxel_mm, half + _INSIDE * rays.voxel_mm, 0.2 * rays.voxel_mm)
    middle = (found.outer + found.inner)[like, None] / 2
    profile = np.nanmean(_between_samples(grey[like], middle + place / rays.step_mm), axis=0)
    known = Blur(rays.voxel_mm, metal, 0.0, noise, 2 * half)
    return _fit_slab(-place[::-1], profile[::-1], (air, half), known)


def _fit_slab(place: Floats, profile: Floats, guess: tuple[float, float], known: Blur) -> Blur:
    """Fit a mean profile over the place outward from the wall's middle; see `fit_slab` for the model."""
    (air, half), voxel = guess, known.sigma
    scale = max(known.metal - air, 1e-9)
    good = np.isfinite(profile)

    def misfit(theta: Floats) -> Floats:
        low, inside, high, slope, outer, inner, log_sigma = theta
        past_outer, past_inner = (special.ndtr((place - at * half) / np.exp(log_sigma)) for at in (outer, inner))
        model = inside + (high - inside) * past_inner + (low - high) * past_outer
        model += slope * (place / half - (outer + inner) / 2) / 2 * (past_inner - past_outer)
        return np.append((model - (profile - air) / scale)[good], _weight(good) * slope / _SLOPE_SD)

    start = [0.0, 0.2, 1.0, 0.0, 1.0, -1.0, np.log(voxel)]
    limits = np.log(voxel * np.array([_SHARPEST, _WIDEST]))
    bounds = ([-1, -1, 0.5, -1, 0.2, -3, limits[0]], [1, 2, 4, 1, 3, -0.2, limits[1]])
    _, _, high, slope, _, _, log_sigma = optimize.least_squares(misfit, start, bounds=bounds).x
    return replace(
        known, sigma=float(np.exp(log_sigma)), metal=float(air + high * scale), slope=float(slope * scale / (2 * half))
    )


def _weight(good: NDArray[np.bool_]) -> float:
    """Weight of what is known beforehand, against a misfit of a hundredth of the contrast in every sample."""
    return 0.01 * float(np.sqrt(good.sum() / 5))


def _between_samples(grey: NDArray[np.float32], at: Floats) -> Floats:
    low = np.clip(np.floor(at).astype(int), 0, grey.shape[1] - 2)
    share = at - low
    near, far = np.take_along_axis(grey, low, 1), np.take_along_axis(grey, low + 1, 1)
    inside = (at >= 0) & (at <= grey.shape[1] - 1)
    return np.asarray(np.where(inside, near + share * (far - near), np.nan), np.float64)
