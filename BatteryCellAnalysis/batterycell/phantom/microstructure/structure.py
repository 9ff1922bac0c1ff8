"""An electrode in voxels: phases and particles, before it is looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress

from .binder import fill_binder
from .packing import pack
from .particles import render
from .settings import Microstructure


class Phase(IntEnum):
    """Label values: class n of the presets for cathodes is n + 1, and 0 (unknown) never occurs."""

    PORE = 1
    ACTIVE_MATERIAL = 2
    BINDER = 3
    ADDITIVE = 4


@dataclass(frozen=True)
class Structure:
    """An electrode on a grid of shape (k, j, i).

    Args:
        labels: `Phase` of each voxel, uint8.
        owner: Number of the particle within whose surface a voxel lies, cracks and voids included; 0 outside. int32.
        hollow: 1 crack, 2 void, 0 else, within particles. uint8.
    """

    labels: NDArray[np.uint8]
    owner: NDArray[np.int32]
    hollow: NDArray[np.uint8]

    @property
    def instances(self) -> NDArray[np.int32]:
        """Number of the particle of each voxel of active material, else 0."""
        return np.where(self.labels == Phase.ACTIVE_MATERIAL, self.owner, 0)

    @property
    def cracks(self) -> NDArray[np.int32]:
        """Number of the particle of each voxel of a crack, else 0."""
        return np.where(self.hollow == 1, self.owner, 0)

    def first_slices(self, count: int) -> Structure:
        """The first slices, particles numbered anew from 1 without gaps."""
        owner = self.owner[:count]
        seen = np.unique(owner[self.labels[:count] == Phase.ACTIVE_MATERIAL])
        number = np.zeros(int(owner.max(initial=0)) + 1, np.int32)
        number[seen[seen > 0]] = np.arange(1, (seen > 0).sum() + 1)
        return Structure(self.labels[:count], number[owner], self.hollow[:count])


def make_structure(
    spec: Microstructure, shape: tuple[int, int, int], rng: np.random.Generator, progress: Progress
) -> Structure:
    """Generate an electrode.

    Args:
        spec: What it is made of.
        shape: (k, j, i).
        rng: Everything random comes from it.
        progress: Listener.
    """
    progress.report(0.0, "packing particles")
    packing = pack(spec.particles, shape, spec.voxel_um, rng)
    progress.report(0.2, "drawing particles")
    bodies = render(packing, spec.particles, shape, spec.voxel_um, rng)
    progress.report(0.7, "filling in binder")
    binder, additive = fill_binder(bodies, spec.binder, spec.voxel_um, rng)
    inside = bodies.inside
    labels = np.full(shape, Phase.PORE, np.uint8)
    labels[inside & (bodies.hollow == 0)] = Phase.ACTIVE_MATERIAL
    labels[binder] = Phase.BINDER
    labels[additive] = Phase.ADDITIVE
    return Structure(labels, np.where(inside, bodies.nearest, 0), np.where(inside, bodies.hollow, 0).astype(np.uint8))


def vary(spec: Microstructure, rng: np.random.Generator) -> Microstructure:
    """The same electrode at another place: its fractions differ a little."""
    active, binder = (1 + spec.variation * np.clip(rng.standard_normal(2), -2, 2)).tolist()
    particles = replace(spec.particles, fraction=min(spec.particles.fraction * active, 0.75))
    room = (0.97 - particles.fraction) * (1 - spec.binder.porosity)
    return replace(
        spec, particles=particles, binder=replace(spec.binder, fraction=min(spec.binder.fraction * binder, room))
    )
