"""What the slabs of a watershed hand on: pieces where two slabs meet, and all that a slab adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.join import Ints

from .basins import Floats, Labels
from .passes import Passes


@dataclass(frozen=True)
class Seam:
    """What the next slab must know of the last one.

    Args:
        pieces: The pieces in its last slice, a number for every run of voxels of one piece, shape (r,); 0 is none.
        lengths: Voxels of each run, shape (r,).
        least: For each run, the depth from which on a pass to its piece may matter, shape (r,).
        onward: The pieces that go on in the slice after it, shape (q,).
        places: Where in that slice, flattened, each of them does, shape (q,).
        first: The first number of the slab's own pieces.
    """

    pieces: Labels
    lengths: Ints
    least: Floats
    onward: Labels
    places: Ints
    first: int

    @classmethod
    def of(cls, labels: Labels, least: Floats, onward: Labels, first: int) -> Seam:
        """The seam below a slab.

        Args:
            labels: The pieces in its last slice, shape (j, i).
            least: For each voxel of it, the depth from which on a pass to its piece may matter, shape (j, i).
            onward: The pieces that go on in the slice after it, at the voxel where they do, shape (j, i).
            first: The first number of the slab's own pieces.
        """
        flat, places = labels.ravel(), np.flatnonzero(onward)
        starts = np.flatnonzero(np.append(True, flat[1:] != flat[:-1]))
        lengths = np.diff(np.append(starts, flat.size))
        return cls(flat[starts], lengths, least.ravel()[starts], onward.ravel()[places], places, first)

    def slice_of(self, values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
        """The slab's last slice, with one value for each run; shape (j, i)."""
        return np.repeat(values, self.lengths).reshape(shape)


@dataclass(frozen=True)
class Step:
    """All that a slab adds but the pieces of its voxels: whoever has it of every slab so far can go on with the next.

    Args:
        peaks: Depth of each new piece's peak, shape (n,).
        places: Place of each one's peak in the flattened volume, shape (n,); -1 where it is in another slab.
        children: Pieces of the last slab that went on here, shape (q,).
        parents: The pieces in which they do, shape (q,).
        passes: Between pieces, whose numbers are final but for parents.
        waiting: Passes to pieces that go on in the next slab, of this slab and of those before it.
        seam: Below the slab.
    """

    peaks: Floats
    places: Ints
    children: Labels
    parents: Labels
    passes: Passes
    waiting: Passes
    seam: Seam
