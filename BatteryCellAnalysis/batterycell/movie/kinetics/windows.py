"""Which points in time a slope is taken from: as many as possible without the curve bending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .halves import HalfCycle
from .settings import KineticsSettings

Floats = NDArray[np.float64]
_SHORTEST = 3
# Of fewer series than these, points around help to tell how far they bend: so many to either side.
_MANY, _REACH = 50, 3


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

    def rows(self, used: NDArray[np.int64], point: int, order: int) -> tuple[Floats, Floats]:
        """What takes the values at the used points to a polynomial's value and slope at a point, by least squares."""
        apart = self.times_h[used] - self.times_h[point]
        scale = float(np.abs(apart).max()) or 1.0
        root = np.sqrt(self.weights[used])
        columns = (apart[:, None] / scale) ** np.arange(min(order, len(used) - 1) + 1)
        inverse = np.linalg.pinv(columns * root[:, None]) * root
        return inverse[0], inverse[1] / scale


@dataclass(frozen=True)
class Window:
    """The local polynomial of one point in time.

    Args:
        point: The point.
        used: The points of its window.
        order: Of the polynomial.
        bend: Mean square of what the slope is wrong by because the curve bends, in 1/h².
    """

    point: int
    used: NDArray[np.int64]
    order: int
    bend: float = 0.0


def choose_windows(values: Floats, variances: Floats, frames: Frames, settings: KineticsSettings) -> list[Window]:
    """The window and order of each point in time with the least mean square error over all series.

    What a slope is wrong by because the curve bends shows in its difference from that of the shortest window, once
    the noise of the difference, known exactly, and one standard deviation of what is left of it are taken off; to this
    adds the slope's own noise. At the ends of a half cycle the points lie to one side.

    Args:
        values: Lithium fractions, shape (points, series); NaN where they are not known.
        variances: Of the noise, same shape.
        frames: The points in time.
        settings: The longest window, and the highest order.

    Returns:
        One for each point of a half cycle of two points or more.
    """
    whole = np.isfinite(values) & np.isfinite(variances)
    found: list[Window] = []
    for half in frames.halves:
        if half.last > half.first:
            complete = whole[half.points].all(axis=0)
            found += _of_half(values[:, complete], variances[:, complete], frames, half, _sizes(half, settings))
    return found


def _sizes(half: HalfCycle, settings: KineticsSettings) -> list[tuple[int, int]]:
    """Points and order of the polynomials that are tried; the first one bends most freely."""
    longest = min(settings.window, half.last + 1 - half.first)
    lengths = range(min(_SHORTEST, longest), longest + 1, 2)
    orders = range(settings.order, 0, -1)
    return [(n, order) for n in lengths for order in orders if order < n] or [(longest, 1)]


def _of_half(
    values: Floats, variances: Floats, frames: Frames, half: HalfCycle, sizes: Sequence[tuple[int, int]]
) -> list[Window]:
    points = range(half.first, half.last + 1)
    windows = [[_window(half, point, *size) for size in sizes] for point in points]
    if not values.shape[1]:
        return [own[-1] for own in windows]
    bending, unsure, noise = np.array([_errors(values, variances, frames, own) for own in windows]).transpose(2, 0, 1)
    reach = 1 if values.shape[1] >= _MANY else _REACH
    doubt = np.sqrt(2.0 / (values.shape[1] * (reach + 0.5))) * unsure
    bends = np.maximum(_with_neighbours(bending, reach) - doubt, 0.0)
    best = np.argmin(bends + noise, axis=1)
    return [
        Window(own[n].point, own[n].used, own[n].order, float(bend[n]))
        for own, bend, n in zip(windows, bends, best.tolist(), strict=True)
    ]


def _window(half: HalfCycle, point: int, length: int, order: int) -> Window:
    start = min(max(point - length // 2, half.first), half.last + 1 - length)
    return Window(point, np.arange(start, start + length), order)


def _errors(
    values: Floats, variances: Floats, frames: Frames, windows: Sequence[Window]
) -> list[tuple[float, float, float]]:
    """Mean square of each slope's difference from the first one by bending, by noise; and of its own noise."""
    rows = np.zeros((len(windows), len(values)))
    for row, one in zip(rows, windows, strict=True):
        row[one.used] = frames.rows(one.used, one.point, one.order)[1]
    apart = rows - rows[0]
    noise = variances.mean(axis=1)
    unsure = apart**2 @ noise
    bending = ((apart @ values) ** 2).mean(axis=1) - unsure
    return list(zip(bending.tolist(), unsure.tolist(), (rows**2 @ noise).tolist(), strict=True))


def _with_neighbours(bending: Floats, reach: int) -> Floats:
    """Mean of each point and those around it, shape (points, sizes)."""
    padded = np.pad(bending, ((reach, reach), (0, 0)), mode="edge")
    moved = [padded[n : n + len(bending)] for n in range(2 * reach + 1)]
    return np.asarray(np.mean(moved, axis=0))
