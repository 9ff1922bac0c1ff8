"""Prepare a movie: the road from intensities to still optical density and particles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.index import Points
from batterycell.movie.movie import Movie
from batterycell.movie.settings import PrepareSettings
from batterycell.progress import Progress

from .beam import Beam, find_beam
from .density import Flags, find_noise, to_density
from .drift import Drift, find_drift
from .masks import find_particles, read_mask
from .noise import NoiseModel
from .prepared import Prepared
from .still import hold_still


@dataclass(frozen=True)
class Given:
    """Files that are given beside a movie.

    Args:
        beam: The beam's intensity: two columns over energy, or flat fields.
        mask: Which pixels are particles.
        scratch: A ``.npy`` file that may hold the densities instead of memory.
    """

    beam: Path | None = None
    mask: Path | None = None
    scratch: Path | None = None


Floats = NDArray[np.float64]
_NOTHING, _NO_PROGRESS = Given(), Progress()


def prepare_movie(
    movie: Movie, settings: PrepareSettings, given: Given = _NOTHING, progress: Progress = _NO_PROGRESS
) -> Prepared:
    """Optical density without drift, its noise, and the particles.

    Raises:
        InputError: if the beam, the noise or the particles cannot be found, or the pixel size is not stated.
        Cancelled: if the user asked to stop.
    """
    pixel_um, points = movie.stated_pixel_um(), movie.points()
    if settings.beam == "none":
        movie = replace(movie, quantity="optical density")
    beam = find_beam(movie, settings.beam, given.beam, settings.dark)
    noise = find_noise(movie, beam, settings)
    density, flags = to_density(movie, beam, noise, settings.dark, given.scratch, progress.part(0.0, 0.2))
    drift = _drift(density, settings, progress.part(0.2, 0.8))
    narrowing = hold_still(density, drift.shifts_px, progress.part(0.8, 0.95))
    progress.report(0.95, "finding particles")
    if given.mask:
        labels = read_mask(given.mask, movie.shape)
    else:
        sigma = float(np.sqrt(noise.variance(np.zeros(movie.count), beam.intensity).mean()))
        labels = find_particles(density, points, pixel_um, settings, sigma)
    notes = (*_notes(movie, flags, drift, points), *beam.notes)
    told = (
        density,
        beam.intensity,
        _shared(beam, noise),
        noise,
        drift.shifts_px,
        drift.uncertainty_px,
        narrowing,
        labels,
    )
    return Prepared(movie, points, *told, notes=notes, flat=beam.flat)


def _shared(beam: Beam, noise: NoiseModel) -> Floats:
    """Relative variance of the beam's intensity, the mean of its sample-free pixels; 0 where it was given."""
    if beam.free is None:
        return np.zeros(len(beam.intensity))
    own = noise.variance(np.zeros(len(beam.intensity)), beam.intensity)
    return own / float(beam.free.sum())


def _drift(density: NDArray[np.float32], settings: PrepareSettings, progress: Progress) -> Drift:
    frames = len(density)
    if not settings.drift or frames == 1:
        return Drift(np.zeros((frames, 2)), np.zeros((frames, 2)))
    return find_drift(density, settings.most_drift_px, progress)


def _notes(movie: Movie, flags: Flags, drift: Drift, found: Points) -> tuple[str, ...]:
    notes = [*movie.notes, *flags.notes(movie.count * movie.shape[0] * movie.shape[1])]
    unseen = int(np.isnan(drift.uncertainty_px).any(axis=1).sum())
    if unseen:
        notes.append(f"{unseen} frames show too little to be registered: they lie between their neighbours.")
    if found.left_out:
        notes.append(f"The last {found.left_out} frames make no complete point in time and are left out.")
    if len(found.frames) > 1 and movie.index.times_s is None:
        notes.append("Nobody says the times: points in time are numbered (--times, or a side file).")
    if movie.count == 1:
        notes.append("A single frame: nothing can be said of drift or of change.")
    return tuple(notes)
