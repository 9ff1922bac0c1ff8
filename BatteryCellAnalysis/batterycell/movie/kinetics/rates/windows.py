"""Which points in time a slope is taken from: as many as possible without the curve bending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.kinetics.halves import HalfCycle
from batterycell.movie.kinetics.settings import KineticsSettings

from .frames import Frames, Numbers, Window, points_around
from .typical import Typical

Floats = NDArray[np.float64]
_SHORTEST = 3
# Standard deviations of its noise from which on bending counts.
_SURE = 1.2
# So many series and more are parted into groups; of fewer, so many points to either side help.
_MANY, _MOST_GROUPS, _REACH = 50, 8, 3


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

    def seen(self, n: int, pieces: float) -> float:
        """Bending of one window where it is known beside its noise."""
        bending = float(self.bending[n])
        return bending if bending > _SURE * np.sqrt(2.0 / pieces) * self.unsure[n] else 0.0

    def best(self, pieces: float, bending: Floats | None = None) -> tuple[int, float]:
        """The window of least mean square error, and its part by bending; ``pieces`` that say what bends."""
        bends = self.bends(pieces, bending)
        chosen = int(np.argmin(bends + self.noise))
        return chosen, float(bends[chosen])


def choose_windows(
    values: Floats, variances: Floats, typical: Typical, frames: Frames, settings: KineticsSettings
) -> list[Window]:
    """The windows and orders of each point in time with the least mean square error.

    What a slope is wrong by because the curve bends shows in its difference from that of the shortest window, once
    the noise of the difference, known exactly, and one standard deviation of what is left of it are taken off; to this
    adds the slope's own noise. All series have the same window, so that what leaves one pixel's rate comes to
    another's, and their mean has no bias; of many, groups of like composition say how far each bends. At the ends of a
    half cycle the points lie to one side. Bending is that beside what is typical.

    Args:
        values: Lithium fractions, shape (points, series); NaN where they are not known.
        variances: Of the noise, same shape.
        typical: What is typical of them.
        frames: The points in time.
        settings: The longest window, and the highest order.

    Returns:
        At least one for each point of a half cycle of two points or more; every series has one of them.
    """
    found: list[Window] = []
    choose = _of_groups if values.shape[1] >= _MANY else _of_few
    series = _Series(values, variances, typical, frames)
    for half in frames.halves:
        if half.last > half.first:
            found += choose(series, half, _sizes(half, settings))
    return found


@dataclass(frozen=True)
class _Series:
    values: Floats
    variances: Floats
    typical: Typical
    frames: Frames

    def beside(self, point: int, used: Numbers) -> Floats:
        """What they show beside what is typical."""
        return self.typical.beside(self.values, point, used, np.arange(self.values.shape[1]))


def _sizes(half: HalfCycle, settings: KineticsSettings) -> list[tuple[int, int]]:
    """Points and order of the polynomials that are tried; the first one bends most freely."""
    longest = min(settings.window, half.last + 1 - half.first)
    lengths = range(min(_SHORTEST, longest), longest + 1, 2)
    orders = range(settings.order, 0, -1)
    return [(n, order) for n in lengths for order in orders if order < n] or [(longest, 1)]


def _of_groups(given: _Series, half: HalfCycle, sizes: Sequence[tuple[int, int]]) -> list[Window]:
    """Of many series: one window a point, and how far groups of like composition bend in it."""
    found = []
    for point in range(half.first, half.last + 1):
        windows = [points_around(half, point, length) for length, _ in sizes]
        rows, around = _rows(given.frames, point, windows, sizes), windows[-1]
        values, variances = given.beside(point, around), given.variances[around]
        whole = _try(values, variances, rows)
        n = len(sizes) - 1 if whole is None else whole.best(values.shape[1])[0]
        for series in _groups(given.values[around]):
            tried = _try(values[:, series], variances[:, series], rows)
            bend = 0.0 if tried is None else tried.seen(n, len(series))
            found.append(Window(point, windows[n], sizes[n][1], bend, series))
    return found


def _of_few(given: _Series, half: HalfCycle, sizes: Sequence[tuple[int, int]]) -> list[Window]:
    """Of few series, together; points around help to tell how far they bend."""
    points, count = range(half.first, half.last + 1), given.values.shape[1]
    windows = [[points_around(half, point, length) for length, _ in sizes] for point in points]
    tried = []
    for point, own in zip(points, windows, strict=True):
        tried.append(
            _try(given.beside(point, own[-1]), given.variances[own[-1]], _rows(given.frames, point, own, sizes))
        )
    found = []
    for n, (point, own, one) in enumerate(zip(points, windows, tried, strict=True)):
        near = [other.bending for other in tried[max(n - _REACH, 0) : n + _REACH + 1] if other is not None]
        pieces = count * (len(near) + 1) / 2
        best, bend = (len(sizes) - 1, 0.0) if one is None else one.best(pieces, np.mean(near, axis=0))
        found.append(Window(point, own[best], sizes[best][1], bend, np.arange(count)))
    return found


def _rows(frames: Frames, point: int, windows: Sequence[Numbers], sizes: Sequence[tuple[int, int]]) -> Floats:
    """What takes the values of the longest window's points to each slope, shape (sizes, points of the window)."""
    around = windows[-1]
    rows = np.zeros((len(sizes), len(around)))
    for row, used, (_, order) in zip(rows, windows, sizes, strict=True):
        row[used - around[0]] = frames.rows(used, point, order)[1]
    return rows


def _groups(values: Floats) -> list[Numbers]:
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
