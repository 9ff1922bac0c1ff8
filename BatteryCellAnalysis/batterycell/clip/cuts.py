"""The cuts people make first: whole, quarter, half, slab.

With a known cell they follow its axis and its angles, without one the volume's own axes.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.orient import Cell, CellFrame
from batterycell.volume import UM_PER_MM, Volume

from .box import Box, Cut

# Air left around the can, as a share of its radius.
_MARGIN = 0.03
# A box off the axis by less than this share of its size is about the axis.
_ASIDE = 0.05
_Range = tuple[float, float]


def standing_frame(volume: Volume, cell: Cell | None = None) -> CellFrame:
    """The cell's upright frame; without a cell, a frame along the volume's own axes through its middle.

    Axes that are not perpendicular (a sheared matrix) are replaced by the perpendicular axes nearest to them: the
    orthogonal factor of the polar decomposition (Higham, SIAM J. Sci. Stat. Comput. 7, 1986).
    """
    if cell is not None:
        return cell.frame
    left, _, right = np.linalg.svd(volume.ijk_to_ras[:3, :3] / volume.spacing_mm)
    toward_i, toward_j, up = (left @ right).T
    middle = volume.to_ras((np.array(volume.array.shape[::-1]) - 1) / 2)
    return CellFrame(middle, up, toward_i, toward_j)


def fit_box(volume: Volume, cell: Cell | None = None) -> Cut:
    """Keep the whole cell with a little air around it; without a cell, the whole volume."""
    frame = standing_frame(volume, cell)
    across = [_across(volume, frame, axis, cell) for axis in _turned(frame, 0.0)]
    return Cut("fit", _box(frame, 0.0, [*across, _along(volume, frame)]))


def quarter_cut(volume: Volume, cell: Cell | None = None, angle_deg: float = 0.0) -> Cut:
    """Take a quarter away: from an angle about the cell's axis to 90° further, over the whole height."""
    frame = standing_frame(volume, cell)
    across = [(0.0, _reach(volume, frame, axis)[1]) for axis in _turned(frame, angle_deg)]
    return Cut("quarter", _box(frame, angle_deg, [*across, _along(volume, frame)]), removes_inside=True)


def half_cut(volume: Volume, cell: Cell | None = None, angle_deg: float = 0.0) -> Cut:
    """Keep the half behind the plane through the axis at an angle: from that angle back to 180° before it."""
    frame = standing_frame(volume, cell)
    first, second = _turned(frame, angle_deg)
    behind = (_across(volume, frame, second, cell)[0], 0.0)
    return Cut("half", _box(frame, angle_deg, [_across(volume, frame, first, cell), behind, _along(volume, frame)]))


def slab(volume: Volume, cell: Cell | None, height_um: float, thickness_um: float) -> Cut:
    """Keep a disc across the cell's axis.

    Args:
        volume: The cell's volume.
        cell: Where the cell stands, if that is known.
        height_um: Of the disc's middle above the middle of what the volume holds of the cell.
        thickness_um: Of the disc.

    Raises:
        InputError: if the disc has no thickness, or lies outside the volume.
    """
    frame = standing_frame(volume, cell)
    low, high = _along(volume, frame)
    middle, half = (low + high) / 2 + height_um / UM_PER_MM, thickness_um / UM_PER_MM / 2
    bottom, top = np.clip([middle - half, middle + half], low, high).tolist()
    if not bottom < top:
        raise InputError("slab-empty", "The slab holds nothing of the volume.", _slab_hint((low, high)))
    across = [_across(volume, frame, axis, cell) for axis in _turned(frame, 0.0)]
    return Cut("slab", _box(frame, 0.0, [*across, (bottom, top)]))


def angle_of(cut: Cut, frame: CellFrame) -> float:
    """The angle in degrees (0..360) at which a quarter or a half was cut."""
    angle, _, _ = frame.to_cylindrical(frame.origin + cut.box.axes[:, 0])
    return float(angle)


def open_side(cut: Cut, frame: CellFrame) -> NDArray[np.float64]:
    """Unit vector, RAS, across the axis towards where a cut lets one look in; angle 90° where it does not say."""
    aside = cut.box.center - frame.origin
    aside = aside - (aside @ frame.up) * frame.up
    if np.linalg.norm(aside) < _ASIDE * np.linalg.norm(cut.box.size):
        return frame.toward_j
    return np.asarray((1 if cut.removes_inside else -1) * aside / np.linalg.norm(aside))


def _slab_hint(heights: _Range) -> str:
    reach = (heights[1] - heights[0]) / 2 * UM_PER_MM
    return f"Give it a thickness above 0, and a height between -{reach:.0f} and {reach:.0f} µm."


def _turned(frame: CellFrame, angle_deg: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors across the axis at an angle and 90° further, in the sense in which the cell's angles count."""
    first, second = (frame.from_cylindrical(angle, 1.0, 0.0) - frame.origin for angle in (angle_deg, angle_deg + 90))
    return first, second


def _box(frame: CellFrame, angle_deg: float, ranges: list[_Range]) -> Box:
    """The box between two positions along each of the turned axes and up, in mm from the frame's origin."""
    axes = np.column_stack([*_turned(frame, angle_deg), frame.up])
    low, high = np.array(ranges).T
    center = frame.origin + axes @ (low + high) / 2
    # A mirrored axis leaves the box where it is, and makes it one that can be turned into place.
    return Box(center, axes * [1.0, float(np.sign(np.linalg.det(axes))), 1.0], high - low)


def _across(volume: Volume, frame: CellFrame, axis: NDArray[np.float64], cell: Cell | None) -> _Range:
    low, high = _reach(volume, frame, axis)
    if cell is None:
        return low, high
    radius = cell.can.outer_radius_mm * (1 + _MARGIN)
    return -radius, radius


def _along(volume: Volume, frame: CellFrame) -> _Range:
    return _reach(volume, frame, frame.up)


def _reach(volume: Volume, frame: CellFrame, axis: NDArray[np.float64]) -> _Range:
    """From where to where the volume reaches along an axis, in mm from the frame's origin."""
    last = np.array(volume.array.shape[::-1]) - 0.5
    corners = volume.to_ras(np.array(list(product(*((-0.5, end) for end in last)))))
    heights = (corners - frame.origin) @ axis
    return float(heights.min()), float(heights.max())
