"""The innermost turns: whether the core has collapsed or bulges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .faces import Faces, fold

Floats = NDArray[np.float64]

_FEWEST = 2  # turns through which a straight line says anything
_SMOOTH = (0.7, 2.5)  # heights and samples along the sheet: noise must not pass for a collapse
_REACH = 2  # turns from the innermost in which one is looked for that is seen


def core_buckling(faces: Faces, deviation_mm: Floats) -> tuple[Floats, Floats]:
    """How far outward the innermost turn lies of where the outer half of the roll lets it be expected.

    What bends the whole roll (an oval or dented can, a core off the axis, sheets that settle in the can) changes
    steadily with the radius: at each height and angle, a straight line (deviation from the ideal spiral over radius)
    through the outer half of the turns is carried on to the innermost one. What is left has happened at the core.

    Args:
        faces: The windings' faces.
        deviation_mm: Deviations from the ideal spiral, shape (h, n).

    Returns:
        Distances, negative where the core was pushed in, and radii of the places, both of shape (h, per_turn), NaN
        where too few turns are seen; angles rise from column to column, see `core_angles`.
    """
    per_turn = faces.windings.per_turn
    off, radius = fold(deviation_mm, per_turn), fold(faces.middle_mm, per_turn)
    outer = _outer_turns(faces)
    left = off - _carried_on(off, radius, outer)
    left[:, :outer] = np.nan
    left = fold(_calm(left.reshape(len(left), -1)), per_turn)
    order = np.argsort(core_angles(faces))
    inner, place = (_innermost(values, left, faces.windings.turns)[:, order] for values in (left, radius))
    return inner, place


def core_leverage(faces: Faces) -> float:
    """How much less certain the innermost turn's expected place is than that of a single turn (line of regression)."""
    outer = _outer_turns(faces)
    away, spread = faces.windings.count - 1 - (outer - 1) / 2, outer * (outer**2 - 1) / 12
    return float(np.sqrt(1 + 1 / outer + away**2 / spread))


def core_angles(faces: Faces) -> Floats:
    """Angles of one turn's samples along the spiral, shape (per_turn,)."""
    return faces.angle_deg[: faces.windings.per_turn]


def _outer_turns(faces: Faces) -> int:
    return max(_FEWEST, (faces.windings.count - 1) // 2)


def _carried_on(off: Floats, radius: Floats, outer: int) -> Floats:
    """The straight line (least squares) through the outer turns at each height and angle, at all turns."""
    used = np.isfinite(off)
    used[:, outer:] = False
    count = used.sum(axis=1, keepdims=True)
    enough = np.where(count >= _FEWEST, count, np.nan)
    means = [np.where(used, values, 0.0).sum(axis=1, keepdims=True) / enough for values in (radius, off)]
    run, rise = (np.where(used, values - mean, 0.0) for values, mean in zip((radius, off), means, strict=True))
    spread = (run * run).sum(axis=1, keepdims=True)
    slope = (run * rise).sum(axis=1, keepdims=True) / np.where(spread > 0, spread, np.nan)
    return np.asarray(means[1] + slope * (radius - means[0]), np.float64)


def _innermost(values: Floats, known: Floats, turns: float) -> Floats:
    """Values (h, turns, per_turn) at the innermost turn at which something is known, shape (h, per_turn)."""
    seen = np.isfinite(known)
    seen[:, : max(0, int(turns) - _REACH)] = False
    last = seen.shape[1] - 1 - np.argmax(seen[:, ::-1], axis=1)
    found = np.take_along_axis(values, last[:, None], axis=1)[:, 0]
    return np.where(seen.any(axis=1), found, np.nan)


def _calm(values: Floats) -> Floats:
    """Values (h, m) smoothed over heights and along the sheet, as far as they are known; NaN stays."""
    known = np.isfinite(values)
    total, weight = (
        ndimage.gaussian_filter(part, _SMOOTH, mode="nearest") for part in (np.where(known, values, 0.0), known * 1.0)
    )
    return np.where(known, total / np.where(known, weight, 1.0), np.nan)
