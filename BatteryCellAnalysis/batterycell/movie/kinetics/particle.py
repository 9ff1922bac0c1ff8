"""One particle over time: half cycles, C-rate, and what its mean scatters by beside the noise of its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .curves import Curves
from .halves import HalfCycle, find_half_cycles, find_scatter
from .settings import KineticsSettings
from .slopes import find_slopes, slope_matrix
from .windows import Frames, choose_windows

Floats = NDArray[np.float64]
# Points that say how far the mean scatters; median of a normal distribution's absolute values.
_FEWEST, _NORMAL = 5, 0.6745


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
        scatter: How far the mean scatters around the cubic of its neighbours, in the noise of its pixels; NaN where too
            few points show it.
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
    scatter = _scatter(mean, variance, times_s, halves)
    sigma = np.sqrt(variance) * (max(1.0, scatter) if np.isfinite(scatter) else 1.0)
    series = mean[:, None], sigma[:, None] ** 2
    windows = choose_windows(*series, frames, settings)
    slopes = find_slopes(*series, frames, windows)
    matrix = slope_matrix(np.isfinite(mean) & np.isfinite(sigma), frames, windows)
    return ParticleRate(number, frames, mean, sigma, slopes.rate[:, 0], np.sqrt(slopes.variance[:, 0]), matrix, scatter)


def _scatter(mean: Floats, variance: Floats, times_s: Floats, halves: tuple[HalfCycle, ...]) -> float:
    """Scatter of the mean over time in the noise of its pixels, within half cycles; NaN where too few points tell."""
    known = np.isfinite(mean) & np.isfinite(variance)
    apart = [find_scatter(mean[half.points][own], times_s[half.points][own]) for half, own in _each(halves, known)]
    found = np.concatenate([np.zeros(0), *apart])
    if len(found) < _FEWEST:
        return np.nan
    return float(np.median(found)) / _NORMAL / float(np.sqrt(np.median(variance[known])))


def _each(halves: tuple[HalfCycle, ...], known: NDArray[np.bool_]) -> list[tuple[HalfCycle, NDArray[np.bool_]]]:
    return [(half, known[half.points]) for half in halves]


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
