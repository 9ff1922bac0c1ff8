"""The sheets of a jelly roll where they cross a half-plane: pitch, cathodes, anodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from batterycell.errors import InputError

from .numbering import Turns, find_turns
from .planes import EndPlanes

Floats = NDArray[np.float64]

_OVERHANG_MM = 1.0  # the roll's end may be found as far out as the anodes' tips: deeper all cathodes stand
_LEAST_DEPTH = 3.0  # pitches of windings that the volume must show
_REGULAR = 0.1  # of the autocorrelation: what sheets of a dented or buckled roll still repeat; noise is far below
_THIN = 0.75  # of the typical cathode's grey value: what a cathode coated on one side still shows
_FAINT = 0.03  # ...: what the faintest anode rises between two cathodes


@dataclass(frozen=True)
class Sheets:
    """Cathode turns and the anodes on their faces, in the windings below one end.

    One entry a cathode turn and angle, n in all, ordered by angle, then from the outside in.

    Args:
        pitch_mm: Radial distance from turn to turn.
        cathode_grey: Typical grey value of the cathodes.
        angle: Index into the planes' angles, shape (n,).
        winding: 1 is the outermost turn at that angle, shape (n,).
        cathode_mm: Radius of the cathode's middle; NaN where the turn is there but its cathode is not, shape (n,).
        anode_mm: Radius of the anode on the (outer, inner) face, shape (n, 2).
        anode_seen: Whether that anode shows in the windings, or stands where it is expected, shape (n, 2).
        valley_mm: Typical distance from an anode's middle to the dark on either side.
    """

    pitch_mm: float
    cathode_grey: float
    angle: NDArray[np.int64]
    winding: NDArray[np.int64]
    cathode_mm: Floats
    anode_mm: Floats
    anode_seen: NDArray[np.bool_]
    valley_mm: float


def find_sheets(planes: EndPlanes, expected: Sequence[Turns] | None = None) -> Sheets:
    """Find every sheet below one end.

    Cathodes are the sheets that still stand out when the radial profile is smoothed to an eighth of the pitch:
    broad and bright. Anodes are narrow: the nearest maximum of the fine profile on either face of a cathode.

    Args:
        planes: Half-planes that reach at least a few pitches into the windings.
        expected: The turns that the traced windings show at each of the planes' angles: what is seen is numbered as
            they are, and nothing else is a cathode. None counts what is seen at each angle.

    Raises:
        InputError: if there is no regular winding, too little of it, or it is too fine for the voxels.
    """
    coarse = _body(planes, None)
    pitch = find_pitch(coarse, planes.radii)
    if pitch < 5 * planes.voxel_across_mm:
        raise InputError(
            "too-coarse",
            f"The windings' pitch ({1000 * pitch:.0f} µm) is under five voxels",
            "Scan with smaller voxels, or check the voxel size.",
        )
    _refuse_shallow(planes, pitch)
    body = _body(planes, pitch)
    cathodes, grey = _find_cathodes(body, planes, pitch)
    fine = ndimage.gaussian_filter1d(body, 0.05 * pitch / planes.radius_step, axis=1)
    maxima = [signal.find_peaks(profile, prominence=_FAINT * grey)[0] for profile in fine]
    anodes = [planes.radii[index] for index in maxima]
    bright = [planes.radii[index[profile[index] > _THIN * grey]] for index, profile in zip(maxima, fine, strict=True)]
    valley = _valley_distance(fine, anodes, cathodes, planes, pitch)
    if expected is not None:
        turns = find_turns(cathodes, expected, planes.angles, pitch)
        return _assemble(turns, [turn.number for turn in expected], anodes, (pitch, grey, valley))
    turns = [_with_missing(radii, others, pitch) for radii, others in zip(cathodes, bright, strict=True)]
    return _assemble(turns, [np.arange(1, len(radii) + 1) for radii in turns], anodes, (pitch, grey, valley))


def _refuse_shallow(planes: EndPlanes, pitch: float) -> None:
    """The cathodes end at different levels: only well below the mean one do all of them stand."""
    depth = float((planes.end.level_mm - planes.heights).max())
    if depth < _LEAST_DEPTH * pitch:
        raise InputError(
            "windings-cut",
            f"The volume shows only {depth:.2f} mm of the windings at their {planes.end.name} end",
            f"Scan or crop so that at least {_LEAST_DEPTH * pitch:.1f} mm of them lie inside, or check the voxel size.",
        )


def _body(planes: EndPlanes, pitch: float | None) -> Floats:
    """Radial profile of the windings at each angle, averaged along the sheets below the end, shape (a, r)."""
    depth = planes.end.level_mm - planes.heights
    room = depth.max()
    nearest, farthest = 0.35 * room, room
    if pitch is not None:
        nearest = min(max(2 * pitch, _OVERHANG_MM), room - 0.5 * pitch)
        farthest = min(nearest + 3 * pitch, room)
    rows = (depth >= nearest) & (depth <= farthest)
    known = planes.known[:, rows]
    return np.asarray(planes.grey[:, rows].sum(axis=1, where=known) / np.maximum(known.sum(axis=1), 1), float)


def find_pitch(body: Floats, radii: Floats) -> float:
    """Radial distance from turn to turn, from the autocorrelation of radial profiles of shape (a, r).

    Raises:
        InputError: if the profiles repeat nowhere.
    """
    step, radius = float(radii[1] - radii[0]), float(radii[-1])
    detail = body - ndimage.gaussian_filter1d(body, 0.06 * radius / step, axis=1)
    detail = detail[:, (radii > 0.25 * radius) & (radii < 0.9 * radius)]
    correlation = np.mean([signal.correlate(row, row)[len(row) - 1 :] for row in detail], axis=0)
    correlation = correlation / correlation[0] if correlation[0] > 0 else correlation
    peaks, _ = signal.find_peaks(correlation[: len(correlation) // 2])
    peaks = peaks[correlation[peaks] > _REGULAR]
    if len(peaks) == 0:
        hint = "Sheets must repeat along the radius: a hollow can has none, and fine sheets want fine voxels."
        raise InputError("no-windings", "No regular windings were found in the can", hint)
    strong = peaks[correlation[peaks] > 0.8 * correlation[peaks].max()]
    return float(_peak_position(correlation, int(strong[0])) * step)


def _peak_position(values: Floats, index: int) -> float:
    """Continuous index of a maximum: vertex of the parabola through it and its neighbours."""
    left, middle, right = values[index - 1 : index + 2]
    return float(index + 0.5 * (left - right) / (left - 2 * middle + right))


def _find_cathodes(body: Floats, planes: EndPlanes, pitch: float) -> tuple[list[Floats], float]:
    """Radii of the cathodes at each angle, outermost first, and their typical grey value."""
    smooth = ndimage.gaussian_filter1d(body, pitch / 8 / planes.radius_step, axis=1)
    wall = _wall_radius(body, planes.radii) - 0.3 * pitch if planes.walled else np.inf
    inside = planes.radii < wall
    found = [signal.find_peaks(row, distance=max(1, 0.6 * pitch / planes.radius_step))[0] for row in smooth]
    peaks = [index[inside[index]] for index in found]
    heights = np.concatenate([row[index] for row, index in zip(smooth, peaks, strict=True)])
    dark = float(np.percentile(smooth[:, inside], 5))
    level = dark + 0.75 * (float(np.percentile(heights, 75)) - dark)
    prominent = [index[row[index] > level] for row, index in zip(smooth, peaks, strict=True)]
    radii = [planes.radii[0] + planes.radius_step * np.array([_peak_position(row, i) for i in index[::-1]])
             for row, index in zip(smooth, prominent, strict=True)]  # fmt: skip
    grey = float(np.median(np.concatenate([row[index] for row, index in zip(body, prominent, strict=True)])))
    return radii, grey


def _wall_radius(body: Floats, radii: Floats) -> float:
    """Inner radius of the can's wall: where the profile, followed inward from the wall, has fallen halfway."""
    profile = np.median(body, axis=0)
    outer = radii > 0.8 * radii[-1]
    wall = int(np.flatnonzero(outer)[np.argmax(profile[outer])])
    level = 0.5 * (profile[wall] + np.median(profile[radii < 0.9 * radii[-1]]))
    below = np.flatnonzero(profile[:wall] < level)
    return float(radii[below[-1]]) if len(below) else float(radii[-1])


def _valley_distance(
    fine: Floats, anodes: list[Floats], cathodes: list[Floats], planes: EndPlanes, pitch: float
) -> float:
    """Median distance from anodes between two cathodes to the darkest grey beside them."""
    found = []
    for profile, peaks, turns in zip(fine, anodes, cathodes, strict=True):
        minima = planes.radii[signal.find_peaks(-profile)[0]]
        for anode in peaks:
            near = np.abs(minima - anode)
            if len(turns) and np.abs(turns - anode).min() > 0.3 * pitch and (near < 0.4 * pitch).sum() >= 2:
                found.append(np.sort(near)[:2].mean())
    return float(np.median(found)) if found else 0.17 * pitch


def _assemble(
    turns: list[Floats],
    numbers: list[NDArray[np.int64]],
    anodes: list[Floats],
    typical: tuple[float, float, float],
) -> Sheets:
    """Sheets from turns at each angle, their numbers, and the typical pitch, grey value and valley."""
    pitch, grey, valley = typical
    angle = np.repeat(np.arange(len(turns)), [len(radii) for radii in turns])
    cathode, winding = np.concatenate(turns), np.concatenate(numbers)
    pairs = [_faces(radius, anodes[a], pitch) for a, radius in zip(angle, cathode, strict=True)]
    anode = np.array([[radius for radius, _ in pair] for pair in pairs]).reshape(-1, 2)
    seen = np.array([[found for _, found in pair] for pair in pairs], bool).reshape(-1, 2)
    return Sheets(pitch, grey, angle, winding, cathode, anode, seen, valley)


def _with_missing(radii: Floats, bright: Floats, pitch: float) -> Floats:
    """The turns with an entry for every cathode that a gap of about two pitches says is missing.

    There the foil is coated on one side only (a thin bright sheet amid the gap), or bare (NaN).
    """
    missing = np.maximum(np.round(-np.diff(radii) / pitch).astype(int) - 1, 0)
    turns = np.insert(radii, np.repeat(np.arange(1, len(radii)), missing), np.nan)
    for gap in np.flatnonzero(missing == 1):
        middle = 0.5 * (radii[gap] + radii[gap + 1])
        near = bright[np.abs(bright - middle) < 0.2 * pitch]
        if len(near) == 1:
            turns[gap + 1 + missing[:gap].sum()] = near[0]
    return turns


def _faces(cathode: float, anodes: Floats, pitch: float) -> list[tuple[float, bool]]:
    """(radius, seen) of the anode on the outer and on the inner face of a cathode."""
    result = []
    for side in (1, -1):
        distance = side * (anodes - cathode)
        near = distance[(distance > 0.3 * pitch) & (distance < 0.8 * pitch)]
        result.append((cathode + side * (near.min() if len(near) else 0.5 * pitch), len(near) > 0))
    return result
