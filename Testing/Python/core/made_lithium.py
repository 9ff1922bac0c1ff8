"""Lithium over time that tests of kinetics are made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from batterycell.movie.lithium import LithiumMovie
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SIGMA, STEP_S = 0.07, 60.0


def movie_of(truth: Floats, sigma: float = SIGMA, seed: int = 0, **how: Any) -> LithiumMovie:
    """A movie of known fractions, shape (points, rows, columns), with noise; one particle unless labels are given."""
    noise = np.random.default_rng(seed).normal(0, sigma, truth.shape) if seed else 0.0
    given = {
        "labels": np.ones(truth.shape[1:], np.int32),
        "times_s": STEP_S * np.arange(len(truth)),
        "pixel_um": (0.05, 0.05),
        **how,
    }
    return LithiumMovie((truth + noise).astype(np.float32), np.full(truth.shape, sigma, np.float32), **given)


def ramp(points: int, shape: tuple[int, int], start: float = 0.1, end: float = 0.9) -> Floats:
    """Lithium that changes everywhere alike."""
    return np.linspace(start, end, points)[:, None, None] * np.ones(shape)


def cycle(points: int, shape: tuple[int, int]) -> Floats:
    """In and out again at the same rate."""
    up = ramp(points, shape)
    return np.concatenate([up, up[-2::-1]])


def front(points: int, shape: tuple[int, int], width_px: float = 2.0) -> Floats:
    """A front that crosses the columns at an even speed, one half outside at either end."""
    place = np.linspace(-0.1, 1.1, points)[:, None, None] * shape[1]
    return np.asarray(0.05 + 0.9 / (1 + np.exp((np.arange(shape[1]) - place) * 2 / width_px)) * np.ones(shape))
