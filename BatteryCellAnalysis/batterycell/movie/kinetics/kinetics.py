"""Kinetics as they are seen in a movie's lithium."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.lithium import LithiumMovie
from batterycell.progress import Progress
from batterycell.tables import Table

from .compare import DIRECTIONS, compositions, mean_of_particles, rate_at, uniformity_at
from .curves import Curves, find_curves
from .notes import kinetics_notes
from .particle import ParticleRate, find_frames, find_particle
from .pixels import PixelMaps, find_pixels
from .rates.smoothing import smooth_rates
from .settings import KineticsSettings
from .tables import composition_table, half_cycles, particle_kinetics

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Asymmetry:
    """Insertion minus extraction, averaged over the compositions and particles seen in both; with half widths of 95 %.

    Args:
        particles: Seen in both directions.
        uniformity: Difference of the uniformity coefficients.
        u_uniformity: Its half width.
        c_rate: Difference of the absolute C-rates in 1/h.
        u_c_rate: Its half width.
    """

    particles: int
    uniformity: float
    u_uniformity: float
    c_rate: float
    u_c_rate: float


@dataclass(frozen=True)
class Kinetics:
    """What is seen of the kinetics.

    Args:
        movie: Where it was seen.
        settings: How.
        particles: Half cycles and C-rate of each particle.
        curves: What particles hold over time.
        maps: Rates and fronts of pixels.
        particle_kinetics: One row a particle and point in time.
        half_cycles: One row a particle and half cycle.
        uniformity: Both directions, and their difference, at equal composition.
        asymmetry: Insertion against extraction.
        notes: What must be told.
    """

    movie: LithiumMovie
    settings: KineticsSettings
    particles: tuple[ParticleRate, ...]
    curves: Curves
    maps: PixelMaps
    particle_kinetics: Table
    half_cycles: Table
    uniformity: Table
    asymmetry: Asymmetry
    notes: tuple[str, ...] = ()


def find_kinetics(
    movie: LithiumMovie, settings: KineticsSettings, progress: Progress, scratch: Path | None = None
) -> Kinetics:
    """Find rates, half cycles, uniformity and fronts.

    Args:
        movie: Lithium over time.
        settings: How.
        progress: Told how far it is; asked whether to stop.
        scratch: A folder that may hold large maps instead of memory, as ``<name>.npy``.

    Raises:
        Cancelled: if the user asked to stop.
    """
    curves = find_curves(movie, settings, progress.part(0.0, 0.2))
    frames = [find_frames(number, curves, movie.times_s) for number in range(1, movie.particles + 1)]
    maps = find_pixels(movie, frames, settings, scratch, progress.part(0.2, 0.9))
    curves = curves.widened(maps.widening)
    each = enumerate(zip(frames, maps.typical, strict=True), 1)
    particles = tuple(find_particle(number, curves, *own, settings) for number, own in each)
    if settings.smooth_um:
        smooth_rates(maps.rate, maps.rate_sigma, movie, settings.smooth_um, progress.part(0.9, 1.0))
        maps.rate_sigma[...] *= maps.widening
    asymmetry = find_asymmetry(particles, curves, settings.bins)
    return Kinetics(
        movie,
        settings,
        particles,
        curves,
        maps,
        particle_kinetics(particles, curves, movie.times_s),
        half_cycles(movie, particles, curves, maps),
        composition_table(particles, curves, settings.bins),
        asymmetry,
        (*movie.notes, *kinetics_notes(settings, particles, curves, maps, asymmetry.particles)),
    )


def find_asymmetry(particles: tuple[ParticleRate, ...], curves: Curves, bins: int) -> Asymmetry:
    """Insertion against extraction, the same particle at the same mean composition compared."""
    places = compositions(bins)
    uniform = [uniformity_at(particles, curves, places, direction) for direction in DIRECTIONS]
    rates = [rate_at(particles, places, direction) for direction in DIRECTIONS]
    uniformity, rate = (mean_of_particles(one.minus(other).mean()) for one, other in (uniform, rates))
    return Asymmetry(int(rate[2][0]), *(float(one[0]) for one in (*uniformity[:2], *rate[:2])))
