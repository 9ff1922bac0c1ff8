"""Anode ends: where an anode's contrast against its two sides has fallen to half."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.overhang.trace import contrast_image, near_metal, sample_along
from batterycell.winding import EndPlanes, Sheets

from .cathodes import CathodeEnds
from .checks import MIN_CONTRAST, Traced, Usual, find_hidden, find_present, find_readable, find_short, is_legible
from .middles import centre_paths
from .paths import Anodes, centre_anodes, follow_anodes, unite_faces, without_cathodes
from .steps import Prior, StepFit, correlation_inflation, cut_windows, fit_steps

Floats = NDArray[np.float64]
Image = NDArray[np.float32]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

_BEYOND_VOXELS = 3.0  # what lies farther beyond an end (separators' ends, insulators) is not its business ...
_BEYOND_PITCHES = 0.5  # ... but voxels may be much smaller than the blur
_GAP_VOXELS = 2.0  # a gap this long ends a sheet


@dataclass(frozen=True)
class AnodeEnds:
    """Anode sheets with their ends; m sheets.

    Args:
        sheet: Which sheet stands on the (outer, inner) face of each of the n cathode turns, shape (n, 2).
        path: Radius of the sheet in mm at every row, shape (m, h).
        arc: Length along the sheet in mm from the planes' first row to every row, shape (m, h).
        height: Outward height of the end in mm, shape (m,).
        radius: Radius of the end in mm, shape (m,).
        u_height: Standard uncertainty of the height in mm, shape (m,).
        seen: Whether the sheet shows in the windings, shape (m,).
        hidden: Whether a sheet that does not show may be there all the same, shape (m,).
        present: Whether contrast stands before the end, shape (m,).
        readable: Whether the end can be read, shape (m,).
        short: Whether the sheet must be there but stands nowhere above the cathodes, shape (m,).
    """

    sheet: Indices
    path: Floats
    arc: Floats
    height: Floats
    radius: Floats
    u_height: Floats
    seen: Mask
    hidden: Mask
    present: Mask
    readable: Mask
    short: Mask


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
    usual = _usual_contrast(planes, profile, anodes, sheets.pitch_mm)
    tip = _scan_tips(planes, profile, _usable(planes, clear, anodes, ridge), anodes.level, usual)
    path = centre_paths(planes, fenced, anodes, (ridge, profile, tip), sheets.pitch_mm)
    usable = _usable(planes, clear, anodes, path)
    profile = sample_along(contrast, planes, anodes.angle, path)
    fit = _fit(planes, profile, _one_floor(planes, usable, anodes, tip), (anodes.level, tip, usual), sheets.pitch_mm)
    present = find_present(anodes, fit, usual)
    legible = is_legible(fit, present)
    readable = (
        find_readable(Traced(planes, anodes, ridge, path, contrast, usable, fit), usual, sheets.pitch_mm) & legible
    )
    hidden = find_hidden(planes, clear, anodes, sheets.pitch_mm) | (not legible)
    short = find_short(planes, (contrast, clear), anodes, usual, sheets.pitch_mm) & legible
    return AnodeEnds(sheet, path, *_geometry(planes, path, fit), anodes.seen, hidden, present, readable, short)


def _usable(planes: EndPlanes, clear: Mask, anodes: Anodes, path: Floats) -> Mask:
    """Rows where a sheet's contrast means something: clear of metal, and above the cathodes if it shows only there."""
    shows = anodes.seen[:, None] | (planes.heights > anodes.level[:, None])
    return np.asarray(shows & _along(planes, clear, anodes, path))


def _along(planes: EndPlanes, mask: Mask, anodes: Anodes, path: Floats) -> Mask:
    return sample_along(mask.astype(np.float32), planes, anodes.angle, path) > 0.99


def _usual_contrast(planes: EndPlanes, profile: Floats, anodes: Anodes, pitch: float) -> Usual:
    """The contrast of each anode deep between the cathodes, and the typical one above them."""
    above = planes.heights - anodes.level[:, None]
    smooth = ndimage.uniform_filter1d(profile, 3, axis=1)
    free = np.where((above > 0) & (above < 3 * pitch), smooth, -np.inf).max(axis=1)
    typical = float(np.median(free[anodes.seen] if anodes.seen.any() else free))
    deep = (above < -1.5 * pitch) & (above > -4 * pitch) & planes.known[anodes.angle].any(axis=2)
    between = (profile * deep).sum(axis=1) / np.maximum(deep.sum(axis=1), 1)
    return Usual(np.where(anodes.seen, between, 0.5 * typical), typical)


def _scan_tips(planes: EndPlanes, profile: Floats, usable: Mask, level: Floats, usual: Usual) -> Floats:
    """Outward height at which the usual contrast, cut off there, fits each profile best, shape (m,).

    A gap above the cathodes ends a sheet: what the path finds beyond it (a tab, a neighbour) is another thing.
    """
    above = planes.heights >= level[:, None]
    sheet = np.where(above, usual.above, usual.between[:, None])
    nothing = np.where(above, 0.0, usual.gap[:, None])
    gain = np.cumsum(np.where(usable, (profile - nothing) ** 2 - (profile - sheet) ** 2, 0.0), axis=1)
    low = usable & above & (ndimage.uniform_filter1d(profile, 3, axis=1) < MIN_CONTRAST * usual.above)
    length = max(1, round(_GAP_VOXELS * planes.voxel_axial_mm / planes.height_step))
    gap = ndimage.minimum_filter1d(low.view(np.uint8), length, axis=1)
    gain[np.maximum.accumulate(gap, axis=1) > 0] = -np.inf
    return np.asarray(planes.heights[gain.argmax(axis=1)] + 0.5 * planes.height_step)


def _one_floor(planes: EndPlanes, usable: Mask, anodes: Anodes, tip: Floats) -> Mask:
    """Usable rows without those above the cathodes where a sheet ends well below: there the floor is another."""
    short = tip < anodes.level - planes.voxel_axial_mm
    return np.asarray(
        usable & ~(short[:, None] & (planes.heights > anodes.level[:, None] - 0.5 * planes.voxel_axial_mm))
    )


def _fit(
    planes: EndPlanes, profile: Floats, usable: Mask, known: tuple[Floats, Floats, Usual], pitch: float
) -> StepFit:
    """Fit the ends; known: the cathodes' level (m,), the rough end (m,) and the usual contrast."""
    level, tip, usual = known
    voxel = planes.voxel_axial_mm
    window = tip - max(1.2 * pitch, 6 * voxel), tip + max(_BEYOND_PITCHES * pitch, _BEYOND_VOXELS * voxel)
    profiles = cut_windows(planes.heights, profile, usable, window)
    beyond = np.where(tip < level, usual.gap, 0.0)
    start = np.column_stack(
        [usual.between, np.full(len(tip), usual.above), beyond, tip, np.full(len(tip), 0.8 * voxel)]
    )
    first = fit_steps(profiles, _prior(start, usual.above, 0.5 * voxel), level)
    start[:, 4] = np.median(first.blur)
    return fit_steps(profiles, _prior(start, usual.above, 0.1 * float(start[0, 4])), level)


def _prior(start: Floats, above: float, blur_sd: float) -> Prior:
    """Contrasts vary from sheet to sheet, the blur little; nothing is known of the position.

    Beyond the tip little contrast is left: that of separators which reach farther.
    """
    return Prior(start, np.tile([0.2 * above, 0.4 * above, 0.6 * above, np.inf, blur_sd], (len(start), 1)))


def _geometry(planes: EndPlanes, path: Floats, fit: StepFit) -> tuple[Floats, Floats, Floats, Floats]:
    """Arc length (m, h); height, radius and uncertainty of the ends, (m,) each."""
    slope = np.gradient(path, planes.height_step, axis=1)
    arc = np.cumsum(np.sqrt(1 + slope**2), axis=1) * planes.height_step
    row = np.clip(np.searchsorted(planes.heights, fit.position), 0, len(planes.heights) - 1)
    u_height = fit.u_position * correlation_inflation(fit.residual)
    return arc, fit.position, path[np.arange(len(path)), row], u_height
