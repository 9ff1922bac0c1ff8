"""Draw an X-ray movie from functions of place, so that drift by any part of a pixel is exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .particles import draw_particles
from .settings import MovieSpec
from .spectra import iron_l_edge

Floats = NDArray[np.float64]


class Filmed(Protocol):
    """A particle as a function of place and time."""

    def at(self, rows: Floats, columns: Floats, share: float) -> tuple[Floats, Floats]:
        """Amount in units of the end members and lithium fraction at places in pixels, each shape (...).

        ``share`` of the time between the first and the last point has passed.
        """

    def window(self, shape: tuple[int, int], shift: Floats) -> tuple[slice, slice]:
        """Rows and columns outside of which there is nothing of it, when it lies ``shift`` pixels further."""


@dataclass(frozen=True)
class MoviePhantom:
    """A generated movie with its truth.

    Args:
        counts: Photons, shape (frames, rows, columns); the energies of a point in time follow each other.
        times_s: When each frame was taken, shape (frames,).
        energies_ev: Shape (frames,).
        shifts_px: How far each frame drifted, rows and columns, shape (frames, 2).
        fractions: Lithium per iron, without drift, shape (times, rows, columns); NaN outside the particles.
        amounts: Amount of iron in units of the end members, without drift, shape (rows, columns).
        labels: Number of the particle, without drift, shape (rows, columns); 0 outside.
        spec: What it was made of.
        particles: As functions of place.
    """

    counts: NDArray[np.float32]
    times_s: Floats
    energies_ev: Floats
    shifts_px: Floats
    fractions: Floats
    amounts: Floats
    labels: NDArray[np.int32]
    spec: MovieSpec
    particles: tuple[Filmed, ...]

    def truth_at(self, offset_px: Floats) -> tuple[Floats, Floats, NDArray[np.int32]]:
        """Fractions, amounts and labels as they are seen when everything lies ``offset_px`` further, shape (2,)."""
        return _truth(self.particles, self.spec, self.times_s.reshape(self.spec.times, -1).mean(axis=1), offset_px)


def make_movie(spec: MovieSpec, seed: int) -> MoviePhantom:
    """Generate a movie; everything random follows from ``seed``."""
    rng = np.random.default_rng(seed)
    particles = draw_particles(spec, rng)
    return film(particles, spec, draw_drift(spec, rng), rng)


def film(particles: Sequence[Filmed], spec: MovieSpec, shifts: Floats, rng: np.random.Generator) -> MoviePhantom:
    """Take the frames of particles.

    Args:
        particles: They may not overlap.
        spec: Size, energies, times and photons.
        shifts: How far each frame drifted in pixels, shape (frames, 2).
        rng: Where the noise comes from.
    """
    particles = tuple(particles)
    energies, times = np.tile(spec.energies_ev, spec.times), _times(spec)
    od = np.stack([_density(particles, spec, *one) for one in zip(times, energies, shifts, strict=True)])
    beam = spec.photons or 1.0
    expected = beam * np.exp(-od)
    counts = rng.poisson(expected) if spec.photons else expected
    points = times.reshape(spec.times, -1).mean(axis=1)
    truth = _truth(particles, spec, points, np.zeros(2))
    return MoviePhantom(counts.astype(np.float32), times, energies, shifts, *truth, spec, particles)


def _times(spec: MovieSpec) -> Floats:
    """Each point in time is as long as its energies take, a hundredth of the interval together."""
    within = np.linspace(0.0, 0.01, len(spec.energies_ev), endpoint=False)
    return np.asarray((np.arange(spec.times)[:, None] + within) * spec.interval_s).ravel()


def draw_drift(spec: MovieSpec, rng: np.random.Generator) -> Floats:
    """A slow way out and back, and a jitter of a tenth of it; the first frame stays, shape (frames, 2) in pixels."""
    frames = spec.times * len(spec.energies_ev)
    phase, turns = rng.uniform(0, 2 * np.pi, 2), rng.uniform(0.5, 1.5, 2)
    slow = np.sin(phase + np.linspace(0, 2 * np.pi, frames)[:, None] * turns)
    way = slow + 0.1 * rng.normal(size=(frames, 2))
    way -= way[0]
    most = np.abs(way).max() or 1.0
    return np.asarray(spec.drift_px * way / most)


def _density(particles: tuple[Filmed, ...], spec: MovieSpec, time_s: float, energy_ev: float, shift: Floats) -> Floats:
    poor, rich = (float(one[0]) for one in iron_l_edge(np.array([energy_ev])))
    share = time_s / max(spec.interval_s * (spec.times - 1), 1e-9)
    total = np.zeros(spec.shape)
    for one in particles:
        window = one.window(spec.shape, shift)
        rows, columns = _places(window)
        amount, fraction = one.at(rows - shift[0], columns - shift[1], share)
        total[window] += amount * (fraction * rich + (1 - fraction) * poor)
    return total


def _places(window: tuple[slice, slice]) -> tuple[Floats, Floats]:
    rows, columns = np.mgrid[window]
    return np.asarray(rows, float), np.asarray(columns, float)


def _truth(
    particles: tuple[Filmed, ...], spec: MovieSpec, points: Floats, offset: Floats
) -> tuple[Floats, Floats, NDArray[np.int32]]:
    last = max(spec.interval_s * (spec.times - 1), 1e-9)
    amounts, labels = np.zeros(spec.shape), np.zeros(spec.shape, np.int32)
    fractions = np.full((spec.times, *spec.shape), np.nan)
    for number, one in enumerate(particles, 1):
        window = one.window(spec.shape, offset)
        rows, columns = _places(window)
        rows, columns = rows - offset[0], columns - offset[1]
        amount = one.at(rows, columns, 0.0)[0]
        inside = amount > 0.2 * spec.density
        labels[window][inside] = number
        amounts[window] += amount
        for n, time in enumerate(points):
            fractions[n][window][inside] = one.at(rows, columns, time / last)[1][inside]
    return fractions, amounts, labels
