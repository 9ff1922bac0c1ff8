"""A flat sheet's edge is straight: which ends on one side belong to it, and where a tab leaves it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_NEAR_VOXELS = 2.0  # from the line: closer is the sheet's end, farther outward a tab's
_FEWEST = 5  # ends that tell a line, ...
_SHARE = 0.35  # ... and share of all places: a tab's ends may share another line
_MANY = 8  # places from which on an edge must show a line


def judge_ends(positions: Floats, found: Floats, alone: Mask, voxel_mm: float) -> tuple[Mask, Mask]:
    """Which ends can be read, and where a tab hides them.

    What lies beyond an end (separators, a neighbour) may blur it so that alone it could not be trusted; on the
    straight line of its sheet's edge it can. Ends that reach beyond that line are a tab's. Where no line shows, no end
    is read.

    Args:
        positions: Places along the side in mm, shape (p,).
        found: Outward distance of the ends that were found in mm, NaN elsewhere, shape (p, n).
        alone: Ends that can be trusted alone, same shape.
        voxel_mm: Voxel size outward.

    Returns:
        Which can be read, and which are a tab's, shape (p, n) each.
    """
    readable, tab = alone.copy(), np.zeros(alone.shape, bool)
    for n, ends in enumerate(found.T):
        line = fit_line(positions, ends, _NEAR_VOXELS * voxel_mm)
        if line is None:
            readable[:, n] &= len(positions) < _MANY
            continue
        with np.errstate(invalid="ignore"):
            beyond = ends - np.polyval(line, positions)
            readable[:, n] |= np.abs(beyond) <= _NEAR_VOXELS * voxel_mm
            tab[:, n] = beyond > _NEAR_VOXELS * voxel_mm
    return readable & ~tab, tab


def fit_line(positions: Floats, ends: Floats, near: float) -> Floats | None:
    """Slope and height of the line that most ends share; None where there are too few.

    The line of Theil (1950) and Sen (1968) through all, then through those near it, which fewer than half may miss.
    """
    from scipy.stats import theilslopes

    kept = np.isfinite(ends)
    for _ in range(2):
        if kept.sum() < _FEWEST:
            return None
        slope, height, *_ = theilslopes(ends[kept], positions[kept])
        with np.errstate(invalid="ignore"):
            kept = np.abs(ends - slope * positions - height) <= near
    if kept.sum() < _SHARE * len(positions):
        return None
    return np.array([slope, height])
