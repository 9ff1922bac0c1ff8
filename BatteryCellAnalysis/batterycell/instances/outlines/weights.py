"""How much each crossing of a boundary adds to a perimeter or a surface area (Crofton's formula on a grid)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Pairs of corners of a 2 × 2 × 2 window, numbered as in `shape_windows.Windows`: each of the grid's 13 directions
# once, always in the window in which its pair of voxels lies lowest. The first four are those of a 2 × 2 window.
PAIRS: tuple[tuple[int, int], ...] = (
    *((0, 1), (0, 2), (0, 3), (1, 2)),
    *((0, 4), (0, 5), (0, 6), (0, 7), (1, 4), (1, 6), (2, 4), (2, 5), (3, 4)),
)
# Weights have this many bits, so that their sums are exact: the slabs that a volume is read in change nothing.
_BITS = 26


def crossing_weights(voxel_um: Sequence[float], dimension: int = 3) -> Floats:
    """What an object's surface gains by each pair of neighbours of which one is of the object, and the other not.

    Crofton: S = 4 ∫ χ / (number of directions), the perimeter P = π ∫ χ: the mean over all directions of the number of
    chords per area across. Along a grid's direction of length h there are half as many chords as crossings, and each
    stands for an area v / h across, v being the voxel's size. The mean over all directions is that over the grid's 13
    (in 2D 4), each weighted by the share of the sphere that is nearest to it.

    Args:
        voxel_um: Voxel size (z, y, x) in µm.
        dimension: 3 for surface areas, 2 for perimeters in a slice.

    Returns:
        Weights of `PAIRS` in µm² (13) or µm (4).

    Source: Lehmann and Legland 2012, Insight Journal, "Efficient N-dimensional surface estimation using Crofton formula
    and run-length encoding"; Ohser and Mücklich 2000, Statistical Analysis of Microstructures, 4.2.
    """
    size = np.asarray(voxel_um, float)[3 - dimension :]
    steps = pair_steps(dimension) * size
    lengths = np.linalg.norm(steps, axis=1)
    shares = _shares_3d(size) if dimension == 3 else _shares_2d(size)
    weights: Floats = (2.0 if dimension == 3 else np.pi / 2) * np.prod(size) * shares / lengths
    grain = 2.0 ** (np.ceil(np.log2(weights.max())) - _BITS)
    return np.asarray(np.round(weights / grain) * grain)


def pair_steps(dimension: int) -> NDArray[np.int64]:
    """Steps (z, y, x) or (y, x) in voxels from the first to the second voxel of each of `PAIRS`."""
    pairs = np.array(PAIRS if dimension == 3 else PAIRS[:4])
    bits = np.arange(dimension)[::-1]
    return (pairs[:, 1:] >> bits & 1) - (pairs[:, :1] >> bits & 1)


def _shares_3d(size: Floats) -> Floats:
    """Shares of the sphere nearest to each of the 13 lines, shape (13,)."""
    from scipy.spatial import SphericalVoronoi

    steps = pair_steps(3) * size
    points = np.concatenate([steps, -steps]) / np.linalg.norm(np.concatenate([steps, -steps]), axis=1)[:, None]
    areas = SphericalVoronoi(points).calculate_areas() / (4 * np.pi)
    both: Floats = areas[:13] + areas[13:]
    return both


def _shares_2d(size: Floats) -> Floats:
    """Shares of the half circle nearest to each of the 4 lines, shape (4,)."""
    steps = pair_steps(2) * size
    angles = np.arctan2(steps[:, 0], steps[:, 1]) % np.pi
    order = np.argsort(angles)
    gaps = np.diff(angles[order], append=angles[order[0]] + np.pi)
    shares = np.empty(4)
    shares[order] = (gaps + np.roll(gaps, 1)) / (2 * np.pi)
    return shares


def plane_errors(voxel_um: Sequence[float], dimension: int = 3) -> Floats:
    """Relative errors of the estimate of a plane (in 2D a line), in directions spread evenly."""
    weights, steps = crossing_weights(voxel_um, dimension), pair_steps(dimension)
    size = np.asarray(voxel_um, float)[3 - dimension :]
    # A plane of 1 µm² is crossed by |n·h| / v of the pairs of step h.
    return np.asarray(np.abs(_normals(dimension) @ (steps * size).T) @ weights / np.prod(size) - 1)


def _normals(dimension: int) -> Floats:
    """Unit vectors, spread evenly over half the circle or, on a spiral of the golden angle, over the sphere."""
    n = np.arange(2000) + 0.5
    if dimension == 2:
        return np.stack([np.sin(np.pi * n / len(n)), np.cos(np.pi * n / len(n))], axis=1)
    z, angle = 1 - 2 * n / len(n), np.pi * (3 - np.sqrt(5)) * n
    return np.stack([z, np.sqrt(1 - z * z) * np.sin(angle), np.sqrt(1 - z * z) * np.cos(angle)], axis=1)
