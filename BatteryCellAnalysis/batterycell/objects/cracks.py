"""How wide a gap inside a particle may be before it is one between particles, where nobody says it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from batterycell.slabs import SlabSource

# The widest crack in voxels: wider ones are told apart from gaps by whoever knows the material.
MOST_VOXELS = 4.0
# A crack is thin beside its particle: at most this part of the mean chord through the material.
_PART = 1 / 8
# What is thinner than a voxel is not seen.
_LEAST_VOXELS = 1.0


def widest_crack_um(labels: SlabSource, values: Sequence[int], voxel_um: tuple[float, float, float]) -> float:
    """The widest crack in µm that is told from gaps between particles; 0 where particles are too coarse for any.

    Args:
        labels: The classes, shape (k, j, i).
        values: Those whose regions are particles.
        voxel_um: Voxel size (z, y, x) in µm.
    """
    voxel = max(voxel_um[1:])
    chords = [_mean_chord(labels, value) * voxel_um[2] for value in values]
    width = min(MOST_VOXELS * voxel, _PART * min(chords, default=0.0))
    return width if width >= _LEAST_VOXELS * voxel else 0.0


def _mean_chord(labels: SlabSource, value: int) -> float:
    """Mean length in voxels of the runs of a class along i (Underwood 1970, Quantitative Stereology, ch. 4)."""
    voxels, runs = 0, 0
    for slab in labels.slabs():
        inside = slab.array == value
        voxels += int(np.count_nonzero(inside))
        runs += int(np.count_nonzero(inside[..., 1:] & ~inside[..., :-1]) + np.count_nonzero(inside[..., 0]))
    return voxels / max(1, runs)
