"""Touching objects divided at their necks: watershed of the depth below the surface, slab by slab, exactly."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.instances.find.join import Pieces, Tally, empty_tally, tally
from batterycell.instances.find.room import release
from batterycell.instances.find.source import lowest_other, present_values
from batterycell.instances.find.way import Find, Keep, keep_nothing, slab_slices
from batterycell.instances.settings import NOISE_VOXELS, LabelSettings
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

from .basins import Neighbourhood
from .depth import Depth
from .depth_slabs import DepthSlabs, block_slices
from .necks import Neck
from .seam import Step
from .slabs import BasinSlabs

Labels = NDArray[np.uint32]
# The object of each piece from 0 on, and how many objects there are.
Objects = tuple[Labels, int]
# A volume of more classes is one of numbered objects.
MOST_CLASSES = 64


def find_separated(voxel_um: tuple[float, float, float], keep: Keep = keep_nothing) -> Find:
    """A finder of objects, as `find_components`, that divides those that touch.

    Depth is the Euclidean distance to the class's surface, gaps up to ``crack_um`` wide filled (closing by a ball, so
    that a crack inside a particle is no border). Each voxel climbs to the deepest of its neighbours until it is on a
    peak (watershed by steepest ascent). Two peaks are two objects where every way from one to the other leads through
    a depth below (1 - neck) times the lower peak: dynamics of maxima (Grimaud 1992), relative to the radius, and at
    least `NOISE_VOXELS`. On generated cathodes, 60 % packed, a fifth of the particles cracked, this finds as many
    particles as there are to within 2 %.

    Args:
        voxel_um: Voxel size (z, y, x) in µm.
        keep: Where pieces of basins are written, and who keeps what each slab adds: whoever has both goes on with the
            next slab.
    """

    def find(labels: SlabSource, settings: LabelSettings, out: Labels, voxels: int, progress: Progress) -> Pieces:
        values = _values(labels, settings)
        pieces, progress = keep(settings, out, voxels, progress)
        objects, counts = [np.zeros(1, np.uint32)], [0]
        for place, value in enumerate(values):
            depth = Depth(labels, value, voxel_um, _with_cracks(settings, labels, value))
            part = progress.part(0.9 * place / len(values), 0.9 * (place + 1) / len(values))
            own, count = _separate(depth, pieces, sum(map(len, objects)) - 1, voxels, part)
            objects.append(own + np.uint32(counts[-1]))
            counts.append(counts[-1] + count)
        found = _number(pieces, (np.concatenate(objects), counts[-1]), out, voxels, progress.part(0.9, 1.0))
        every = Pieces()
        every.add(replace(found, classes=np.repeat(np.array(values, np.int64), np.diff(counts))))
        return every

    return find


def piece_name(value: int | str, start: int | str) -> str:
    """What a slab of a class adds is kept under this name."""
    return f"parted_{value}_{start}"


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


def _separate(depth: Depth, pieces: Labels, before: int, voxels: int, progress: Progress) -> tuple[Labels, int]:
    """Number the pieces of a class's basins from ``before`` + 1 on; gives each one's object, and how many there are."""
    settings, slices = depth.settings, slab_slices(depth.labels.shape, voxels)
    neck = Neck(settings.neck, NOISE_VOXELS * min(depth.voxel_um))
    basins = BasinSlabs(Neighbourhood(settings.dimension, settings.order), neck, before)
    depths = DepthSlabs(depth, block_slices(depth.labels.shape, slices))
    for start in range(0, len(pieces), slices):
        progress.report(start / len(pieces), "Separating objects")
        stop = min(start + slices, len(pieces))
        basins.add(progress.kept(piece_name(depth.value, start), partial(_part, basins, depths, pieces, start, stop)))
    return progress.kept(f"objects_{depth.value}", basins.objects)


def _part(basins: BasinSlabs, depths: DepthSlabs, pieces: Labels, start: int, stop: int) -> Step:
    """Part a slab: write the pieces of its voxels, and tell what else it adds."""
    depth, inside = depths.at(start, stop)
    labels, step = basins.next_slab(start, depth)
    pieces[start:stop] = np.where(inside, labels, pieces[start:stop])
    release(pieces)
    return step


def _number(pieces: Labels, objects: Objects, out: Labels, voxels: int, progress: Progress) -> Tally:
    """Write the object of every piece's voxels; gives what all slices hold of the objects."""
    (table, count), slices = objects, slab_slices(pieces.shape, voxels)
    found = empty_tally(count)
    for start in range(0, len(out), slices):
        progress.report(start / len(out), "Numbering objects")
        numbers = table[pieces[start : start + slices]]
        out[start : start + slices] = numbers
        found = found.joined(tally(numbers, 0, count, start))
        release(out)
    return found
