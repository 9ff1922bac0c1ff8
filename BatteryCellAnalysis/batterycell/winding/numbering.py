"""Number the cathodes seen at single angles as the traced windings do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float64]

_NEAR = 0.4  # of the pitch: farther from where a turn is expected there is another sheet
_FORGET_DEG = 15.0  # over this angle the sheets' shift against where they were traced changes
_NEIGHBOURS = 5  # turns whose shifts must agree


@dataclass(frozen=True)
class Turns:
    """Cathode turns of the traced windings at one angle, t in all, from the outermost inward.

    Args:
        number: Windings, 1 is the outermost, shape (t,).
        radius: Where each is expected in mm, shape (t,).
        seen: Whether the trace saw it here, shape (t,).
    """

    number: NDArray[np.int64]
    radius: Floats
    seen: NDArray[np.bool_]


def find_turns(found: Sequence[Floats], turns: Sequence[Turns], angles: Floats, pitch: float) -> list[Floats]:
    """The cathodes found at each angle, in the order of the turns expected there.

    The windings were traced at other heights, where a dent may have pushed them elsewhere: from angle to angle,
    beginning where they fit best, the shift of the sheets is followed.

    Args:
        found: Radii of the cathodes at each of the a angles in mm.
        turns: The turns expected at each angle.
        angles: Degrees, rising, shape (a,).
        pitch: Radial distance from turn to turn in mm.

    Returns:
        For each angle radii of shape (t,): NaN where no cathode was found for a turn that was not seen there either.
    """
    size = [_misfit(*pair, pitch) for pair in zip(found, turns, strict=True)]
    start = int(np.argmin(size))
    order = [*range(start, len(found)), *range(start)]
    result: dict[int, Floats] = {}
    shift, before = np.zeros(0), angles[start]
    for n in order:
        keep = np.exp(-np.abs((angles[n] - before + 180) % 360 - 180) / _FORGET_DEG)
        result[n], shift = _find(found[n], turns[n], keep * shift, pitch)
        before = angles[n]
    return [result[n] for n in range(len(found))]


def _misfit(found: Floats, turns: Turns, pitch: float) -> float:
    """Median distance of the expected turns from the nearest cathode, those without one counting as a pitch."""
    distance = _nearest(found, turns.radius)[1]
    return float(np.median(np.minimum(np.abs(distance), pitch))) if len(distance) else pitch


def _find(found: Floats, turns: Turns, shift: Floats, pitch: float) -> tuple[Floats, Floats]:
    """Radius of each turn, and the shifts by winding, shape (highest number,), as the next angle's first guess."""
    guess = turns.radius + _at(shift, turns.number)
    _, rough = _nearest(found, guess)
    local = _smooth(np.where(np.abs(rough) < 0.5 * pitch, rough, np.nan))
    which, distance = _nearest(found, guess + local)
    mine = np.abs(distance) < _NEAR * pitch
    _, first = np.unique(np.where(mine, which, -1 - np.arange(len(which))), return_index=True)
    mine &= np.isin(np.arange(len(which)), first)
    expected = np.where(turns.seen, guess + local, np.nan)
    radius = np.where(mine, found[which], expected) if len(found) else expected
    shift = np.zeros(int(turns.number.max(initial=0)))
    shift[turns.number - 1] = guess + local - turns.radius
    return radius, shift


def _at(shift: Floats, number: NDArray[np.int64]) -> Floats:
    if len(shift) == 0:
        return np.zeros(len(number))
    return np.asarray(shift[np.minimum(number - 1, len(shift) - 1)])


def _nearest(found: Floats, radius: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Index of the cathode nearest to each radius, and how far out of it it lies."""
    if len(found) == 0:
        return np.zeros(len(radius), np.int64), np.full(len(radius), np.inf)
    apart = found - radius[:, None]
    which = np.abs(apart).argmin(axis=1)
    return which, apart[np.arange(len(radius)), which]


def _smooth(shift: Floats) -> Floats:
    """Shifts of turns as those of their neighbours are; 0 where nothing is known."""
    known = np.flatnonzero(np.isfinite(shift))
    if len(known) == 0:
        return np.zeros(len(shift))
    filled = np.interp(np.arange(len(shift)), known, shift[known])
    return np.asarray(ndimage.median_filter(filled, _NEIGHBOURS, mode="nearest"))
