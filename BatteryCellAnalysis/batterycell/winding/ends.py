"""Where the cathode begins and ends along the sheet, finer than the samples of its trace."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.reslice import CylinderSampler
from batterycell.volume import Volume

from .faces import Faces
from .profiles import at_heights

Floats = NDArray[np.float64]

_BEFORE, _BEYOND = 12, 10  # samples looked at before and after the place where the trace ends
_CLEAR = 4  # samples before it: up to there it is cathode
_FINE = 8  # steps a sample
_NEAR = 0.1  # of the pitch: so near to the sheet's middle grey values are averaged
_U_VOXEL = 0.2  # voxels along the sheet, besides
_U_END, _U_TRACE = 0.35, 1.0  # samples: standard uncertainty with both ends seen (generated cells), and of the trace's


def cathode_length(volume: Volume, faces: Faces) -> tuple[float, float]:
    """Length of the cathode in turns, and its standard uncertainty.

    At each end the grey value along the sheet's middle, a median over all heights, falls from the cathode's to the
    dark between sheets; the cathode ends halfway. Where it does not fall there, the trace tells the length.

    Args:
        volume: The cell.
        faces: The windings' faces.
    """
    windings = faces.windings
    sampler = CylinderSampler(volume, windings.frame, float("nan"))
    inner = at_heights(windings.filled_mm, windings, faces.heights_mm)
    step = windings.sense * 360.0 / windings.per_turn
    last = windings.start_deg + step * (inner.shape[1] - 1)
    dark = float(np.nanmedian(faces.valley))
    ends = [
        _fall(_along(sampler, faces, *end), dark)
        for end in ((inner[:, ::-1], windings.start_deg, -step), (inner, last, step))
    ]
    seen = [end for end in ends if np.isfinite(end)]
    u = np.hypot(_U_END, _U_TRACE * (2 - len(seen))) + _U_VOXEL * faces.voxel_mm / _sample_mm(inner, windings.per_turn)
    return windings.turns + sum(seen) / windings.per_turn, float(u) / windings.per_turn


def _sample_mm(radius: Floats, per_turn: int) -> float:
    """Distance of samples at the inner end."""
    return 2 * np.pi * float(radius[:, -1].mean()) / per_turn


def _positions() -> Floats:
    """Places along the sheet in samples from the trace's end, outward of the cathode rising."""
    return np.asarray(np.arange(-_BEFORE * _FINE, _BEYOND * _FINE + 1) / _FINE, np.float64)


def _along(sampler: CylinderSampler, faces: Faces, radius: Floats, angle_deg: float, step_deg: float) -> Floats:
    """Grey value at `_positions` about the end of a sheet with radii (h, n); beyond, it runs beside its neighbour."""
    per_turn, pitch = faces.windings.per_turn, faces.windings.pitch_mm
    neighbour = radius[:, -per_turn : _BEYOND - per_turn]
    beyond = neighbour + (radius[:, -1:] - radius[:, -per_turn - 1, None])
    known = np.concatenate([radius[:, -_BEFORE - 1 :], beyond], axis=1)
    at = _positions()
    places = [np.interp(at, np.arange(-_BEFORE, _BEYOND + 1), row) for row in known]
    across = np.linspace(-_NEAR, _NEAR, 5)[:, None] * pitch
    rows = [
        sampler(angle_deg + step_deg * at, place + across, height, np.float32).mean(axis=0)
        for place, height in zip(places, faces.heights_mm.tolist(), strict=True)
    ]
    return np.asarray(np.median(rows, axis=0), np.float64)


def _fall(grey: Floats, dark: float) -> float:
    """Where the grey value has fallen halfway from the sheet's to the dark, in samples; NaN where it does not."""
    at = _positions()
    sheet = float(np.median(grey[at < -_CLEAR]))
    below = np.flatnonzero((grey < 0.5 * (sheet + dark)) & (at > -_CLEAR))
    if len(below) == 0 or below[0] == np.flatnonzero(at > -_CLEAR)[0]:
        return float("nan")
    index, level = below[0], 0.5 * (sheet + dark)
    share = (grey[index - 1] - level) / (grey[index - 1] - grey[index])
    return float(at[index - 1] + share / _FINE)
