"""Which peaks are one object: those between which there is no neck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.join import Ints

from .passes import Passes


@dataclass(frozen=True)
class Neck:
    """What makes a pass between two peaks a neck.

    Args:
        part: It is less deep than the lower peak by more than this part of it,
        least_um: and by more than this: what a peak is higher by may be the steps of voxels alone.
    """

    part: float
    least_um: float

    def least(self, peaks: NDArray[np.float32]) -> NDArray[np.float32]:
        """The depth from which on a pass to a peak is no neck; shapes alike."""
        return np.asarray(np.minimum(peaks * np.float32(1 - self.part), peaks - np.float32(self.least_um)))


def join_peaks(peaks: NDArray[np.float32], passes: Passes, neck: Neck) -> Ints:
    """The object of each peak, as the number of its highest peak: all that is joined by passes that are no necks.

    Args:
        peaks: Depth of each peak, shape (n,).
        passes: Between peaks 0 to n - 1, each pair once.
        neck: What divides.
    """
    least = neck.least(peaks).tolist()
    return join_in_order(peaks, passes, lambda low, high, depth: depth >= least[low])


def join_in_order(peaks: NDArray[np.float32], passes: Passes, may_join: Callable[[int, int, float], bool]) -> Ints:
    """The object of each peak, as the number of its highest peak, passes taken from the deepest on.

    Args:
        peaks: Depth of each peak, shape (n,).
        passes: Between peaks 0 to n - 1, each pair once.
        may_join: Whether the objects of two highest peaks, the lower first, are joined over a pass of this depth.
    """
    order = np.lexsort((passes.pairs[:, 1], passes.pairs[:, 0], -passes.depths))
    parents, heights = list(range(len(peaks))), peaks.tolist()
    for (one, other), depth in zip(passes.pairs[order].tolist(), passes.depths[order].tolist(), strict=True):
        low, high = _top(parents, one), _top(parents, other)
        if (heights[low], low) > (heights[high], high):
            low, high = high, low
        if low != high and may_join(low, high, depth):
            parents[low] = high
    return np.array([_top(parents, each) for each in range(len(peaks))], np.int64)


def _top(parents: list[int], place: int) -> int:
    """The highest peak of a peak's object."""
    while parents[place] != place:
        parents[place] = parents[parents[place]]
        place = parents[place]
    return place
