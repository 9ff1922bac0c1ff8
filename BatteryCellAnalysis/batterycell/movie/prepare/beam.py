"""The beam's intensity without sample, of every frame."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.movie.load import EndMember, load_movie, read_spectrum
from batterycell.movie.load.hdf5 import HDF5_SUFFIXES
from batterycell.movie.movie import Movie

from .thresholds import otsu

Floats = NDArray[np.float64]
_BOX = re.compile(r"box\s+(\d+):(\d+),(\d+):(\d+)")
_IMAGES = (".tif", ".tiff", ".nrrd", ".hdr", *HDF5_SUFFIXES)
_SMOOTH_PX, _FEWEST_PX = 2.0, 16
# A beam that falls off towards the border is still the beam within this share of the brightest place.
_BRIGHT_PERCENTILE = 90.0
# Of photons that are counted, hardly two pixels of a hundred have the highest number.
_CLIPPED = 0.2
# Pixels that lie so many median deviations above the others are hot (ten standard deviations).
_HOT = 15.0


@dataclass(frozen=True)
class Beam:
    """Intensity without sample.

    Args:
        intensity: Of each frame, shape (frames,).
        flat: Relative to ``intensity``, shape (frames or 1, rows, columns); None where it is the same everywhere.
        free: The area without sample, shape (rows, columns); None where none was looked for.
        source: Where it came from.
        clipped: Of the area without sample, the part with one and the same highest value, in the frame with most.
    """

    intensity: Floats
    flat: Floats | None
    free: NDArray[np.bool_] | None
    source: str
    clipped: float = 0.0

    @property
    def notes(self) -> list[str]:
        """What must be told of it."""
        if not _CLIPPED < self.clipped < 1.0:
            return []
        words = f"{100 * self.clipped:.0f} % of the area without sample have one highest value"
        return [f"{words}: it looks saturated, and then densities and σ are too small."]

    def of(self, frame: int) -> Any:
        """Of one frame, a number or shape (rows, columns)."""
        level = self.intensity[frame]
        return level if self.flat is None else level * self.flat[min(frame, len(self.flat) - 1)]


def find_beam(movie: Movie, words: str, path: Path | None, dark: float) -> Beam:
    """The beam as the settings say.

    Args:
        movie: Intensities.
        words: ``beam`` of `PrepareSettings`.
        path: Measured intensities: two columns over energy, or flat fields.
        dark: Value without light.

    Raises:
        InputError: if it cannot be found.
    """
    if words == "none":
        return Beam(np.ones(movie.count), None, None, "densities were given")
    if path is not None:
        return _from_images(movie, path, dark) if _is_image(path) else _from_spectrum(movie, path)
    if words == "file":
        raise InputError(
            "beam-file", "The settings want a measured beam, and none is given.", "Give it with --i0 FILE."
        )
    free = _box(words, movie.shape) if words.startswith("box") else _brightest(movie, dark)
    if free.sum() < _FEWEST_PX:
        message = f"{movie.name} shows no area without sample."
        raise InputError("beam-none", message, "Name one (--beam 'box R0:R1,C0:C1') or give the beam (--i0 FILE).")
    areas = (_without_hot(frame[free], movie.saturation - dark) for frame in _frames(movie, dark))
    told = np.array([(_mean(area), _highest(area)) for area in areas])
    source = f"{int(free.sum())} pixels without sample"
    return Beam(_checked(told[:, 0], movie), None, free, source, float(told[:, 1].max()))


def _without_hot(values: Floats, saturation: float) -> Floats:
    """Saturated values as no number where they lie far above the others; near them the beam itself is at its end."""
    full = values >= saturation
    rest = values[~full & np.isfinite(values)]
    if not full.any() or not rest.size:
        return values
    middle = np.median(rest)
    return np.where(full, np.nan, values) if saturation - middle > _HOT * np.median(np.abs(rest - middle)) else values


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else np.nan


def _highest(values: Floats) -> float:
    """The part of the known values that is the highest one."""
    known = values[np.isfinite(values)]
    return float((known == known.max()).mean()) if known.size else 0.0


def _frames(movie: Movie, dark: float) -> Any:
    for slab in movie.frames.slabs():
        for frame in slab.array:
            yield np.asarray(frame, float) - dark


def _brightest(movie: Movie, dark: float) -> NDArray[np.bool_]:
    """Pixels that are bright in every frame, so that no particle drifts into them: the upper half of the bright."""
    from scipy import ndimage

    least, always = np.full(movie.shape, np.inf), np.ones(movie.shape, bool)
    for frame in _frames(movie, dark):
        known = np.isfinite(frame)
        if known.any():
            level = np.percentile(frame[known], _BRIGHT_PERCENTILE)
            # Saturated pixels are flagged, and say nothing of their neighbours.
            told = known & (frame < movie.saturation - dark)
            smooth = ndimage.gaussian_filter(np.where(told, frame, level), _SMOOTH_PX)
            least, always = np.minimum(least, smooth / max(level, 1e-12)), always & known
    if not np.isfinite(least).all():
        raise InputError("movie-empty", f"No frame of {movie.name} holds numbers.", "Export it again.")
    bright = always & (least > otsu(least))
    return np.asarray(bright & (least >= np.median(least[bright]))) if bright.any() else bright


def _box(words: str, shape: tuple[int, int]) -> NDArray[np.bool_]:
    found = _BOX.fullmatch(words)
    if not found:
        raise InputError("beam-box", f"{words!r} is no area.", "Write 'box R0:R1,C0:C1' in pixels.")
    top, bottom, left, right = map(int, found.groups())
    free = np.zeros(shape, bool)
    free[top:bottom, left:right] = True
    return free


def _is_image(path: Path) -> bool:
    return path.is_dir() or path.name.lower().endswith(_IMAGES)


def _from_spectrum(movie: Movie, path: Path) -> Beam:
    energies, values = read_spectrum(path)
    if movie.index.energies_ev is None:
        message = f"{path} is a spectrum of the beam, but the energies of {movie.name} are not stated."
        raise InputError("movie-energies-unknown", message, "Give them (--energies).")
    own = EndMember(path.name, energies, values).at(movie.index.energies_ev)
    return Beam(_checked(own, movie), None, None, path.name)


def _from_images(movie: Movie, path: Path, dark: float) -> Beam:
    flats = load_movie(path)
    if flats.shape != movie.shape or flats.count not in (1, movie.count):
        message = f"{path} has {flats.count} flat fields of {flats.shape}, {movie.name} {movie.count} of {movie.shape}."
        raise InputError("beam-flat", message, "Give one flat field, or one for each frame.")
    images = np.asarray(flats.frames.read(0, flats.count), float) - dark
    levels = np.nanmedian(images, axis=(1, 2))
    intensity = np.broadcast_to(levels, movie.count).copy()
    return Beam(_checked(intensity, movie), images / levels[:, None, None], None, path.name)


def _checked(intensity: Floats, movie: Movie) -> Floats:
    known = intensity[np.isfinite(intensity)]
    if not known.size or (known <= 0).any():
        message = f"The beam of {movie.name} is not positive in every frame."
        hint = "See --dark and the area without sample, or pass --beam none if the values are optical densities."
        raise InputError("beam-dark", message, hint)
    return intensity
