"""One particle over time: half cycles, C-rate, and what its mean scatters by beside the noise of its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .curves import Curves
from .halves import HalfCycle, find_half_cycles, find_scatter
from .rates.frames import Frames
from .rates.slopes import find_slopes, slope_matrix
from .rates.typical import Typical, share_together
from .rates.windows import choose_windows
from .settings import KineticsSettings

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
    def moving(self) -> tuple[HalfCycle, ...]:
        """Its half cycles without rests."""
        return self.frames.moving


def find_frames(number: int, curves: Curves, times_s: Floats) -> Frames:
    """Points in time and half cycles of a particle, numbered from 1."""
    mean, variance = curves.mean[:, number - 1], curves.mean_variance[:, number - 1]
    noise = curves.noise[:, number - 1]
    weights = np.where(np.isfinite(noise) & (noise > 0), 1.0 / np.where(noise > 0, noise, 1.0), 0.0)
    return Frames(times_s / 3600.0, weights, find_half_cycles(mean, np.sqrt(variance), times_s))


def find_particle(
    number: int, curves: Curves, frames: Frames, typical: Typical, settings: KineticsSettings
) -> ParticleRate:
    """C-rate of a particle.

    Its pixels share the beam and its flicker, which no pixel's σ holds: where the mean scatters around its local fits
    by more than the noise of its pixels, the uncertainty is that of the scatter (Birge, Phys. Rev. 40, 1932, 207).

    Args:
        number: From 1.
        curves: Of all particles.
        frames: Its points in time.
        typical: What is typical of its mean.
        settings: Window and order.
    """
    mean, variance = curves.mean[:, number - 1], curves.mean_variance[:, number - 1]
    scatter = _scatter(mean, variance, frames)
    sigma = np.sqrt(variance) * (max(1.0, scatter) if np.isfinite(scatter) else 1.0)
    series = mean[:, None], sigma[:, None] ** 2
    share_together(*series, typical, frames, (settings.window, settings.order))
    windows = choose_windows(*series, typical, frames, settings)
    slopes = find_slopes(*series, typical, frames, windows)
    matrix = slope_matrix(np.isfinite(mean) & np.isfinite(sigma), frames, windows)
    return ParticleRate(number, frames, mean, sigma, slopes.rate[:, 0], np.sqrt(slopes.variance[:, 0]), matrix, scatter)


def _scatter(mean: Floats, variance: Floats, frames: Frames) -> float:
    """Scatter of the mean over time in the noise of its pixels, within half cycles; NaN where too few points tell."""
    known = np.isfinite(mean) & np.isfinite(variance)
    apart = [find_scatter(mean[own], frames.times_h[own]) for own in _each(frames.halves, known)]
    found = np.concatenate([np.zeros(0), *apart])
    if len(found) < _FEWEST:
        return np.nan
    return float(np.median(found)) / _NORMAL / float(np.sqrt(np.median(variance[known])))


def _each(halves: tuple[HalfCycle, ...], known: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """The known points of each half cycle."""
    return [np.flatnonzero(known[half.points]) + half.first for half in halves]


def turning_points(particle: ParticleRate, number: int) -> tuple[int, int]:
    """First and last point of a half cycle, counted from 0, with the turning points that it shares with others."""
    halves = particle.frames.halves
    half = halves[number]
    before = halves[number - 1].last if number else half.first
    after = halves[number + 1].first if number + 1 < len(halves) else half.last
    return _further(particle, half, half.first, before, -1), _further(particle, half, half.last, after, 1)


def _further(particle: ParticleRate, half: HalfCycle, end: int, beyond: int, side: int) -> int:
    """The point beyond an end if lithium has gone further there in the half cycle's direction."""
    turn = {"insertion": side, "extraction": -side, "rest": 0}[half.direction]
    return beyond if turn * (particle.mean[beyond] - particle.mean[end]) > 0 else end


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
