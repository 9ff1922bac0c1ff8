"""All particles of all movies as one block of numbers, each on a crop of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.movie.lithium import LithiumMovie

from .settings import LawSettings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
S_PER_H = 3600.0
FEWEST_PIXELS = 9
FEWEST_USED = 3
# Generated movies of fewer points in time than this led to wrong laws.
FEW_POINTS = 12
# A mean composition may lie this many standard errors off the measured one, at least so much, and not beyond these.
FREE_ERRORS, FREE_LEAST = 8.0, 0.01
# Of a point that is left out, the mean composition is taken as known: what was applied, not what is predicted.
LEFT_OUT_ERRORS, LEFT_OUT_LEAST = 1.0, 0.001
MEAN_BOUNDS = (0.005, 0.995)
UNKNOWN_ERROR = 0.02


@dataclass(frozen=True)
class Place:
    """Where a particle of the block comes from: its movie, its number, its crop."""

    movie: int
    label: int
    rows: slice
    columns: slice


@dataclass(frozen=True)
class Batch:
    """Particles side by side; B particles, T points in time, crops of H × W pixels, G reservoirs, F fields of k.

    Args:
        places: Of each particle, B of them.
        seen: Fractions, 0 where not known, shape (B, T, H, W).
        weight: 1 / σ, 0 where not known or beyond the movie's end, shape (B, T, H, W).
        used: Whether a point in time is learned from, shape (B, T).
        mask: 1 within the particle, 0 in the last row and column, shape (B, H, W).
        pixel_um: Height and width of a pixel, shape (B, 2).
        reservoir: Number of each particle's reservoir, shape (B,).
        field: Number of each particle's field of k, shape (B,).
        hours: Length of each interval, 0 beyond the movie's end, shape (G, T − 1).
        mean: Measured mean composition of the particles of a reservoir, shape (G, T).
        free: By how much the mean may differ from it (standard deviation of its prior), shape (G, T).
    """

    places: tuple[Place, ...]
    seen: Floats
    weight: Floats
    used: NDArray[np.bool_]
    mask: Floats
    pixel_um: Floats
    reservoir: Ints
    field: Ints
    hours: Floats
    mean: Floats
    free: Floats

    @property
    def points_used(self) -> int:
        """Points in time that are learned from, of the particle with the most."""
        return int(self.used.sum(axis=1).max())


def make_batch(movies: Sequence[LithiumMovie], settings: LawSettings) -> Batch:
    """Lay all particles side by side.

    Raises:
        InputError: if there is no movie, no particle large enough, too few points in time, or particles that are said
            to be the same are not.
    """
    places = [place for number, movie in enumerate(movies) for place in _places(number, movie)]
    if not places:
        message = f"No particle has {FEWEST_PIXELS} pixels."
        raise InputError("law-particles", message, "Give a mask of the particles, or finer pixels.")
    shape = _shape(movies, places)
    seen, weight, mask = (np.stack(parts) for parts in zip(*(_crop(movies, p, shape) for p in places), strict=True))
    used = np.stack([used_points(movies[p.movie], settings, shape[0]) for p in places])
    reservoir = _reservoirs(places, settings)
    pixel = np.array([movies[p.movie].pixel_um for p in places], float)
    mean, free = _means(seen, weight, used, reservoir)
    hours = _hours(movies, places, reservoir, shape[0])
    field = _fields(movies, places, settings)
    return Batch(tuple(places), seen, weight, used, mask, pixel, reservoir, field, hours, mean, free)


def used_points(movie: LithiumMovie, settings: LawSettings, points: int | None = None) -> NDArray[np.bool_]:
    """Which points in time are learned from; the first always is.

    Raises:
        InputError: if too few are left.
    """
    share = settings.hold_out
    count = round(share * movie.points) if share < 1 else int(share)
    if movie.points - count < FEWEST_USED:
        message = (
            f"{movie.name} has {movie.points} points in time; leaving out {count} leaves fewer than {FEWEST_USED}."
        )
        raise InputError("law-hold-out", message, "Leave out fewer (--hold-out).")
    used = np.zeros(points or movie.points, bool)
    used[: movie.points] = True
    used[_left_out(movie.points, count, settings)] = False
    return used


def _left_out(points: int, count: int, settings: LawSettings) -> Ints:
    if settings.left_out == "last":
        return np.arange(points - count, points)
    return np.unique(np.linspace(0, points - 1, count + 2).round().astype(int)[1:-1])


def _places(number: int, movie: LithiumMovie) -> Iterator[Place]:
    known = np.isfinite(movie.fraction).any(axis=0)
    for label in range(1, movie.particles + 1):
        own = movie.labels == label
        if (own & known).sum() >= FEWEST_PIXELS:
            # Also around what is not known, so that the same particles lie alike in all movies.
            rows, columns = (np.flatnonzero(own.any(axis=axis)) for axis in (1, 0))
            yield Place(number, label, slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))


def _shape(movies: Sequence[LithiumMovie], places: Sequence[Place]) -> tuple[int, int, int]:
    """Points in time, rows and columns of all crops, with an empty row and column behind every particle."""
    return (
        max(movies[p.movie].points for p in places),
        max(p.rows.stop - p.rows.start for p in places) + 1,
        max(p.columns.stop - p.columns.start for p in places) + 1,
    )


def _crop(movies: Sequence[LithiumMovie], place: Place, shape: tuple[int, int, int]) -> tuple[Floats, Floats, Floats]:
    movie = movies[place.movie]
    inside = (movie.labels == place.label) & np.isfinite(movie.fraction).any(axis=0)
    box = (slice(None), place.rows, place.columns)
    fraction, sigma = movie.fraction[box].astype(float), movie.sigma[box].astype(float)
    known = np.isfinite(fraction) & np.isfinite(sigma) & inside[box[1:]]
    seen = np.where(known, fraction, 0.0)
    weight = np.divide(1.0, sigma, out=np.zeros_like(sigma), where=known)
    return _pad(seen, shape), _pad(weight, shape), _pad(inside[box[1:]].astype(float), shape[1:])


def _pad(values: Floats, shape: tuple[int, ...]) -> Floats:
    return np.pad(values, [(0, wanted - now) for wanted, now in zip(shape, values.shape, strict=True)])


def _reservoirs(places: Sequence[Place], settings: LawSettings) -> Ints:
    if settings.reservoir == "each particle":
        return np.arange(len(places))
    return np.unique([p.movie for p in places], return_inverse=True)[1]


def _fields(movies: Sequence[LithiumMovie], places: Sequence[Place], settings: LawSettings) -> Ints:
    if not settings.same_particles:
        return np.arange(len(places))
    first = movies[0]
    if any(one.pixel_um != first.pixel_um or not np.array_equal(one.labels, first.labels) for one in movies):
        message = "The movies are said to show the same particles, but their masks or pixel sizes differ."
        raise InputError("law-particles", message, "Bring them onto one mask, or leave out --same-particles.")
    return np.unique([p.label for p in places], return_inverse=True)[1]


def _hours(movies: Sequence[LithiumMovie], places: Sequence[Place], reservoir: Ints, points: int) -> Floats:
    hours = np.zeros((reservoir.max() + 1, points - 1))
    for place, number in zip(places, reservoir, strict=True):
        steps = np.diff(movies[place.movie].times_s) / S_PER_H
        hours[number, : len(steps)] = steps
    return hours


def _means(seen: Floats, weight: Floats, used: NDArray[np.bool_], reservoir: Ints) -> tuple[Floats, Floats]:
    """Means of what is known; between known points on a line."""
    known = weight > 0
    variance = np.divide(1.0, weight**2, out=np.zeros_like(weight), where=known)
    parts = (known.astype(float), seen, seen**2, variance)
    count, total, squares, noise = (_by_reservoir(values.sum(axis=(2, 3)), reservoir) for values in parts)
    with np.errstate(all="ignore"):
        mean, error = total / count, np.sqrt(noise) / count
        # Where pixels are missing, the mean of the others may lie off by as much as they differ.
        spread = np.sqrt(np.maximum(squares / count - mean**2, 0.0))
        error = error + (1 - count / count.max(axis=1, keepdims=True)) * spread
    mean = np.clip(np.stack([_filled(row) for row in mean]), *MEAN_BOUNDS)
    learned = _by_reservoir(used.astype(float), reservoir) > 0
    errors, least = np.where(learned, FREE_ERRORS, LEFT_OUT_ERRORS), np.where(learned, FREE_LEAST, LEFT_OUT_LEAST)
    return mean, np.maximum(errors * np.nan_to_num(error, nan=UNKNOWN_ERROR), least)


def _by_reservoir(values: Floats, reservoir: Ints) -> Floats:
    total = np.zeros((reservoir.max() + 1, *values.shape[1:]))
    np.add.at(total, reservoir, values)
    return total


def _filled(row: Floats) -> Floats:
    known = np.isfinite(row)
    return np.interp(np.arange(len(row)), np.flatnonzero(known), row[known])
