"""The ways through a volume: who finds the pieces of its slabs, and who gives them their last numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.instances.settings import LabelSettings
from batterycell.progress import Progress
from batterycell.slabs import SlabSource

from .components import find_components
from .join import Pieces
from .room import renumber

Labels = NDArray[np.uint32]
Find = Callable[[SlabSource, LabelSettings, Labels, int, Progress], Pieces]
Keep = Callable[[LabelSettings, Labels, int, Progress], tuple[Labels, Progress]]


def keep_nothing(settings: LabelSettings, out: Labels, voxels: int, progress: Progress) -> tuple[Labels, Progress]:
    """Default: pieces are written where objects will be, and nobody goes on with them."""
    return out, progress


@dataclass(frozen=True)
class Way:
    """How a volume is gone through.

    Args:
        voxels: Voxels of a slab; None for what suits its slices.
        find: ``find(labels, settings, out, voxels, progress)`` numbers pieces in ``out``, and tells which are one.
        renumber: ``renumber(out, table, voxels)`` gives every voxel the number that stands in a table at its own.
        keep: ``keep(settings, out, voxels, progress)``, of work that goes on from slab to slab in one process: where
            it writes pieces, and a progress that keeps what each slab adds.
    """

    voxels: int | None = None
    find: Find = find_components
    renumber: Callable[[Labels, Labels, int], None] = renumber
    keep: Keep = keep_nothing


def slab_slices(shape: tuple[int, ...], voxels: int) -> int:
    """Slices of a slab of a volume (k, j, i)."""
    return max(1, voxels // max(1, shape[1] * shape[2]))
