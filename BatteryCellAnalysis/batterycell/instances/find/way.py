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


@dataclass(frozen=True)
class Way:
    """How a volume is gone through.

    Args:
        voxels: Voxels of a slab; None for what suits its slices.
        find: ``find(labels, settings, out, voxels, progress)`` numbers pieces in ``out``, and tells which are one.
        renumber: ``renumber(out, table, voxels)`` gives every voxel the number that stands in a table at its own.
    """

    voxels: int | None = None
    find: Callable[[SlabSource, LabelSettings, Labels, int, Progress], Pieces] = find_components
    renumber: Callable[[Labels, Labels, int], None] = renumber
