"""Particles in voxels: which one is near, how far its surface is, where it is cracked or hollow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .fields import Array, random_field
from .packing import Packing
from .settings import Particles

# Distances are known up to so many voxels from a surface, in parts of the median radius: contacts reach no farther.
REACH = 0.6
LEAST_REACH = 8.0
# Correlation lengths of lumps and primary grains on the surface, in parts of the median radius.
LUMP, GRAIN = 0.35, 0.09
GRAIN_HEIGHT = 0.02
CRACK_WAVE = 0.06
MOST_CRACKS = 3


@dataclass(frozen=True)
class Bodies:
    """Particles on a grid of shape (k, j, i).

    Args:
        nearest: Number of the nearest particle, from 1; 0 where none is within reach. int32.
        distance: Voxels to its surface, negative inside; shifted so that the wanted fraction is inside.
        second: The same to the second nearest particle.
        hollow: 0 solid, 1 crack, 2 void; inside particles and out. uint8.
    """

    nearest: NDArray[np.int32]
    distance: Array
    second: Array
    hollow: NDArray[np.uint8]

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Within a particle's surface, cracks and voids included."""
        return np.asarray(self.distance < 0)


@dataclass(frozen=True)
class _Box:
    """The part of a grid that one particle and its reach cover."""

    slices: tuple[slice, ...]
    offsets: tuple[Array, ...]

    def level(self, shape: NDArray[np.float64]) -> Array:
        """Squared distance from the centre, 1 on the ellipsoid."""
        s, (z, y, x) = shape.astype(np.float32), self.offsets
        along = s[2, 2] * x * x + 2 * x * (s[0, 2] * z + s[1, 2] * y)
        return np.asarray(along + (s[0, 0] * z * z + s[1, 1] * y * y + 2 * s[0, 1] * z * y))

    def along(self, direction: NDArray[np.float64]) -> Array:
        """Coordinate along a direction, from the centre."""
        (z, y, x), (dz, dy, dx) = self.offsets, direction.astype(np.float32)
        return np.asarray(dz * z + dy * y + dx * x)


def render(
    packing: Packing, particles: Particles, shape: tuple[int, ...], voxel_um: float, rng: np.random.Generator
) -> Bodies:
    """Draw a packing.

    Args:
        packing: The particles.
        particles: How they look.
        shape: (k, j, i).
        voxel_um: Edge of a voxel.
        rng: Source.
    """
    median = particles.median_um / voxel_um / 2
    reach = max(LEAST_REACH, REACH * median)
    nearest, distance, second = _measure(packing, shape, reach)
    lumps = random_field(shape, LUMP * median, rng)
    hollow = _crack(packing, nearest, particles, lumps * np.float32(CRACK_WAVE * median), voxel_um, rng)
    _add_voids(hollow, distance, particles, voxel_um, rng)
    rough = lumps * np.float32(particles.lumps * median)
    rough += random_field(shape, max(1.0, GRAIN * median), rng) * np.float32(GRAIN_HEIGHT * median)
    distance += rough
    second += rough
    _shift(distance, second, hollow, particles.fraction)
    return Bodies(nearest, distance, second, hollow)


def _measure(packing: Packing, shape: tuple[int, ...], reach: float) -> tuple[NDArray[np.int32], Array, Array]:
    """Nearest particle, and distances to the nearest and the second nearest, up to ``reach``."""
    nearest = np.zeros(shape, np.int32)
    distance, second = np.full(shape, reach, np.float32), np.full(shape, reach, np.float32)
    for index, box in _boxes(packing, shape, reach):
        radius = np.float32(packing.radii[index])
        own = np.sqrt(box.level(packing.shapes[index]))
        own -= 1
        own *= radius
        first, other, name = distance[box.slices], second[box.slices], nearest[box.slices]
        np.minimum(other, np.maximum(first, own), out=other)
        name[own < first] = index + 1
        np.minimum(first, own, out=first)
    return nearest, distance, second


def _boxes(packing: Packing, shape: tuple[int, ...], reach: float) -> Iterator[tuple[int, _Box]]:
    for index in range(len(packing)):
        half = np.sqrt(np.diagonal(np.linalg.inv(packing.shapes[index]))) * (1 + reach / packing.radii[index])
        low = np.maximum(np.ceil(packing.centres[index] - half), 0).astype(int)
        high = np.minimum(np.floor(packing.centres[index] + half) + 1, shape).astype(int)
        if (high > low).all():
            yield index, _box(packing.centres[index], low, high)


def _box(centre: NDArray[np.float64], low: NDArray[np.int_], high: NDArray[np.int_]) -> _Box:
    ranges = [np.arange(start, stop) - place for start, stop, place in zip(low, high, centre, strict=True)]
    k, j, i = (axis.astype(np.float32) for axis in ranges)
    slices = tuple(slice(int(start), int(stop)) for start, stop in zip(low, high, strict=True))
    return _Box(slices, (k[:, None, None], j[None, :, None], i[None, None, :]))


def _crack(
    packing: Packing,
    nearest: NDArray[np.int32],
    particles: Particles,
    wave: Array,
    voxel_um: float,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """1 in the cracks of some particles: wavy planes near their middle, through or only inside, whole or half."""
    hollow = np.zeros(nearest.shape, np.uint8)
    is_cracked = rng.random(len(packing)) < particles.cracked
    widest, median = particles.crack_um / voxel_um, particles.median_um / voxel_um / 2
    for index, box in _boxes(packing, nearest.shape, 0.0):
        own = np.random.default_rng(rng.integers(2**32))
        if is_cracked[index]:
            level = box.level(packing.shapes[index])
            opened = np.zeros(level.shape, bool)
            width = widest * min(packing.radii[index] / median, 1.0)
            for _ in range(own.integers(1, MOST_CRACKS + 1)):
                opened |= _plane(box, level, packing.radii[index], width, wave[box.slices], own)
            hollow[box.slices][opened & (nearest[box.slices] == index + 1)] = 1
    return hollow


def _plane(
    box: _Box, level: Array, radius: float, width: float, wave: Array, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """One crack: widest at the particle's surface where it goes through, else in its middle."""
    across, side = (vector / np.linalg.norm(vector) for vector in rng.standard_normal((2, 3)))
    off = np.abs(box.along(across) + wave - np.float32(rng.uniform(-0.25, 0.25) * radius))
    half = width / 2 * rng.lognormal(0, 0.4)
    taper = np.float32(half) if rng.random() < 0.5 else np.float32(half) * np.sqrt(np.maximum(1 - level / 0.8, 0))
    opened = off < taper
    return np.asarray(opened & (box.along(side) > 0) if rng.random() < 0.5 else opened)


def _add_voids(
    hollow: NDArray[np.uint8], distance: Array, particles: Particles, voxel_um: float, rng: np.random.Generator
) -> None:
    """Small voids below the surface of the particles."""
    if not particles.voids:
        return
    field = random_field(distance.shape, particles.void_um / voxel_um / 2, rng)
    # The quantile of a normal distribution at which the wanted part lies above.
    from scipy.special import ndtri

    hollow[(field > ndtri(1 - particles.voids)) & (distance < -particles.void_um / voxel_um) & (hollow == 0)] = 2


def _shift(distance: Array, second: Array, hollow: NDArray[np.uint8], fraction: float) -> None:
    """Grow or shrink all particles by the same distance until the solid part of the volume is the wanted one."""
    solid = np.where(hollow > 0, np.float32(np.inf), distance).ravel()
    solid.partition(int(fraction * solid.size))
    offset = solid[int(fraction * solid.size)]
    distance -= offset
    second -= offset
