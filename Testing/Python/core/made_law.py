"""A law that nobody learned, for the tests of what people see of one; and movies small enough to learn one from."""

from __future__ import annotations

import numpy as np
from batterycell.movie.law import Law, LawFunction, LawMovie, LawSettings
from batterycell.movie.lithium import LithiumMovie

SIGMA, LEFT_OUT = 0.05, (3, 6)
_GRID = np.linspace(0.02, 0.98, 49)


def fake_movie(name: str = "made", points: int = 8, seed: int = 1) -> LithiumMovie:
    """Two discs that fill with lithium, seen with noise."""
    rows, columns = np.mgrid[:18, :30]
    labels = np.zeros((18, 30), np.int32)
    for number, middle in enumerate((8, 21), 1):
        labels[np.hypot(rows - 8.5, columns - middle) < 6.5] = number
    rise = np.linspace(0.15, 0.85, points)[:, None, None] + 0.01 * (columns - 15)
    noise = np.random.default_rng(seed).normal(0.0, SIGMA, rise.shape)
    fraction = np.where(labels > 0, rise + noise, np.nan).astype(np.float32)
    sigma = np.where(np.isfinite(fraction), SIGMA, np.nan).astype(np.float32)
    return LithiumMovie(fraction, sigma, labels, 120.0 * np.arange(points), (0.05, 0.05), name)


def fake_law(*movies: LithiumMovie, settings: LawSettings | None = None) -> Law:
    """A regular solution that separates, known between 0.2 and 0.8, and a field with a stripe."""
    known = (_GRID > 0.2) & (_GRID < 0.8)
    j0, mu = np.sqrt(_GRID * (1 - _GRID)), np.log(_GRID / (1 - _GRID)) + 3.0 * (1 - 2 * _GRID)
    wide = np.where(known, 0.05, 0.6)
    exchange = LawFunction(_GRID, j0, wide, np.full(49, 0.8), known, "j0(c) is known from 0.20 to 0.80.")
    potential = LawFunction(_GRID, mu, 2 * wide, np.full(49, 2.0), known, "μ(c) is known from 0.20 to 0.80.")
    draws = np.random.default_rng(0).normal(0.0, 1.0, (16, 2, 1))
    curves = np.stack([np.log(j0), mu]) + draws * np.stack([wide, 2 * wide])
    found = tuple(_learned(movie) for movie in movies or (fake_movie(),))
    visited = (0.12, 0.88)
    return Law(
        settings or LawSettings(), exchange, potential, visited, 0.004, 0.3, True, found, 1.04, {"ln_k_sd": 0.4},
        curves, 11, True, 2e-4,
    )  # fmt: skip


def _learned(movie: LithiumMovie) -> LawMovie:
    rows, columns = np.mgrid[: movie.labels.shape[0], : movie.labels.shape[1]]
    ln_k = np.where(movie.labels > 0, 0.5 * np.sin(columns / 3.0 + rows / 7.0), np.nan)
    k = np.exp(ln_k - np.nanmean(ln_k)).astype(np.float32)
    smooth = np.linspace(0.15, 0.85, movie.points)[:, None, None] + 0.01 * (columns - 15)
    fraction = np.where(movie.labels > 0, smooth, np.nan).astype(np.float32)
    reservoir = np.linspace(-1.0, 2.0, movie.points) + 0.1 * np.arange(movie.particles)[:, None]
    left_out = np.array([n for n in LEFT_OUT if n < movie.points], np.int64)
    with np.errstate(all="ignore"):
        chi = np.sqrt(np.nanmean(((movie.fraction - fraction) / movie.sigma) ** 2, axis=(1, 2)))
    sigma = np.where(movie.labels > 0, 0.12, np.nan).astype(np.float32)
    return LawMovie(
        movie.name, k, sigma, fraction, movie.labels, movie.times_s, reservoir, left_out, chi.astype(float),
        np.full(len(left_out), 1.6),
    )  # fmt: skip
