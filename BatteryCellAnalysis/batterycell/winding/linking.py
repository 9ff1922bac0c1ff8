"""Link the cathodes seen at single angles into turns of one spiral."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.errors import InputError

from .planes import EndPlanes
from .sheets import Sheets

Floats = NDArray[np.float64]

_NEAR = 0.35  # of the pitch: farther from where a ring may begin there is another sheet
_STEP = 0.2  # ...: farther off from one angle to the next it is an anode that goes on where the cathode stops
_WALL = 1.6  # of the typical cathode's grey value
_SMOOTH = 1.0  # samples; peaks scatter by a tenth of a voxel
_APART = 30  # samples: a gap as long, and longer than what follows it, ends the roll
_RUN, _SEEN = 12, 0.75  # samples beyond the roll's ends, and share of them seen, that make them its ends


@dataclass(frozen=True)
class Spiral:
    """The cathode of one band as a single curve.

    Args:
        sense: +1 where the spiral runs inward with rising angles, -1 with falling.
        first: Index of the first sample: its angle is ``first`` steps from 0°, along the spiral.
        radii: Radius of each sample in mm, evenly spaced in angle; NaN where unseen.
    """

    sense: int
    first: int
    radii: Floats


def link(planes: EndPlanes, sheets: Sheets) -> Spiral:
    """Follow every cathode from angle to angle, once around, and join the turns where they meet.

    Args:
        planes: Evenly spaced half-planes of one row, from 0°.
        sheets: What `find_sheets` saw on them.

    Raises:
        InputError: if the sheets do not join to one spiral.
    """
    seen = [_seen(planes, sheets, n) for n in range(len(planes.angles))]
    start = _clearest(seen)
    sense, rings = _both_ways(seen[start:] + seen[:start], sheets.pitch_mm)
    # Ring n at the last angle meets ring n + sense at the first one.
    curve = (rings if sense > 0 else rings[:, ::-1]).ravel()
    return _trimmed(sense, start if sense > 0 else 1 - start, _without_outliers(curve, sheets.pitch_mm))


def _seen(planes: EndPlanes, sheets: Sheets, angle: int) -> Floats:
    """Radii of the cathodes at one angle; what is much brighter is the can's wall, pushed in by a dent."""
    radii = sheets.cathode_mm[sheets.angle == angle]
    radii = radii[np.isfinite(radii)]
    grey = np.interp(radii, planes.radii, planes.grey[angle, 0])
    return np.asarray(radii[grey < _WALL * sheets.cathode_grey])


def _clearest(seen: list[Floats]) -> int:
    """Index of the angle whose rings are most evenly spaced, of those that show as many as usual.

    Where a tab is there are fewer, and beside the cathode's beginning an anode may be taken for a ring.
    """
    counts = np.array([len(radii) for radii in seen])
    uneven = [float(np.ptp(np.diff(radii))) if len(radii) > 2 else np.inf for radii in seen]
    return int(np.argmin(np.where(counts >= np.percentile(counts, 80), uneven, np.inf)))


def _both_ways(seen: list[Floats], pitch: float) -> tuple[int, Floats]:
    """Sense, and radii of the rings, followed around in both directions: each loses rings that begin on its way."""
    rings, last = _follow(seen, pitch)
    sense = _sense(rings[:, 0], last)
    back, _ = _follow([seen[0], *seen[:0:-1]], pitch)
    # What the way back starts out on as ring n arrived on the way there as ring n - sense.
    back = np.roll(back[:, :0:-1], -sense, axis=0)
    back[-1 if sense > 0 else 0] = np.nan
    rings[:, 1:] = np.where(np.isfinite(rings[:, 1:]), rings[:, 1:], back)
    return sense, rings


def _follow(seen: list[Floats], pitch: float) -> tuple[Floats, Floats]:
    """Radii of the rings, outermost first, shape (rings, angles); and where they arrive after 360°."""
    start = _regular(seen[0], pitch)
    if len(start) < 2:
        raise _unclear()
    # Room for one ring on either side: turns may begin elsewhere than at the first angle.
    track = np.concatenate([[start[0] + pitch], start, [start[-1] - pitch]])
    rings = np.full((len(track), len(seen)), np.nan)
    reach = np.full(len(track), _NEAR * pitch)
    for n, radii in enumerate(seen):
        ring, radii = _match(track, radii, reach)
        reach[ring] = _STEP * pitch
        rings[ring, n] = radii
        track = _moved(track, ring, radii)
    return rings, track


def _regular(radii: Floats, pitch: float) -> Floats:
    """The longest run of rings a pitch apart: at either end an anode that stands alone may have been taken for one."""
    even = np.abs(-np.diff(radii) - pitch) < _NEAR * pitch
    labels, count = ndimage.label(even)
    if count == 0:
        return radii[:0]
    run = np.flatnonzero(labels == np.argmax(np.bincount(labels)[1:]) + 1)
    return radii[run[0] : run[-1] + 2]


def _match(track: Floats, radii: Floats, reach: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Which ring each radius belongs to, and the radii that belong to one."""
    distance = np.abs(radii[:, None] - track)
    ring = np.argmin(distance, axis=1)
    near = distance[np.arange(len(radii)), ring] < reach[ring]
    ring, which = np.unique(ring[near], return_index=True)
    return ring, radii[near][which]


def _moved(track: Floats, ring: NDArray[np.int64], radii: Floats) -> Floats:
    """The rings at the next angle; unseen ones move as their neighbours do."""
    if len(ring) == 0:
        return track
    return np.asarray(track + np.interp(np.arange(len(track)), ring, radii - track[ring]))


def _sense(first: Floats, last: Floats) -> int:
    """Whether rings arrive one farther in (+1) or one farther out (-1) after 360°."""
    known = np.flatnonzero(np.isfinite(first))
    steps = [int(np.argmin(np.abs(first[known] - radius))) for radius in last[known]]
    shift = int(np.median(known[steps] - known)) if len(known) else 0
    if abs(shift) != 1:
        raise _unclear()
    return shift


def _without_outliers(curve: Floats, pitch: float) -> Floats:
    """The curve smoothed a little, without samples that jump off it."""
    filled = fill_gaps(curve)
    jump = np.abs(curve - ndimage.median_filter(filled, 9, mode="nearest")) > 0.2 * pitch
    curve = np.where(jump, np.nan, curve)
    smooth = ndimage.gaussian_filter1d(fill_gaps(curve), _SMOOTH, mode="nearest")
    return np.where(np.isfinite(curve), smooth, np.nan)


def fill_gaps(curve: Floats) -> Floats:
    """The curve with straight lines (radius over angle) where it is unseen; 0 where nothing of it is seen."""
    known = np.flatnonzero(np.isfinite(curve))
    return np.interp(np.arange(len(curve)), known, curve[known]) if len(known) else np.zeros(len(curve))


def _trimmed(sense: int, offset: int, curve: Floats) -> Spiral:
    """The curve from the first to the last stretch that is seen without many gaps."""
    seen = np.isfinite(curve)
    share = ndimage.uniform_filter1d(seen.astype(float), _RUN, mode="constant")
    solid = _hanging_together(np.flatnonzero(seen & (share >= _SEEN / 2)))
    if len(solid) < _RUN:
        raise _unclear()
    return Spiral(sense, int(solid[0]) + offset, curve[solid[0] : solid[-1] + 1])


def _hanging_together(solid: NDArray[np.int64]) -> NDArray[np.int64]:
    """Samples without stretches at either end that a longer gap cuts off: an anode that goes on without a cathode."""
    for _ in range(2):
        gaps = np.flatnonzero(np.diff(solid) > _APART)
        while len(gaps) and np.diff(solid)[gaps[-1]] > len(solid) - 1 - gaps[-1]:
            solid, gaps = solid[: gaps[-1] + 1], gaps[:-1]
        solid = -solid[::-1]
    return solid


def _unclear() -> InputError:
    return InputError(
        "windings-unclear",
        "The windings could not be followed around the cell",
        "Check the image and its voxel size; windings torn or missing on more than half of the turns are not followed.",
    )
