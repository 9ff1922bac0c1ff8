"""In which winding a point lies, from the measured ends of the cathodes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import CellFrame
from batterycell.tables import Table

# Beyond this part of the distance between two windings a point lies outside the roll.
_REACH = 1.0
# Over this angle the spiral runs an eighth of that distance inward: farther off a number would be guessed.
_NEAR_DEG = 45.0


def winding_numbers(overhang: Table, frame: CellFrame, ras: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cathode turn nearest to points, from the ends measured at the nearest angle.

    The turns stand upright, so that a cathode's radius at its end tells it from its neighbours at other heights too.

    Args:
        overhang: The overhang table.
        frame: The cell's upright coordinates.
        ras: Points in the volume's own RAS mm, shape (n, 3).

    Returns:
        Winding, 1 is the outermost, shape (n,); NaN outside the roll, or where no end was measured within 45°.
    """
    ends = np.column_stack([overhang[f"cathode_{axis}_mm"] for axis in "ras"])
    known = np.isfinite(ends).all(axis=1)
    if not known.any():
        return np.full(len(ras), np.nan)
    angles, numbers = overhang["angle_deg"][known], overhang["winding"][known]
    radii = frame.to_cylindrical(ends[known])[1]
    angle, radius, _ = frame.to_cylindrical(ras)
    places = zip(angle.tolist(), radius.tolist(), strict=True)
    return np.array([_nearest(_apart(angles, a), radii - r, numbers) for a, r in places])


def _nearest(apart: NDArray[np.float64], distance: NDArray[np.float64], numbers: NDArray[np.int64]) -> float:
    """The winding of the nearest radius among the rows of the nearest angle."""
    rows = np.isclose(apart, apart.min())
    if apart.min() > _NEAR_DEG:
        return np.nan
    # Both faces of a cathode, and both ends of the cell, are one winding.
    windings = np.unique(numbers[rows])
    middles = np.array([np.mean(distance[rows & (numbers == winding)]) for winding in windings])
    if len(windings) < 2:
        return np.nan
    pitch = abs(np.polyfit(windings, middles, 1)[0])
    nearest = int(np.argmin(np.abs(middles)))
    return float(windings[nearest]) if abs(middles[nearest]) <= _REACH * pitch else np.nan


def _apart(angles: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    """Degrees between angles, 0..180."""
    return np.asarray(np.abs((angles - angle + 180.0) % 360.0 - 180.0))
