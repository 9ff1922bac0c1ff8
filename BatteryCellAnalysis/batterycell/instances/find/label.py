"""From labels to instances: every object numbered, 1 to n, in the order of its first voxel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.instances import Instances, Labels
from batterycell.instances.separate.separation import find_separated
from batterycell.instances.settings import LabelSettings
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

from .border import touches_border
from .checks import check_classes, check_shape, flatten, note_separation, warn_giant
from .join import Ints, Tally
from .source import LabelReader
from .way import Way

SLAB_VOXELS = 1 << 22
# Thinner slabs cut more objects than they hold.
_LEAST_SLICES = 16


def label_instances(
    source: SlabSource,
    voxel_um: tuple[float, float, float],
    settings: LabelSettings | None = None,
    progress: Progress | None = None,
    out: Labels | None = None,
    slab_voxels: int | None = None,
) -> Instances:
    """Make every region of the chosen classes an object.

    Objects are numbered without gaps in the order of their first voxel, slice by slice and row by row. The result
    does not depend on the slabs. Beside ``source`` and ``out`` some 50 bytes a voxel of a slab are held, and in
    separating 10 bytes a voxel of a block (a quarter of the volume, `depth_slabs.BLOCK_VOXELS` at most) and of the
    slices around it, as far as an object is deep.

    Args:
        source: Labels (k, j, i), 0 for nothing.
        voxel_um: Voxel size (z, y, x) in µm.
        settings: What an object is.
        progress: Told of every slab.
        out: Receives the instances, shape (k, j, i), uint32; a map of a file where they do not fit into memory.
        slab_voxels: Voxels of a slab; None for `SLAB_VOXELS`, or 16 slices.

    Raises:
        InputError: if the labels are none, are empty, or lack a class.
        UsageError: if settings contradict each other.
        Cancelled: if the user asked to stop.
    """
    return label_by(Way(slab_voxels), source, voxel_um, settings or LabelSettings(), progress or Progress(), out)


def label_by(
    way: Way,
    source: SlabSource,
    voxel_um: tuple[float, float, float],
    settings: LabelSettings,
    progress: Progress,
    out: Labels | None = None,
) -> Instances:
    """As `label_instances`, gone through in another way, with the same result.

    Args:
        way: Who finds and numbers the pieces of a slab, and where; separating stays in this process, slab after slab.
        source: Labels (k, j, i), 0 for nothing.
        voxel_um: Voxel size (z, y, x) in µm.
        settings: What an object is.
        progress: Told of every slab.
        out: Receives the instances, shape (k, j, i), uint32.
    """
    check_shape(source.shape)
    notes = list[str]()
    settings = flatten(settings, source.shape, notes)
    voxels = way.voxels or slab_voxels_of(source.shape)
    numbers, reader = np.zeros(source.shape, np.uint32) if out is None else out, LabelReader(source)
    way = way if settings.separate == "none" else Way(voxels, find_separated(voxel_um, way.keep))
    find = way.find
    pieces = find(reader.labels, settings, numbers, voxels, progress.part(0.0, 0.8))
    groups, count = pieces.groups()
    objects = pieces.tally.grouped(groups, count)
    check_classes(reader.labels, settings, objects)
    note_separation(settings, voxel_um, notes)
    order = _numbering(objects, _kept(objects, source.shape, voxel_um, settings, notes))
    progress.report(0.8, "Numbering objects")
    way.renumber(numbers, _table(groups, order, count), voxels)
    found = objects.at(order)
    log = (*sorted(reader.notes), *notes, *warn_giant(found, source.shape, settings))
    return Instances.of(numbers, found, settings, log)


def slab_voxels_of(shape: tuple[int, int, int]) -> int:
    """Voxels of a slab of a volume."""
    return max(SLAB_VOXELS, _LEAST_SLICES * shape[1] * shape[2])


def _kept(
    objects: Tally,
    shape: tuple[int, int, int],
    voxel_um: tuple[float, float, float],
    settings: LabelSettings,
    notes: list[str],
) -> NDArray[np.bool_]:
    """Which objects stay, by size and border."""
    large = objects.voxels >= max(settings.min_voxels, least_voxels(settings, voxel_um), 1)
    # A peak that lies in a filled gap altogether has no voxel of the class.
    _note_left_out((objects.voxels > 0) & ~large, "too small", notes)
    if settings.border != "exclude":
        return large
    cut = touches_border(objects, shape, settings.dimension)
    _note_left_out(cut & large, "the border may cut what touches it", notes)
    return large & ~cut


def _note_left_out(which: NDArray[np.bool_], why: str, notes: list[str]) -> None:
    count = int(which.sum())
    if count:
        notes.append(f"{count:,} object{'s were' if count > 1 else ' was'} left out: {why}.")


def least_voxels(settings: LabelSettings, voxel_um: tuple[float, float, float]) -> float:
    """Voxels of the circle or sphere of the least diameter."""
    diameter, (z, y, x) = settings.min_size_um, voxel_um
    if settings.dimension == 2:
        return float(np.pi / 4 * diameter**2 / (y * x))
    return float(np.pi / 6 * diameter**3 / (z * y * x))


def _numbering(objects: Tally, kept: NDArray[np.bool_]) -> Ints:
    """The objects that stay, in the order of their first voxel."""
    rows = np.flatnonzero(kept)
    return np.asarray(rows[np.argsort(objects.first[rows])])


def _table(groups: Ints, order: Ints, count: int) -> Labels:
    """The final number of each piece; 0 for nothing and for what is left out."""
    number = np.zeros(count, np.uint32)
    number[order] = np.arange(1, len(order) + 1)
    return np.concatenate([np.zeros(1, np.uint32), number[groups]])
