"""How much each crossing of a boundary adds to a perimeter or a surface area (Crofton's formula on a grid)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

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


def plane_bias(voxel_um: Sequence[float], dimension: int = 3) -> tuple[float, float]:
    """Least and greatest relative error of the estimate of a plane (in 2D a line) over all its directions."""
    weights, steps = crossing_weights(voxel_um, dimension), pair_steps(dimension)
    size = np.asarray(voxel_um, float)[3 - dimension :]
    axes = [np.linspace(-1, 1, 41)] * dimension
    normals = np.array([one for one in product(*axes) if any(one)])
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    # A plane of 1 µm² is crossed by |n·h| / v of the pairs of step h.
    errors = np.abs(normals @ (steps * size).T) @ weights / np.prod(size) - 1
    return float(errors.min()), float(errors.max())
