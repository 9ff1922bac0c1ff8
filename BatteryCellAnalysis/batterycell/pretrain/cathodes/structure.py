"""An electrode as a section with what lies behind it: depths, materials, and the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.phantom.microstructure import Phase
from batterycell.phantom.microstructure.fields import Array, random_field

from .bodies import Bodies, place_bodies
from .ranges import Ranges, by_size, evenly
from .relief import Rays, Relief, cast
from .sponge import Sponge, fill_sponge

Mask = NDArray[np.bool_]
# Rays for a first look at how much the section holds, one in so many pixels.
ROUGHLY = 4
# Rays run down into the section as in a FIB-SEM (its beams are 52° apart) or straight on.
TILTED, MOST_TILT = 0.6, 0.8
GUESSES, POWER, GROWTH = 4, 0.36, (0.6, 1.8)
LUMP = (0.0, 0.05)


@dataclass(frozen=True)
class Structure:
    """What a microscope looks at, (rows, columns) each.

    Args:
        depth: Pixels behind the section of the first solid that is met; 0 on the section.
        behind: The same without binder.
        owner: Number of the particle seen without binder, from 1; 0 none.
        is_binder: Whether what is met first is binder.
        labels: `Phase` in the section.
        deep: What lies so deep is dark.
        dense: Whether binder is a dense film, not a sponge.
    """

    depth: Array
    behind: Array
    owner: NDArray[np.int32]
    is_binder: Mask
    labels: NDArray[np.uint8]
    deep: float
    dense: bool

    @property
    def cut(self) -> Mask:
        """Active material in the section."""
        return np.asarray(self.labels == Phase.ACTIVE_MATERIAL)


def make_structure(ranges: Ranges, size: int, random: np.random.Generator) -> Structure:
    """Draw an electrode.

    Args:
        ranges: Where from.
        size: Rows, and columns.
        random: Source.
    """
    relief, deep = _particles(ranges, size, random)
    sponge = fill_sponge(relief.depth, ranges, random)
    depth = relief.depth.copy()
    _hollow(depth, relief, random)
    cut = (relief.owner > 0) & (depth <= 0)
    labels = np.full(depth.shape, Phase.PORE, np.uint8)
    labels[sponge.domain & ~cut] = Phase.BINDER
    labels[cut] = Phase.ACTIVE_MATERIAL
    return _met(depth, relief, sponge, labels, deep)


def _met(depth: Array, relief: Relief, sponge: Sponge, labels: NDArray[np.uint8], deep: float) -> Structure:
    is_binder = sponge.depth < depth
    return Structure(np.minimum(depth, sponge.depth), depth, relief.owner, is_binder, labels, deep, sponge.dense)


def _particles(ranges: Ranges, size: int, random: np.random.Generator) -> tuple[Relief, float]:
    """Particles grown until about the wanted part of the section is theirs."""
    bodies, deep = place_bodies(ranges, size, random)
    tilt = (float(random.uniform(0.1, MOST_TILT)), 0.0) if random.random() < TILTED else (0.0, 0.0)
    factor = _growth(bodies, Rays(size, 0.5, step=ROUGHLY), evenly(ranges.fraction, random))
    median = float(np.median(bodies.radii)) * factor
    lumps = random_field((size, size), evenly((0.2, 0.5), random) * median, rng=random)
    lumps += np.float32(0.4) * random_field((size, size), max(1.0, 0.1 * median), random)
    lumps *= np.float32(evenly(LUMP, random) * median)
    return cast(bodies.grown(factor), Rays(size, deep, tilt), lumps), deep


def _growth(bodies: Bodies, rays: Rays, wanted: float) -> float:
    """By which factor particles must grow so that about the wanted part of the section is theirs."""
    factor = 1.0
    for _ in range(GUESSES):
        found = float(np.clip(cast(bodies.grown(factor), rays).cut.mean(), 0.02, 0.98))
        # The uncovered part shrinks about as if particles lay at random, and slower where they do not.
        factor *= (np.log(1 - wanted) / np.log(1 - found)) ** POWER
    return float(np.clip(factor, *GROWTH))


def _hollow(depth: Array, relief: Relief, random: np.random.Generator) -> None:
    """Pores and cracks within particles, in place: depths of their grounds."""
    cut = relief.cut
    if random.random() < 0.5:
        size = by_size((3.0, 16.0), random)
        field = random_field(depth.shape, size / 2, random) + np.float32(0.3) * random_field(depth.shape, 1.5, random)
        hole = cut & (field > random.uniform(1.9, 2.8)) & (ndimage.distance_transform_edt(cut) > 0.8 * size)
        ground = np.float32(size) * (1 + np.float32(0.5) * random_field(depth.shape, size / 3, random))
        np.copyto(depth, np.maximum(ground, 1.5), where=hole)
    if random.random() < 0.5:
        _crack(depth, relief, random)


def _crack(depth: Array, relief: Relief, random: np.random.Generator) -> None:
    """Wavy cracks through some particles: dark where they are wide."""
    is_cracked = random.random(relief.owner.max(initial=0) + 1) < random.uniform(0.1, 0.6)
    angles = random.uniform(0, np.pi, len(is_cracked))[relief.owner].astype(np.float32)
    rows, columns = np.indices(depth.shape, np.float32)
    period, width = random.uniform(25, 120), random.uniform(1.5, 4.5)
    wave = np.float32(random.uniform(1, 6)) * random_field(depth.shape, 10.0, random)
    across = np.cos(angles) * rows + np.sin(angles) * columns + wave
    off = np.abs((across + 37.0 * relief.owner) % period - period / 2)
    opened = (off < width / 2) & (random_field(depth.shape, 25.0, random) > 0)
    np.copyto(depth, np.float32(4 * width), where=opened & is_cracked[relief.owner] & relief.cut)
