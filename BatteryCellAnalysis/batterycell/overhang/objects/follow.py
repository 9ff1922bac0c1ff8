"""Regions followed from half-plane to half-plane, all around the cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .drawing import Drawn
from .regions import Regions

Indices = NDArray[np.int64]

_BRIDGE_DEG = 15.0  # over which an object is taken to run on unseen
_ASIDE = 0.5  # of a pitch: how far aside it may lie on the next half-plane
_OVERLAP = 0.2  # of the smaller region's pixels that two neighbours share, seen along the winding


@dataclass(frozen=True)
class Followed:
    """Which regions belong together.

    Args:
        item: Number of each region's object, from 0, outermost first, shape (n,).
        sheet: Number of the connected piece of sheet that it is part of, from 0, shape (n,).
        begins: Whether the object has no region on the half-plane before, shape (n,).
    """

    item: Indices
    sheet: Indices
    begins: NDArray[np.bool_]


def follow(drawn: Drawn) -> Followed:
    """Join regions on neighbouring planes, the last of which neighbours the first.

    Regions of one winding that lie less than half a pitch aside of each other are an object; where a few planes in
    between could not be read, they are joined as if they had been. An anode is one spiral, so that all its turns are
    connected: regions that overlap, of whatever winding, are one piece of sheet. Objects are its turns, cut where
    windings are counted on, at the angle at which the cathode begins.
    """
    count = len(drawn.regions)
    first, second = _neighbours(drawn.regions)
    also, other = _overlapping(drawn)
    begins = np.bincount(second, minlength=count) == 0
    sheet = _joined(np.concatenate([first, also]), np.concatenate([second, other]), count)
    return Followed(_joined(first, second, count), sheet, begins)


def _overlapping(drawn: Drawn) -> tuple[Indices, Indices]:
    """Pairs of regions on neighbouring planes that overlap well."""
    ids, count = drawn.ids, len(drawn.regions)
    beside = np.roll(ids, -1, axis=0)
    both = (ids > 0) & (beside > 0)
    pairs, shared = np.unique((ids[both] - 1).astype(np.int64) * count + beside[both] - 1, return_counts=True)
    first, second = pairs // count, pairs % count
    pixels = np.bincount(ids[ids > 0] - 1, minlength=count)
    well = shared >= _OVERLAP * np.minimum(pixels[first], pixels[second])
    return first[well], second[well]


def _neighbours(regions: Regions) -> tuple[Indices, Indices]:
    """Pairs of regions of one gap on neighbouring half-planes, or with few between them that could not be read."""
    count = len(regions.angles)
    order = np.lexsort((regions.angle, regions.gap))
    starts = np.flatnonzero(np.diff(regions.gap[order], prepend=-1))
    after = np.arange(1, len(order) + 1)
    after[np.append(starts[1:], len(order)) - 1] = starts
    first, second = order, order[after]
    apart = (regions.angle[second] - regions.angle[first]) % count
    steps = np.arange(1, max(1, round(_BRIDGE_DEG / 360 * count)) + 1)
    between = (regions.angle[first, None] + steps) % count
    unknown = regions.unread[between, regions.gap[first, None]] | (steps >= apart[:, None])
    aside = np.abs(regions.tip[first, 0] - regions.tip[second, 0])
    joined = (apart >= 1) & (apart <= len(steps)) & unknown.all(axis=1) & (aside < _ASIDE * regions.pitch_mm)
    return first[joined], second[joined]


def _joined(first: Indices, second: Indices, count: int) -> Indices:
    """Number of the connected component of each of count regions."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(first)), (first, second)), (count, count))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)
