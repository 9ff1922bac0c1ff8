"""Which peaks are one object: those between which there is no neck."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .join import Ints
from .separate_basins import Passes


def join_peaks(peaks: NDArray[np.float32], passes: Passes, neck: float) -> Ints:
    """The object of each peak, as the number of its highest peak.

    The passes are taken from the deepest on. One joins the two objects that it leads to unless it is a neck: less deep
    than (1 - neck) times the lower of their highest peaks.

    Args:
        peaks: Depth of each peak, shape (n,).
        passes: Between peaks, each pair once.
        neck: Part by which a neck is narrower.
    """
    order = np.lexsort((passes.pairs[:, 1], passes.pairs[:, 0], -passes.depths))
    pairs, depths = passes.pairs[order].tolist(), (passes.depths[order] / (1 - neck)).tolist()
    parents, heights = list(range(len(peaks))), peaks.tolist()
    for (one, other), depth in zip(pairs, depths, strict=True):
        low, high = sorted((_top(parents, one), _top(parents, other)), key=lambda top: (heights[top], top))
        if low != high and depth >= heights[low]:
            parents[low] = high
    return np.array([_top(parents, each) for each in range(len(peaks))], np.int64)


def _top(parents: list[int], place: int) -> int:
    """The highest peak of a peak's object."""
    while parents[place] != place:
        parents[place] = parents[parents[place]]
        place = parents[place]
    return place
