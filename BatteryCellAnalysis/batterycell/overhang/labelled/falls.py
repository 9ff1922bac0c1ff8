"""Where a class ends along a sheet: the place, and how far its probability spreads there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_WINDOW_VOXELS = 4.0  # about an end: what the probability does farther off is not its business
_GAP_VOXELS = 2.0  # a gap this long ends a sheet: what lies beyond it is another thing
_AGAIN_VOXELS = 3.0  # what comes again so soon was a hole in the labels, not the end
_CERTAIN = 0.6  # of the probability must fall at the end


@dataclass(frozen=True)
class Falls:
    """Ends of n sheets.

    Args:
        height: Mean place of the fall in mm, NaN where there is none, shape (n,).
        spread: Standard deviation of the fall in mm, shape (n,).
        present: Whether the class stands before an end at all, shape (n,).
        clear: Whether the fall is whole, from nearly all to nearly nothing, inside the planes, and no hole, shape (n,).
    """

    height: Floats
    spread: Floats
    present: Mask
    clear: Mask


def find_falls(heights: Floats, share: Floats, start: NDArray[np.int64], voxel_mm: float) -> Falls:
    """Find where a share falls from one to nothing.

    A probability P(h) that the sheet reaches beyond h is one minus the distribution of its end: -dP/dh is the end's
    density, whose mean is taken for the end and whose standard deviation for what is not known of it.

    Args:
        heights: Evenly spaced, rising outward, shape (h,).
        share: Along each sheet, 0..1, shape (n, h).
        start: Row from which on each sheet is looked for, shape (n,).
        voxel_mm: Voxel size along the axis.
    """
    step = float(heights[1] - heights[0])
    last, present = _last_rows(share, start, max(2, round(_GAP_VOXELS * voxel_mm / step)))
    reach = max(2, round(_WINDOW_VOXELS * voxel_mm / step))
    offsets = np.arange(-reach, reach + 2)
    rows = last[:, None] + offsets
    within = np.take_along_axis(share, np.clip(rows, 0, share.shape[1] - 1), axis=1)
    falling = _falling(within, reach)
    density = -np.diff(falling, axis=1)
    total = density.sum(axis=1)
    weight = density / np.maximum(total, 1e-9)[:, None]
    middle = (offsets[:-1] + 0.5) * step
    mean = weight @ middle
    spread = np.sqrt(np.maximum((weight * (middle - mean[:, None]) ** 2).sum(axis=1), 0.0))
    inside = (last - 2 >= 0) & (last + 3 < share.shape[1])
    soon = slice(reach + 1, reach + 1 + round(_AGAIN_VOXELS * voxel_mm / step))
    again = (within[:, soon] > 0.5).sum(axis=1) >= max(1, round(voxel_mm / step))
    height = np.where(present, heights[np.clip(last, 0, len(heights) - 1)] + mean, np.nan)
    return Falls(height, spread, present, present & inside & ~again & (total > _CERTAIN))


def _last_rows(share: Floats, start: NDArray[np.int64], gap: int) -> tuple[NDArray[np.int64], Mask]:
    """The last row of each sheet: where cutting off fits the share best, but before the first gap; and whether any."""
    counts = np.arange(share.shape[1]) >= start[:, None]
    gain = np.cumsum(np.where(counts, share - 0.5, 0.0), axis=1)
    gain[_beyond_gap(share < 0.5, counts, gap)] = -np.inf
    gain[~counts] = -np.inf
    last = gain.argmax(axis=1)
    return last, gain.max(axis=1) > 0.25


def _beyond_gap(low: Mask, counts: Mask, gap: int) -> Mask:
    """Rows from the end of the first run of so many low ones on."""
    run = low & counts
    long = run.copy()
    for shift in range(1, gap):
        long[:, shift:] &= run[:, :-shift]
        long[:, :shift] = False
    return np.asarray(np.maximum.accumulate(long, axis=1))


def _falling(within: Floats, reach: int) -> Floats:
    """Shares (n, w) that only fall: before the middle the most that follows, beyond it the least that came."""
    before = np.maximum.accumulate(within[:, : reach + 1][:, ::-1], axis=1)[:, ::-1]
    beyond = np.minimum.accumulate(within[:, reach + 1 :], axis=1)
    return np.concatenate([before, np.minimum(beyond, before[:, -1:])], axis=1)
