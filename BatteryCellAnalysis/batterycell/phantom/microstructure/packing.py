"""Where the particles lie: polydisperse ellipsoids, dropped large to small next to each other, or settled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .settings import Particles
from .settling import settle

Floats = NDArray[np.float64]
CANDIDATES = 128
# Particles may overlap by so much of the smaller one's radius: they share a flat contact there.
OVERLAP = 0.12
# Of the candidates that fit, one of the nearest to its neighbours is taken: particles pack, and large pores stay.
NEAREST = 4
OVERFILL = 1.05
# Centres lie on a lattice of so many nodes to a median radius.
NODES = 5


@dataclass(frozen=True)
class Packing:
    """Ellipsoids in voxels.

    Args:
        centres: (n, 3) along (k, j, i).
        radii: (n,) mean radii.
        shapes: (n, 3, 3); a point x lies inside where (x - c)ᵀ S (x - c) < 1.
    """

    centres: Floats
    radii: Floats
    shapes: Floats

    def __len__(self) -> int:
        return len(self.radii)


def pack(particles: Particles, shape: tuple[int, ...], voxel_um: float, rng: np.random.Generator) -> Packing:
    """Particles in and around a block of voxels, so that its faces cut particles like any other section.

    Args:
        particles: What to pack.
        shape: (k, j, i).
        voxel_um: Edge of a voxel.
        rng: Source.
    """
    margin = particles.largest_um / voxel_um / 2
    size = np.array(shape, float) + 2 * margin
    radii = _draw_radii(particles, float(size.prod()), voxel_um, rng)
    if particles.settled:
        centres = settle(rng.uniform(0, 1, (len(radii), 3)) * size, radii, size)
        return Packing(centres - margin, radii, _draw_shapes(radii, particles.aspect, rng))
    centres, radii = _drop(radii, size, particles.median_um / voxel_um / 2 / NODES, rng)
    return Packing(centres - margin, radii, _draw_shapes(radii, particles.aspect, rng))


def _drop(radii: Floats, size: Floats, step: float, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Centres (n, 3) in a box from 0, and radii, of the particles for which there is room, the largest first."""
    gaps = np.full(np.ceil(size / step).astype(int), np.float32(np.inf))
    nodes, kept = [], []
    for radius in radii / step:
        node = _find_room(gaps, radius, rng)
        if node is not None:
            _place(gaps, node, radius)
            nodes.append(node)
            kept.append(radius)
    return np.array(nodes, float) * step, np.array(kept, float) * step


def _draw_radii(particles: Particles, volume: float, voxel_um: float, rng: np.random.Generator) -> Floats:
    """Radii in voxels, the largest first, that fill the wanted part of a volume."""
    mean = np.pi / 6 * (particles.median_um / voxel_um) ** 3
    count = int(2 * OVERFILL * particles.fraction * volume / mean) + 8
    diameters = particles.median_um * np.exp(particles.spread * rng.standard_normal(count))
    radii = np.minimum(diameters, particles.largest_um) / 2 / voxel_um
    filled = np.cumsum(4 / 3 * np.pi * radii**3)
    return np.asarray(np.sort(radii[: np.searchsorted(filled, OVERFILL * particles.fraction * volume) + 1])[::-1])


def _find_room(gaps: NDArray[np.float32], radius: float, rng: np.random.Generator) -> NDArray[np.int64] | None:
    """A node for the next particle; None where none of the candidates has room for it.

    Args:
        gaps: From each node to the nearest surface, right up to the radius of any particle still to come.
        radius: The particle's, in nodes.
        rng: Source.
    """
    candidates = rng.integers(0, gaps.shape, (CANDIDATES, 3))
    room = gaps[tuple(candidates.T)] - (1 - OVERLAP) * radius
    fits = np.flatnonzero(room >= 0)
    if not len(fits):
        return None
    nearest = fits[np.argsort(room[fits], kind="stable")][:NEAREST]
    return np.asarray(candidates[rng.choice(nearest)])


def _place(gaps: NDArray[np.float32], node: NDArray[np.int64], radius: float) -> None:
    """Bring the gaps up to date around a new particle, as far as the next particles, no larger, can reach."""
    half = int(2 * radius) + 1
    ranges = [np.arange(max(c - half, 0), min(c + half + 1, n)) - c for c, n in zip(node, gaps.shape, strict=True)]
    k, j, i = (axis.astype(np.float32) ** 2 for axis in ranges)
    own = np.sqrt(k[:, None, None] + j[None, :, None] + i[None, None, :]) - np.float32(radius)
    part = gaps[tuple(slice(r[0] + c, r[-1] + c + 1) for r, c in zip(ranges, node, strict=True))]
    np.minimum(part, own, out=part)


def _draw_shapes(radii: Floats, aspect: float, rng: np.random.Generator) -> Floats:
    """Matrices of ellipsoids of random axes and directions whose volume is that of the sphere."""
    ratios = rng.uniform(aspect, 1.0, (len(radii), 3))
    axes = radii[:, None] * ratios / np.prod(ratios, axis=1, keepdims=True) ** (1 / 3)
    turns = _draw_turns(len(radii), rng)
    return np.asarray(np.einsum("nij,nj,nkj->nik", turns, axes**-2.0, turns))


def _draw_turns(count: int, rng: np.random.Generator) -> Floats:
    """Rotation matrices (n, 3, 3), evenly distributed but for handedness, which an ellipsoid does not show."""
    turns, _ = np.linalg.qr(rng.standard_normal((count, 3, 3)))
    return np.asarray(turns)
