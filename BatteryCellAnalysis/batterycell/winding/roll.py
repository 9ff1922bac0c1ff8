"""Where the jelly roll begins and ends along the cell's axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.errors import InputError
from batterycell.interpolation import interpolate
from batterycell.orient import Cell
from batterycell.progress import Progress
from batterycell.volume import Volume

_ANGLES = 24
_APART_VOXELS = 3.0  # between two rays: sheets go on, noise does not
_COARSE = 300  # heights: more are looked at near the roll's ends only
_CORE, _WALL = 0.25, 0.9  # of the can's radius: between them lie only windings


@dataclass(frozen=True)
class RollEnd:
    """One end of the jelly roll.

    Args:
        name: "top" or "bottom".
        sign: +1 where outward is up, -1 where outward is down.
        level_mm: Mean outward height (sign × height) at which the cathodes end.
        in_volume: Whether this end lies in the volume.
    """

    name: str
    sign: int
    level_mm: float
    in_volume: bool


def find_roll_ends(volume: Volume, cell: Cell) -> tuple[RollEnd, RollEnd]:
    """Find both ends of the jelly roll from the texture of its sheets.

    Args:
        volume: The cell.
        cell: Where it stands.

    Returns:
        Top and bottom.

    Raises:
        InputError: if the volume shows no jelly roll, or neither of its ends.
    """
    step = float(volume.spacing_mm.max())
    heights = np.arange(*cell.heights_mm, step)
    every = -(-len(heights) // _COARSE)
    some = np.unique(np.append(np.arange(0, len(heights), every), len(heights) - 1))
    texture = np.interp(heights, heights[some], _texture(volume, cell, heights[some]))
    if every > 1:
        near = [end + np.arange(-2 * every, 2 * every + 1) for end in _roll(texture)]
        closer = np.unique(np.clip(np.concatenate(near), 0, len(heights) - 1))
        texture[closer] = _texture(volume, cell, heights[closer])
    low, high = _roll(texture)
    if high - low < 4:
        raise InputError("no-jelly-roll", "No jelly roll was found in the can", "Check the image and its voxel size.")
    top = RollEnd("top", 1, float(heights[high]) + step / 2, _ends_inside(high, texture))
    bottom = RollEnd("bottom", -1, float(-heights[low]) + step / 2, _ends_inside(low, texture))
    if not (top.in_volume or bottom.in_volume):
        raise InputError(
            "no-end", "The volume shows neither end of the jelly roll", "Scan or crop so that the ends lie inside."
        )
    return top, bottom


def kept_roll_ends(volume: Volume, cell: Cell, progress: Progress) -> tuple[RollEnd, RollEnd]:
    """As `find_roll_ends`, kept for all stages that ask for them."""
    return progress.kept("roll-ends", lambda: find_roll_ends(volume, cell))


def _roll(texture: NDArray[np.float64]) -> tuple[int, int]:
    """First and last index of the heights that show the windings."""
    # The cap may show more detail than the windings, but is short: what is usual counts, not what is most.
    low, high = _longest_run(texture > 0.3 * np.nanmax(texture))
    return _longest_run(texture > 0.5 * np.nanmedian(texture[low : high + 1]))


def _texture(volume: Volume, cell: Cell, heights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median amplitude of radial detail at each height: large in the windings, small above and below them.

    What two neighbouring rays share is detail, what they do not is noise: the root of the median of their product.
    """
    radius, voxel = cell.can.outer_radius_mm, float(volume.spacing_mm.min())
    radii = np.arange(_CORE * radius, _WALL * radius, 0.5 * voxel)
    apart = np.degrees(_APART_VOXELS * voxel / (0.5 * radius))
    angles = (np.arange(_ANGLES)[:, None] * 360 / _ANGLES + np.array([0.0, apart])).reshape(-1, 1)
    rows = []
    for height in heights:
        grey = interpolate(volume, volume.to_ijk(cell.frame.from_cylindrical(angles, radii, height)))
        detail = grey - ndimage.gaussian_filter1d(grey, 0.06 * radius / (radii[1] - radii[0]), axis=1)
        known = np.isfinite(detail).mean() > 0.5
        rows.append(np.sqrt(max(np.nanmedian(detail[0::2] * detail[1::2]), 0.0)) if known else np.nan)
    return np.asarray(rows)


def _longest_run(mask: NDArray[np.bool_]) -> tuple[int, int]:
    """First and last index of the longest run of True; holes of one sample do not end it."""
    labels, _ = ndimage.label(ndimage.binary_closing(mask, np.ones(3)))
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    run = np.flatnonzero(labels == sizes.argmax())
    return int(run[0]), int(run[-1])


def _ends_inside(index: int, texture: NDArray[np.float64]) -> bool:
    """Whether there is room beyond an end: at least three slices that show something else."""
    known = np.flatnonzero(np.isfinite(texture))
    return bool(min(index - known[0], known[-1] - index) >= 3)
