"""One object as hills of depth, for dividing it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.join import Ints
from batterycell.instances.separate.basins import Neighbourhood, climb
from batterycell.instances.separate.depth import Depth
from batterycell.instances.separate.necks import join_in_order
from batterycell.instances.separate.passes import Passes, find_passes
from batterycell.instances.settings import LabelSettings
from batterycell.slabs import SlabSource

# Peaks with no narrower neck between them are one hill.
_NECK = 0.1


@dataclass(frozen=True)
class Hills:
    """The peaks of an object's depth, and the passes between them.

    Args:
        labels: Number of each voxel's peak, from 0; -1 outside. Shape (k, j, i).
        peaks: Their depths, shape (n,).
        places: Their voxels (k, j, i), shape (n, 3).
        passes: Between them.
    """

    labels: Ints
    peaks: NDArray[np.float32]
    places: Ints
    passes: Passes

    def joined(self, marked: Ints) -> Ints:
        """The peak that each peak is joined to, over the deepest passes, as long as two markers do not meet.

        Args:
            marked: Peaks with a marker. Markers of one hill, with no neck between them, stay together.
        """
        is_marked = np.zeros(len(self.peaks), bool)
        is_marked[marked] = True

        def may_join(low: int, high: int, depth: float) -> bool:
            joins = depth >= (1 - _NECK) * self.peaks[low] or not (is_marked[low] and is_marked[high])
            is_marked[high] |= joins and is_marked[low]
            return bool(joins)

        return join_in_order(self.peaks, self.passes, may_join)

    def two_peaks(self) -> Ints:
        """Voxels (k, j, i) of the two peaks with the narrowest neck between them, shape (2, 3); (1, 3) where none is.

        A neck counts by its depth against that of the lower peak. Where the object is in pieces, the highest peaks of
        the two with the highest.
        """
        best, pair = np.inf, [0]

        def always(low: int, high: int, depth: float) -> bool:
            nonlocal best, pair
            if depth / self.peaks[low] < best:
                best, pair = depth / self.peaks[low], [low, high]
            return True

        tops = np.unique(join_in_order(self.peaks, self.passes, always))
        if len(tops) > 1:
            pair = tops[np.argsort(self.peaks[tops])[-2:]].tolist()
        return np.asarray(self.places[pair])


def find_hills(inside: NDArray[np.bool_], voxel_um: tuple[float, float, float], dimension: int) -> Hills:
    """The hills of an object with nothing around it.

    Args:
        inside: Shape (k, j, i).
        voxel_um: Voxel size (z, y, x) in µm.
        dimension: 2 or 3.
    """
    settings = LabelSettings(dimension)
    around = Neighbourhood(dimension, settings.order)
    pads = _pads(settings.widest_crack(voxel_um), voxel_um, dimension)
    padded = np.pad(inside, [(one, one) for one in pads]).astype(np.uint8)
    depth, _ = Depth(SlabSource.of_array(padded), 1, voxel_um, settings).between(0, len(padded))
    found = climb(depth, around)
    passes = find_passes(found.labels, depth[1:-1], around, np.zeros(len(found.peaks) + 1, np.float32))
    places = np.stack(np.unravel_index(found.places, depth.shape), axis=1) - np.array([pads[0] + 1, *pads[1:]])
    labels = found.labels[tuple(slice(one, size - one) for one, size in zip(pads, padded.shape, strict=True))]
    return Hills(labels.astype(np.int64) - 1, found.peaks, places, Passes(passes.pairs - 1, passes.depths))


def _pads(width: float, voxel_um: tuple[float, float, float], dimension: int) -> list[int]:
    """Voxels around an object, along (k, j, i), in which filling gaps of that width sees nothing of it."""
    pads = [ceil(width / size) + 1 for size in voxel_um]
    return [0, *pads[1:]] if dimension == 2 else pads
