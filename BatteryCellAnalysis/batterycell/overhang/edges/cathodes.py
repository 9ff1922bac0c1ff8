"""Cathode ends: where each cathode's grey value has fallen halfway to what lies beyond it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.overhang.trace import cut_strips, sample_along
from batterycell.winding import EndPlanes, Sheets

from .steps import Prior, StepFit, correlation_inflation, cut_windows, fit_steps

Floats = NDArray[np.float64]

_DEEP = 2.5  # pitches below the roll's mean end: there every cathode stands
_MIN_CONTRAST = 0.4  # of the typical step from cathode to beyond
_MAX_U_VOXELS = 1.0
_FAINT = 0.7  # of the typical step: so faint a sheet is a thin cathode, or an anode
_MAX_BEYOND_VOXELS = 2.0  # ... an anode if it ends this far beyond its neighbours


@dataclass(frozen=True)
class CathodeEnds:
    """Ends of cathodes, one entry for each of the sheets' n turns; NaN where a turn has no cathode.

    Args:
        height: Outward height in mm, shape (n,).
        radius: Radius in mm of the cathode's middle at its end, shape (n,).
        u_height: Standard uncertainty in mm, shape (n,).
        readable: Whether the end can be read, shape (n,).
    """

    height: Floats
    radius: Floats
    u_height: Floats
    readable: NDArray[np.bool_]


def find_cathode_ends(planes: EndPlanes, sheets: Sheets) -> CathodeEnds:
    """Find the end of every cathode, sub-voxel.

    The grey value is averaged over the middle third of the cathode's thickness along its own tilt; an edge with
    Gaussian blur is fitted; half-way between its two levels is the end.
    """
    there = np.flatnonzero(np.isfinite(sheets.cathode_mm))
    angle, radius = sheets.angle[there], sheets.cathode_mm[there]
    size = max(1, round(0.16 * sheets.pitch_mm / planes.radius_step))
    bar = ndimage.uniform_filter1d(planes.grey, size, axis=2)
    rough = _rough_ends(planes, sample_along(bar, planes, angle, _constant(radius, planes)), sheets.pitch_mm)
    path = _tilted_paths(planes, sheets, angle, radius, rough)
    fit = _fit_ends(planes, sample_along(bar, planes, angle, path), rough, sheets.pitch_mm)
    return _collect(planes, sheets, there, path, fit)


def _constant(radius: Floats, planes: EndPlanes) -> Floats:
    return np.repeat(radius[:, None], len(planes.heights), axis=1)


def _rough_ends(planes: EndPlanes, profile: Floats, pitch: float) -> Floats:
    """Outward height where each profile first falls below the middle of its plateau and the darkest beyond, (n,)."""
    smooth = ndimage.uniform_filter1d(profile, 3, axis=1)
    depth = planes.end.level_mm - planes.heights
    deep = depth > min(_DEEP * pitch, 0.5 * depth.max())
    plateau = np.median(smooth[:, deep], axis=1)
    beyond = smooth[:, ~deep & (depth > -4 * pitch)].min(axis=1)
    low = (smooth < (0.5 * (plateau + beyond))[:, None]) & ~deep
    return np.asarray(planes.heights[np.argmax(low, axis=1)])


def _tilted_paths(planes: EndPlanes, sheets: Sheets, angle: NDArray[np.int64], radius: Floats, rough: Floats) -> Floats:
    """Radius (n, h) of straight lines along the cathodes' middles, from where they lie just below their ends."""
    pitch = sheets.pitch_mm
    smooth = ndimage.gaussian_filter1d(planes.grey, pitch / 8 / planes.radius_step, axis=2)
    strips = cut_strips(smooth, planes, angle, radius, 0.35 * pitch)
    peak = strips.offsets[strips.values.argmax(axis=2)]
    below = rough[:, None] - planes.heights
    weight = ((below > 0.3 * pitch) & (below < 1.8 * pitch) & (np.abs(peak) < 0.3 * pitch)).astype(float)
    total = np.maximum(weight.sum(axis=1), 1e-9)
    mean_x, mean_y = (weight * -below).sum(axis=1) / total, (weight * peak).sum(axis=1) / total
    dx = -below - mean_x[:, None]
    variance = (weight * dx**2).sum(axis=1)
    # A tenth of a pitch of prior length keeps the slope quiet where few rows are left.
    slope = (weight * dx * (peak - mean_y[:, None])).sum(axis=1) / (variance + total * (0.1 * pitch) ** 2)
    return np.asarray(radius[:, None] + mean_y[:, None] + np.clip(slope, -0.5, 0.5)[:, None] * dx)


def _fit_ends(planes: EndPlanes, profile: Floats, rough: Floats, pitch: float) -> StepFit:
    voxel = planes.voxel_axial_mm
    window = rough - max(1.5 * pitch, 6 * voxel), rough + max(0.5 * pitch, 4 * voxel)
    profiles = cut_windows(planes.heights, profile, np.ones(profile.shape, bool), window)
    offset = profiles.position - rough[:, None]
    counts = profiles.weight > 0
    start = np.zeros((len(rough), 5))
    start[:, 1] = _masked_median(profiles.value, counts & (offset < -2 * voxel))
    start[:, 2] = _masked_median(profiles.value, counts & (offset > 2 * voxel))
    start[:, 3:] = np.column_stack([rough, np.full(len(rough), 0.7 * voxel)])
    one_step = np.full(len(rough), -np.inf)
    first = fit_steps(profiles, _prior(start, 0.5 * voxel), one_step)
    start[:, 4] = np.median(first.blur)
    return fit_steps(profiles, _prior(start, 0.15 * float(start[0, 4])), one_step)


def _prior(start: Floats, blur_sd: float) -> Prior:
    """The blur is one for the whole scan; nothing is known of levels and position."""
    return Prior(start, np.tile([1.0, np.inf, np.inf, np.inf, blur_sd], (len(start), 1)))


def _masked_median(values: Floats, mask: NDArray[np.bool_]) -> Floats:
    """Median of each row's chosen values, 0 where none is chosen."""
    chosen = np.where(mask, values, np.nan)
    chosen[~mask.any(axis=1)] = 0.0
    return np.asarray(np.nanmedian(chosen, axis=1))


def _collect(planes: EndPlanes, sheets: Sheets, there: NDArray[np.int64], path: Floats, fit: StepFit) -> CathodeEnds:
    height, radius, u_height = (np.full(len(sheets.cathode_mm), np.nan) for _ in range(3))
    readable = np.zeros(len(sheets.cathode_mm), bool)
    step = fit.plateau - fit.beyond
    u = fit.u_position * correlation_inflation(fit.residual)
    inside = (fit.position > planes.heights[4]) & (fit.position < planes.heights[-4])
    height[there], u_height[there] = fit.position, u
    row = np.clip(np.searchsorted(planes.heights, fit.position), 0, len(planes.heights) - 1)
    radius[there] = path[np.arange(len(there)), row]
    readable[there] = inside & (step > _MIN_CONTRAST * np.median(step)) & (u < _MAX_U_VOXELS * planes.voxel_axial_mm)
    faint = there[step < _FAINT * np.median(step)]
    readable[faint] &= ~_beyond_neighbours(sheets, height, faint, _MAX_BEYOND_VOXELS * planes.voxel_axial_mm)
    return CathodeEnds(height, radius, u_height, readable)


def _beyond_neighbours(sheets: Sheets, height: Floats, which: NDArray[np.int64], margin: float) -> NDArray[np.bool_]:
    """Which of the turns end farther out than the turns beside them: anodes, where a cathode begins or stops."""
    beside = (sheets.angle == sheets.angle[which, None]) & (np.abs(sheets.winding - sheets.winding[which, None]) <= 2)
    beside[np.arange(len(which)), which] = False
    usual = _masked_median(np.nan_to_num(height)[None].repeat(len(which), axis=0), beside & np.isfinite(height))
    return np.asarray(height[which] > usual + margin)
