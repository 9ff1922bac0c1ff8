"""Touching objects divided at their necks: watershed of the depth below the surface, slab by slab, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.instances.find.join import Pieces, Tally, empty_tally, tally
from batterycell.instances.find.room import release, renumber
from batterycell.instances.find.source import lowest_other, present_values
from batterycell.instances.settings import NOISE_VOXELS, LabelSettings
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

from .basins import Neighbourhood
from .depth import BLOCK_VOXELS, Depth
from .necks import Neck
from .slabs import BasinSlabs

Labels = NDArray[np.uint32]
Floats = NDArray[np.float32]
# A volume of more classes is one of numbered objects.
MOST_CLASSES = 64
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
        values = _values(labels, settings)
        counts = [0]
        for place, value in enumerate(values):
            depth = Depth(labels, value, voxel_um, _with_cracks(settings, labels, value))
            part = progress.part(0.9 * place / len(values), 0.9 * (place + 1) / len(values))
            counts.append(_separate(depth, out, counts[-1], voxels, part))
        found = _tally(out, counts[-1], voxels, progress.part(0.9, 1.0))
        pieces = Pieces()
        pieces.add(replace(found, classes=np.repeat(np.array(values, np.int64), np.diff(counts))))
        return pieces

    return find


def _values(labels: SlabSource, settings: LabelSettings) -> tuple[int, ...]:
    """The classes to be separated; each one takes a pass over the volume."""
    values = settings.classes or present_values(labels)
    if len(values) > MOST_CLASSES:
        message = f"{len(values):,} classes cannot be separated at once."
        raise InputError("instances-classes", message, "Name the classes, or do not separate numbered objects again.")
    return values


def _with_cracks(settings: LabelSettings, labels: SlabSource, value: int) -> LabelSettings:
    """The settings with what cracks are labelled, for one class."""
    if settings.crack_classes or settings.crack_um == 0:
        return settings
    lowest = lowest_other(labels, value)
    return settings if lowest is None else replace(settings, crack_classes=(lowest,))


def _separate(depth: Depth, out: Labels, before: int, voxels: int, progress: Progress) -> int:
    """Number the objects of a class from ``before`` + 1 on; gives the last number."""
    settings = depth.settings
    neck = Neck(settings.neck, NOISE_VOXELS * min(depth.voxel_um))
    basins = BasinSlabs(Neighbourhood(settings.dimension, settings.order), neck, before)
    for start, depths, inside in _slabs(depth, out, voxels):
        progress.report(0.9 * start / len(out), "Separating objects")
        here = slice(start, start + len(inside))
        out[here] = np.where(inside, basins.add(start, depths), out[here])
        release(out)
    objects, count = basins.objects()
    renumber(out, np.append(np.arange(before + 1, dtype=np.uint32), objects + np.uint32(before)), voxels)
    return before + count


def _slabs(depth: Depth, out: Labels, voxels: int) -> Iterator[tuple[int, Floats, NDArray[np.bool_]]]:
    """Slabs out of the blocks of depths: first slice, depths with the slice before and after, where the class is."""
    step = max(1, voxels // max(1, out[0].size))
    for start, depths, inside in depth.blocks(max(voxels, min(out.size // 4, BLOCK_VOXELS))):
        for first in range(0, len(inside), step):
            stop = min(first + step, len(inside))
            yield start + first, depths[first : stop + 2], inside[first:stop]


def _tally(out: Labels, count: int, voxels: int, progress: Progress) -> Tally:
    """What all slices hold of the objects."""
    found = empty_tally(count)
    for slab in SlabSource.of_array(out).slabs(voxels):
        progress.report(slab.start / len(out), "Numbering objects")
        found = found.joined(tally(slab.array, 0, count, slab.start))
        release(out)
    return found
