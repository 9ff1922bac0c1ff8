"""How deep each voxel lies in its class, some slices at a time, exactly as if the volume were whole."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.settings import LabelSettings
from batterycell.slabs import SlabSource

from .gaps import close_gaps

Floats = NDArray[np.float32]
HALO = 32
# The square of a voxel's edge, in units of the smallest, is rounded to such parts: 0.4 % of a length at most.
_PARTS = 64


@dataclass(frozen=True)
class Depth:
    """The depth of the voxels of one class.

    Args:
        labels: The labels.
        value: The class.
        voxel_um: Voxel size (z, y, x) in µm.
        settings: Which gaps are filled, and the dimension.
    """

    labels: SlabSource
    value: int
    voxel_um: tuple[float, float, float]
    settings: LabelSettings

    @property
    def crack_um(self) -> float:
        """Gaps up to this width are filled."""
        return self.settings.widest_crack(self.voxel_um)

    def between(self, start: int, stop: int, halo: int = HALO) -> tuple[Floats, int]:
        """Depths of some slices, the same whatever slices these are.

        Args:
            start: The first slice.
            stop: The one after the last.
            halo: How many slices around them to begin with.

        Returns:
            Depths in µm of the slices, the one before them and the one after them (0 outside the volume), shape
            (n + 2, j, i); the slices around them that this took.
        """
        slices = self.labels.shape[0]
        while True:
            low, high = max(start - 1 - halo, 0), min(stop + 1 + halo, slices)
            depth = self._depth(low, high)[max(start - 1 - low, 0) : stop + 1 - low]
            # What lies beyond the slices that were read is farther than the halo; a nearer surface was seen.
            deepest = float(depth.max(initial=0))
            whole = self.settings.dimension == 2 or (low == 0 and high == slices)
            if whole or deepest + self.crack_um <= halo * self.voxel_um[0]:
                edges = (int(start == 0), int(stop == slices))
                return np.pad(depth, (edges, (0, 0), (0, 0))), halo
            halo = _wider(halo, (deepest + self.crack_um) / self.voxel_um[0])

    def _depth(self, low: int, high: int) -> Floats:
        """Depths between two slices, what lies beyond them unseen."""
        values = self.labels.read(low, high)
        inside = values == self.value
        if not self.crack_um:
            return self._distance(inside)
        squares = [one * self._unit**2 for one in self._squares]
        if self.settings.dimension == 2:
            squares[0] = math.inf
        gaps = close_gaps(inside, self.crack_um / 2, (squares[0], squares[1], squares[2]), self._distance)
        if self.settings.crack_classes:
            # What else lies in a gap is no part of the object, but no reason to take any of the object away.
            gaps &= np.logical_or.reduce([values == one for one in self.settings.crack_classes])
        return self._distance(inside | gaps)

    @property
    def _unit(self) -> float:
        return min(self.voxel_um)

    @property
    def _squares(self) -> list[float]:
        """Squared edges of a voxel along (k, j, i), in units, in whole 64ths.

        They are exact in 32 bits, as are their sums, so that distances are the same in every block.
        """
        return [round((size / self._unit) ** 2 * _PARTS) / _PARTS for size in self.voxel_um]

    def _distance(self, inside: NDArray[np.bool_]) -> Floats:
        """To the nearest voxel that is not inside, in µm."""
        import edt

        sizes = tuple(math.sqrt(one) for one in self._squares)
        if self.settings.dimension == 3:
            found = edt.edtsq(inside, anisotropy=sizes, parallel=0)
        else:
            found = np.stack([edt.edtsq(np.ascontiguousarray(each), anisotropy=sizes[1:]) for each in inside])
        if any(size % 1 for size in sizes):
            found *= _PARTS
            np.rint(found, out=found)
            found /= _PARTS
        np.sqrt(found, out=found)
        found *= np.float32(self._unit)
        return np.asarray(found)


def _wider(halo: int, wanted: float) -> int:
    """More slices around, a quarter more than are wanted here, as the next block may want some more."""
    return min(4 * halo, math.ceil(1.25 * wanted)) if math.isfinite(wanted) else 4 * halo
