"""Parting touching objects, kept slab by slab, so that another start goes on after the last slab that is whole."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.find.packed import PackedLabels, packed_labels
from batterycell.instances.separate.separation import piece_name
from batterycell.io.kept import Keeper
from batterycell.progress import Progress

Labels = NDArray[np.uint32]


def kept_parting(
    keeper: Keeper, shape: tuple[int, int, int], slices: int, progress: Progress
) -> tuple[Labels, Progress]:
    """Where the pieces of basins are written, and a progress that keeps what each slab adds.

    What was kept of a slab is forgotten where one of its slices is missing or damaged.

    Args:
        keeper: Of the job; pieces lie in its folder.
        shape: Of the volume, (k, j, i).
        slices: Of a slab.
        progress: Told that it is looked at.
    """
    progress.report(0.0, "Looking at what is kept")
    folder = keeper.path(f"parted.{keeper.key}")
    for other in keeper.folder.glob("parted.*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    _forget_damaged(keeper, PackedLabels(folder, shape), slices)
    return packed_labels(folder, shape), replace(progress, keeper=keeper)


def _forget_damaged(keeper: Keeper, pieces: PackedLabels, slices: int) -> None:
    for start in range(0, len(pieces), slices):
        names = [path.stem for path in keeper.folder.glob(f"{piece_name('*', start)}.npz")]
        own = range(start, min(start + slices, len(pieces))) if names else ()
        damaged = [k for k in own if not pieces.is_whole(k)]
        for k in damaged:
            pieces.forget(k)
        for name in names if damaged else ():
            keeper.forget(name)
