"""The cathode's turns on segmented half-planes, counted from the outside or numbered as they were traced."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.winding import Windings

from .planes import LabelPlanes

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_STANDS = 0.8  # of the most cathode that a row shows: rows in which nearly all of them stand
_BODY_MM = 1.0  # such rows that are looked at
_SPECK = 0.4  # of the typical thickness: narrower is no cathode


@dataclass(frozen=True)
class Turns:
    """Cathode turns, n in all, by angle and from the outside in; no number is left out at an angle.

    Args:
        angle: Index into the planes' angles, shape (n,).
        winding: 1 is the outermost, shape (n,).
        radius: Radius in mm of its middle in the windings; NaN where it does not show, shape (n,).
        pitch_mm: Radial distance from turn to turn.
        width_mm: Typical thickness of a cathode.
        row: Row of the planes in which they stand.
    """

    angle: Indices
    winding: Indices
    radius: Floats
    pitch_mm: float
    width_mm: float
    row: int


def find_turns(planes: LabelPlanes, windings: Windings | None) -> Turns:
    """Find the cathode's turns just below the level at which they end.

    Args:
        planes: Half-planes around one end.
        windings: Number the turns as these do; None counts them at each angle, with one for every gap that is a
            whole turn wide.

    Raises:
        InputError: if fewer than two turns show at any angle.
    """
    body, row = _body(planes)
    height = float(planes.planes.heights[row])
    angle, radius, width = _runs(body, planes.planes.radii)
    typical = float(np.median(width)) if len(width) else 0.0
    whole = width > _SPECK * typical
    angle, radius = angle[whole], radius[whole]
    same = angle[1:] == angle[:-1]
    if not same.any():
        raise InputError(
            "labels-no-cathode", "The labels show no windings of the cathode", "Check which label is the cathode."
        )
    pitch = float(np.median(-np.diff(radius)[same]))
    parts = []
    for n, degrees in enumerate(planes.planes.angles.tolist()):
        found = radius[angle == n]
        known = None if windings is None else windings.turns_at(degrees, planes.planes.end.sign * height).radius
        parts.append(_with_missing(found, pitch) if known is None else _numbered(found, known, pitch))
    counts = [len(radii) for radii in parts]
    winding = np.concatenate([np.arange(1, count + 1) for count in counts])
    return Turns(np.repeat(np.arange(len(counts)), counts), winding, np.concatenate(parts), pitch, typical, row)


def _body(planes: LabelPlanes) -> tuple[Floats, int]:
    """Share of cathode over angle and radius, (a, r), in the outermost rows in which they stand; and the middle row."""
    shown = planes.cathode.mean(axis=(0, 2))
    standing = np.flatnonzero(shown >= _STANDS * shown.max())
    rows = standing[-max(2, round(_BODY_MM / planes.planes.height_step)) :]
    return planes.cathode[:, rows].mean(axis=1).astype(float), int(np.median(rows))


def _runs(body: Floats, radii: Floats) -> tuple[Indices, Floats, Floats]:
    """Angle index, middle and width of every run above one half along the radius, from the outside in, (m,) each."""
    inside = np.pad(body[:, ::-1] > 0.5, ((0, 0), (1, 1))).astype(np.int8)
    angle, first = np.nonzero(np.diff(inside, axis=1) == 1)
    _, stop = np.nonzero(np.diff(inside, axis=1) == -1)
    step = float(radii[1] - radii[0])
    middle, width = radii[-1] - step * 0.5 * (first + stop - 1), step * (stop - first)
    return angle.astype(np.int64), np.asarray(middle, float), np.asarray(width, float)


def _with_missing(radii: Floats, pitch: float) -> Floats:
    """Radii with a NaN for each turn that a gap of whole pitches says is missing."""
    missing = np.maximum(np.round(-np.diff(radii) / pitch).astype(int) - 1, 0)
    return np.insert(radii, np.repeat(np.arange(1, len(radii)), missing), np.nan)


def _numbered(radii: Floats, traced: Floats, pitch: float) -> Floats:
    """The radius nearest to each turn that was traced, NaN where none shows within half a pitch."""
    if not len(radii):
        return np.full(len(traced), np.nan)
    apart = np.abs(traced[:, None] - radii)
    return np.where(apart.min(axis=1) < pitch / 2, radii[apart.argmin(axis=1)], np.nan)
