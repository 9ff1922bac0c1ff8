"""Drift to a part of a pixel, while the particles change.

A frame of a changing particle is a common picture times a gain that varies slowly from place to place: where lithium
comes and goes, and at every energy, optical density changes by a factor, its outline stays. Each frame is registered to
the mean of all registered frames by Gauss-Newton steps on frame(x) = gain(x) · mean(x − shift) + offset along the
outlines, gain(x) eliminated by local regression, outliers weighted down. Compared with cross-correlation
(Guizar-Sicairos et al., Opt. Lett. 33, 2008, 156) a front that runs through the particle is not taken for drift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.progress import Progress

from .coarse import coarse_shifts, fill_gaps

Floats = NDArray[np.float64]
_SMOOTH_PX, _GAIN_PX = 1.0, 2.0
_ROUNDS, _STEPS, _SETTLED_PX = 4, 12, 0.003
# Half width of the weights of outliers in standard deviations (Cauchy), and of how often they are renewed.
_OUTLIER, _RENEWED = 1.5, 3
_OUTLINE = 0.15
_MAD = 1.4826
_LEAST_SURE_PX = 0.5
# Standard uncertainty from which on a frame is compared with so many about it.
_FAINT_PX, _ABOUT = 0.1, 5


@dataclass(frozen=True)
class Drift:
    """How far frames drifted.

    Args:
        shifts_px: Rows and columns, shape (frames, 2), the mean of all frames at zero.
        uncertainty_px: Standard uncertainty, shape (frames, 2); NaN where a frame shows too little to be registered.
    """

    shifts_px: Floats
    uncertainty_px: Floats


@dataclass(frozen=True)
class _Target:
    """What a frame is registered to: the mean picture, its slopes, where it is compared."""

    picture: Floats
    slopes: tuple[Floats, Floats]
    use: NDArray[np.bool_]
    power: Floats

    @classmethod
    def of(cls, picture: Floats, margin: int) -> _Target:
        from scipy import ndimage

        steep = ndimage.gaussian_gradient_magnitude(picture, 1.0)
        use = steep > _OUTLINE * np.percentile(steep, 99)
        inner = np.zeros(picture.shape, bool)
        inner[margin:-margin, margin:-margin] = True
        rows, columns = (np.asarray(slope) for slope in np.gradient(picture))
        floor = 1e-3 * float(np.percentile(np.abs(picture), 99)) ** 2
        return cls(picture, (rows, columns), use & inner, _local(picture**2) + floor)

    def gain(self, frame: Floats) -> Floats:
        """How much stronger a frame is, place by place."""
        return _local(self.picture * frame) / self.power

    def without(self, values: Floats) -> Floats:
        """What local gain cannot explain of values."""
        return np.asarray(values - self.picture * _local(self.picture * values) / self.power)


def find_drift(density: NDArray[np.float32], most_px: float, progress: Progress) -> Drift:
    """Register every frame to all others.

    Args:
        density: Optical density, shape (frames, rows, columns); NaN where unknown.
        most_px: The longest way a frame may lie off the ones before.
        progress: Told how far it is.
    """
    shifts = coarse_shifts(map(_smooth, density), len(density), most_px)
    unsure = np.full_like(shifts, np.nan)
    margin = int(min(np.ceil(np.abs(shifts).max()) + 2, min(density.shape[1:]) // 4))
    for turn in range(_ROUNDS):
        target = _Target.of(_mean(density, shifts), margin)
        for n, frame in enumerate(density):
            shifts[n], unsure[n] = _register(_smooth(frame), target, shifts[n])
            progress.report((turn + (n + 1) / len(density)) / _ROUNDS, "drift")
        shifts, unsure = _bridge(shifts, unsure)
        shifts -= shifts.mean(axis=0)
    return Drift(shifts, unsure)


def _smooth(frame: NDArray[np.float32]) -> Floats:
    from scipy import ndimage

    return np.asarray(ndimage.gaussian_filter(fill_gaps(frame), _SMOOTH_PX))


def _mean(density: NDArray[np.float32], shifts: Floats) -> Floats:
    moved = (move(_smooth(frame), shift) for frame, shift in zip(density, shifts, strict=True))
    return np.asarray(sum(moved) / len(density))


def move(frame: Floats, shift: Floats) -> Floats:
    """A frame that drifted by ``shift``, back in its place: cubic splines, the border repeated."""
    from scipy import ndimage

    return np.asarray(ndimage.shift(frame, -shift, order=3, mode="nearest"))


def _register(frame: Floats, target: _Target, shift: Floats) -> tuple[Floats, Floats]:
    if not target.use.any():
        return shift, np.full(2, np.nan)
    start, unsure = shift, np.full(2, np.nan)
    for _ in range(_STEPS):
        step, unsure = _step(move(frame, shift), target)
        shift = shift + np.clip(step, -2, 2)
        if np.abs(step).max() < _SETTLED_PX:
            break
    sure = np.isfinite(unsure).all() and unsure.max() < _LEAST_SURE_PX
    return (shift, unsure) if sure else (start, np.full(2, np.nan))


def _step(moved: Floats, target: _Target) -> tuple[Floats, Floats]:
    """One Gauss-Newton step: how far it is still off, and the standard uncertainty of that."""
    gain = target.gain(moved)
    rest = (moved - gain * target.picture)[target.use]
    slopes = [target.without(-gain * slope)[target.use] for slope in target.slopes]
    columns = np.column_stack([*slopes, np.ones(len(rest))])
    weights = np.ones(len(rest))
    for _ in range(_RENEWED):
        solved = np.linalg.lstsq(columns * weights[:, None], rest * weights, rcond=None)[0]
        left = rest - columns @ solved
        spread = _MAD * float(np.median(np.abs(left))) + 1e-12
        weights = 1.0 / np.sqrt(1.0 + (left / (_OUTLIER * spread)) ** 2)
    normal = (columns * weights[:, None] ** 2).T @ columns
    covariance = spread**2 * np.linalg.pinv(normal)
    # Smoothed noise has as many independent values as there are areas of the smoothing.
    together = 4 * np.pi * _SMOOTH_PX**2
    return np.asarray(solved[:2]), np.asarray(np.sqrt(np.diag(covariance)[:2] * together))


def _bridge(shifts: Floats, unsure: Floats) -> tuple[Floats, Floats]:
    """Frames that show too little lie between their neighbours."""
    unsure = np.where(_is_astray(shifts, unsure)[:, None], np.nan, unsure)
    known = np.isfinite(unsure).all(axis=1)
    if known.all() or not known.any():
        return shifts, unsure
    places = np.arange(len(shifts))
    columns = [np.interp(places, places[known], shifts[known, axis]) for axis in (0, 1)]
    return np.column_stack(columns), unsure


def _is_astray(shifts: Floats, unsure: Floats) -> NDArray[np.bool_]:
    """Faint frames that lie far from those about them: they were registered to noise."""
    from scipy import ndimage

    off = np.abs(shifts - ndimage.median_filter(shifts, (_ABOUT, 1), mode="nearest")).max(axis=1)
    faint = np.nan_to_num(unsure, nan=np.inf).max(axis=1)
    return np.asarray((faint > _FAINT_PX) & (off > 1.0 + 3.0 * faint))


def _local(values: Floats) -> Floats:
    from scipy import ndimage

    return np.asarray(ndimage.gaussian_filter(values, _GAIN_PX, mode="nearest"))
