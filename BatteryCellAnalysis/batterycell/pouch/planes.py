"""Cuts across one side of a stack, in the form in which the ends of sheets are read."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from batterycell.orient import CellFrame
from batterycell.progress import Progress
from batterycell.reslice.sampling import in_threads, voxel_along
from batterycell.volume import Volume
from batterycell.winding import EndPlanes, RollEnd, Sheets

from .box import sample, to_kji
from .find import Pouch
from .outline import Side

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Grey values are averaged over this many voxels along the edge: noise falls, sheets do not blur.
_BESIDE_VOXELS = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0)
_INWARD, _OUTWARD = 6.0, 2.0  # pitches from the cathodes' usual end, and ...
_ABOVE = 1.5  # pitches above and below the outermost cathodes: room for bent anodes
_OUTWARD_MM = 1.8  # ... beyond the longest anode
_DEEP = (2.0, 5.0)  # pitches below that end: there every cathode stands
_GAP = (0.15, 0.45)  # pitches from the middle of the outermost anodes: between them and the case it is dark
_DARK = 0.05  # of the cathodes' grey value: as far as it gets no brighter, a bent anode may reach
_SLOPE_MM = 0.2  # over which the slope of bowed sheets is taken
_NEAR = 0.35  # of a pitch: how far a cathode may lie from where it is expected
_FACES = (0.3, 0.8)  # pitches from a cathode to the anode on its face
_FAINT = 0.03  # of the cathodes' grey value: what the faintest anode rises between two cathodes
_VALLEY = 0.17  # of a pitch, where no valley shows


def side_frame(pouch: Pouch, side: Side) -> CellFrame:
    """The frame whose x points out of a side and whose y runs along it, as the stack's own axis does."""
    frame = pouch.frame
    axes = (frame.toward_i, frame.toward_j)
    return CellFrame(frame.origin, frame.up, side.sign * axes[side.axis], axes[1 - side.axis])


def sample_side(volume: Volume, pouch: Pouch, side: Side, positions: Floats, progress: Progress) -> EndPlanes:
    """Cut across one side at some positions along it.

    Returns:
        ``angles`` are the positions in mm, ``heights`` the distances outward from the stack's middle, ``radii`` the
        heights along the direction of stacking once the sheets' bow is taken away; two samples a voxel.
    """
    frame = side_frame(pouch, side)
    out, beside, up = (voxel_along(volume, axis) for axis in frame.basis.T)
    outward = side.level_mm + np.arange(-_INWARD * pouch.pitch_mm, _OUTWARD * pouch.pitch_mm + _OUTWARD_MM, out / 2)
    half = 0.5 * float(np.ptp(pouch.cathode_mm)) + _ABOVE * pouch.pitch_mm
    heights = float(pouch.cathode_mm.mean()) + np.arange(-half, half, up / 2)
    grey = np.empty((len(positions), len(outward), len(heights)), np.float32)
    known = np.empty(grey.shape, bool)
    matrix, offset = to_kji(volume, frame)
    lift = lift_at(pouch, side, outward, positions[:, None])

    def cut(n: int) -> None:
        height = heights + lift[n][:, None]
        across = matrix[:, 0, None, None] * outward[:, None] + matrix[:, 2, None, None] * height
        places = [across + (matrix[:, 1] * (positions[n] + b * beside) + offset)[:, None, None] for b in _BESIDE_VOXELS]
        grey[n], known[n] = _mean(volume, places)

    in_threads(cut, len(positions), progress, f"cutting across side {side.name}")
    grey = np.where(known, grey - np.float32(pouch.air_grey), np.float32(0))
    _hide_case(grey, outward < side.level_mm - pouch.pitch_mm, heights, pouch)
    end = RollEnd(side.name, 1, side.level_mm, True)
    return EndPlanes(end, positions, outward, heights, grey, known, out, up)


def _hide_case(grey: NDArray[np.float32], inside: Mask, heights: Floats, pouch: Pouch) -> None:
    """Nothing brighter than what lies on the outermost anodes counts beyond them: the case would pass for a sheet.

    Args:
        grey: Shape (p, h, r); changed.
        inside: Rows well inside the cathodes' ends, shape (h,).
        heights: Along the direction of stacking, shape (r,).
        pouch: The stack.
    """
    profile = grey[:, inside].mean(axis=(0, 1))
    for picture, values, away in ((grey[..., ::-1], profile[::-1], pouch.cathode_mm[0] - heights[::-1]),
                                  (grey, profile, heights - pouch.cathode_mm[-1])):  # fmt: skip
        gap = np.flatnonzero((away > (0.5 + _GAP[0]) * pouch.pitch_mm) & (away < (0.5 + _GAP[1]) * pouch.pitch_mm))
        darkest = int(gap[values[gap].argmin()])
        limit = values[darkest] + _DARK * pouch.cathode_grey
        row = darkest + int(np.argmax(np.append(values[darkest:-1] > limit, True)))
        np.minimum(picture[..., row:], picture[..., darkest, None], out=picture[..., row:])


def lift_at(pouch: Pouch, side: Side, outward: Floats, along: Floats) -> Floats:
    """Height in mm of the bowed sheets at places outward of a side and along it; straight on beyond the cathodes."""
    known = np.minimum(outward, side.level_mm)
    ends = [side.sign * (known - step) for step in (0.0, _SLOPE_MM)]
    here, before = (pouch.bow(*((at, along) if side.axis == 0 else (along, at))) for at in ends)
    return np.asarray(here + (here - before) / _SLOPE_MM * (outward - known))


def _mean(volume: Volume, places: Iterable[Floats]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    parts = [sample(volume, kji.astype(np.float32)) for kji in places]
    return np.mean([grey for grey, _ in parts], axis=0, dtype=np.float32), np.all([known for _, known in parts], axis=0)


def find_side_sheets(planes: EndPlanes, pouch: Pouch) -> Sheets:
    """The sheets of a stack where each plane crosses them, well inside the cathodes' ends.

    ``winding`` counts the cathodes from the highest down; where one does not show its place is NaN.
    """
    body = _body(planes, pouch.pitch_mm)
    step, pitch = planes.radius_step, pouch.pitch_mm
    smooth = ndimage.gaussian_filter1d(body, pitch / 8 / step, axis=1)
    fine = ndimage.gaussian_filter1d(body, 0.05 * pitch / step, axis=1)
    expected = pouch.cathode_mm[::-1]
    cathode = np.array([_nearest(_peaks(row, planes.radii, 0.0), expected, _NEAR * pitch) for row in smooth])
    maxima = [_peaks(row, planes.radii, _FAINT * pouch.cathode_grey) for row in fine]
    faces = np.array([_faces(row, found, pitch) for row, found in zip(cathode, maxima, strict=True)])
    count = len(expected)
    angle = np.repeat(np.arange(len(body)), count)
    winding = np.tile(np.arange(1, count + 1), len(body))
    anode, seen = faces[..., 0].reshape(-1, 2), faces[..., 1].reshape(-1, 2) > 0
    return Sheets(pitch, pouch.cathode_grey, angle, winding, cathode.ravel(), anode, seen, _valley(fine, planes, pouch))


def _body(planes: EndPlanes, pitch: float) -> Floats:
    """Mean profile of each plane along the direction of stacking, below the cathodes' ends, shape (positions, r)."""
    depth = (planes.end.level_mm - planes.heights) / pitch
    rows = (depth >= _DEEP[0]) & (depth <= _DEEP[1])
    known = planes.known[:, rows]
    return np.asarray(planes.grey[:, rows].sum(axis=1, where=known) / np.maximum(known.sum(axis=1), 1), float)


def _peaks(profile: Floats, places: Floats, prominence: float) -> Floats:
    index, _ = signal.find_peaks(profile, prominence=prominence)
    left, middle, right = profile[index - 1], profile[index], profile[index + 1]
    away = 0.5 * (left - right) / np.minimum(left - 2 * middle + right, -1e-12)
    return np.asarray(places[index] + away * (places[1] - places[0]))


def _nearest(found: Floats, expected: Floats, reach: float) -> Floats:
    """The found place nearest to each expected one, NaN where none is within reach."""
    if not len(found):
        return np.full(len(expected), np.nan)
    nearest = found[np.abs(found - expected[:, None]).argmin(axis=1)]
    return np.where(np.abs(nearest - expected) < reach, nearest, np.nan)


def _faces(cathodes: Floats, anodes: Floats, pitch: float) -> Floats:
    """Place and whether it was seen of the anodes on the upper and lower face of each cathode, shape (n, 2, 2)."""
    faces = np.empty((len(cathodes), 2, 2))
    for n, face in enumerate((1, -1)):
        away = face * (anodes - cathodes[:, None])
        near = np.where((away > _FACES[0] * pitch) & (away < _FACES[1] * pitch), away, np.inf).min(
            axis=1, initial=np.inf
        )
        faces[:, n] = np.column_stack(
            [cathodes + face * np.where(np.isfinite(near), near, 0.5 * pitch), np.isfinite(near)]
        )
    return faces


def _valley(fine: Floats, planes: EndPlanes, pouch: Pouch) -> float:
    """Distance from an anode's middle to the dark on either side, from the mean over all planes and anodes."""
    profile, step = fine.mean(axis=0), planes.radius_step
    reach = int(0.35 * pouch.pitch_mm / step)
    middles = 0.5 * (pouch.cathode_mm[1:] + pouch.cathode_mm[:-1])
    rows = np.round((middles - planes.radii[0]) / step).astype(int)
    usual = np.mean([profile[row - reach : row + reach + 1] for row in rows], axis=0)
    folded = 0.5 * (usual + usual[::-1])[reach:]
    lowest = int(folded.argmin())
    return lowest * step if lowest else _VALLEY * pouch.pitch_mm
