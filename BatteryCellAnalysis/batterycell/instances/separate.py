"""Touching objects divided at their necks: watershed of the depth below the surface, slab by slab, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress

from .join import Ints, Pieces, connect, tally
from .label_room import release
from .label_source import lowest_other, present_values
from .separate_basins import Basins, Neighbourhood, Passes, climb, find_passes, join_passes
from .separate_depth import BLOCK_VOXELS, Depth
from .separate_necks import Neck, join_peaks
from .settings import NOISE_VOXELS, LabelSettings
from .slabs import SlabSource

Labels = NDArray[np.uint32]
Floats = NDArray[np.float32]
Finder = Callable[[SlabSource, LabelSettings, Labels, int, Progress], Pieces]


def find_separated(voxel_um: tuple[float, float, float]) -> Finder:
    """A finder of objects, as `find_components`, that divides those that touch.

    Depth is the Euclidean distance to the class's surface, gaps up to ``crack_um`` wide filled (closing by a ball, so
    that a crack inside a particle is no border). Each voxel climbs to the deepest of its neighbours until it is on a
    peak (watershed by steepest ascent). Two peaks are two objects where every way from one to the other leads through
    a depth below (1 - neck) times the lower peak: dynamics of maxima (Grimaud 1992), relative to the radius, and at
    least `NOISE_VOXELS`. On generated cathodes, 60 % packed, a fifth of the particles cracked, this finds as many
    particles as there are to within 2 %.

    Args:
        voxel_um: Voxel size (z, y, x) in µm.
    """

    def find(labels: SlabSource, settings: LabelSettings, out: Labels, voxels: int, progress: Progress) -> Pieces:
        classes, pieces = settings.classes or present_values(labels), Pieces()
        for place, value in enumerate(classes):
            part = progress.part(place / len(classes), (place + 1) / len(classes))
            depth = Depth(labels, value, voxel_um, _with_cracks(settings, labels, value))
            _Separation(depth, settings, out, pieces).run(voxels, part)
        return pieces

    return find


def _with_cracks(settings: LabelSettings, labels: SlabSource, value: int) -> LabelSettings:
    """The settings with what cracks are labelled, for one class."""
    if settings.crack_classes or settings.crack_um == 0:
        return settings
    lowest = lowest_other(labels, value)
    return settings if lowest is None else replace(settings, crack_classes=(lowest,))


@dataclass
class _Separation:
    """Divides one class.

    Args:
        depth: The class and its depth.
        settings: What an object is.
        out: Receives the numbers of the pieces.
        pieces: Receives the pieces: basins cut off by slabs, and which are of one object.
        peaks: Depth of each piece's peak; 0 where it is in another slab.
        places: Place of each piece's peak in the flattened volume; -1 where it is in another slab.
        passes: The deepest passes between pieces.
    """

    depth: Depth
    settings: LabelSettings
    out: Labels
    pieces: Pieces
    peaks: list[Floats] = field(default_factory=list)
    places: list[Ints] = field(default_factory=list)
    passes: list[Passes] = field(default_factory=list)

    def run(self, voxels: int, progress: Progress) -> None:
        """All slabs, and what of them is one object."""
        before, pairs = self.pieces.count, len(self.pieces.pairs)
        last: tuple[Labels, Labels] | None = None
        for start, depth, inside in self._slabs(voxels):
            progress.report(start / len(self.out), "Separating objects")
            last = self._add(start, depth, inside, last)
        self._join(before, np.concatenate([np.empty((0, 2), np.int64), *self.pieces.pairs[pairs:]]))

    @property
    def _around(self) -> Neighbourhood:
        return Neighbourhood(self.settings.dimension, self.settings.order)

    @property
    def _neck(self) -> Neck:
        return Neck(self.settings.neck, NOISE_VOXELS * min(self.depth.voxel_um))

    def _slabs(self, voxels: int) -> Iterator[tuple[int, Floats, NDArray[np.bool_]]]:
        """Slabs out of the blocks of depths, each depth with the slice before and after."""
        step = max(1, voxels // max(1, self.out[0].size))
        for start, depth, inside in self.depth.blocks(max(voxels, min(self.out.size // 8, BLOCK_VOXELS))):
            for first in range(0, len(inside), step):
                stop = min(first + step, len(inside))
                yield start + first, depth[first : stop + 2], inside[first:stop]

    def _add(
        self, start: int, depth: Floats, inside: NDArray[np.bool_], last: tuple[Labels, Labels] | None
    ) -> tuple[Labels, Labels]:
        """Add a slab's pieces; gives those of its last slice, and those that go on after it."""
        found, before = climb(depth, self._around), self.pieces.count
        count, size = len(found.peaks), depth[0].size
        self.peaks.append(found.peaks)
        self.places.append(np.where(found.places < 0, -1, found.places + (start - 1) * size))
        self.pieces.add(tally(np.where(inside, found.labels, 0), self.depth.value, count, start))
        labels, up, down = (_moved(one, before) for one in (found.labels, found.before, found.after))
        if last is not None:
            self.pieces.pair(last[0], up)
            self.pieces.pair(last[1], labels[0])
        self._note_passes(labels, depth, found, before, last)
        self.out[start : start + len(inside)][inside] = labels[inside]
        release(self.out)
        return labels[-1], down

    def _note_passes(
        self, labels: Labels, depth: Floats, found: Basins, before: int, last: tuple[Labels, Labels] | None
    ) -> None:
        """Passes within a slab, and to the slice before it."""
        # A lower pass than this is a neck whatever is joined later, as peaks only grow; other slabs' are not known.
        least = self._neck.least(np.append(np.float32(0), found.peaks))
        inner = find_passes(found.labels, depth[1:-1], self._around, least)
        self.passes.append(Passes(inner.pairs + before, inner.depths))
        if last is not None and self.settings.dimension == 3:
            self.passes.append(_across(np.stack([last[0], labels[0]]), depth[:2], self._around))

    def _join(self, before: int, pairs: Ints) -> None:
        """Find the basins that the slabs cut, and join those between which there is no neck."""
        count = self.pieces.count - before
        if not count:
            return
        groups, basins = connect(pairs - 1 - before, count)
        peaks, places = np.zeros(basins, np.float32), np.full(basins, -1)
        np.maximum.at(peaks, groups, np.concatenate(self.peaks))
        np.maximum.at(places, groups, np.concatenate(self.places))
        # Basins in the order of their peaks' places, so that nothing depends on the slabs.
        order = np.argsort(places)
        rank = np.empty(basins, np.int64)
        rank[order] = np.arange(basins)
        passes = join_passes(self.passes)
        between = rank[groups[passes.pairs - 1 - before]]
        apart = between[:, 0] != between[:, 1]
        tops = join_peaks(peaks[order], Passes(between[apart], passes.depths[apart]).deepest(), self._neck)
        first = np.full(basins, -1)
        first[rank[groups]] = np.arange(count)
        self.pieces.pair(np.arange(count) + 1 + before, first[tops[rank[groups]]] + 1 + before)


def _moved(labels: Labels, before: int) -> Labels:
    """Numbers that go on after those of earlier slabs."""
    return np.asarray(np.where(labels > 0, labels + np.uint32(before), np.uint32(0)))


def _across(labels: Labels, depth: Floats, around: Neighbourhood) -> Passes:
    """Passes between two slices of different slabs."""
    values, small = np.unique(labels, return_inverse=True)
    numbers = small.reshape(labels.shape).astype(np.uint32) + np.uint32(values[0] != 0)
    known = values if values[0] == 0 else np.append(0, values)
    found = find_passes(numbers, depth, around, np.zeros(len(known), np.float32))
    return Passes(known.astype(np.int64)[found.pairs], found.depths)
