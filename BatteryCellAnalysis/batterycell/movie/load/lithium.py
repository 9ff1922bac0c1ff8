"""Read lithium fractions over time: from the folder of a result, or from stacks of other programs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.movie.lithium import LithiumMovie, blank_points
from batterycell.movie.movie import Movie
from batterycell.movie.prepare.masks import number_regions, read_mask
from batterycell.progress import Progress

from .lithium_folder import is_lithium_folder, lithium_folder_files, read_lithium_folder, refuse_other_result
from .load import load_movie
from .options import MovieOptions

# Fractions lie between 0 and 1, and noise around them; what lies mostly elsewhere is something else.
_LEAST, _MOST, _SHARE = -1.0, 2.0, 0.5
_AS_SAID = MovieOptions()


@dataclass(frozen=True)
class LithiumOptions:
    """What a person says about lithium fractions that do not say it themselves.

    Args:
        reading: Pixel size, times, and the dataset in an HDF5 file.
        sigma: Standard uncertainty of a pixel's fraction: a number, or a file with one image or one a point in time.
        mask: Which pixels are particles, as of `masks.read_mask`; None where those without any value lie outside.
    """

    reading: MovieOptions = _AS_SAID
    sigma: Path | float | None = None
    mask: Path | None = None


_NO_OPTIONS, _NO_PROGRESS = LithiumOptions(), Progress()


def read_lithium(path: Path, options: LithiumOptions = _NO_OPTIONS, progress: Progress = _NO_PROGRESS) -> LithiumMovie:
    """Read lithium fractions over time; large files are mapped, not read, where their format allows.

    Args:
        path: A result folder that holds ``lithium_unbounded``, or a stack of fractions in a format of `load_movie`.
        options: What a stack does not say; what is said wins over what a folder says.
        progress: Told while it reads.

    Raises:
        InputError: if it holds no fractions, no times, no uncertainty or no particle, or these do not fit each other.
    """
    if is_lithium_folder(path):
        movie = read_lithium_folder(path, options.reading, progress)
        labels = read_mask(options.mask, movie.labels.shape) if options.mask else movie.labels
        return replace(movie, labels=labels)
    refuse_other_result(path)
    frames = load_movie(path, options.reading, progress)
    _check_single_energy(frames)
    fraction = _values(frames)
    labels = read_mask(options.mask, frames.shape) if options.mask else _known_regions(fraction, frames.name)
    _check_fractions(fraction, labels, frames.name)
    times = frames.index.times_s
    times = np.full(frames.count, np.nan) if times is None else times
    sigma = _sigma(options, frames)
    notes = (*frames.notes, *blank_points(fraction, labels))
    return LithiumMovie(fraction, sigma, labels, times, frames.stated_pixel_um(), frames.name, notes=notes)


def lithium_files(path: Path, options: LithiumOptions = _NO_OPTIONS) -> list[Path]:
    """Every file that `read_lithium` reads, for provenance."""
    from .files import movie_files

    beside = [file for file in (options.mask, options.sigma, options.reading.index) if isinstance(file, Path)]
    return [*(lithium_folder_files(path) if is_lithium_folder(path) else movie_files(path)), *beside]


def _values(frames: Movie) -> NDArray[np.float32]:
    return np.asarray(frames.frames.read(0, frames.count)).astype(np.float32, copy=False)


def _check_single_energy(frames: Movie) -> None:
    if frames.points().frames.shape[1] > 1:
        message = f"{frames.name} has frames at several energies: these are no lithium fractions yet."
        raise InputError("lithium-energies", message, "Give --end-member NAME=FILE for each end member.")


def _known_regions(fraction: NDArray[np.float32], name: str) -> NDArray[np.int32]:
    known = np.zeros(fraction.shape[1:], bool)
    for point in fraction:
        known |= np.isfinite(point)
    if known.all():
        message = f"{name} has values everywhere: nothing says where particles end."
        raise InputError("lithium-mask", message, "Give --mask FILE, or leave pixels outside without a value (NaN).")
    return number_regions(known, 1)


def _check_fractions(fraction: NDArray[np.float32], labels: NDArray[np.int32], name: str) -> None:
    """Counts and optical densities must not pass for fractions."""
    inside = labels > 0
    odd = known = 0
    for point in fraction:
        values = point[inside & np.isfinite(point)]
        known += values.size
        odd += int(((values < _LEAST) | (values > _MOST)).sum())
    if odd > _SHARE * known:
        message = f"{100 * odd / known:.0f} % of the values of {name} lie far from 0 to 1: no lithium fractions."
        raise InputError("lithium-values", message, "Of a movie of frames give --end-member NAME=FILE for each.")


def _sigma(options: LithiumOptions, frames: Movie) -> NDArray[np.float32]:
    shape = (frames.count, *frames.shape)
    if options.sigma is None:
        message = f"Nobody says the uncertainty of the fractions of {frames.name}."
        raise InputError("lithium-sigma", message, "Give --sigma FILE or a number, such as 0.07.")
    if isinstance(options.sigma, Path):
        stack: Any = _values(load_movie(options.sigma, replace(options.reading, times="", energies="", index=None)))
    else:
        stack = np.full((1, 1, 1), options.sigma, np.float32)
    if stack.shape[0] not in (1, shape[0]) or (stack.ndim and stack.shape[1:] not in ((1, 1), shape[1:])):
        message = f"The uncertainties have the shape {stack.shape}, the fractions {shape}."
        raise InputError("lithium-shape", message, "Give one image, or one a point in time, of the same size.")
    return np.broadcast_to(stack, shape)
