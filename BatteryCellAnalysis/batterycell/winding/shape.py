"""How far the windings lie from the ideal spiral, and how far apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .faces import Faces

Floats = NDArray[np.float64]

_MOST_FITTED = 20_000  # samples: a fit of a few numbers needs no more
_ROBUST = 0.3  # of the pitch: farther off the spiral, a sample counts less and less
_LAG = 4  # samples that far apart share no noise, smoothed as they are
AXIS_VOXELS = 0.25  # standard uncertainty of the axis about which the spiral runs: dents pull the can (generated cells)
_CERTAIN_VOXELS = 0.05  # what a face's place is certain to, however little noise there is (measured on generated cells)


@dataclass(frozen=True)
class Shape:
    """Radii of the windings against those of an Archimedean spiral about the cell's axis.

    Args:
        start_mm: Radius of the ideal spiral at the cathode's outer end.
        pitch_mm: How much closer to the axis it is after each turn.
        deviation_mm: How far outward of it the cathode's middle lies, shape (h, n); NaN where unseen.
        corrected_mm: The same against a spiral that may stand off the axis and be oval, shape (h, n).
        pitches_mm: Distance from each sample to the turn inside of it, shape (h, n - one turn).
        u_radius_mm: Standard uncertainty of the radius at one place.
    """

    start_mm: float
    pitch_mm: float
    deviation_mm: Floats
    corrected_mm: Floats
    pitches_mm: Floats
    u_radius_mm: float


def fit_shape(faces: Faces) -> Shape:
    """Fit the ideal spiral ``radius = start - pitch * turn`` to every sample at every height, robustly.

    Robust is the sum of ``sqrt(1 + (residual / scale)**2)`` (the pseudo-Huber loss, Charbonnier 1994), its scale a
    third of the pitch: a dent or a collapsed core does not pull the spiral. Corrected for ovality, the spiral has terms
    in the cosine and sine of the angle (it stands off the axis) and of twice the angle, times the radius (it is oval).
    """
    radius, turn, angle = faces.middle_mm, faces.turn, np.radians(faces.angle_deg)
    plain = np.stack([np.ones_like(turn), -turn])
    scale = _ROBUST * faces.windings.pitch_mm
    start, pitch = _fit(plain, radius, scale)
    ideal = start - pitch * turn
    waves = np.stack([np.cos(angle), np.sin(angle), ideal * np.cos(2 * angle), ideal * np.sin(2 * angle)])
    oval = np.concatenate([plain, waves])
    per_turn = faces.windings.per_turn
    return Shape(
        float(start), float(pitch), radius - ideal, radius - _fit(oval, radius, scale) @ oval,
        radius[:, :-per_turn] - radius[:, per_turn:], radius_uncertainty(faces),
    )  # fmt: skip


def radius_uncertainty(faces: Faces) -> float:
    """Standard uncertainty in mm of the radius at one place: noise from second differences along the sheet, and more.

    The scatter of ``r(s - lag) - 2 r(s) + r(s + lag)`` is the square root of six times that of r, for any smooth sheet.
    """
    radius = faces.middle_mm
    second = radius[:, 2 * _LAG :] - 2 * radius[:, _LAG:-_LAG] + radius[:, : -2 * _LAG]
    noise = 1.4826 * float(np.nanmedian(np.abs(second - np.nanmedian(second)))) / np.sqrt(6)
    return float(np.hypot(noise, _CERTAIN_VOXELS * faces.voxel_mm))


def _fit(terms: Floats, radius: Floats, scale: float) -> Floats:
    """Coefficients (p,) of terms (p, n) for radii (h, n)."""
    from scipy import optimize

    row, column = np.nonzero(np.isfinite(radius))
    some = slice(None, None, max(1, len(row) // _MOST_FITTED))
    system, target = terms[:, column[some]].T, radius[row[some], column[some]]
    first = np.linalg.lstsq(system, target, rcond=None)[0]
    fit = optimize.least_squares(
        lambda c: system @ c - target, first, lambda c: system, loss="soft_l1", f_scale=scale, x_scale="jac"
    )
    return np.asarray(fit.x, np.float64)
