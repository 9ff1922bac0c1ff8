"""Distances to a class within slices, kept while they are needed."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from batterycell.slabs import SlabSource

# Distances that are kept at a time, in all slices together.
_KEPT = 1 << 26


class DistancePlanes:
    """Squared distance of each pixel to the pixels of a class in the same slice, edge to edge.

    Args:
        source: Class of each voxel.
        number: The class.
        pixel_um: Pixel size (y, x) in µm.
    """

    def __init__(self, source: SlabSource, number: int, pixel_um: tuple[float, float]) -> None:
        self._source, self._number, self._pixel = source, number, pixel_um
        self._most = max(4, _KEPT // max(1, source.shape[1] * source.shape[2]))
        self._kept: OrderedDict[int, NDArray[np.float32]] = OrderedDict()
        self._empty = np.zeros(source.shape[0], bool)

    def of(self, k: int) -> NDArray[np.float32] | None:
        """Squares in µm² of a slice, flattened; None where the class is not in it, or there is no such slice."""
        if not 0 <= k < len(self._empty) or self._empty[k]:
            return None
        if k not in self._kept:
            found = self._source.read(k, k + 1)[0] == self._number
            if not found.any():
                self._empty[k] = True
                return None
            self._kept[k] = squared_gaps(found, self._pixel).ravel()
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(k)
        return self._kept[k]


def squared_gaps(found: NDArray[np.bool_], pixel_um: tuple[float, float]) -> NDArray[np.float32]:
    """Squared distance between each pixel and the nearest chosen one, edge to edge, 0 where they touch at a corner.

    Between pixels that lie n steps apart along an axis there are n - 1: as many as to the neighbour of the nearer one.

    Args:
        found: The chosen pixels, at least one, shape (j, i).
        pixel_um: Pixel size (y, x) in µm.
    """
    from edt import edtsq

    near = found.copy()
    near[1:] |= found[:-1]
    near[:-1] |= found[1:]
    rows = near.copy()
    near[:, 1:] |= rows[:, :-1]
    near[:, :-1] |= rows[:, 1:]
    return np.asarray(edtsq(~near, anisotropy=pixel_um, black_border=False), np.float32)
