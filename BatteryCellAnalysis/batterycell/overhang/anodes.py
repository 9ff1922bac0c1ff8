"""Anode ends: where an anode's contrast against its two sides has fallen to half."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.winding import EndPlanes, Sheets

from .anode_paths import Anodes, centre_anodes, follow_anodes, unite_faces, without_cathodes
from .cathodes import CathodeEnds, correlation_inflation
from .steps import Prior, StepFit, cut_windows, fit_steps
from .trace import contrast_image, near_metal, sample_along

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

_MIN_CONTRAST = 0.35  # of the typical contrast: less is no anode
_MAX_U_VOXELS = 1.5
_PLATEAU_VOXELS = 4.0  # before its end a sheet must stand clear this far
_GAP_VOXELS = 2.0  # a gap this long ends a sheet
_SMOOTHING = 0.5  # of a pitch: bends shorter than this are noise


@dataclass(frozen=True)
class AnodeEnds:
    """Anode sheets with their ends; m sheets.

    Args:
        sheet: Which sheet stands on the (outer, inner) face of each of the n cathode turns, shape (n, 2).
        arc: Length along the sheet in mm from the planes' first row to every row, shape (m, h).
        height: Outward height of the end in mm, shape (m,).
        radius: Radius of the end in mm, shape (m,).
        u_height: Standard uncertainty of the height in mm, shape (m,).
        seen: Whether the sheet shows in the windings, shape (m,).
        hidden: Whether a sheet that does not show may be there all the same, shape (m,).
        present: Whether contrast stands before the end, shape (m,).
        readable: Whether the end can be read, shape (m,).
    """

    sheet: Indices
    arc: Floats
    height: Floats
    radius: Floats
    u_height: Floats
    seen: Mask
    hidden: Mask
    present: Mask
    readable: Mask


@dataclass(frozen=True)
class _Known:
    """What is known before the fit.

    Args:
        level: Outward height in mm at which the neighbouring cathodes end, shape (m,).
        tip: Rough outward height in mm of the sheets' ends, shape (m,).
        typical: Typical contrast between the cathodes and above them.
    """

    level: Floats
    tip: Floats
    typical: tuple[float, float]


def find_anode_ends(planes: EndPlanes, sheets: Sheets, cathodes: CathodeEnds) -> AnodeEnds:
    """Follow every anode out of the windings and find its end, sub-voxel.

    The contrast is read along the smoothed path; an end with Gaussian blur is fitted to it, whose height may step
    where the cathodes end.
    """
    sheet, anodes = unite_faces(sheets, cathodes)
    clear = planes.known & ~near_metal(planes, sheets)
    contrast = contrast_image(planes, sheets)
    fenced = without_cathodes(planes, sheets, cathodes, contrast)
    anodes = centre_anodes(planes, fenced, anodes, sheets.pitch_mm)
    ridge = follow_anodes(planes, fenced, anodes, sheets.pitch_mm)
    profile = sample_along(contrast, planes, anodes.angle, ridge)
    typical = _typical_contrast(planes, profile, anodes, sheets.pitch_mm)
    tip = _scan_tips(planes, profile, _usable(planes, clear, anodes, ridge), anodes.level, typical)
    path = _smooth_paths(planes, ridge, profile, tip, sheets.pitch_mm)
    usable = _usable(planes, clear, anodes, path)
    profile = sample_along(contrast, planes, anodes.angle, path)
    fit = _fit(planes, profile, usable, _Known(anodes.level, tip, typical), sheets.pitch_mm)
    hidden, present = _presence(planes, clear, anodes, fit, typical)
    readable = present & _certain(planes, usable, fit)
    return AnodeEnds(sheet, *_geometry(planes, path, fit), anodes.seen, hidden, present, readable)


def _usable(planes: EndPlanes, clear: Mask, anodes: Anodes, path: Floats) -> Mask:
    """Rows where a sheet's contrast means something: clear of metal, and above the cathodes if it shows only there."""
    shows = anodes.seen[:, None] | (planes.heights > anodes.level[:, None])
    return np.asarray(shows & _along(planes, clear, anodes, path))


def _along(planes: EndPlanes, mask: Mask, anodes: Anodes, path: Floats) -> Mask:
    return sample_along(mask.astype(np.float32), planes, anodes.angle, path) > 0.99


def _typical_contrast(planes: EndPlanes, profile: Floats, anodes: Anodes, pitch: float) -> tuple[float, float]:
    """Typical contrast of the anodes between the cathodes and above them."""
    above = planes.heights - anodes.level[:, None]
    smooth = ndimage.uniform_filter1d(profile, 3, axis=1)
    between = np.where((above > -1.2 * pitch) & (above < -0.4 * pitch) & anodes.seen[:, None], smooth, np.nan)
    free = np.where((above > 0) & (above < 3 * pitch), smooth, -np.inf).max(axis=1)
    typical = float(np.median(free[anodes.seen])) if anodes.seen.any() else float(np.median(free))
    return float(np.nanmedian(between)) if anodes.seen.any() else 0.5 * typical, typical


def _scan_tips(planes: EndPlanes, profile: Floats, usable: Mask, level: Floats, typical: tuple[float, float]) -> Floats:
    """Outward height at which a typical contrast, cut off there, fits each profile best, shape (m,).

    A gap above the cathodes ends a sheet: what the path finds beyond it (a tab, a neighbour) is another thing.
    """
    above = planes.heights >= level[:, None]
    model = np.where(above, typical[1], typical[0])
    gain = np.cumsum(np.where(usable, profile**2 - (profile - model) ** 2, 0.0), axis=1)
    low = usable & above & (ndimage.uniform_filter1d(profile, 3, axis=1) < _MIN_CONTRAST * typical[1])
    length = max(1, round(_GAP_VOXELS * planes.voxel_axial_mm / planes.height_step))
    gap = ndimage.minimum_filter1d(low.view(np.uint8), length, axis=1)
    gain[np.maximum.accumulate(gap, axis=1) > 0] = -np.inf
    return np.asarray(planes.heights[gain.argmax(axis=1)] + 0.5 * planes.height_step)


def _smooth_paths(planes: EndPlanes, ridge: Floats, profile: Floats, tip: Floats, pitch: float) -> Floats:
    """Ridges smoothed below their tip and continued straight beyond it, shape (m, h).

    Penalised least squares on second differences (Whittaker 1923; Eilers 2003), weighted by the contrast.
    """
    rows = len(planes.heights)
    weight = np.clip(profile / max(float(np.percentile(profile, 90)), 1e-6), 0.0, 1.0)
    weight *= planes.heights < tip[:, None] - 0.5 * planes.voxel_axial_mm
    weight += 1e-6  # a faint pull to the ridge keeps sheets without any weight solvable
    second = np.diff(np.eye(rows), 2, axis=0)
    penalty = (_SMOOTHING * pitch / planes.height_step) ** 4 * second.T @ second
    system = penalty + weight[:, :, None] * np.eye(rows)
    return np.asarray(np.linalg.solve(system, (weight * ridge)[..., None])[..., 0])


def _fit(planes: EndPlanes, profile: Floats, usable: Mask, known: _Known, pitch: float) -> StepFit:
    voxel = planes.voxel_axial_mm
    window = known.tip - max(1.2 * pitch, 6 * voxel), known.tip + max(0.5 * pitch, 4 * voxel)
    profiles = cut_windows(planes.heights, profile, usable, window)
    start = np.tile([*known.typical, 0.0, 0.0, 0.8 * voxel], (len(known.tip), 1))
    start[:, 3] = known.tip
    first = fit_steps(profiles, _prior(start, 0.5 * voxel), known.level)
    start[:, 4] = np.median(first.blur)
    return fit_steps(profiles, _prior(start, 0.1 * float(start[0, 4])), known.level)


def _prior(start: Floats, blur_sd: float) -> Prior:
    """Contrasts vary by two fifths from sheet to sheet, the blur little; nothing is known of the position.

    Beyond the tip little contrast is left: that of separators which reach farther.
    """
    between, above = 0.4 * np.abs(start[0, :2]) + 1e-6
    return Prior(start, np.tile([between, above, 0.6 * above, np.inf, blur_sd], (len(start), 1)))


def _geometry(planes: EndPlanes, path: Floats, fit: StepFit) -> tuple[Floats, Floats, Floats, Floats]:
    """Arc length (m, h); height, radius and uncertainty of the ends, (m,) each."""
    slope = np.gradient(path, planes.height_step, axis=1)
    arc = np.cumsum(np.sqrt(1 + slope**2), axis=1) * planes.height_step
    row = np.clip(np.searchsorted(planes.heights, fit.position), 0, len(planes.heights) - 1)
    u_height = fit.u_position * correlation_inflation(fit.residual)
    return arc, fit.position, path[np.arange(len(path)), row], u_height


def _presence(
    planes: EndPlanes, clear: Mask, anodes: Anodes, fit: StepFit, typical: tuple[float, float]
) -> tuple[Mask, Mask]:
    """Which sheets may be hidden, and which are present, (m,) each."""
    above = fit.position > anodes.level
    contrast = np.where(above, fit.plateau, fit.below) - fit.beyond
    present = (contrast > _MIN_CONTRAST * np.where(above, typical[1], typical[0])) & np.isfinite(anodes.radius)
    straight = np.repeat(np.nan_to_num(anodes.radius)[:, None], len(planes.heights), axis=1)
    beside_metal = (~_along(planes, clear, anodes, straight) & (planes.heights < anodes.level[:, None])).any(axis=1)
    return np.asarray(~anodes.seen & (beside_metal | (anodes.seen.mean() < 0.5))), np.asarray(present)


def _certain(planes: EndPlanes, usable: Mask, fit: StepFit) -> Mask:
    """Which ends can be read: certain enough, inside the planes, and clear of metal just before the end.

    Half of a contrast means something only where the whole of it is seen.
    """
    voxel = planes.voxel_axial_mm
    before = fit.position[:, None] - planes.heights
    rows = (before > 0) & (before < _PLATEAU_VOXELS * voxel)
    whole = (usable & rows).sum(axis=1) >= 0.8 * np.maximum(rows.sum(axis=1), 1)
    inside = (fit.position > planes.heights[4]) & (fit.position < planes.heights[-4])
    u_height = fit.u_position * correlation_inflation(fit.residual)
    return np.asarray(inside & whole & (u_height < _MAX_U_VOXELS * voxel))
