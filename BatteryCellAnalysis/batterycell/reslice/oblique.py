"""Planes to look along: across a winding, and longitudinal about the cell's axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.errors import InputError
from batterycell.orient import Cell, CellFrame
from batterycell.volume import Volume

from .sampling import CylinderSampler, Floats, voxel_sizes

_REACH_VOXELS = 12  # half the width of the patch whose texture tells where the sheets run: about a pitch
_HEIGHTS = 5
_CLEAR = 0.3  # coherence of the texture from which it is taken for sheets
_MOST_DEG = 50.0  # a sheet that runs steeper against the circle about the axis than this is none of the roll


def longitudinal_plane(cell: Cell, angle_deg: float) -> Floats:
    """The plane through a cell's axis at an angle: outward is right, the axis is up.

    Returns:
        Slice to RAS, (4, 4): origin in the middle of the half from the axis to the can, see `longitudinal_extent`.
    """
    outward = _outward(cell.frame, angle_deg)
    width, _ = longitudinal_extent(cell)
    middle = cell.frame.origin + outward * width / 2 + cell.frame.up * sum(cell.heights_mm) / 2
    return _plane(middle, outward, cell.frame.up)


def longitudinal_extent(cell: Cell) -> tuple[float, float]:
    """Width (axis to can) and height in mm of the half-plane that `longitudinal_plane` is centred on."""
    return float(cell.can.outer_radius_mm), float(cell.heights_mm[1] - cell.heights_mm[0])


def plane_across_winding(volume: Volume, cell: Cell, ras: ArrayLike) -> Floats:
    """The plane through a point across the winding there: it holds the axis' direction and the sheets' normal.

    Where the sheets run is told by the image's structure tensor about the point (Bigün & Granlund 1987), so that
    dented, oval and buckled windings are cut squarely; where there is no texture of sheets, the plane is radial.

    Args:
        volume: The cell.
        cell: Where it stands.
        ras: The point, RAS mm, shape (3,).

    Returns:
        Slice to RAS, (4, 4): the point is its origin, outward is right, the axis is up.

    Raises:
        InputError: if the point does not lie in the volume.
    """
    point = np.asarray(ras, float)
    _refuse_outside(volume, point)
    angle, radius, _ = cell.frame.to_cylindrical(point)
    if radius < 1e-9:
        return _plane(point, cell.frame.toward_i, cell.frame.up)
    return _plane(point, _outward(cell.frame, float(angle) + _lean_deg(volume, cell, point)), cell.frame.up)


def _plane(origin: Floats, right: Floats, up: Floats) -> Floats:
    matrix = np.eye(4)
    matrix[:3] = np.column_stack([right, up, np.cross(right, up), origin])
    return matrix


def _outward(frame: CellFrame, angle_deg: float) -> Floats:
    angle = np.radians(angle_deg)
    return np.asarray(np.cos(angle) * frame.toward_i + np.sin(angle) * frame.toward_j)


def _lean_deg(volume: Volume, cell: Cell, point: Floats) -> float:
    """Angle from the radial direction to the sheets' normal, towards rising angles; 0 where there are no sheets."""
    patch = _patch(volume, cell, point)
    along, outward = np.gradient(patch)
    window = np.outer(*(np.hanning(n + 2)[1:-1] for n in patch.shape))
    rr, tt, rt = (np.nansum(window * values) for values in (outward**2, along**2, outward * along))
    clear = np.hypot(rr - tt, 2 * rt) > _CLEAR * (rr + tt)
    lean = 0.5 * np.degrees(np.arctan2(2 * rt, rr - tt)) if clear else 0.0
    return float(lean) if abs(lean) < _MOST_DEG else 0.0


def _patch(volume: Volume, cell: Cell, point: Floats) -> NDArray[np.float32]:
    """Grey values on a flat square across the axis, rows along rising angles, columns outward; a mean over heights.

    NaN beyond the volume: what was put there would look like the steepest sheet of all.
    """
    axial, across = voxel_sizes(volume, cell.frame)
    angle, _, height = cell.frame.to_cylindrical(point)
    offsets = np.arange(-_REACH_VOXELS, _REACH_VOXELS + 1) * across
    local = CellFrame(point - height * cell.frame.up, cell.frame.up, *_local_axes(cell.frame, float(angle)))
    along, outward = np.meshgrid(offsets, offsets, indexing="ij")
    angles, radii = np.degrees(np.arctan2(along, outward)), np.hypot(along, outward)
    sample = CylinderSampler(volume, local, float("nan"))
    heights = height + axial * (np.arange(_HEIGHTS) - _HEIGHTS // 2)
    rows = [sample(angles.ravel(), radii.reshape(1, -1), float(h), np.float32)[0] for h in heights]
    count = np.isfinite(rows).sum(axis=0)
    patch = np.where(count > 0, np.nan_to_num(rows).sum(axis=0) / np.maximum(count, 1), np.nan)
    return np.asarray(patch.reshape(along.shape), np.float32)


def _local_axes(frame: CellFrame, angle_deg: float) -> tuple[Floats, Floats]:
    return _outward(frame, angle_deg), _outward(frame, angle_deg + 90.0)


def _refuse_outside(volume: Volume, point: Floats) -> None:
    ijk = volume.to_ijk(point)
    last = np.array(volume.array.shape[::-1]) - 1
    if not (point.shape == (3,) and np.all((ijk >= -0.5) & (ijk <= last + 0.5))):
        raise InputError("point-outside", "The point does not lie in the volume.", "Click into the cell's image.")
