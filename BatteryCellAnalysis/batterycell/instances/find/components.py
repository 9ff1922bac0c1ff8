"""Connected components of the classes of a label volume, slab by slab, joined exactly where slabs meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.settings import LabelSettings
from batterycell.progress import Progress
from batterycell.slabs import Slab, SlabSource

from .join import Pieces, Tally, tally
from .room import release

Labels = NDArray[np.uint32]
_NEIGHBOURS = {2: {1: 4, 2: 8}, 3: {1: 6, 2: 18, 3: 26}}


def find_components(
    labels: SlabSource, settings: LabelSettings, out: Labels, voxels: int, progress: Progress
) -> Pieces:
    """Number the pieces of objects in each slab, and tell which belong together.

    Each slab is labelled together with the slice that follows it; that slice is labelled again with the next slab,
    and whatever shares a voxel there is one object. So every connectivity holds across slabs by itself.

    Args:
        labels: Whole numbers, 0 for nothing.
        settings: Classes, dimension and connectivity.
        out: Receives the numbers of the pieces, shape as the labels, uint32.
        voxels: Voxels of a slab.
        progress: Told of every slab.
    """
    pieces, last = Pieces(), None
    for slab in labels.slabs(voxels):
        progress.report(slab.start / labels.shape[0], "Finding objects")
        last = _add(slab, label_slab(slab, settings), out, pieces, last)
    return pieces


def label_slab(slab: Slab, settings: LabelSettings) -> tuple[Labels, Tally]:
    """Number the pieces of objects in one slab from 1.

    Returns:
        The numbers in its slices, in 3D also in the slice that follows; what its own slices hold of each piece.
    """
    label = _label_slices if settings.dimension == 2 else _label_solid
    numbers, count = label(_chosen(slab, chooser(settings.classes), settings), settings.order)
    return numbers, tally(numbers[: len(slab.array)], slab.array, count, slab.start)


def _add(slab: Slab, found: tuple[Labels, Tally], out: Labels, pieces: Pieces, last: Labels | None) -> Labels | None:
    """Add a slab's pieces; gives their numbers in the slice that follows it."""
    numbers, known = found
    depth, before = len(slab.array), pieces.count
    pieces.add(known)
    if before:
        np.add(numbers, np.uint32(before), out=numbers, where=numbers > 0)
    out[slab.start : slab.start + depth] = numbers[:depth]
    release(out)
    if last is not None:
        pieces.pair(last, numbers[0])
    return numbers[depth] if len(numbers) > depth else None


def _chosen(slab: Slab, choose: Callable[[NDArray[Any]], NDArray[Any]], settings: LabelSettings) -> NDArray[Any]:
    """The chosen classes of a slab, in 3D with the slice that follows."""
    if settings.dimension == 2 or slab.following is None:
        return choose(slab.array)
    return choose(np.concatenate([slab.array, slab.following[None]]))


def chooser(classes: tuple[int, ...]) -> Callable[[NDArray[Any]], NDArray[Any]]:
    """A function that keeps the chosen classes of labels and sets all else to 0; () keeps all."""
    if not classes:
        return lambda values: values
    if len(classes) == 1:
        return lambda values: values == classes[0]
    return lambda values: np.where(np.isin(values, classes), values, values.dtype.type(0))


def _label_solid(values: NDArray[Any], order: int) -> tuple[Labels, int]:
    import cc3d

    found, count = cc3d.connected_components(
        values, connectivity=_NEIGHBOURS[3][order], return_N=True, out_dtype=np.uint32
    )
    return found, int(count)


def _label_slices(values: NDArray[Any], order: int) -> tuple[Labels, int]:
    numbers, before = np.zeros(values.shape, np.uint32), 0
    for place, (found, count) in enumerate(_slices(values, _NEIGHBOURS[2][order])):
        np.add(found, before, out=numbers[place], where=found > 0, casting="unsafe")
        before += count
    return numbers, before


def _slices(values: NDArray[Any], neighbours: int) -> Iterator[tuple[NDArray[Any], int]]:
    import cc3d

    for each in values:
        yield cc3d.connected_components(each, connectivity=neighbours, return_N=True)
