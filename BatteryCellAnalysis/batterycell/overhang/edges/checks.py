"""Which anodes are there, which are short, and whose ends can be read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.overhang.trace import cut_strips
from batterycell.winding import EndPlanes

from .paths import Anodes
from .steps import StepFit, correlation_inflation

Floats = NDArray[np.float64]
Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

MIN_CONTRAST = 0.35  # of the typical contrast: less is no anode
_WHOLE_CONTRAST = 0.5  # ... and more is needed to read a single sheet's end
_BEYOND = 1 / 6  # of it may be left beyond an end
_MAX_U_VOXELS = 0.8
_STANDS_OUT = 3.0  # times the noise: less, and what was followed may be noise
_LEGIBLE = 4.5  # ... for sheets all around: paths through mere noise reach 3.5
_PLATEAU_VOXELS = 4.0  # before its end a sheet must stand clear this far
_GAP_DROP = 0.7  # of the typical contrast above the cathodes: what an anode's end takes away between them
_GOES_ON = 0.3  # of the typical contrast: beyond ends that are read a tenth is left
_GOES_ON_VOXELS = (1.5, 3.5)  # beyond an end: where no sheet may stand
_SHORT_VOXELS = (1.5, 4.5)  # above the cathodes' ends: where a sheet must stand that is not short
# In pitches.
_LOOK = 0.3  # how far to either side a sheet may have leant just above the cathodes
_TOUCHING = 0.6  # nearer to the next sheet, half of a contrast may be the other's
_ASIDE = 0.5  # no sheet has left its place so far just above the cathodes


@dataclass(frozen=True)
class Usual:
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


@dataclass(frozen=True)
class Traced:
    """Anode sheets and what was read along them.

    Args:
        planes: Half-planes.
        anodes: The m sheets.
        ridge: Radius of their ridges in mm, shape (m, h).
        path: Radius of their smooth middles in mm, shape (m, h).
        contrast: Contrast of every place against its two sides, shape (a, h, r).
        usable: Rows where the sheets' contrast means something, shape (m, h).
        fit: Their fitted ends.
    """

    planes: EndPlanes
    anodes: Anodes
    ridge: Floats
    path: Floats
    contrast: Image
    usable: Mask
    fit: StepFit


def find_present(anodes: Anodes, fit: StepFit, usual: Usual) -> Mask:
    """Before whose ends contrast stands, (m,)."""
    contrast = np.where(fit.position > anodes.level, fit.plateau, fit.below) - fit.beyond
    return np.asarray((contrast > MIN_CONTRAST * usual.above) & np.isfinite(anodes.radius))


def find_hidden(planes: EndPlanes, clear: Mask, anodes: Anodes, pitch: float) -> Mask:
    """Which sheets may be there though they do not show in the windings, (m,): beside metal, or where few show."""
    beside_metal = _near(planes, ~clear, anodes, pitch).max(axis=2) > 0.01
    masked = (beside_metal & (planes.heights < anodes.level[:, None])).any(axis=1)
    return np.asarray(~anodes.seen & (masked | (anodes.seen.mean() < 0.5)))


def is_legible(fit: StepFit, present: Mask) -> bool:
    """Whether the anodes all around stand out from noise and artefacts, so that their ends mean something."""
    return bool(present.any() and np.median(_contrast_to_noise(fit)[present]) > _LEGIBLE)


def _contrast_to_noise(fit: StepFit) -> Floats:
    """Contrast before an end over the standard deviation of what the fit leaves, correlations counted in, (m,)."""
    counted = np.maximum((fit.residual != 0).sum(axis=1), 1)
    noise = np.sqrt((fit.residual**2).sum(axis=1) / counted) * correlation_inflation(fit.residual)
    return np.asarray((fit.plateau - fit.beyond) / np.maximum(noise, 1e-9))


def find_readable(traced: Traced, usual: Usual, pitch: float) -> Mask:
    """Whose ends can be read, (m,): certain, a single sheet's, and their own."""
    present = find_present(traced.anodes, traced.fit, usual)
    tip = np.where(present, traced.fit.position, -np.inf)
    own = ~_elsewhere(traced.planes, traced.anodes, traced.ridge, pitch)
    apart = ~_touching(traced.planes, traced.anodes, traced.path, tip, pitch)
    own &= ~_continued(traced, usual, pitch)
    certain = _certain(traced.planes, traced.usable, traced.fit) & (_contrast_to_noise(traced.fit) > _STANDS_OUT)
    return np.asarray(present & certain & _alone(traced.anodes, traced.fit, usual) & own & apart)


def find_short(planes: EndPlanes, images: tuple[Image, Mask], anodes: Anodes, usual: Usual, pitch: float) -> Mask:
    """Which sheets must be there but do not stand above the cathodes, wherever near their place one looks, (m,).

    Args:
        planes: Half-planes.
        images: Contrast of every place, and where it means something, shape (a, h, r) each.
        anodes: The sheets.
        usual: Contrast to be expected.
        pitch: Radial distance from turn to turn in mm.
    """
    near, clear = (_near(planes, image, anodes, pitch) for image in images)
    above = (planes.heights - anodes.level[:, None]) / planes.voxel_axial_mm
    rows = ((above > _SHORT_VOXELS[0]) & (above < _SHORT_VOXELS[1])).astype(np.float32)
    contrast = np.einsum("mh,mhw->mw", rows, near).max(axis=1) / np.maximum(rows.sum(axis=1), 1)
    whole = ((clear.min(axis=2) > 0.99) | (rows == 0)).all(axis=1)
    return np.asarray((anodes.seen | anodes.between) & whole & (contrast < MIN_CONTRAST * usual.above))


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
    return np.asarray(inside & whole & (u_height < _MAX_U_VOXELS * _detail(planes, fit)))


def _detail(planes: EndPlanes, fit: StepFit) -> float:
    """Size in mm of what is told apart along the axis: a voxel, or the blur where voxels are much smaller."""
    return max(planes.voxel_axial_mm, float(np.median(fit.blur)))


def _alone(anodes: Anodes, fit: StepFit, usual: Usual) -> Mask:
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


def _continued(traced: Traced, usual: Usual, pitch: float) -> Mask:
    """Which sheets seem to end above the cathodes though one goes on beside the path, (m,): the path has left it."""
    planes, tip = traced.planes, traced.fit.position
    row = np.clip(np.searchsorted(planes.heights, tip), 0, len(planes.heights) - 1)
    radius = traced.path[np.arange(len(tip)), row]
    beyond = (planes.heights - tip[:, None]) / _detail(planes, traced.fit)
    rows = ((beyond > _GOES_ON_VOXELS[0]) & (beyond < _GOES_ON_VOXELS[1])).astype(np.float32)
    strips = cut_strips(traced.contrast, planes, traced.anodes.angle, radius, _LOOK * pitch).values
    mean = np.einsum("mh,mhw->mw", rows, strips) / np.maximum(rows.sum(axis=1), 1)[:, None]
    return np.asarray((mean.max(axis=1) > _GOES_ON * usual.above) & (tip > traced.anodes.level))


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
