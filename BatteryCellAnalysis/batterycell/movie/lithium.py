"""Lithium of every pixel over time: where the kinetics begin, whoever found it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError

if TYPE_CHECKING:
    from .chemistry import Chemistry

Floats = NDArray[np.float64]
FEWEST_POINTS = 3
_MOST_NAMED = 8


@dataclass(frozen=True)
class LithiumMovie:
    """Lithium fractions of a movie's particles.

    Args:
        fraction: Lithium per metal without bounds, so that noise has the mean zero, float32, shape (points, rows,
            columns); NaN where it is not known.
        sigma: Its standard uncertainty by the noise, same shape.
        labels: Number of the particle of each pixel, int32, shape (rows, columns); 0 outside.
        times_s: Time of each point in s, rising, shape (points,).
        pixel_um: Height and width of a pixel in µm.
        name: Short name for pictures and reports.
        amount: Mean amount of metal of each pixel in any unit, shape (rows, columns): thick places count more in a
            particle's mean; None where all count the same.
        notes: What must be told of where it came from.

    Raises:
        InputError: if these do not belong together, times are missing or do not rise, or no pixel is known.
    """

    fraction: NDArray[np.float32]
    sigma: NDArray[np.float32]
    labels: NDArray[np.int32]
    times_s: Floats
    pixel_um: tuple[float, float]
    name: str = "movie"
    amount: NDArray[np.float32] | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_shapes(self)
        _check_times(self)
        _check_values(self)

    @classmethod
    def of_chemistry(cls, found: Chemistry) -> LithiumMovie:
        """What a movie's chemistry found, without its bounds.

        Raises:
            InputError: if the movie has no times, or too few points in time.
        """
        prepared = found.prepared
        return cls(
            found.free,
            found.sigma,
            prepared.labels,
            prepared.points.times_s,
            prepared.pixel_um,
            prepared.movie.name,
            mean_amount(found.total),
            blank_points(found.free, prepared.labels),
        )

    @property
    def points(self) -> int:
        """Number of points in time."""
        return len(self.times_s)

    @property
    def particles(self) -> int:
        """Number of particles."""
        return int(self.labels.max())

    @cached_property
    def weights(self) -> Floats:
        """What each pixel counts in its particle's mean, shape (rows, columns), 0 outside."""
        inside = self.labels > 0
        return np.where(inside, 1.0 if self.amount is None else np.asarray(self.amount, float), 0.0)


def mean_amount(total: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean amount of each pixel over time, shape (rows, columns), from (points, rows, columns); 0 where none is known.

    One point at a time, as the stack may be larger than memory.
    """
    amount, count = np.zeros(total.shape[1:]), np.zeros(total.shape[1:])
    for point in total:
        known = np.isfinite(point)
        amount += np.where(known, point, 0.0)
        count += known
    return np.asarray(amount / np.maximum(count, 1), np.float32)


def blank_points(fraction: NDArray[np.float32], labels: NDArray[np.int32]) -> tuple[str, ...]:
    """What must be told of points in time without any value in the particles."""
    inside = labels > 0
    blank = [str(n) for n, point in enumerate(fraction, 1) if not np.isfinite(point[inside]).any()]
    more = ", ..." if len(blank) > _MOST_NAMED else ""
    return (f"No pixel has a value at point {', '.join(blank[:_MOST_NAMED])}{more}.",) if blank else ()


def _check_shapes(movie: LithiumMovie) -> None:
    shapes: list[tuple[str, Any, Any]] = [
        ("uncertainties", movie.sigma.shape, movie.fraction.shape),
        ("particles", movie.labels.shape, movie.fraction.shape[1:]),
        ("amounts", movie.fraction.shape[1:] if movie.amount is None else movie.amount.shape, movie.fraction.shape[1:]),
    ]
    for words, found, wanted in shapes:
        if found != wanted:
            message = f"The {words} of {movie.name} have the shape {found}, its fractions need {wanted}."
            raise InputError("lithium-shape", message, "Take all of them from one result.")


def _check_times(movie: LithiumMovie) -> None:
    times = movie.times_s
    if len(times) != len(movie.fraction):
        message = f"{movie.name} has {len(movie.fraction)} points in time, but {len(times)} times."
        raise InputError("lithium-times", message, "Give one time for each point (--times).")
    # First, as a single point keeps no time in a sequence: the hint must not send people there.
    if len(times) < FEWEST_POINTS:
        message = f"{movie.name} has too few points in time for a rate: {len(times)}."
        raise InputError("lithium-points", message, f"Rates need at least {FEWEST_POINTS}.")
    if not np.isfinite(times).all():
        raise InputError("lithium-times", f"The times of {movie.name} are not stated.", "Give them in s (--times).")
    if (np.diff(times) <= 0).any():
        raise InputError("lithium-times", f"The times of {movie.name} do not rise.", "Give them in s, in order.")


def _check_values(movie: LithiumMovie) -> None:
    if not (movie.labels > 0).any():
        raise InputError("lithium-mask", f"{movie.name} has no particle.", "Give a mask or a lower threshold.")
    inside, some = movie.labels > 0, False
    # One point at a time, as the stacks may be larger than memory.
    for fraction, sigma in zip(movie.fraction, movie.sigma, strict=True):
        known = np.isfinite(fraction) & np.isfinite(sigma) & inside
        some = some or bool(known.any())
        _check_sigma(sigma[known], movie.name)
    if not some:
        hint = "See that particles and maps belong together."
        raise InputError("lithium-unknown", f"No pixel of {movie.name}'s particles has a lithium fraction.", hint)


def _check_sigma(sigma: NDArray[np.float32], name: str) -> None:
    if (sigma <= 0).any():
        message = f"An uncertainty of {name} is zero or negative."
        raise InputError("lithium-sigma", message, "Give standard uncertainties (--sigma).")
