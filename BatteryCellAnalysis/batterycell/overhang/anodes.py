"""Anode ends: where an anode's contrast against its two sides has fallen to half."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, ndimage

from batterycell.winding import EndPlanes, Sheets

from .anode_paths import Anodes, centre_anodes, follow_anodes, unite_faces, without_cathodes
from .cathodes import CathodeEnds, correlation_inflation
from .steps import Prior, StepFit, cut_windows, fit_steps
from .trace import FENCE, contrast_image, cut_strips, near_metal, sample_along

Floats = NDArray[np.float64]
Image = NDArray[np.float32]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

_MIN_CONTRAST = 0.35  # of the typical contrast: less is no anode
_WHOLE_CONTRAST = 0.5  # ... and more is needed to read a single sheet's end
_BEYOND = 1 / 6  # of it may be left beyond an end
_BEYOND_VOXELS = 3.0  # what lies farther beyond an end (separators' ends, insulators) is not its business ...
_BEYOND_PITCHES = 0.5  # ... but voxels may be much smaller than the blur
_MAX_U_VOXELS = 0.8
_PLATEAU_VOXELS = 4.0  # before its end a sheet must stand clear this far
_GAP_DROP = 0.7  # of the typical contrast above the cathodes: what an anode's end takes away between them
_GAP_VOXELS = 2.0  # a gap this long ends a sheet
_LOOK = 0.3  # of a pitch: how far to either side a sheet may have leant just above the cathodes
_SHORT_VOXELS = (1.5, 4.5)  # above the cathodes' ends: where a sheet must stand that is not short
_SMOOTHING = 0.35  # of a pitch: bends shorter than this are noise
_SOFT = 0.1  # of a pitch
_CENTRINGS = 2
_FLAT = 0.15  # ...: farther from its ridge a sheet's middle is not
_TOUCHING = 0.6  # ...: nearer to the next sheet, half of a contrast may be the other's
_ASIDE = 0.5  # ...: no sheet has left its place so far just above the cathodes
_ORDER = 3  # of the differences that smoothing keeps small: a tip that curls evenly (a parabola) is left as it is


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


@dataclass(frozen=True)
class _Usual:
    """Contrast to be expected along sheets.

    Args:
        between: Of each sheet between the cathodes, shape (m,).
        above: Typical one above them.
    """

    between: Floats
    above: float

    @property
    def gap(self) -> Floats:
        """Between two cathodes beyond a sheet's end, where their flanks are brighter than what fills the gap, (m,)."""
        return self.between - _GAP_DROP * self.above


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
    path = _centred_paths(planes, fenced, anodes, (ridge, profile, tip), sheets.pitch_mm)
    usable = _usable(planes, clear, anodes, path)
    profile = sample_along(contrast, planes, anodes.angle, path)
    fit = _fit(planes, profile, _one_floor(planes, usable, anodes, tip), (anodes.level, tip, usual), sheets.pitch_mm)
    hidden, present = _presence(planes, clear, anodes, fit, usual, sheets.pitch_mm)
    readable = present & _certain(planes, usable, fit) & _alone(anodes, fit, usual)
    readable &= ~_elsewhere(planes, anodes, ridge, sheets.pitch_mm)
    readable &= ~_touching(planes, anodes, path, np.where(present, fit.position, -np.inf), sheets.pitch_mm)
    near = [_near(planes, image, anodes, sheets.pitch_mm) for image in (contrast, clear)]
    short = _short(planes, near[0], near[1], anodes, _MIN_CONTRAST * usual.above)
    return AnodeEnds(sheet, path, *_geometry(planes, path, fit), anodes.seen, hidden, present, readable, short)


def _usable(planes: EndPlanes, clear: Mask, anodes: Anodes, path: Floats) -> Mask:
    """Rows where a sheet's contrast means something: clear of metal, and above the cathodes if it shows only there."""
    shows = anodes.seen[:, None] | (planes.heights > anodes.level[:, None])
    return np.asarray(shows & _along(planes, clear, anodes, path))


def _along(planes: EndPlanes, mask: Mask, anodes: Anodes, path: Floats) -> Mask:
    return sample_along(mask.astype(np.float32), planes, anodes.angle, path) > 0.99


def _usual_contrast(planes: EndPlanes, profile: Floats, anodes: Anodes, pitch: float) -> _Usual:
    """The contrast of each anode deep between the cathodes, and the typical one above them."""
    above = planes.heights - anodes.level[:, None]
    smooth = ndimage.uniform_filter1d(profile, 3, axis=1)
    free = np.where((above > 0) & (above < 3 * pitch), smooth, -np.inf).max(axis=1)
    typical = float(np.median(free[anodes.seen] if anodes.seen.any() else free))
    deep = (above < -1.5 * pitch) & (above > -4 * pitch) & planes.known[anodes.angle].any(axis=2)
    between = (profile * deep).sum(axis=1) / np.maximum(deep.sum(axis=1), 1)
    return _Usual(np.where(anodes.seen, between, 0.5 * typical), typical)


def _scan_tips(planes: EndPlanes, profile: Floats, usable: Mask, level: Floats, usual: _Usual) -> Floats:
    """Outward height at which the usual contrast, cut off there, fits each profile best, shape (m,).

    A gap above the cathodes ends a sheet: what the path finds beyond it (a tab, a neighbour) is another thing.
    """
    above = planes.heights >= level[:, None]
    sheet = np.where(above, usual.above, usual.between[:, None])
    nothing = np.where(above, 0.0, usual.gap[:, None])
    gain = np.cumsum(np.where(usable, (profile - nothing) ** 2 - (profile - sheet) ** 2, 0.0), axis=1)
    low = usable & above & (ndimage.uniform_filter1d(profile, 3, axis=1) < _MIN_CONTRAST * usual.above)
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


def _centred_paths(
    planes: EndPlanes, contrast: Image, anodes: Anodes, found: tuple[Floats, Floats, Floats], pitch: float
) -> Floats:
    """Smooth paths along the middles of sheets, shape (m, h); found: ridges, contrast along them, rough ends.

    A sheet is broad and its ridge flat: the cheapest path lags behind where the sheet bends. The middle is where the
    contrast, blurred over half of the sheet, is largest: the vertex of a parabola through three places.
    """
    ridge, profile, tip = found
    soft = ndimage.gaussian_filter1d(np.where(contrast == FENCE, 0, contrast), _SOFT * pitch / planes.radius_step)
    path, aside = _smooth_paths(planes, ridge, profile, tip, pitch), _SOFT * pitch
    for _ in range(_CENTRINGS):
        left, middle, right = (sample_along(soft, planes, anodes.angle, path + s * aside) for s in (-1, 0, 1))
        bend = np.minimum(left - 2 * middle + right, -1e-6)
        offset = np.clip(0.5 * aside * (left - right) / bend, -aside, aside)
        middles = np.clip(path + offset, ridge - _FLAT * pitch, ridge + _FLAT * pitch)
        path = _smooth_paths(planes, middles, profile, tip, pitch)
    return path


def _smooth_paths(planes: EndPlanes, ridge: Floats, profile: Floats, tip: Floats, pitch: float) -> Floats:
    """Ridges smoothed below their tip and continued straight beyond it, shape (m, h).

    Penalised least squares on second differences (Whittaker 1923; Eilers 2003), weighted by the contrast.
    """
    weight = np.clip(profile / max(float(np.percentile(profile, 90)), 1e-6), 0.0, 1.0)
    weight *= planes.heights < tip[:, None] - 0.5 * planes.voxel_axial_mm
    stiffness = (_SMOOTHING * pitch / planes.height_step) ** (2 * _ORDER)
    weight += 1e-9 * stiffness  # a faint pull to the ridge keeps sheets without any weight solvable
    bands = stiffness * _bending_bands(len(planes.heights), _ORDER)
    own = np.zeros_like(bands)
    path = np.empty_like(ridge)
    for n, (share, line) in enumerate(zip(weight, ridge, strict=True)):
        own[-1] = share
        path[n] = linalg.solveh_banded(bands + own, share * line)
    return path


def _bending_bands(count: int, order: int) -> Floats:
    """Upper bands, as `scipy.linalg.solveh_banded` takes them, of DᵀD of differences D; shape (order + 1, count)."""
    difference = np.diff(np.eye(count), order, axis=0)
    product = difference.T @ difference
    return np.stack([np.pad(np.diagonal(product, k), (k, 0)) for k in range(order, -1, -1)])


def _fit(
    planes: EndPlanes, profile: Floats, usable: Mask, known: tuple[Floats, Floats, _Usual], pitch: float
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


def _presence(
    planes: EndPlanes, clear: Mask, anodes: Anodes, fit: StepFit, usual: _Usual, pitch: float
) -> tuple[Mask, Mask]:
    """Which sheets may be hidden, and which are present, (m,) each."""
    above = fit.position > anodes.level
    contrast = np.where(above, fit.plateau, fit.below) - fit.beyond
    present = (contrast > _MIN_CONTRAST * usual.above) & np.isfinite(anodes.radius)
    beside_metal = _near(planes, ~clear, anodes, pitch).max(axis=2) > 0.01
    masked = (beside_metal & (planes.heights < anodes.level[:, None])).any(axis=1)
    return np.asarray(~anodes.seen & (masked | (anodes.seen.mean() < 0.5))), np.asarray(present)


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


def _alone(anodes: Anodes, fit: StepFit, usual: _Usual) -> Mask:
    """Which sheets end above the cathodes with a sheet's contrast and with nothing beyond, or end below, (m,).

    Where two sheets lie on each other, or another begins where one ends, half of a contrast is nobody's end.
    """
    whole = fit.plateau > _WHOLE_CONTRAST * usual.above
    return np.asarray((fit.position < anodes.level) | (whole & (fit.beyond < _BEYOND * usual.above)))


def _elsewhere(planes: EndPlanes, anodes: Anodes, ridge: Floats, pitch: float) -> Mask:
    """Which paths have gone over to another sheet, (m,): one that ends early leads to what stands nearby."""
    row = np.searchsorted(planes.heights, anodes.level + 0.4 * pitch)
    above = ridge[np.arange(len(ridge)), np.minimum(row, ridge.shape[1] - 1)]
    return np.asarray(np.abs(above - anodes.radius) > _ASIDE * pitch)


def _touching(planes: EndPlanes, anodes: Anodes, path: Floats, tip: Floats, pitch: float) -> Mask:
    """Which sheets end beside another one that stands as high, and too near to it to tell their ends apart, (m,)."""
    voxel, last = planes.voxel_axial_mm, len(planes.heights) - 1
    row = np.clip(np.searchsorted(planes.heights, tip - voxel), 0, last)
    touching = np.zeros(len(path), bool)
    for a in np.unique(anodes.angle):
        here = np.flatnonzero(anodes.angle == a)
        apart = np.abs(path[np.ix_(here, row[here])] - path[here, row[here]])
        near = (apart < _TOUCHING * pitch) & (tip[here, None] > tip[here] - voxel)
        np.fill_diagonal(near, False)
        touching[here] = near.any(axis=0) & (tip[here] > anodes.level[here])
    return touching


def _near(planes: EndPlanes, image: Image | Mask, anodes: Anodes, pitch: float) -> NDArray[np.float32]:
    """An image (a, h, r) to either side of where the anodes stand in the windings, shape (m, h, w)."""
    radius = np.nan_to_num(anodes.radius)
    return cut_strips(image.astype(np.float32), planes, anodes.angle, radius, _LOOK * pitch).values


def _short(planes: EndPlanes, near: Image, clear: Image, anodes: Anodes, least: float) -> Mask:
    """Which sheets must be there but do not stand above the cathodes, wherever near their place one looks, (m,).

    Args:
        planes: Half-planes.
        near: Contrast near the sheets, shape (m, h, w).
        clear: 1 where it means something, same shape.
        anodes: The sheets.
        least: Contrast that counts as a sheet.
    """
    above = (planes.heights - anodes.level[:, None]) / planes.voxel_axial_mm
    rows = ((above > _SHORT_VOXELS[0]) & (above < _SHORT_VOXELS[1])).astype(np.float32)
    contrast = np.einsum("mh,mhw->mw", rows, near).max(axis=1) / np.maximum(rows.sum(axis=1), 1)
    whole = ((clear.min(axis=2) > 0.99) | (rows == 0)).all(axis=1)
    return np.asarray((anodes.seen | anodes.between) & whole & (contrast < least))
