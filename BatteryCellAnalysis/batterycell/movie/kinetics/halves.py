"""Half cycles of a particle: from turning point to turning point, and where nothing moves."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Direction = Literal["insertion", "extraction", "rest"]
# A way back is one where it is longer than this, and than the noise explains.
_LEAST_SWING, _SIGMAS = 0.03, 6.0
# A rest is known to be slower than this share of the half cycle it interrupts.
_SLOW, _FEWEST = 0.2, 2
# Points to either side that say where a turning point lies.
_REACH = 6


@dataclass(frozen=True)
class HalfCycle:
    """A stretch of time in which lithium moves one way, or not.

    Args:
        first: Its first point in time, from 0.
        last: Its last one, inclusive.
        direction: Which way.
    """

    first: int
    last: int
    direction: Direction

    @property
    def points(self) -> slice:
        """Its points in time."""
        return slice(self.first, self.last + 1)


def find_half_cycles(mean: Floats, sigma: Floats, times_s: Floats) -> tuple[HalfCycle, ...]:
    """Part a particle's time into half cycles and rests, each point in one of them.

    A turning point is the highest or lowest point before a way back that is longer than 0.03 and than the noise
    explains; where it lies exactly follows from the two lines that fit best around it. A rest is a stretch that is
    known to be slower than a fifth of the half cycle around it.

    Args:
        mean: Lithium fraction of the particle, shape (points,); NaN where it is not known.
        sigma: Its standard uncertainty, shape (points,).
        times_s: In s, rising, shape (points,).

    Returns:
        In order, without gaps; a particle that does not move has one rest.
    """
    known = np.flatnonzero(np.isfinite(mean) & np.isfinite(sigma))
    if len(known) < 2:
        return (HalfCycle(0, len(mean) - 1, "rest"),)
    values, times = mean[known], times_s[known]
    noise = np.maximum(sigma[known], _typical(values, times))
    least = max(_LEAST_SWING, _SIGMAS * float(np.median(noise)))
    legs = [found for leg in _legs(values, times, least) for found in _with_rests(leg, values, noise, times)]
    return _of_all_points(_merged(legs), known, len(mean))


def find_scatter(values: Floats, times: Floats) -> Floats:
    """How far each point lies off the cubic of its four neighbours, scaled to the noise of one, shape (points − 4,)."""
    apart = []
    for n in range(2, len(values) - 2):
        around = [n - 2, n - 1, n + 1, n + 2]
        place = (times[around] - times[n]) / (times[n + 2] - times[n - 2])
        shares = np.linalg.solve(np.vander(place, 4).T, [0.0, 0.0, 0.0, 1.0])
        apart.append(abs(values[n] - shares @ values[around]) / np.sqrt(1 + shares @ shares))
    return np.array(apart)


def _typical(values: Floats, times: Floats) -> float:
    """Typical scatter: what pixels share is in no pixel's noise."""
    return 0.0 if len(values) < 2 * _REACH else float(np.median(find_scatter(values, times))) / 0.6745


def _legs(values: Floats, times: Floats, least: float) -> list[HalfCycle]:
    """From turning point to turning point, without rests."""
    turns = _turns(values, least)
    ends = [0, *(_sharpened(values, times, turn, turns) for turn in turns), len(values) - 1]
    firsts = [0, *(end + 1 for end in ends[1:-1])]
    return [
        HalfCycle(first, last, _direction(values, first, last, least))
        for first, last in zip(firsts, ends[1:], strict=True)
    ]


def _turns(values: Floats, least: float) -> list[int]:
    """Highest and lowest points, each followed by a way back of more than ``least``."""
    turns: list[int] = []
    high = low = 0
    rising: bool | None = None
    for n, value in enumerate(values):
        high, low = (n if value > values[high] else high), (n if value < values[low] else low)
        if rising is not False and values[high] - value > least:
            turns += [high] if rising else []
            rising, low = False, n
            high = n
        elif rising is not True and value - values[low] > least:
            turns += [low] if rising is False else []
            rising, high = True, n
            low = n
    return turns


def _sharpened(values: Floats, times: Floats, turn: int, turns: list[int]) -> int:
    """The last point of the leg that ends at a turn: where the best two lines around it meet."""
    place = turns.index(turn)
    before = turns[place - 1] + 1 if place else 0
    after = turns[place + 1] if place + 1 < len(turns) else len(values) - 1
    first, last = max(before, turn - _REACH), min(after, turn + _REACH)
    candidates = range(first + 1, last - 1)
    if len(candidates) < 2:
        return turn
    own = slice(first, last + 1)
    errors = [_of_two_lines(values[own], times[own], n - first) for n in candidates]
    return candidates[int(np.argmin(errors))]


def _of_two_lines(values: Floats, times: Floats, last: int) -> float:
    """What is left of two lines, the first one until ``last``."""
    parts = (slice(0, last + 1), slice(last + 1, len(values)))
    return sum(float(_residual(values[part], times[part])) for part in parts)


def _residual(values: Floats, times: Floats) -> float:
    centred = times - times.mean()
    rest = values - values.mean()
    spread = float(centred @ centred)
    slope = float(centred @ rest) / spread if spread else 0.0
    return float(((rest - slope * centred) ** 2).sum())


def _direction(values: Floats, first: int, last: int, least: float) -> Direction:
    ends = max((last + 1 - first) // 4, 1)
    moved = float(values[last + 1 - ends : last + 1].mean() - values[first : first + ends].mean())
    if np.ptp(values[first : last + 1]) < least or abs(moved) < least / 2:
        return "rest"
    return "insertion" if moved > 0 else "extraction"


def _with_rests(leg: HalfCycle, values: Floats, noise: Floats, times: Floats) -> list[HalfCycle]:
    """The leg, parted by its longest rest and those before and after."""
    if leg.direction == "rest" or leg.last - leg.first < _FEWEST:
        return [leg]
    own = leg.points
    found = _longest_rest(values[own], noise[own], times[own])
    if found is None:
        return [leg]
    first, last = _with_ends(leg, leg.first + found[0], leg.first + found[1], values)
    parts = [HalfCycle(first, last, "rest")]
    if first > leg.first:
        parts = [*_with_rests(HalfCycle(leg.first, first - 1, leg.direction), values, noise, times), *parts]
    if last < leg.last:
        parts += _with_rests(HalfCycle(last + 1, leg.last, leg.direction), values, noise, times)
    return parts


def _with_ends(leg: HalfCycle, first: int, last: int, values: Floats) -> tuple[int, int]:
    """A rest with what is left of its leg before or after it, where that moves too little for one of its own."""
    before, after = values[leg.first : first + 1], values[last : leg.last + 1]
    return (
        leg.first if np.ptp(before) < _LEAST_SWING / 2 else first,
        leg.last if np.ptp(after) < _LEAST_SWING / 2 else last,
    )


def _longest_rest(values: Floats, noise: Floats, times: Floats) -> tuple[int, int] | None:
    """First and last point of the longest stretch known to be slow, within a leg."""
    pace = abs(_slope(values, noise, times)[0])
    within = max(_LEAST_SWING / 2, 5.0 * float(np.median(noise)))
    best: tuple[int, int] | None = None
    for first in range(len(values) - _FEWEST + 1):
        shortest = _FEWEST if best is None else best[1] - best[0] + 2
        for last in range(first + shortest - 1, len(values)):
            own = slice(first, last + 1)
            if np.ptp(values[own]) > within:
                break
            slope, unsure = _slope(values[own], noise[own], times[own])
            if abs(slope) + 2 * unsure < _SLOW * pace:
                best = (first, last)
    return best


def _slope(values: Floats, noise: Floats, times: Floats) -> tuple[float, float]:
    centred = times - times.mean()
    spread = float(centred @ centred)
    return float(centred @ values) / spread, float(np.sqrt((centred**2 * noise**2).sum())) / spread


def _merged(legs: list[HalfCycle]) -> list[HalfCycle]:
    """Neighbours of one direction as one."""
    merged = legs[:1]
    for leg in legs[1:]:
        if leg.direction == merged[-1].direction:
            merged[-1] = HalfCycle(merged[-1].first, leg.last, leg.direction)
        else:
            merged.append(leg)
    return merged


def _of_all_points(legs: list[HalfCycle], known: NDArray[np.int64], count: int) -> tuple[HalfCycle, ...]:
    """The same among all points: unknown ones belong to what comes before them."""
    firsts = [0, *(int(known[leg.first]) for leg in legs[1:]), count]
    return tuple(
        HalfCycle(first, after - 1, leg.direction) for leg, (first, after) in zip(legs, pairwise(firsts), strict=True)
    )
