"""Which end of a cell is its top, and the upright frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.interpolation import interpolate
from batterycell.progress import Progress
from batterycell.volume import Volume

from .can import Can, find_can
from .frame import CellFrame
from .sections import flat_axis
from .wall import sees_can

_ANGLES = 36
_DETAIL_HEIGHTS = 24


@dataclass(frozen=True)
class Cell:
    """A cylindrical cell found in a volume.

    Args:
        frame: Its upright coordinates; height 0 is at the middle of the part of the can that lies in the volume.
        can: Its outer cylinder.
        heights_mm: Lowest and highest height along the axis that the volume reaches.
        tilt_deg: Angle between the axis and the nearest array axis.
        upside_down: Whether the top points against that array axis' RAS direction.
        top_from: What told the top from the bottom: "groove", "crimp", or "unknown" (taken as the scan shows it).
        has_can: Whether a can was seen; otherwise the outer boundary of the jelly roll stands for it.
    """

    frame: CellFrame
    can: Can
    heights_mm: tuple[float, float]
    tilt_deg: float
    upside_down: bool
    top_from: str
    has_can: bool = True


def find_cell(volume: Volume, progress: Progress | None = None) -> Cell:
    """Find a cylindrical cell's axis, its can and its top.

    The top is beyond the bead (groove) that pinches the can under its cap, seen from the windings. Where the volume
    shows no groove, it is the end where the can's rim is rolled inward (crimp) more than at the other.

    Of one slice, or a few, the axis is that across the slices and the top is unknown. Where no can is seen, the outer
    boundary of the jelly roll stands for it.

    Args:
        volume: The cell; any orientation, tilt or voxel size.
        progress: Told how far it is.

    Returns:
        The cell.

    Raises:
        InputError: if no whole round cell lies in the volume, or more than one.
    """
    progress = progress or Progress()
    progress.report(0.0, "finding the can")
    can = find_can(volume)
    progress.report(0.7, "finding the top")
    axis_ras = array_axis(volume.ijk_to_ras, can.direction)
    direction = can.direction * np.sign(can.direction @ axis_ras)
    standing = CellFrame.from_axis(can.origin, direction, volume.ijk_to_ras)
    has_can = sees_can(volume, standing, can, _height_range(volume, standing))
    tells_top = has_can and flat_axis(volume) is None
    top, reason = _top(volume, standing, can) if tells_top else (1, "unknown")
    frame = CellFrame.from_axis(can.origin, direction * top, volume.ijk_to_ras)
    tilt = float(np.degrees(np.arccos(np.clip(direction @ axis_ras, -1, 1))))
    progress.report(1.0, "found the cell")
    return Cell(frame, can, _height_range(volume, frame), tilt, top < 0, reason, has_can)


def array_axis(ijk_to_ras: NDArray[np.float64], direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit vector in RAS of the array axis nearest to a direction, pointing where RAS coordinates grow."""
    axes = ijk_to_ras[:3, :3] / np.linalg.norm(ijk_to_ras[:3, :3], axis=0)
    axis = axes[:, np.argmax(np.abs(direction @ axes))]
    return np.asarray(axis * np.sign(axis[np.argmax(np.abs(axis))]))


def _height_range(volume: Volume, frame: CellFrame) -> tuple[float, float]:
    """Heights at which the axis enters and leaves the volume, in mm."""
    start = volume.to_ijk(frame.origin)
    slope = volume.to_ijk(frame.origin + frame.up) - start
    last = np.array(volume.array.shape[::-1]) - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        crossings = np.stack([(0 - start) / slope, (last - start) / slope])
    return float(np.max(np.nanmin(crossings, axis=0))), float(np.min(np.nanmax(crossings, axis=0)))


@dataclass(frozen=True)
class _WallProfile:
    """Median outer radius of the can's wall over height; NaN where there is no wall."""

    heights: NDArray[np.float64]
    radius: NDArray[np.float64]


def _wall_profile(volume: Volume, frame: CellFrame, can: Can) -> _WallProfile:
    low, high = _height_range(volume, frame)
    step = max(float(volume.spacing_mm.max()), 0.005 * can.outer_radius_mm)
    heights = np.arange(low, high, step)
    radii = np.arange(1.08, 0.8, -0.004) * can.outer_radius_mm
    angles = np.arange(_ANGLES)[:, None, None] * 360 / _ANGLES
    planes = interpolate(volume, volume.to_ijk(frame.from_cylindrical(angles, radii, heights[:, None])))
    air, metal = np.nanpercentile(planes[:, :, :4], 50), np.nanpercentile(planes, 95)
    above = planes > (air + metal) / 2
    edge = np.where(above.any(axis=2), radii[np.argmax(above, axis=2)], np.nan)
    present = np.isfinite(edge).mean(axis=0) > 0.5
    radius = np.full(len(heights), np.nan)
    radius[present] = np.nanmedian(edge[:, present], axis=0)
    return _WallProfile(heights, radius)


def _top(volume: Volume, frame: CellFrame, can: Can) -> tuple[int, str]:
    """+1 where the top lies at the frame's high end, -1 at the low end; and what told it."""
    profile, radius = _wall_profile(volume, frame, can), can.outer_radius_mm
    rows = np.flatnonzero(np.isfinite(profile.radius))
    straight = rows[profile.radius[rows] > 0.985 * radius]
    if len(straight) == 0:
        return 1, "unknown"
    pinched = [row for row in rows if profile.radius[row] < 0.975 * radius]
    groove = [row for row in pinched if straight[0] < row < straight[-1]]
    if groove:
        below, above = profile.heights[rows[0] : groove[0]], profile.heights[groove[-1] + 1 : rows[-1] + 1]
        return (1 if _detail(volume, frame, can, below) > _detail(volume, frame, can, above) else -1), "groove"
    rim_low, rim_high = sum(row < straight[0] for row in pinched), sum(row > straight[-1] for row in pinched)
    if rim_low == rim_high:
        return 1, "unknown"
    return (1 if rim_high > rim_low else -1), "crimp"


def _detail(volume: Volume, frame: CellFrame, can: Can, heights: NDArray[np.float64]) -> float:
    """Median radial grey-value step at the height where it is largest: the windings have more than cap and base."""
    some = heights[np.unique(np.linspace(0, len(heights) - 1, _DETAIL_HEIGHTS).astype(int))]
    radii = np.arange(0.3 * can.outer_radius_mm, 0.85 * can.outer_radius_mm, float(volume.spacing_mm.min()))
    angles = np.arange(_ANGLES)[:, None] * 360 / _ANGLES
    steps = []
    for height in some:
        grey = interpolate(volume, volume.to_ijk(frame.from_cylindrical(angles, radii, height)))
        steps.append(float(np.nanmedian(np.abs(np.diff(grey, axis=1)))))
    return max(steps)
