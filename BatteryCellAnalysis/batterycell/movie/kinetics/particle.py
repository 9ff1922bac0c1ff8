"""One particle over time: half cycles, C-rate, and what its mean scatters by beside the noise of its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .curves import Curves
from .halves import HalfCycle, find_half_cycles
from .settings import KineticsSettings
from .slopes import Frames, find_slopes, slope_matrix

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ParticleRate:
    """How fast a particle takes up lithium.

    Args:
        number: Of the particle, from 1.
        frames: Its points in time and half cycles.
        mean: Lithium fraction, shape (points,).
        sigma: Its standard uncertainty, the scatter of the mean over time included.
        rate: dc̄/dt in 1/h, shape (points,).
        rate_sigma: Its standard uncertainty.
        matrix: What takes the mean to the rate, shape (points, points).
        scatter: How far the mean scatters around its local fits, in the noise of its pixels; NaN where too few points
            show it.
    """

    number: int
    frames: Frames
    mean: Floats
    sigma: Floats
    rate: Floats
    rate_sigma: Floats
    matrix: Floats
    scatter: float

    @property
    def moving(self) -> list[HalfCycle]:
        """Its half cycles without rests."""
        return [half for half in self.frames.halves if half.direction != "rest"]


def find_particle(number: int, curves: Curves, times_s: Floats, settings: KineticsSettings) -> ParticleRate:
    """Half cycles and C-rate of a particle.

    Its pixels share the beam and its flicker, which no pixel's σ holds: where the mean scatters around its local fits
    by more than the noise of its pixels, the uncertainty is that of the scatter (Birge, Phys. Rev. 40, 1932, 207).

    Args:
        number: From 1.
        curves: Of all particles.
        times_s: Shape (points,).
        settings: Window and order.
    """
    mean, variance = curves.mean[:, number - 1], curves.mean_variance[:, number - 1]
    halves = find_half_cycles(mean, np.sqrt(variance), times_s)
    noise = curves.noise[:, number - 1]
    weights = np.where(np.isfinite(noise) & (noise > 0), 1.0 / np.where(noise > 0, noise, 1.0), 0.0)
    frames = Frames(times_s / 3600.0, weights, halves)
    slopes = find_slopes(mean[:, None], variance[:, None], frames, settings)
    left = slopes.left[np.isfinite(slopes.left)]
    scatter = float(np.sqrt(left.mean())) if left.size >= 3 else np.nan
    widened = max(1.0, scatter) if np.isfinite(scatter) else 1.0
    rate, rate_sigma = slopes.rate[:, 0], widened * np.sqrt(slopes.variance[:, 0])
    known = np.isfinite(mean) & np.isfinite(variance)
    matrix = slope_matrix(known, frames, settings)
    return ParticleRate(number, frames, mean, widened * np.sqrt(variance), rate, rate_sigma, matrix, scatter)


def mean_rate(particle: ParticleRate, half: HalfCycle) -> tuple[float, float]:
    """Rate of a half cycle in 1/h, averaged over its time, and its standard uncertainty."""
    own = np.flatnonzero(np.isfinite(particle.rate[half.points])) + half.first
    if not len(own):
        return np.nan, np.nan
    shares = _shares(particle.frames.times_h[own])
    row = shares @ particle.matrix[own]
    return float(shares @ particle.rate[own]), float(np.sqrt(np.nansum((row * particle.sigma) ** 2)))


def _shares(times: Floats) -> Floats:
    """Share of the time for which each point stands (trapezoidal rule), shape (points,)."""
    if len(times) == 1:
        return np.ones(1)
    steps = np.diff(times)
    return np.asarray((np.append(steps, 0.0) + np.append(0.0, steps)) / 2 / steps.sum())
