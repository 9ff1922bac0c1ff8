"""Grey-value profiles across the sheets, all along the spiral, and the faces of the cathode on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.reslice import CylinderSampler
from batterycell.reslice.curve import bilinear

from .linking import fill_gaps
from .path import Windings

Floats = NDArray[np.float64]

_MIDDLE = 0.1  # of the pitch: so near to a cathode's middle lies cathode, however the sheets are proportioned
_VALLEY = (0.15, 0.6)  # of the pitch: between them lies the darkest place beside a cathode
_REACH = 0.7  # of the pitch: how far a profile reaches to either side
_FAINT = 0.3  # of the typical contrast: what shows less has no face that could be read
_THICKNESS = (0.4, 1.7)  # of the typical one
_ALONG = 1.0  # samples: smoothing along the sheet
_CALM = 3.0  # samples: a sheet moves together with its neighbours
_MOST_MOVE = 0.25  # of the pitch from one height to the next: farther off, another sheet has been taken for it
_RUNG_MM = 0.6  # heights so near are alike enough to follow a sheet from one to the next


@dataclass(frozen=True)
class Profiler:
    """Samples grey values across the sheets along the whole spiral, and follows the sheets from height to height.

    Args:
        sampler: The volume.
        windings: The spiral.
        step_mm: Distance of samples across.
        rows_mm: Heights that are averaged, about each height.
    """

    sampler: CylinderSampler
    windings: Windings
    step_mm: float
    rows_mm: Floats

    def follow(self, heights: Floats) -> Floats:
        """Read the faces at heights that lead away from one at which the windings were traced.

        Between those, a dent or a collapsed core may push a sheet into another's place: what was found at one height
        tells where to look at the next.

        Returns:
            Radius of the (inner, outer) face, grey value of the middle, of the (inner, outer) valley; NaN where they
            cannot be read; shape (5, heights, n).
        """
        drift = np.zeros(self.windings.radii_mm.shape[1])
        read = np.full((5, len(heights), len(drift)), np.nan)
        for row, height in enumerate(heights.tolist()):
            radius = at_heights(self.windings.filled_mm, self.windings, np.array([height]))[0] + drift
            found = credible(read_profiles(self._profiles(height, radius), self.step_mm, self.windings.pitch_mm))
            drift = drift + self._moved(0.5 * (found[1] - found[0]))
            read[:, row] = np.concatenate([radius - found[:1], radius + found[1:2], found[2:]])
        return read

    def _profiles(self, height: float, radius: Floats) -> Floats:
        """Profiles outward about radii (n,) at a height, shape (d, n), d odd."""
        reach = int(np.ceil(_REACH * self.windings.pitch_mm / self.step_mm))
        offsets = np.arange(-reach, reach + 1)[:, None] * self.step_mm
        turn = np.arange(len(radius)) * 360.0 / self.windings.per_turn
        angle = self.windings.start_deg + self.windings.sense * turn
        rows = [self.sampler(angle, radius + offsets, height + row, np.float32) for row in self.rows_mm]
        return np.asarray(ndimage.gaussian_filter1d(np.mean(rows, axis=0), _ALONG, axis=1, mode="nearest"), np.float64)

    def _moved(self, shift: Floats) -> Floats:
        calm = ndimage.gaussian_filter1d(fill_gaps(shift), _CALM, mode="nearest")
        most = _MOST_MOVE * self.windings.pitch_mm
        return np.asarray(np.clip(calm, -most, most), np.float64)


def ladder(heights: Floats, start: float) -> Floats:
    """Heights that lead from one to the farthest of others, all of them among it, no two too far apart."""
    rungs, last = [], start
    for height in heights[np.argsort(np.abs(heights - start))].tolist():
        count = max(1, int(np.ceil(abs(height - last) / _RUNG_MM)))
        rungs.append(np.linspace(last, height, count + 1)[1:])
        last = height
    return np.concatenate(rungs)


def at_heights(values: Floats, windings: Windings, heights: Floats) -> Floats:
    """Values (h', n) of the traced heights at others, shape (h, n)."""
    row = np.interp(heights, windings.heights_mm, np.arange(len(windings.heights_mm)))
    rows, columns = np.broadcast_arrays(row[:, None], np.arange(values.shape[1], dtype=float))
    return bilinear(values, rows, columns)


def read_profiles(profiles: Floats, step: float, pitch: float) -> Floats:
    """Distance (inner, outer) of the faces, middle grey, (inner, outer) valley, contrast; shape (6, n)."""
    amid = len(profiles) // 2
    near = max(1, round(_MIDDLE * pitch / step))
    grey = profiles[amid - near : amid + near + 1].mean(axis=0)
    sides = [_side(side, grey, (step, pitch)) for side in (profiles[amid::-1], profiles[amid:])]
    (inner, low), (outer, high) = sides
    return np.array([inner, outer, grey, low, high, grey - np.maximum(low, high)])


def _side(values: Floats, grey: Floats, scale: tuple[float, float]) -> tuple[Floats, Floats]:
    """Distance of one face and the valley beyond it, from values outward of the middle, shape (k, n)."""
    step, pitch = scale
    first, last = (round(share * pitch / step) for share in _VALLEY)
    valley = values[first : last + 1].min(axis=0)
    level = 0.5 * (grey + valley)
    index = np.maximum(np.argmax(values < level, axis=0), 1)
    before, after = (np.take_along_axis(values, index[None] - back, 0)[0] for back in (1, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (index - 1 + np.clip((before - level) / (before - after), 0, 1)) * step, valley


def credible(read: Floats) -> Floats:
    """What was read, NaN where the sheet hardly shows or is as thick as no cathode."""
    thickness, contrast = read[0] + read[1], read[5]
    if not np.isfinite(thickness).any():
        return read[:5]
    low, high = (share * float(np.nanmedian(thickness)) for share in _THICKNESS)
    good = (contrast > _FAINT * np.nanmedian(contrast)) & (thickness > low) & (thickness < high)
    return np.asarray(np.where(good, read[:5], np.nan))
