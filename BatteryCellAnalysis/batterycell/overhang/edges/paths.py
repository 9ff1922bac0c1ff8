"""Follow every anode out of the windings."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from batterycell.overhang.means import known_mean
from batterycell.overhang.trace import FENCE, cut_strips, fence, follow_ridges
from batterycell.winding import EndPlanes, Sheets

from .cathodes import CathodeEnds

Floats = NDArray[np.float64]
Image = NDArray[np.float32]
Indices = NDArray[np.int64]

# In pitches, unless said otherwise.
_SAME = 0.15  # anodes of two neighbouring cathodes closer than this are one sheet
_DEEP = 1.5  # how far below the cathodes' ends even anodes that end too early still stand
_START = 0.4  # how far below them a path begins to bend: deeper the cathodes hold it straight
_SHOWS = 0.3  # of the usual contrast in the windings
_CATHODE = 0.2  # half of the thinnest cathode
_CLEAR = 0.3  # sheets above the cathodes keep at least this far apart


@dataclass(frozen=True)
class Anodes:
    """Anode sheets in the windings below one end, m in all.

    Args:
        angle: Index into the planes' angles, shape (m,).
        radius: Radius in mm where the sheet stands between the cathodes, shape (m,); NaN where a cathode is missing.
        level: Outward height in mm at which the neighbouring cathodes end, shape (m,).
        seen: Whether the sheet shows in the windings, shape (m,).
        between: Whether it has a cathode on either side, so that it must be there, shape (m,).
    """

    angle: Indices
    radius: Floats
    level: Floats
    seen: NDArray[np.bool_]
    between: NDArray[np.bool_]

    def chosen(self, which: Indices) -> Anodes:
        """Some of the sheets."""
        level, seen, between = self.level[which], self.seen[which], self.between[which]
        return Anodes(self.angle[which], self.radius[which], level, seen, between)


def unite_faces(sheets: Sheets, cathodes: CathodeEnds) -> tuple[Indices, Anodes]:
    """The anodes on both faces of all cathodes as sheets: neighbouring turns share the one between them.

    Returns:
        Which sheet stands on the (outer, inner) face of each of the n turns, shape (n, 2), and the m sheets.
    """
    n = len(sheets.angle)
    sheet = np.arange(2 * n).reshape(n, 2)
    follows = np.flatnonzero(sheets.angle[1:] == sheets.angle[:-1])
    apart = np.abs(sheets.anode_mm[follows, 1] - sheets.anode_mm[follows + 1, 0])
    same = follows[apart < _SAME * sheets.pitch_mm]
    sheet[same + 1, 0] = sheet[same, 1]
    kept, sheet = np.unique(sheet, return_inverse=True)
    sheet = sheet.reshape(n, 2)
    return sheet, _anodes(sheets, cathodes, sheet.ravel(), len(kept))


def _anodes(sheets: Sheets, cathodes: CathodeEnds, which: Indices, count: int) -> Anodes:
    turn = np.repeat(np.arange(len(which) // 2), 2)
    angle = np.zeros(count, np.int64)
    angle[which] = sheets.angle[turn]
    seen = np.zeros(count, bool)
    np.logical_or.at(seen, which, sheets.anode_seen.ravel())
    level, _ = known_mean(np.where(cathodes.readable, cathodes.height, np.nan)[turn], which, count)
    level = np.where(np.isfinite(level), level, np.nanmedian(level))
    radius, faces = known_mean(sheets.anode_mm.ravel(), which, count)
    return Anodes(angle, radius, level, seen, faces == 2)


def without_cathodes(planes: EndPlanes, sheets: Sheets, cathodes: CathodeEnds, contrast: Image) -> Image:
    """The contrast image with the cathodes, whose flanks could pass for an anode, fenced off."""
    there = np.flatnonzero(cathodes.readable)
    path = np.where(planes.heights < cathodes.height[there, None], cathodes.radius[there, None], np.nan)
    return fence(planes, contrast, sheets.angle[there], path, _CATHODE * sheets.pitch_mm)


def follow_anodes(planes: EndPlanes, contrast: Image, anodes: Anodes, pitch: float) -> Floats:
    """Radius of each anode's ridge at every row, shape (m, h).

    Sheets that show in the windings are followed first. Those that do not (beside the can's wall), and those that
    strayed onto a neighbour because they end early, are followed again and must keep clear of the others.

    Args:
        planes: Half-planes around one end.
        contrast: Contrast of every place against its two sides, without cathodes, shape (a, h, r).
        anodes: The sheets.
        pitch: Radial distance from turn to turn in mm.
    """
    scale = max(float(np.percentile(np.abs(contrast[contrast != FENCE]), 98)), 1e-6)
    ridge = _follow(planes, contrast, anodes, pitch, scale)
    owner = anodes.seen & ~_strayed(planes, anodes, ridge, pitch)
    again = np.flatnonzero(~owner & np.isfinite(anodes.radius))
    if len(again):
        fenced = fence(planes, contrast, anodes.angle[owner], ridge[owner], _CLEAR * pitch)
        ridge[again] = _follow(planes, fenced, anodes.chosen(again), pitch, scale)
    return ridge


def centre_anodes(planes: EndPlanes, contrast: Image, anodes: Anodes, pitch: float) -> Anodes:
    """The sheets with their radius just below the cathodes' ends, where they show there.

    A sheet that the radial profile did not show counts as seen when the contrast along it does.
    """
    strips = cut_strips(contrast, planes, anodes.angle, np.nan_to_num(anodes.radius), 0.2 * pitch)
    below = (anodes.level[:, None] - planes.heights) / pitch
    rows = ((below > _DEEP) & (below < _DEEP + 2.5)).astype(np.float32)
    values = np.where(strips.values == FENCE, 0, strips.values)
    mean = np.einsum("mh,mhw->mw", rows, values) / np.maximum(rows.sum(axis=1), 1)[:, None]
    best, at = mean.max(axis=1), mean.argmax(axis=1)
    clear = np.isfinite(anodes.radius) & (at > 0) & (at < len(strips.offsets) - 1)
    usual = np.median(best[anodes.seen]) if anodes.seen.any() else np.inf
    seen = anodes.seen | (clear & (best > _SHOWS * usual))
    return replace(anodes, radius=anodes.radius + np.where(seen, strips.offsets[at], 0.0), seen=seen)


def _follow(planes: EndPlanes, contrast: Image, anodes: Anodes, pitch: float, scale: float) -> Floats:
    """Ridges of sheets; those that do not show in the windings begin more freely."""
    radius = np.nan_to_num(anodes.radius, nan=float(planes.radii[0]))
    first = np.searchsorted(planes.heights, anodes.level - _START * pitch)
    width = np.where(anodes.seen, 0.5 * _SAME, 1.5 * _SAME) * pitch
    strips = cut_strips(contrast, planes, anodes.angle, radius, 1.1 * pitch)
    return np.asarray(radius[:, None] + follow_ridges(strips, first, width, scale))


def _strayed(planes: EndPlanes, anodes: Anodes, ridge: Floats, pitch: float) -> NDArray[np.bool_]:
    """Which sheets run on a neighbour's ridge just above the cathodes, though they began farther from it, (m,)."""
    rows = np.searchsorted(planes.heights, anodes.level + 0.4 * pitch)
    above = ridge[np.arange(len(ridge)), np.minimum(rows, ridge.shape[1] - 1)]
    drift = np.abs(above - anodes.radius)
    strayed = np.zeros(len(ridge), bool)
    for a in np.unique(anodes.angle):
        here = np.flatnonzero((anodes.angle == a) & anodes.seen)
        same = np.abs(above[here, None] - above[here]) < _CLEAR * pitch
        strayed[here] = (same & (drift[here, None] > drift[here])).any(axis=1)
    return strayed
