"""Functions along a wound sheet: tables over the turn coordinate, read by linear interpolation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

SAMPLES_PER_TURN = 180
SPARE_TURNS = 3

Array = NDArray[Any]


@dataclass(frozen=True)
class SheetFunction:
    """A quantity along a sheet.

    The turn coordinate s counts turns from the outside inwards; its fraction is the angle. Rendering and truth read
    the same table, so they agree exactly.

    Args:
        values: One value per 1 / SAMPLES_PER_TURN of a turn, the first at s = -SPARE_TURNS.
    """

    values: NDArray[np.float32]

    def __call__(self, turn: Array) -> Array:
        """Values at turn coordinates of any shape, in their dtype."""
        position = (turn + SPARE_TURNS) * SAMPLES_PER_TURN
        index = np.clip(position.astype(np.int32), 0, len(self.values) - 2)
        fraction = np.clip(position - index, 0, 1)
        low = self.values[index]
        return np.asarray(low + (self.values[index + 1] - low) * fraction, turn.dtype)


def turn_grid(turns: float) -> NDArray[np.float64]:
    """Turn coordinates at which the tables of a roll are kept."""
    return np.arange(-SPARE_TURNS, turns + SPARE_TURNS, 1 / SAMPLES_PER_TURN)


def smooth_noise(grid: Array, sd: float, rng: np.random.Generator, knots_per_turn: float = 1.7) -> Array:
    """A random curve along the sheet: a cubic spline through independent normal values."""
    knots = np.arange(grid[0] - 1, grid[-1] + 2, 1 / knots_per_turn)
    return np.asarray(CubicSpline(knots, rng.normal(0, sd, len(knots)))(grid))


def window(turn: Array, middle: float, width: float) -> Array:
    """One inside a stretch of the sheet, with cosine flanks of a fifth of its width on either side."""
    flank = width / 5
    distance = (np.abs(turn - middle) - (width / 2 - flank)) / flank
    return np.asarray(0.5 + 0.5 * np.cos(np.pi * np.clip(distance, 0, 1)))
