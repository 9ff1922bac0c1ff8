"""Anodes between the cathodes on segmented half-planes, followed out of the windings to their ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.overhang.means import known_mean
from batterycell.overhang.trace import cut_strips, sample_along
from batterycell.winding import EndPlanes

from .cathodes import MAX_SPREAD_VOXELS, LabelledCathodes, core, filled
from .falls import Falls, find_falls
from .paths import Paths, leaning_paths
from .planes import LabelPlanes
from .turns import Turns

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

_DEEP = 1.5  # pitches below the cathodes' ends: there even an anode that ends too early still stands
_DOUBT = 0.25  # probability of overhang that forbids to say that there is none
_ABOVE_VOXELS = (1.0, 4.0)  # the cathodes' ends: where an overhang must stand
_LOOK = 0.2  # of a pitch: how far aside it is looked for
_APART = 0.3  # of a pitch: tips closer than this are one
_SELDOM = 0.1  # of the outermost (innermost) anodes show: then there is none
_FEWEST = 0.05  # of the sheets of an end must show: else nobody labelled them


@dataclass(frozen=True)
class LabelledAnodes:
    """Sheets between the turns, m in all.

    Args:
        sheet: Which one stands on the (outer, inner) face of each of the n turns, shape (n, 2).
        paths: Their midlines.
        tips: Their ends.
        flag: "ok", or why there is none, shape (m,).
    """

    sheet: Indices
    paths: Paths
    tips: Falls
    flag: NDArray[Any]


@dataclass(frozen=True)
class _Gaps:
    """Where the m anodes should stand.

    Args:
        sheet: Which one lies on the (outer, inner) face of each of the n turns, shape (n, 2).
        angle: Index into the planes' angles, shape (m,).
        middle: Radius in mm between the cathodes, shape (m,).
        level: Outward height in mm at which these end, shape (m,).
        known: Whether one of them can be read, shape (m,).
        between: Whether both can be read: then the anode must be there, shape (m,).
    """

    sheet: Indices
    angle: Indices
    middle: Floats
    level: Floats
    known: Mask
    between: Mask

    @classmethod
    def of(cls, grid: EndPlanes, turns: Turns, cathodes: LabelledCathodes) -> _Gaps:
        rank = np.cumsum(np.diff(turns.angle, prepend=-1) != 0) - 1
        outer = np.arange(len(rank)) + rank
        sheet = np.column_stack([outer, outer + 1])
        angle = np.zeros(sheet.max() + 1, np.int64)
        angle[sheet] = turns.angle[:, None]
        radius, half = np.where(cathodes.readable, cathodes.radius, np.nan), turns.pitch_mm / 2
        height = np.where(cathodes.readable, cathodes.height, np.nan)
        middle, _ = known_mean(np.column_stack([radius + half, radius - half]), sheet, len(angle))
        level, number = known_mean(np.column_stack([height, height]), sheet, len(angle))
        middle = np.nan_to_num(middle, nan=float(grid.radii[0]))
        return cls(sheet, angle, middle, filled(level, float(grid.heights[turns.row])), number > 0, number == 2)


def find_labelled_anodes(planes: LabelPlanes, turns: Turns, cathodes: LabelledCathodes) -> LabelledAnodes:
    """Follow every anode from the cathodes' level, or from below it where the anode has its own class, to its end."""
    grid, pitch = planes.planes, turns.pitch_mm
    gaps = _Gaps.of(grid, turns, cathodes)
    image, depth = (planes.overhang, 0.0) if planes.anode is None else (planes.anode, _DEEP * pitch)
    start = gaps.level - depth
    paths, stands = leaning_paths(grid, image, gaps.angle, (gaps.middle, start, gaps.level), pitch)
    share = sample_along(core(image, grid, turns.width_mm), grid, gaps.angle, paths.at(grid.heights))
    tips = find_falls(grid.heights, share, np.searchsorted(grid.heights, start), grid.voxel_axial_mm)
    there = tips.present & stands & gaps.known
    read = there & _certain(grid, paths, tips) & _alone(paths, np.where(there, tips.height, np.nan), grid, pitch)
    flag = np.where(read, "ok", np.where(there, "anode-unclear", _absent(planes, gaps, there, pitch))).astype("U16")
    if read.mean() < _FEWEST:
        flag[:] = "anode-unclear"
    return LabelledAnodes(gaps.sheet, paths, tips, flag)


def _absent(planes: LabelPlanes, gaps: _Gaps, there: Mask, pitch: float) -> NDArray[Any]:
    """What is to be said of sheets that do not show, (m,).

    Where the anode has no class, one that must stand between two cathodes and does not rise above them is short, unless
    the model is in doubt about it. Outside and inside of all cathodes none stands where none ever shows.
    """
    if planes.anode is not None:
        return np.full(len(gaps.angle), "no-anode")
    short = gaps.between & (_most_overhang(planes, gaps, pitch) < _DOUBT)
    flag = np.where(short, "negative-unclear", "anode-unclear")
    for rim in (np.diff(gaps.angle, prepend=-1) != 0, np.diff(gaps.angle, append=-1) != 0):
        if there[rim].mean() < _SELDOM:
            flag[rim] = "no-anode"
    return flag


def _most_overhang(planes: LabelPlanes, gaps: _Gaps, pitch: float) -> Floats:
    """The most overhang just above the cathodes anywhere near the middle between them, (m,)."""
    grid = planes.planes
    strips = cut_strips(planes.overhang, grid, gaps.angle, gaps.middle, _LOOK * pitch)
    above = (grid.heights - gaps.level[:, None]) / grid.voxel_axial_mm
    rows = ((above > _ABOVE_VOXELS[0]) & (above < _ABOVE_VOXELS[1])).astype(np.float32)
    return np.asarray(np.einsum("mh,mhw->mw", rows, strips.values).max(axis=1) / np.maximum(rows.sum(axis=1), 1))


def _certain(grid: EndPlanes, paths: Paths, tips: Falls) -> Mask:
    """Which tips can be read: a whole fall that is not too wide, where the labels reach, (m,)."""
    height = np.nan_to_num(tips.height)
    row = np.searchsorted(grid.heights, height + grid.voxel_axial_mm / 2)
    column = np.round((paths.at(height[:, None])[:, 0] - grid.radii[0]) / grid.radius_step).astype(int)
    row, column = (np.clip(at, 0, n - 1) for at, n in zip((row, column), grid.known.shape[1:], strict=True))
    known = grid.known[paths.angle, row, column]
    return np.asarray(tips.clear & known & (tips.spread < MAX_SPREAD_VOXELS * grid.voxel_axial_mm))


def _alone(paths: Paths, height: Floats, grid: EndPlanes, pitch: float) -> Mask:
    """Which tips are nobody else's: sheets that touch are followed to the same one, (m,)."""
    radius = paths.at(height[:, None])[:, 0]
    near = (np.abs(np.diff(height)) < 2 * grid.voxel_axial_mm) & (np.abs(np.diff(radius)) < _APART * pitch)
    same = near & (np.diff(paths.angle) == 0)
    return np.asarray(~(np.append(same, False) | np.insert(same, 0, False)))
