"""What was learned of each movie, put back where its particles are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.law.batch import Batch, used_points
from batterycell.movie.law.law import LawMovie
from batterycell.movie.law.settings import LawSettings
from batterycell.movie.lithium import LithiumMovie

Floats = NDArray[np.float64]
# Draws are few, what is unknown of neighbours is alike: variances are averaged over this many pixels.
SMOOTHING_PX = 1.0


@dataclass(frozen=True)
class Found:
    """Of a batch, as arrays.

    Args:
        ln_k: Shape (B, H, W).
        variance: Of ln k, same shape; NaN where it was not asked for.
        fraction: Predicted, shape (B, T, H, W).
        reservoir: μ_res in kT, that of the most probable law and of draws, shape (1 + draws, B, T).
    """

    ln_k: Floats
    variance: Floats
    fraction: Floats
    reservoir: Floats = field(default_factory=lambda: np.empty((1, 0, 0)))


def law_movies(
    movies: Sequence[LithiumMovie], batch: Batch, found: Found, settings: LawSettings
) -> tuple[LawMovie, ...]:
    """One of each movie."""
    return tuple(_movie(movie, number, batch, found, settings) for number, movie in enumerate(movies))


def smoothed(variance: Floats, mask: Floats) -> Floats:
    """Variances of pixels averaged with their neighbours within the particles, shape (B, H, W)."""
    from scipy.ndimage import gaussian_filter

    sigma = (0.0, SMOOTHING_PX, SMOOTHING_PX)
    near = gaussian_filter(mask, sigma)
    return np.asarray(gaussian_filter(variance * mask, sigma) / np.where(mask > 0, near, 1.0))


def _movie(movie: LithiumMovie, number: int, batch: Batch, found: Found, settings: LawSettings) -> LawMovie:
    mine = [n for n, place in enumerate(batch.places) if place.movie == number]
    fraction = _put(movie.fraction.shape, batch, found.fraction, mine)
    left_out = np.flatnonzero(~used_points(movie, settings))
    reservoir = np.full((len(found.reservoir), movie.particles, movie.points), np.nan)
    for n in mine:
        reservoir[:, batch.places[n].label - 1] = found.reservoir[:, n, : movie.points]
    return LawMovie(
        movie.name,
        _put(movie.labels.shape, batch, np.exp(found.ln_k), mine),
        _put(movie.labels.shape, batch, np.sqrt(found.variance), mine),
        fraction,
        movie.labels,
        movie.times_s,
        reservoir[0],
        left_out,
        _chi(movie, fraction),
        _chi(movie, np.where(np.isfinite(fraction), _peer(movie, left_out), np.nan))[left_out],
        reservoir[1:],
    )


def _put(shape: tuple[int, ...], batch: Batch, values: Floats, mine: Sequence[int]) -> NDArray[np.float32]:
    whole = np.full(shape, np.nan, np.float32)
    for n in mine:
        place = batch.places[n]
        height, width = (part.stop - part.start for part in (place.rows, place.columns))
        inside = batch.mask[n, :height, :width] > 0
        part = values[n][..., :height, :width]
        part = part[: shape[0]] if len(shape) > 2 else part
        whole[..., place.rows, place.columns][..., inside] = part[..., inside]
    return whole


def _chi(movie: LithiumMovie, predicted: NDArray[Any]) -> Floats:
    """Root mean square of (seen − predicted) / σ of each point; NaN where nothing is known."""
    misfit = np.square((movie.fraction - predicted) / movie.sigma, dtype=float)
    known = np.isfinite(misfit)
    count = known.sum(axis=(1, 2))
    total = np.where(known, misfit, 0.0).sum(axis=(1, 2))
    return np.asarray(np.sqrt(np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)))


def _peer(movie: LithiumMovie, left_out: NDArray[np.int64]) -> Floats:
    """Pixels on the line between the neighbours in time that were used, moved to the particles' measured means."""
    predicted = movie.fraction.astype(float)
    used = np.setdiff1d(np.arange(movie.points), left_out)
    for point in left_out:
        before, after = used[used < point].max(), used[used > point].min(initial=used.max())
        span = movie.times_s[after] - movie.times_s[before]
        share = (movie.times_s[point] - movie.times_s[before]) / span if after > point else 0.0
        predicted[point] = (1 - share) * movie.fraction[before] + share * movie.fraction[after]
        for label in range(1, movie.particles + 1):
            inside = (movie.labels == label) & np.isfinite(movie.fraction[point] - predicted[point])
            predicted[point][inside] += (
                (movie.fraction[point] - predicted[point])[inside].mean() if inside.any() else 0.0
            )
    return predicted
