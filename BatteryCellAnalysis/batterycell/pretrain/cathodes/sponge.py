"""Carbon and binder between particles: a sponge of small grains, or a dense film, in layers behind the section."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.phantom.microstructure.fields import Array, random_field

from .ranges import Ranges, by_size, evenly

Mask = NDArray[np.bool_]
# Layers behind the section in which there may be binder, and pixels from one to the next.
LAYERS, STEP = 10, 2.5
# Binder in so many of them counts as binder in the section: nobody sees a step of so few pixels.
FLUSH = 2
# Part of the electrodes whose binder is dense, and of a sponge that is solid.
DENSE, SOLID = 0.25, (0.45, 0.7)
# The domain's edge is irregular on scales of a clump, and less so on finer ones.
FINE, FINE_SIZE = 0.25, 0.25
# Holes in the sponge wider than about so many grains, and this open, are pores.
HOLE, OPEN = 2.0, 0.15


@dataclass(frozen=True)
class Sponge:
    """Binder, (rows, columns) each.

    Args:
        domain: Where it is in the section, its fine pores included.
        depth: Of the first solid of it that is met; infinite where there is none.
        dense: Whether it is a film.
    """

    domain: Mask
    depth: Array
    dense: bool = False


def fill_sponge(depth: Array, ranges: Ranges, random: np.random.Generator) -> Sponge:
    """Fill the space in front of particles.

    Args:
        depth: Of the particles, (rows, columns); 0 in the section.
        ranges: Where from.
        random: Source.
    """
    clump, grain = by_size(ranges.clump, random), evenly(ranges.grain, random)
    shape = (LAYERS, *depth.shape)
    liking = random_field(shape, (clump / STEP / 2, clump / 2, clump / 2), random)
    fine = max(1.0, FINE_SIZE * clump / 2)
    liking += np.float32(FINE) * random_field(shape, (fine / STEP, fine, fine), random)
    liking += np.float32(evenly((0.0, 1.5), random)) * _near(depth, clump)
    free = depth > 0
    if not free.any():
        return Sponge(free, np.full(depth.shape, np.float32(np.inf)))
    domain = liking > np.quantile(liking[0][free], 1 - evenly(ranges.binder, random))
    if random.random() < DENSE:
        return Sponge(domain[:FLUSH].any(0) & free, _first(domain, depth), dense=True)
    grains = random_field(shape, (grain / STEP, grain, grain), random)
    solid = domain & (grains > np.quantile(grains[0], 1 - evenly(SOLID, random)))
    closed = ndimage.gaussian_filter(solid[:FLUSH].any(0).astype(np.float32), HOLE * grain) > OPEN
    return Sponge(domain[:FLUSH].any(0) & closed & free, _first(solid, depth))


def _near(depth: Array, clump: float) -> Array:
    """1 at particles in the section, falling off within half a clump."""
    away = ndimage.distance_transform_edt(depth > 0).astype(np.float32)
    return np.asarray(np.exp(away * np.float32(-2 / clump)))


def _first(solid: Mask, depth: Array) -> Array:
    """Depth of the first solid layer in front of particles; infinite where there is none."""
    first = solid.argmax(0).astype(np.float32) * np.float32(STEP)
    return np.asarray(np.where(solid.any(0) & (first < depth), first, np.float32(np.inf)))
