"""The carbon-binder domain in the space between particles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .fields import Array, random_field
from .particles import Bodies
from .settings import Binder

Mask = NDArray[np.bool_]
# Weights and sizes, in parts of a clump, of the coarse and the fine irregularity of the domain's edge.
COARSE, FINE = 1.0, 0.25
FINE_SIZE = 0.3
WEB, COAT = 0.35, 0.25


def fill_binder(bodies: Bodies, binder: Binder, voxel_um: float, rng: np.random.Generator) -> tuple[Mask, Mask]:
    """Binder and additive around particles.

    Args:
        bodies: The particles.
        binder: What to fill in.
        voxel_um: Edge of a voxel.
        rng: Source.

    Returns:
        Masks of binder and of additive.
    """
    free = ~bodies.inside
    count = round(binder.fraction * free.size)
    domain = _highest(_liking(bodies, binder, voxel_um, rng), free, round(count / (1 - binder.porosity)))
    # A correlation length of a third makes pores and walls of the wanted width.
    grains = random_field(free.shape, binder.pore_um / voxel_um / 3, rng)
    solid = _highest(grains, domain, count)
    if not binder.additive:
        return solid, np.zeros_like(solid)
    regions = random_field(free.shape, binder.additive_um / voxel_um / 3, rng)
    additive = _highest(regions, solid, round(binder.additive * count))
    return solid & ~additive, additive


def _liking(bodies: Bodies, binder: Binder, voxel_um: float, rng: np.random.Generator) -> Array:
    """Where binder likes to be: in clumps, between two near surfaces (webs), on a surface (coating)."""
    clump = binder.clump_um / voxel_um
    liking = random_field(bodies.distance.shape, clump / 2, rng) * np.float32(COARSE)
    liking += random_field(bodies.distance.shape, max(1.0, FINE_SIZE * clump / 2), rng) * np.float32(FINE)
    web = np.exp((bodies.distance + bodies.second) * np.float32(-0.5 / (WEB * clump)))
    coat = np.exp(bodies.distance * np.float32(-1 / (COAT * clump)))
    liking += np.float32(binder.affinity) * (np.minimum(web, 1) + np.float32(0.5) * np.minimum(coat, 1))
    return np.asarray(liking)


def _highest(values: Array, where: Mask, count: int) -> Mask:
    """The ``count`` voxels of highest value among those of a mask; all of them where there are fewer."""
    inside = values[where]
    count = min(count, inside.size)
    if count <= 0:
        return np.zeros_like(where)
    inside.partition(inside.size - count)
    return np.asarray(where & (values >= inside[inside.size - count]))
