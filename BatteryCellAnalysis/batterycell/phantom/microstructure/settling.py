"""Particles pushed apart until they hardly overlap: a dense packing as in a calendered electrode."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STEPS = 200
# Pushed a little too far apart, the last contacts open sooner.
APART = 1.02
# Settled where the deepest of nearly all overlaps is so small a part of the smaller radius.
DEEPEST, NEARLY_ALL = 0.04, 0.995


def settle(centres: Floats, radii: Floats, size: Floats) -> Floats:
    """Centres at which spheres overlap as little as they can in a periodic box.

    Each overlapping pair is pushed apart along the line of its centres, the smaller one farther (force-biased packing:
    Mościński et al., Molecular Simulation 3, 1989, without their shrinking of radii).

    Args:
        centres: (n, 3) within the box.
        radii: (n,).
        size: (3,) of the box, from 0.

    Returns:
        (n, 3), within the box.
    """
    for _ in range(STEPS):
        pairs, away, overlap = _contacts(centres, radii, size)
        small = np.minimum(radii[pairs[:, 0]], radii[pairs[:, 1]])
        if not len(pairs) or np.quantile(np.maximum(overlap / small, 0), NEARLY_ALL) < DEEPEST - (APART - 1):
            break
        centres = (centres + _pushes(pairs, away, overlap, radii)) % size
    return centres


def _contacts(centres: Floats, radii: Floats, size: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Pairs that overlap, radii widened: (m, 2), unit vectors from the second to the first, depths of overlap."""
    from scipy.spatial import cKDTree

    wide = radii * APART
    tree = cKDTree(centres, boxsize=size)
    pairs = tree.query_pairs(2 * wide.max(), output_type="ndarray")
    first, second = pairs.T
    away = centres[first] - centres[second]
    away -= size * np.rint(away / size)
    apart = np.linalg.norm(away, axis=1)
    overlap = wide[first] + wide[second] - apart
    near = overlap > 0
    return pairs[near], away[near] / np.maximum(apart[near], 1e-9)[:, None], overlap[near]


def _pushes(pairs: NDArray[np.int64], away: Floats, overlap: Floats, radii: Floats) -> Floats:
    """Sum of each particle's pushes, (n, 3)."""
    first, second = pairs.T
    total = radii[first] + radii[second]
    moves = np.zeros((len(radii), 3))
    for own, other, sign in ((first, second, 1.0), (second, first, -1.0)):
        lengths = sign * overlap * radii[other] / total
        for axis in range(3):
            moves[:, axis] += np.bincount(own, lengths * away[:, axis], len(radii))
    return moves * 0.5
