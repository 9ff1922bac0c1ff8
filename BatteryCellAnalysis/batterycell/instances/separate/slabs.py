"""Basins of one class, slab by slab: pieces of basins where slabs cut them, and passes between them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.join import Ints, check_count

from .basins import Basins, Floats, Labels, Neighbourhood, climb
from .necks import Neck, join_peaks
from .passes import Passes, find_passes, join_passes
from .seam import Seam, Step


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
    _seam: Seam | None = None

    def next_slab(self, start: int, depth: Floats) -> tuple[Labels, Step]:
        """Work out the slab after those that were added; nothing is added yet.

        Args:
            start: Its first slice.
            depth: Its depth with the slice before and after, shape (n + 2, j, i).

        Returns:
            The piece of each voxel, shape (n, j, i); what the slab adds.

        Raises:
            InputError: if there are more pieces than can be numbered.
        """
        found = climb(depth, self.around)
        first = self.before + self.count + 1
        ids = self._number(found, first)
        new = np.flatnonzero(ids >= first) - 1
        places = np.where(found.places[new] < 0, -1, found.places[new] + (start - 1) * depth[0].size)
        labels = ids[found.labels]
        children, parents = self._settled(labels[0])
        least = self.neck.least(np.append(np.float32(0), found.peaks))
        seam = Seam.of(labels[-1], least[found.labels[-1]], ids[found.after], first)
        every = join_passes([self._waiting(children, parents), self._passes(found, depth, ids, least)])
        waits = _waits(every, seam, len(new))
        passes, waiting = every.of(~waits), every.of(waits)
        return labels, Step(found.peaks[new], places, children, parents, passes, waiting, seam)

    def add(self, step: Step) -> None:
        """Add a slab."""
        self.count += len(step.peaks)
        self.peaks.append(step.peaks)
        self.places.append(step.places)
        self.parents.append((step.children, step.parents))
        self.passes.append(step.passes)
        self.waiting, self._seam = step.waiting, step.seam

    def _number(self, found: Basins, first: int) -> Labels:
        """The number of each basin of a slab: that of the slice before where it goes on there, else a new one."""
        ids = np.zeros(len(found.peaks) + 1, np.uint32)
        if self._seam is not None:
            back = found.before > 0
            ids[found.before[back]] = self._seam.slice_of(self._seam.pieces, back.shape)[back]
        new = ids == 0
        new[0] = False
        added = int(new.sum())
        check_count(self.before + self.count + added)
        ids[new] = np.arange(first, first + added)
        return ids

    def _settled(self, labels: Labels) -> tuple[Labels, Labels]:
        """What went on in a slab's first slice has a parent there: the pieces, and their parents."""
        if self._seam is None:
            return np.empty(0, np.uint32), np.empty(0, np.uint32)
        return self._seam.onward, labels.ravel()[self._seam.places]

    def _waiting(self, children: Labels, parents: Labels) -> Passes:
        """What waited for the pieces that have a parent now."""
        if self._seam is None:
            return self.waiting
        # Only numbers of the last slab change; all others are older.
        first, pairs = self._seam.first, self.waiting.pairs.copy()
        own = np.arange(first, self.before + self.count + 1)
        own[children - first] = parents
        recent = pairs >= first
        pairs[recent] = own[pairs[recent] - first]
        return Passes(pairs, self.waiting.depths).apart().deepest()

    def _passes(self, found: Basins, depth: Floats, ids: Labels, least: Floats) -> Passes:
        """Passes within a slab, and to the slice before it.

        A pass that is a neck to both its basins as they are stays one, as peaks only grow by joining.
        """
        seam = self._seam
        if seam is None or self.around.dimension == 2:
            inner = find_passes(found.labels, depth[1:-1], self.around, least)
            return inner.renamed(ids)
        older, places, front = np.unique(seam.pieces, return_index=True, return_inverse=True)
        shift = len(ids) - int(older[0] == 0)
        numbers = np.where(seam.pieces > 0, front.ravel() + shift, 0).astype(np.uint32)
        known = older > 0
        labels = np.concatenate([seam.slice_of(numbers, found.labels[:1].shape), found.labels])
        bounds = np.concatenate([least, seam.least[places[known]]])
        return find_passes(labels, depth[:-1], self.around, bounds).renamed(np.concatenate([ids, older[known]]))

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


def _waits(passes: Passes, seam: Seam, added: int) -> NDArray[np.bool_]:
    """Which passes are between pieces that go on in the next slab, and so have to wait for it."""
    goes_on = np.zeros(added + 1, bool)
    goes_on[seam.onward - seam.first] = True
    recent = passes.pairs >= seam.first
    return np.asarray(np.any(recent & goes_on[np.where(recent, passes.pairs - seam.first, 0)], axis=1))
