"""The points in time of a particle, and the polynomials fitted around each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.kinetics.halves import HalfCycle

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Frames:
    """The points in time of a particle.

    Args:
        times_h: In hours, shape (points,).
        weights: What each point counts in a fit, the same for all pixels, so that weights cannot follow a pixel's
            noise, shape (points,).
        halves: Its half cycles.
    """

    times_h: Floats
    weights: Floats
    halves: tuple[HalfCycle, ...]

    @property
    def moving(self) -> tuple[HalfCycle, ...]:
        """Its half cycles without rests."""
        return tuple(half for half in self.halves if half.direction != "rest")

    def rows(self, used: Numbers, point: int, order: int) -> tuple[Floats, Floats]:
        """What takes the values at the used points to a polynomial's value and slope at a point, by least squares."""
        columns, scale = self._columns(used, point, order)
        root = np.sqrt(self.weights[used])
        inverse = np.linalg.pinv(columns * root[:, None]) * root
        return inverse[0], inverse[1] / scale

    def bending(self, used: Numbers, point: int, order: int) -> Floats:
        """What takes the values at the used points to what no polynomial of an order explains, shape (used, used)."""
        columns = self._columns(used, point, order)[0]
        return np.asarray(np.eye(len(used)) - columns @ np.linalg.pinv(columns))

    def _columns(self, used: Numbers, point: int, order: int) -> tuple[Floats, float]:
        apart = self.times_h[used] - self.times_h[point]
        scale = float(np.abs(apart).max()) or 1.0
        return (apart[:, None] / scale) ** np.arange(min(order, len(used) - 1) + 1), scale


@dataclass(frozen=True)
class Window:
    """The local polynomial of one point in time.

    Args:
        point: The point.
        used: The points of its window.
        order: Of the polynomial.
        bend: Mean square of what the slope is wrong by because the curve bends, in 1/h².
        series: Numbers of the series it is for, shape (series,).
    """

    point: int
    used: Numbers
    order: int
    bend: float
    series: Numbers


def points_around(half: HalfCycle, point: int, length: int) -> Numbers:
    """So many points around one, at the ends of a half cycle to one side, and all of it if it is shorter."""
    length = min(length, half.last + 1 - half.first)
    start = min(max(point - length // 2, half.first), half.last + 1 - length)
    return np.arange(start, start + length)
