"""Basins of one class, slab by slab: pieces of basins where slabs cut them, and passes between them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from batterycell.instances.find.join import Ints, check_count

from .basins import Basins, Floats, Labels, Neighbourhood, climb
from .necks import Neck, join_peaks
from .passes import Passes, find_passes, join_passes


@dataclass(frozen=True)
class _Seam:
    """What the next slab must know of the last one.

    Args:
        labels: The pieces in its last slice, shape (j, i).
        least: For each voxel of it, the depth from which on a pass to its piece may matter.
        onward: The pieces that go on in the slice after it, at the voxel where they do; shape (j, i).
        first: The first number of its own pieces.
    """

    labels: Labels
    least: Floats
    onward: Labels
    first: int


@dataclass
class BasinSlabs:
    """The watershed of the depth of one class.

    A basin that goes on in an earlier slab has its number there; one that goes on in the next slab has a number of its
    own, a piece, whose parent is known once that slab is there. So no more than two slices of a slab are remembered.

    Args:
        around: Which voxels are neighbours.
        neck: What divides.
        before: How many numbers others have.
        count: Number of pieces.
        peaks: Depth of each piece's peak.
        places: Place of each piece's peak in the flattened volume; -1 where it is in another slab.
        parents: Pieces that went on, and where they do.
        passes: Between pieces, whose numbers are final but for parents.
        waiting: Passes to pieces that go on in the next slab.
    """

    around: Neighbourhood
    neck: Neck
    before: int
    count: int = 0
    peaks: list[Floats] = field(default_factory=list)
    places: list[Ints] = field(default_factory=list)
    parents: list[tuple[Labels, Labels]] = field(default_factory=list)
    passes: list[Passes] = field(default_factory=list)
    waiting: Passes = field(default_factory=lambda: join_passes([]))
    _seam: _Seam | None = None

    def add(self, start: int, depth: Floats) -> Labels:
        """Add a slab.

        Args:
            start: Its first slice.
            depth: Its depth with the slice before and after, shape (n + 2, j, i).

        Returns:
            The piece of each voxel, shape (n, j, i).
        """
        found = climb(depth, self.around)
        first = self.before + self.count + 1
        ids = self._number(found, first)
        new = np.flatnonzero(ids >= first) - 1
        self.peaks.append(found.peaks[new])
        self.places.append(np.where(found.places[new] < 0, -1, found.places[new] + (start - 1) * depth[0].size))
        labels = ids[found.labels]
        self._settle(labels[0])
        least = self.neck.least(np.append(np.float32(0), found.peaks))
        self._note_passes(self._passes(found, depth, ids, least), ids[found.after], first)
        self._seam = _Seam(labels[-1], least[found.labels[-1]], ids[found.after], first)
        return labels

    def _number(self, found: Basins, first: int) -> Labels:
        """The number of each basin of a slab: that of the slice before where it goes on there, else a new one."""
        ids = np.zeros(len(found.peaks) + 1, np.uint32)
        if self._seam is not None:
            back = found.before > 0
            ids[found.before[back]] = self._seam.labels[back]
        new = ids == 0
        new[0] = False
        added = int(new.sum())
        self.count += added
        check_count(self.before + self.count)
        ids[new] = np.arange(first, first + added)
        return ids

    def _settle(self, labels: Labels) -> None:
        """What went on in this slab's first slice has a parent there."""
        if self._seam is None:
            return
        first, on = self._seam.first, self._seam.onward > 0
        children, parents = self._seam.onward[on], labels[on]
        self.parents.append((children, parents))
        # Only numbers of the last slab change; all others are older.
        own = np.arange(first, self.before + self.count + 1)
        own[children - first] = parents
        pairs = self.waiting.pairs
        recent = pairs >= first
        pairs[recent] = own[pairs[recent] - first]
        self.waiting = self.waiting.apart().deepest()

    def _passes(self, found: Basins, depth: Floats, ids: Labels, least: Floats) -> Passes:
        """Passes within a slab, and to the slice before it.

        A pass that is a neck to both its basins as they are stays one, as peaks only grow by joining.
        """
        if self._seam is None or self.around.dimension == 2:
            inner = find_passes(found.labels, depth[1:-1], self.around, least)
            return inner.renamed(ids)
        older, places, front = np.unique(self._seam.labels, return_index=True, return_inverse=True)
        shift = len(ids) - int(older[0] == 0)
        numbers = np.where(self._seam.labels > 0, front.reshape(self._seam.labels.shape) + shift, 0)
        known = older > 0
        labels = np.concatenate([numbers[None].astype(np.uint32), found.labels])
        bounds = np.concatenate([least, self._seam.least.ravel()[places[known]]])
        return find_passes(labels, depth[:-1], self.around, bounds).renamed(np.concatenate([ids, older[known]]))

    def _note_passes(self, passes: Passes, onward: Labels, first: int) -> None:
        """Keep passes: those to pieces that go on, until they are known."""
        goes_on = np.zeros(self.before + self.count + 2 - first, bool)
        goes_on[onward[onward > 0] - first] = True
        every = join_passes([self.waiting, passes])
        recent = every.pairs >= first
        waits = np.any(recent & goes_on[np.where(recent, every.pairs - first, 0)], axis=1)
        self.passes.append(every.of(~waits))
        self.waiting = every.of(waits)

    def objects(self) -> tuple[Labels, int]:
        """The object of each piece, from 1, shape (count,), and how many there are: basins with no neck between them.

        Basins are taken in the order of their peaks' places, so that nothing depends on the slabs.
        """
        basins, peaks = self._basins()
        passes = join_passes([*self.passes, self.waiting])
        between = Passes(passes.pairs - self.before - 1, passes.depths).renamed(basins)
        tops, members = np.unique(join_peaks(peaks, between, self.neck), return_inverse=True)
        return (members[basins] + 1).astype(np.uint32), len(tops)

    def _basins(self) -> tuple[Ints, Floats]:
        """The basin of each piece, from 0, and the depth of each basin's peak."""
        parents = np.arange(self.count)
        for children, others in self.parents:
            parents[children - np.uint32(self.before + 1)] = others - np.uint32(self.before + 1)
        while not np.array_equal(further := parents[parents], parents):
            parents = further
        places = np.concatenate([np.empty(0, np.int64), *self.places])
        peaks = np.concatenate([np.empty(0, np.float32), *self.peaks])
        own = np.flatnonzero(places >= 0)
        own = own[np.argsort(places[own])]
        rank = np.zeros(self.count, np.int64)
        rank[own] = np.arange(len(own))
        return rank[parents], peaks[own]
