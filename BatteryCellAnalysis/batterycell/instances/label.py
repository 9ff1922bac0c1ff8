"""From labels to instances: every object numbered, 1 to n, in the order of its first voxel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.progress import Progress

from .border import touches_border
from .components import find_components
from .instances import Instances, Labels
from .join import Ints, Tally
from .label_room import renumber
from .label_source import LabelReader, present_values
from .separate import find_separated
from .settings import LabelSettings
from .slabs import SlabSource

SLAB_VOXELS = 1 << 22
# Thinner slabs cut more objects than they hold.
_LEAST_SLICES = 16
# One object that holds more than this part of all is hardly what was meant by objects.
_GIANT = 0.5
_FEW = 0.01


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
    separating 10 bytes a voxel of a block (a quarter of the volume, `separate_depth.BLOCK_VOXELS` at most) and of the
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
    if not all(source.shape):
        raise InputError("labels-empty", "The labels are empty: they have no voxel.", "Give a label volume.")
    progress, settings = progress or Progress(), settings or LabelSettings()
    notes: list[str] = []
    settings = _flattened(settings, source.shape, notes)
    _note_separation(settings, voxel_um, notes)
    voxels = slab_voxels or max(SLAB_VOXELS, _LEAST_SLICES * source.shape[1] * source.shape[2])
    reader = LabelReader(source)
    numbers = np.zeros(source.shape, np.uint32) if out is None else out
    find = find_components if settings.separate == "none" else find_separated(voxel_um)
    pieces = find(reader.labels, settings, numbers, voxels, progress.part(0.0, 0.8))
    groups, count = pieces.groups()
    objects = pieces.tally.grouped(groups, count)
    _check_classes(reader.labels, settings, objects)
    order = _numbering(objects, _kept(objects, source.shape, voxel_um, settings, notes))
    progress.report(0.8, "Numbering objects")
    renumber(numbers, _table(groups, order, count), voxels)
    found = objects.at(order)
    log = (*sorted(reader.notes), *notes, *_warn_giant(found, source.shape, settings))
    return Instances.of(numbers, found, settings, log)


def _flattened(settings: LabelSettings, shape: tuple[int, int, int], notes: list[str]) -> LabelSettings:
    """A single slice has no third dimension."""
    if shape[0] != 1 or settings.dimension == 2:
        return settings
    notes.append("There is one slice only: objects and their measures are in 2D.")
    connectivity = {0: 0, 6: 4, 18: 8, 26: 8}[settings.connectivity]
    return replace(settings, dimension=2, connectivity=connectivity)


def _note_separation(settings: LabelSettings, voxel_um: tuple[float, float, float], notes: list[str]) -> None:
    if settings.separate == "watershed":
        notes.append(
            f"Touching objects are separated at necks that are narrower than the smaller one by {100 * settings.neck:g}"
            f" %; gaps up to {settings.widest_crack(voxel_um):.3g} µm wide divide nothing."
        )


def _check_classes(labels: SlabSource, settings: LabelSettings, objects: Tally) -> None:
    absent = sorted(set(settings.classes) - set(objects.classes.tolist()))
    if len(objects.voxels) and not absent:
        return
    present = present_values(labels)
    if not present:
        raise InputError("labels-empty", "The labels are empty: every voxel is 0.", "Segment something first.")
    name = ", ".join(map(str, absent))
    listed = ", ".join(map(str, present[:20])) + (" …" if len(present) > 20 else "")
    raise InputError("class-absent", f"No voxel has the label {name}.", f"Labels are {listed}.")


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


def _warn_giant(found: Tally, shape: tuple[int, int, int], settings: LabelSettings) -> list[str]:
    voxels = found.voxels
    if settings.separate != "none" or not len(voxels) or voxels.max() < _FEW * np.prod(shape, dtype=float):
        return []
    share = voxels.max() / voxels.sum()
    if share <= _GIANT:
        return []
    n = int(voxels.argmax()) + 1
    return [
        f"Object {n} holds {100 * share:.0f} % of all objects' voxels: what touches is one object. Separate touching "
        "objects by watershed, or choose faces only as connectivity."
    ]
