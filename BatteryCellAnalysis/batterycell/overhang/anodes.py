"""Anode ends: where an anode's contrast against its two sides has fallen to half."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.winding import EndPlanes, Sheets

from .cathodes import CathodeEnds, correlation_inflation
from .steps import Prior, StepFit, cut_windows, fit_steps
from .trace import contrast_image, cut_strips, fence, follow_ridges, near_metal, sample_along

Floats = NDArray[np.float64]
Image = NDArray[np.float32]
Indices = NDArray[np.int64]

_SAME = 0.15  # of a pitch: anodes of two neighbouring cathodes closer than this are one sheet
_START = 0.8  # pitches below the cathodes' ends: there anodes are still held between cathodes
_CATHODE = 0.2  # of a pitch: half of the thinnest cathode
_CLEAR = 0.3  # of a pitch: sheets above the cathodes keep at least this far apart
_MIN_CONTRAST = 0.35  # of the typical contrast above the cathodes
_MAX_U_VOXELS = 1.5
_PLATEAU_VOXELS = 4.0
_GAP_VOXELS = 2.0
_SMOOTHING = 0.5  # of a pitch: bends shorter than this are noise


@dataclass(frozen=True)
class AnodeEnds:
    """Anode sheets with their ends; m sheets.

    Args:
        sheet: Which sheet stands on the (outer, inner) face of each of the n cathode turns, shape (n, 2).
        path: Radius in mm at every row of the planes, shape (m, h).
        arc: Length along the sheet in mm from the first row, shape (m, h).
        height: Outward height of the end in mm, shape (m,).
        radius: Radius of the end in mm, shape (m,).
        u_height: Standard uncertainty of the height in mm, shape (m,).
        seen: Whether the sheet shows in the windings, shape (m,).
        hidden: Whether metal hides the place where the sheet should show in the windings, shape (m,).
        present: Whether there is an anode at all, shape (m,).
        readable: Whether its end can be read, shape (m,).
    """

    sheet: Indices
    path: Floats
    arc: Floats
    height: Floats
    radius: Floats
    u_height: Floats
    seen: NDArray[np.bool_]
    hidden: NDArray[np.bool_]
    present: NDArray[np.bool_]
    readable: NDArray[np.bool_]


@dataclass(frozen=True)
class _Candidates:
    """Sheets to follow: angle index, radius in the windings, level of the neighbouring cathodes' ends, (m,) each."""

    angle: Indices
    radius: Floats
    level: Floats
    seen: NDArray[np.bool_]

    def chosen(self, which: Indices) -> _Candidates:
        """Some of the candidates."""
        return _Candidates(self.angle[which], self.radius[which], self.level[which], self.seen[which])


@dataclass(frozen=True)
class _Known:
    """What is known before the fit: cathodes' level and rough tip in mm (m,), typical contrasts (between, above)."""

    level: Floats
    tip: Floats
    typical: tuple[float, float]


def find_anode_ends(planes: EndPlanes, sheets: Sheets, cathodes: CathodeEnds) -> AnodeEnds:
    """Follow every anode out of the windings and find its end, sub-voxel."""
    sheet, candidates = _unite(sheets, cathodes)
    metal = near_metal(planes, sheets)
    contrast = _without_cathodes(planes, sheets, cathodes, contrast_image(planes, sheets))
    candidates = _centred(planes, contrast, candidates, sheets.pitch_mm)
    ridge = _ridges(planes, sheets, contrast, candidates)
    profile = sample_along(contrast, planes, candidates.angle, ridge)
    typical = _typical_contrast(planes, profile, candidates, sheets.pitch_mm)
    free = _along(planes.known & ~metal, planes, candidates.angle, ridge)
    known = _Known(candidates.level, _scan_tips(planes, profile, free, candidates.level, typical), typical)
    path = _smooth_paths(planes, ridge, profile, known.tip, sheets.pitch_mm)
    free = _along(planes.known & ~metal, planes, candidates.angle, path)
    fit = _fit(planes, sample_along(contrast, planes, candidates.angle, path), free, known, sheets.pitch_mm)
    return _collect(planes, (sheet, path, free), candidates, fit, known)


def _without_cathodes(planes: EndPlanes, sheets: Sheets, cathodes: CathodeEnds, contrast: Image) -> Image:
    """The contrast image with the cathodes, whose flanks could pass for an anode, taken out."""
    there = np.flatnonzero(cathodes.readable)
    path = np.where(planes.heights < cathodes.height[there, None], cathodes.radius[there, None], np.nan)
    half_width = _CATHODE * sheets.pitch_mm
    return fence(planes, contrast, sheets.angle[there], path, (half_width, -float(np.percentile(contrast, 98))))


def _centred(planes: EndPlanes, contrast: Image, candidates: _Candidates, pitch: float) -> _Candidates:
    """Candidates that show in the windings, with their radius just below the cathodes' ends."""
    strips = cut_strips(contrast, planes, candidates.angle, np.nan_to_num(candidates.radius), 0.2 * pitch)
    below = (candidates.level[:, None] - planes.heights) / pitch
    rows = ((below > _START) & (below < 3.0)).astype(np.float32)
    mean = np.einsum("mh,mhw->mw", rows, strips.values)
    shift = np.where(candidates.seen, strips.offsets[mean.argmax(axis=1)], 0.0)
    return replace(candidates, radius=candidates.radius + shift)


def _along(mask: NDArray[np.bool_], planes: EndPlanes, angle: Indices, path: Floats) -> NDArray[np.bool_]:
    return sample_along(mask.astype(np.float32), planes, angle, path) > 0.99


def _unite(sheets: Sheets, cathodes: CathodeEnds) -> tuple[Indices, _Candidates]:
    """One candidate a sheet: the inner anode of a turn and the outer anode of the next are the same where they meet."""
    n = len(sheets.angle)
    sheet = np.arange(2 * n).reshape(n, 2)
    radius = sheets.anode_mm
    follows = np.flatnonzero(sheets.angle[1:] == sheets.angle[:-1])
    same = np.abs(radius[follows, 1] - radius[follows + 1, 0]) < _SAME * (sheets.pitch_mm)
    sheet[follows[same] + 1, 0] = sheet[follows[same], 1]
    kept, sheet = np.unique(sheet, return_inverse=True)
    sheet = sheet.reshape(n, 2)
    return sheet, _candidates(sheets, cathodes, sheet, len(kept))


def _candidates(sheets: Sheets, cathodes: CathodeEnds, sheet: Indices, count: int) -> _Candidates:
    turn = np.repeat(np.arange(len(sheet)), 2)
    which = sheet.ravel()
    level = np.where(cathodes.readable, cathodes.height, np.nan)[turn]
    angle = np.zeros(count, np.int64)
    angle[which] = sheets.angle[turn]
    seen = np.zeros(count, bool)
    np.logical_or.at(seen, which, sheets.anode_seen.ravel())
    return _Candidates(
        angle, _group_mean(sheets.anode_mm.ravel(), which, count), _group_mean(level, which, count), seen
    )


def _group_mean(values: Floats, group: Indices, count: int) -> Floats:
    """Mean of the finite values in each group, NaN where there are none."""
    finite = np.isfinite(values)
    total = np.bincount(group[finite], values[finite], minlength=count)
    number = np.bincount(group[finite], minlength=count)
    return np.asarray(np.where(number > 0, total / np.maximum(number, 1), np.nan))


def _ridges(planes: EndPlanes, sheets: Sheets, contrast: Image, candidates: _Candidates) -> Floats:
    """Radius of each anode's ridge at every row, shape (m, h).

    Sheets that show in the windings are followed first. Those that do not (beside the can's wall), and those that
    strayed onto a neighbour because they end early, are followed again and must keep clear of the others.
    """
    pitch = sheets.pitch_mm
    scale = max(float(np.percentile(np.abs(contrast), 98)), 1e-6)
    ridge = _follow(planes, contrast, candidates, pitch, scale)
    owner = candidates.seen & ~_strayed(planes, candidates, ridge, pitch)
    again = np.flatnonzero(~owner & np.isfinite(candidates.radius))
    if len(again):
        fenced = fence(planes, contrast, candidates.angle[owner], ridge[owner], (_CLEAR * pitch, -2 * scale))
        ridge[again] = _follow(planes, fenced, candidates.chosen(again), pitch, scale)
    return ridge


def _follow(planes: EndPlanes, contrast: Image, candidates: _Candidates, pitch: float, scale: float) -> Floats:
    radius = np.nan_to_num(candidates.radius, nan=float(planes.radii[0]))
    first = np.searchsorted(planes.heights, candidates.level - _START * pitch)
    strips = cut_strips(contrast, planes, candidates.angle, radius, 1.1 * pitch)
    width = np.where(candidates.seen, 0.5 * _SAME, _SAME) * pitch
    return np.asarray(radius[:, None] + follow_ridges(strips, first, width, scale))


def _strayed(planes: EndPlanes, candidates: _Candidates, ridge: Floats, pitch: float) -> NDArray[np.bool_]:
    """Which sheets run on a neighbour's ridge just above the cathodes, though they began farther from it, (m,)."""
    rows = np.searchsorted(planes.heights, candidates.level + 0.4 * pitch)
    above = ridge[np.arange(len(ridge)), np.minimum(rows, ridge.shape[1] - 1)]
    drift = np.abs(above - candidates.radius)
    strayed = np.zeros(len(ridge), bool)
    for a in np.unique(candidates.angle):
        here = np.flatnonzero((candidates.angle == a) & candidates.seen)
        same = np.abs(above[here, None] - above[here]) < _CLEAR * pitch
        strayed[here] = (same & (drift[here, None] > drift[here])).any(axis=1)
    return strayed


def _typical_contrast(planes: EndPlanes, profile: Floats, candidates: _Candidates, pitch: float) -> tuple[float, float]:
    """Typical contrast of the anodes between the cathodes and above them."""
    above = planes.heights - candidates.level[:, None]
    smooth = ndimage.uniform_filter1d(profile, 3, axis=1)
    between = np.where((above > -1.2 * pitch) & (above < -0.4 * pitch), smooth, np.nan)[candidates.seen]
    free = np.where((above > 0) & (above < 3 * pitch), smooth, -np.inf)[candidates.seen]
    return float(np.nanmedian(between)), float(np.median(free.max(axis=1)))


def _scan_tips(
    planes: EndPlanes, profile: Floats, free: NDArray[np.bool_], level: Floats, typical: tuple[float, float]
) -> Floats:
    """Outward height at which a typical contrast, cut off there, fits each profile best, shape (m,).

    A gap above the cathodes ends a sheet: what the path finds beyond it (a tab, a neighbour) is another thing.
    """
    above = planes.heights >= level[:, None]
    model = np.where(above, typical[1], typical[0])
    gain = np.cumsum(np.where(free, profile**2 - (profile - model) ** 2, 0.0), axis=1)
    low = free & above & (ndimage.uniform_filter1d(profile, 3, axis=1) < _MIN_CONTRAST * typical[1])
    gap = ndimage.minimum_filter1d(
        low.view(np.uint8), round(_GAP_VOXELS * planes.voxel_axial_mm / planes.height_step), axis=1
    )
    gain[np.maximum.accumulate(gap, axis=1) > 0] = -np.inf
    return np.asarray(planes.heights[gain.argmax(axis=1)] + 0.5 * planes.height_step)


def _smooth_paths(planes: EndPlanes, ridge: Floats, profile: Floats, tip: Floats, pitch: float) -> Floats:
    """Ridges smoothed below their tip and continued straight beyond it, shape (m, h).

    Penalised least squares on second differences (Whittaker 1923; Eilers 2003), weighted by the contrast.
    """
    rows = len(planes.heights)
    weight = np.clip(profile / max(float(np.percentile(profile, 90)), 1e-6), 0.0, 1.0)
    weight *= planes.heights < tip[:, None] - 0.5 * planes.voxel_axial_mm
    second = np.diff(np.eye(rows), 2, axis=0)
    penalty = (_SMOOTHING * pitch / planes.height_step) ** 4 * second.T @ second
    # A faint pull to the first radius keeps sheets without any weight solvable.
    system = penalty + np.einsum("mh,hk->mhk", weight + 1e-6, np.eye(rows))
    return np.asarray(np.linalg.solve(system, ((weight + 1e-6) * ridge)[..., None])[..., 0])


def _fit(planes: EndPlanes, profile: Floats, usable: NDArray[np.bool_], known: _Known, pitch: float) -> StepFit:
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
    between, above = 0.4 * np.abs(start[0, :2])
    return Prior(start, np.tile([between, above, 0.25 * above, np.inf, blur_sd], (len(start), 1)))


def _collect(
    planes: EndPlanes, found: tuple[Indices, Floats, NDArray[np.bool_]], candidates: _Candidates, fit: StepFit,
    known: _Known,
) -> AnodeEnds:  # fmt: skip
    sheet, path, free = found
    slope = np.gradient(path, planes.height_step, axis=1)
    arc = np.cumsum(np.sqrt(1 + slope**2), axis=1) * planes.height_step
    u = fit.u_position * correlation_inflation(fit.residual)
    rows = np.clip((fit.position - planes.heights[0]) / planes.height_step, 0, len(planes.heights) - 1)
    radius = path[np.arange(len(path)), rows.round().astype(int)]
    above = fit.position > known.level
    height, usual = (
        np.where(above, fit.plateau, fit.below) - fit.beyond,
        np.where(above, known.typical[1], known.typical[0]),
    )
    present = (height > _MIN_CONTRAST * usual) & np.isfinite(candidates.radius)
    inside = (fit.position > planes.heights[4]) & (fit.position < planes.heights[-4])
    hidden = np.asarray((~free & (planes.heights < candidates.level[:, None])).any(axis=1))
    readable = present & inside & (u < _MAX_U_VOXELS * planes.voxel_axial_mm) & _plateau_seen(planes, free, fit)
    return AnodeEnds(sheet, path, arc, fit.position, radius, u, candidates.seen, hidden, present, readable)


def _plateau_seen(planes: EndPlanes, free: NDArray[np.bool_], fit: StepFit) -> NDArray[np.bool_]:
    """Whether the sheet is in the clear just before its end, so that half of its contrast means something, (m,)."""
    before = fit.position[:, None] - planes.heights
    rows = (before > 0) & (before < _PLATEAU_VOXELS * planes.voxel_axial_mm)
    return np.asarray((free & rows).sum(axis=1) >= 0.8 * np.maximum(rows.sum(axis=1), 1))
