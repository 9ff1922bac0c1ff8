"""Intensities as optical density, pixels that say nothing flagged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.io.memory import preview_limit
from batterycell.movie.movie import Movie
from batterycell.movie.settings import PrepareSettings
from batterycell.progress import Progress

from .beam import Beam
from .noise import NoiseModel, scatter_of

Floats = NDArray[np.float64]
_MOST_FLAGGED = 0.5
# Denser than this nothing but stray light comes through.
_DENSEST = 12.0


@dataclass(frozen=True)
class Flags:
    """How many values say nothing.

    Args:
        not_finite: NaN or infinite.
        not_positive: Dark or negative.
        saturated: At the highest value of the type.
        empty_frames: Numbers of frames, from 1, of which no pixel is left.
    """

    not_finite: int = 0
    not_positive: int = 0
    saturated: int = 0
    empty_frames: tuple[int, ...] = ()

    def notes(self, values: int) -> list[str]:
        """Sentences on what was flagged of so many values."""
        kinds = (
            (self.not_finite, "are no number"),
            (self.not_positive, "are zero or negative"),
            (self.saturated, "are saturated"),
        )
        found = [f"{n:,} of {values:,} values {words}: flagged, not used." for n, words in kinds if n]
        if self.empty_frames:
            listed = ", ".join(map(str, self.empty_frames[:8]))
            found.append(f"Frame {listed} holds nothing that can be used: it is left out.")
        return found


def to_density(
    movie: Movie, beam: Beam, noise: NoiseModel, dark: float, scratch: Path | None, progress: Progress
) -> tuple[NDArray[np.float32], Flags]:
    """Optical density ln(I0 / I) of every frame, shape (frames, rows, columns), NaN where flagged.

    Raises:
        InputError: if more than half of all values say nothing.
    """
    out = room((movie.count, *movie.shape), scratch)
    counts, empty, number = np.zeros(3, int), [], 0
    for slab in movie.frames.slabs():
        for frame in slab.array:
            out[number], flagged = _frame(np.asarray(frame, float), movie, beam.of(number), noise, dark)
            counts += flagged
            if not np.isfinite(out[number]).any():
                empty.append(number + 1)
            number += 1
            progress.report(number / movie.count, "optical density")
    bad, dim, full = counts.tolist()
    flags = Flags(bad, dim, full, tuple(empty))
    if counts.sum() > _MOST_FLAGGED * out.size:
        told = " ".join(flags.notes(out.size)[:2])
        hint = "Values must be intensities; pass --beam none if they are optical densities."
        raise InputError("movie-flagged", f"{movie.name}: {told}", hint)
    return out, flags


def room(shape: tuple[int, ...], scratch: Path | None) -> NDArray[np.float32]:
    """Where a stack goes: memory, or a file where it is large."""
    is_large = 4 * int(np.prod(shape)) > preview_limit()
    if not (is_large and scratch is not None):
        return np.empty(shape, np.float32)
    return np.lib.format.open_memmap(scratch, "w+", np.dtype(np.float32), shape)


def _frame(
    values: Floats, movie: Movie, beam: float | Floats, noise: NoiseModel, dark: float
) -> tuple[Floats, NDArray[np.int64]]:
    if movie.quantity == "optical density":
        finite = np.isfinite(values)
        return np.where(finite, values, np.nan), np.array([(~finite).sum(), 0, 0])
    saturated = np.isfinite(values) & (values >= movie.saturation)
    net = values - dark
    finite, positive = np.isfinite(net), net > 0
    use = finite & positive & ~saturated
    safe = np.where(use, net, 1.0)
    density = np.log(beam / safe) - noise.bias(safe)
    flagged = np.array([(~finite).sum(), (finite & ~positive).sum(), saturated.sum()])
    return np.where(use & (density < _DENSEST), density, np.nan), flagged


def find_noise(movie: Movie, beam: Beam, settings: PrepareSettings) -> NoiseModel:
    """The noise as the settings, the file, or the sample-free area say.

    Raises:
        InputError: if nobody says it and there is no sample-free area.
    """
    if settings.noise == "stated" or (settings.noise == "auto" and settings.sigma_od):
        return NoiseModel("constant", settings.sigma_od, "stated")
    if settings.counts_per_unit:
        return NoiseModel("poisson", settings.counts_per_unit, "stated")
    if movie.quantity == "intensity" and movie.counts_per_unit:
        return NoiseModel("poisson", movie.counts_per_unit, "the file's header")
    return _estimated(movie, beam, settings.dark)


def _estimated(movie: Movie, beam: Beam, dark: float) -> NoiseModel:
    if beam.free is None:
        hint = "Give --counts-per-unit (photons of a value of 1) or --sigma (of optical density)."
        raise InputError("noise-unknown", f"Nobody says the noise of {movie.name}.", hint)
    plain = NoiseModel("constant", 0.0, "")
    rows = [
        _frame(np.asarray(movie.frames.read(n, n + 1)[0], float), movie, beam.of(n), plain, dark)[0][beam.free]
        for n in range(movie.count)
    ]
    seen = np.array([np.isfinite(row).any() for row in rows])
    variance = scatter_of(np.stack(rows)[seen])
    with np.errstate(divide="ignore", invalid="ignore"):
        gains = 1.0 / (variance * beam.intensity[seen])
    gain = float(np.nanmedian(gains[np.isfinite(gains)])) if np.isfinite(gains).any() else np.nan
    if not np.isfinite(gain):
        return NoiseModel("constant", 1e-4, "the sample-free area, which shows none")
    return NoiseModel("poisson", gain, "the scatter of the sample-free area")
