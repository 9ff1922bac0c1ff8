"""Which heights of a can are its straight wall, and which its neck, groove, rim and ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Names = NDArray[np.str_]

STRAIGHT, NECK, GROOVE, RIM, END, NONE = "straight", "neck", "groove", "rim", "end", "none"
_RADIUS_VOXELS, _RADIUS_SHARE = 0.75, 0.0015  # how far the straight wall's radius may be from its usual one
_WALL_SHARE = 0.12  # how far its thickness may be
_NECK = 0.01  # of the radius: so much may a neck be wider
_PINCHED = 0.985  # of the radius: a groove is narrower
_RIM_SHARE = 0.3  # of the straight wall: what is longer beyond a groove is no rim
_FEWEST = 3  # heights in a row


def find_regions(radius: Floats, wall: Floats, voxel_mm: float, margin: int) -> Names:
    """Name the region of each height.

    The usual radius and thickness are the middle of the densest half of all (half-sample mode; Robertson & Cryer
    1974). Straight is what has both. A narrower stretch with wider ones on both sides is a groove; what follows it is
    the rim; what is as wide or a little wider but of another thickness, or close to
    a bend, is the neck; what narrows towards an end is the end.

    Args:
        radius: Median outer radius at each height, mm, shape (n,); NaN where there is no can.
        wall: Median thickness at each height, mm, shape (n,); NaN where it is not known.
        voxel_mm: Voxel size across the cell.
        margin: Heights next to what is not straight that are left out: the can bends there already.

    Returns:
        Names, shape (n,).
    """
    names = np.full(len(radius), END, "U8")
    names[~np.isfinite(radius)] = NONE
    if not np.isfinite(radius).any():
        return names
    usual = half_sample_mode(radius)
    tolerance = max(_RADIUS_VOXELS * voxel_mm, _RADIUS_SHARE * usual)
    straight = np.abs(radius - usual) < tolerance
    if np.isfinite(wall[straight]).any():
        thickness = half_sample_mode(wall[straight])
        straight &= ~(np.abs(wall - thickness) > _WALL_SHARE * thickness)
    names[_lasting(_trimmed(straight, radius, margin))] = STRAIGHT
    names[(names == END) & (radius > usual - tolerance) & (radius < (1 + _NECK) * usual)] = NECK
    for low, high in _runs(~(radius > _PINCHED * usual)):
        if (names[:low] == STRAIGHT).any() and (radius[high:] > _PINCHED * usual).any():
            _pinch(names, radius, (low, high), after=slice(high, None))
        elif (names[high:] == STRAIGHT).any() and (radius[:low] > _PINCHED * usual).any():
            _pinch(names, radius, (low, high), after=slice(None, low))
    return names


def half_sample_mode(values: Floats) -> float:
    """Middle of the densest half of some values; NaN is left out."""
    ordered = np.sort(values[np.isfinite(values)])
    half = (len(ordered) + 1) // 2
    first = int(np.argmin(ordered[half - 1 :] - ordered[: len(ordered) - half + 1]))
    return float(np.median(ordered[first : first + half]))


def _pinch(names: Names, radius: Floats, run: tuple[int, int], after: slice) -> None:
    """Name a groove, and what lies beyond it the rim, unless the can goes on there."""
    names[run[0] : run[1]] = GROOVE
    for low, high in _runs(names == END):  # the way down into the groove
        if low == run[1] or high == run[0]:
            names[low:high] = GROOVE
    beyond = names[after]
    if (beyond == STRAIGHT).sum() < _RIM_SHARE * (names == STRAIGHT).sum():
        beyond[np.isfinite(radius[after])] = RIM


def _trimmed(mask: NDArray[np.bool_], radius: Floats, margin: int) -> NDArray[np.bool_]:
    """The mask without heights close to something of the can that is not in it; its border with nothing stays."""
    other = np.convolve(~mask & np.isfinite(radius), np.ones(2 * margin + 1), mode="same") > 0.5
    return mask & ~other


def _lasting(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The runs of a mask that are long enough; all of it where there are few heights."""
    if len(mask) <= _FEWEST:
        return mask
    kept = np.zeros_like(mask)
    for low, high in _runs(mask):
        kept[low:high] = high - low >= _FEWEST
    return kept


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    return [(int(low), int(high)) for low, high in edges.reshape(-1, 2)]
