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
# So many series and more are parted into groups; of fewer, so many points to either side help.
_MANY, _MOST_GROUPS, _REACH = 50, 8, 3


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
        series: Numbers of the series it is for, shape (series,).
    """

    point: int
    used: NDArray[np.int64]
    order: int
    bend: float
    series: NDArray[np.int64]


@dataclass(frozen=True)
class _Tried:
    """What is expected of each of the windows that are tried at a point, as mean squares of a rate in 1/h².

    Args:
        bending: Difference from the first window, which bends most freely, without its noise.
        unsure: Noise of this difference.
        noise: Of each slope itself.
    """

    bending: Floats
    unsure: Floats
    noise: Floats

    def bends(self, pieces: float, bending: Floats | None = None) -> Floats:
        """Bending that is known, as what little noise leaves of it would outweigh the gain of a long window."""
        bending = self.bending if bending is None else bending
        return np.asarray(np.maximum(bending - np.sqrt(2.0 / pieces) * self.unsure, 0.0))

    def best(self, pieces: float, bending: Floats | None = None) -> tuple[int, float]:
        """The window of least mean square error, and its part by bending; ``pieces`` that say what bends."""
        bends = self.bends(pieces, bending)
        chosen = int(np.argmin(bends + self.noise))
        return chosen, float(bends[chosen])


def choose_windows(values: Floats, variances: Floats, frames: Frames, settings: KineticsSettings) -> list[Window]:
    """The windows and orders of each point in time with the least mean square error.

    What a slope is wrong by because the curve bends shows in its difference from that of the shortest window, once
    the noise of the difference, known exactly, and one standard deviation of what is left of it are taken off; to this
    adds the slope's own noise. All series have the same window, so that what leaves one pixel's rate comes to
    another's, and their mean has no bias; of many, groups of like composition say how far each bends. At the ends of a
    half cycle the points lie to one side.

    Args:
        values: Lithium fractions, shape (points, series); NaN where they are not known.
        variances: Of the noise, same shape.
        frames: The points in time.
        settings: The longest window, and the highest order.

    Returns:
        At least one for each point of a half cycle of two points or more; every series has one of them.
    """
    found: list[Window] = []
    choose = _of_groups if values.shape[1] >= _MANY else _of_few
    for half in frames.halves:
        if half.last > half.first:
            found += choose(values, variances, frames, half, _sizes(half, settings))
    return found


def _sizes(half: HalfCycle, settings: KineticsSettings) -> list[tuple[int, int]]:
    """Points and order of the polynomials that are tried; the first one bends most freely."""
    longest = min(settings.window, half.last + 1 - half.first)
    lengths = range(min(_SHORTEST, longest), longest + 1, 2)
    orders = range(settings.order, 0, -1)
    return [(n, order) for n in lengths for order in orders if order < n] or [(longest, 1)]


def _of_groups(
    values: Floats, variances: Floats, frames: Frames, half: HalfCycle, sizes: Sequence[tuple[int, int]]
) -> list[Window]:
    """Of many series: one window a point, and how far groups of like composition bend in it."""
    found = []
    for point in range(half.first, half.last + 1):
        windows = [_points(half, point, length) for length, _ in sizes]
        rows, around = _rows(frames, point, windows, sizes), windows[-1]
        whole = _try(values[around], variances[around], rows)
        n = len(sizes) - 1 if whole is None else whole.best(values.shape[1])[0]
        for series in _groups(values[around]):
            tried = _try(values[np.ix_(around, series)], variances[np.ix_(around, series)], rows)
            bend = 0.0 if tried is None else float(tried.bends(len(series))[n])
            found.append(Window(point, windows[n], sizes[n][1], bend, series))
    return found


def _of_few(
    values: Floats, variances: Floats, frames: Frames, half: HalfCycle, sizes: Sequence[tuple[int, int]]
) -> list[Window]:
    """Of few series, together; points around help to tell how far they bend."""
    points, everything = range(half.first, half.last + 1), np.arange(values.shape[1])
    windows = [[_points(half, point, length) for length, _ in sizes] for point in points]
    tried = []
    for point, own in zip(points, windows, strict=True):
        rows = _rows(frames, point, own, sizes)
        tried.append(_try(values[own[-1]], variances[own[-1]], rows))
    found = []
    for n, (point, own, one) in enumerate(zip(points, windows, tried, strict=True)):
        near = [other.bending for other in tried[max(n - _REACH, 0) : n + _REACH + 1] if other is not None]
        pieces = values.shape[1] * (len(near) + 1) / 2
        best, bend = (len(sizes) - 1, 0.0) if one is None else one.best(pieces, np.mean(near, axis=0))
        found.append(Window(point, own[best], sizes[best][1], bend, everything))
    return found


def _points(half: HalfCycle, point: int, length: int) -> NDArray[np.int64]:
    start = min(max(point - length // 2, half.first), half.last + 1 - length)
    return np.arange(start, start + length)


def _rows(frames: Frames, point: int, windows: Sequence[NDArray[np.int64]], sizes: Sequence[tuple[int, int]]) -> Floats:
    """What takes the values of the longest window's points to each slope, shape (sizes, points of the window)."""
    around = windows[-1]
    rows = np.zeros((len(sizes), len(around)))
    for row, used, (_, order) in zip(rows, windows, sizes, strict=True):
        row[used - around[0]] = frames.rows(used, point, order)[1]
    return rows


def _groups(values: Floats) -> list[NDArray[np.int64]]:
    """Series of like composition, as many in each group."""
    with np.errstate(invalid="ignore"):
        known = np.isfinite(values)
        mean = np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0)
    count = min(_MOST_GROUPS, values.shape[1] // _MANY)
    return np.array_split(np.argsort(mean, kind="stable"), count)


def _try(values: Floats, variances: Floats, rows: Floats) -> _Tried | None:
    """What the series that are known at all points show; None where there is none."""
    complete = (np.isfinite(values) & np.isfinite(variances)).all(axis=0)
    if not complete.any():
        return None
    apart, noise = rows - rows[0], variances[:, complete].mean(axis=1)
    unsure = apart**2 @ noise
    bending = ((apart @ values[:, complete]) ** 2).mean(axis=1) - unsure
    return _Tried(bending, unsure, rows**2 @ noise)
