"""Overhang on segmented half-planes: what a person painted or a network saw, measured like the cell itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.orient import Cell
from batterycell.winding import EndPlanes, Windings

from .labelled_ends import Falls, find_falls
from .labelled_paths import Paths, leaning_paths, straight_paths
from .labelled_planes import LabelPlanes
from .labelled_turns import Turns, find_turns
from .rows import EndRows
from .trace import cut_strips, sample_along

Floats = NDArray[np.float64]
Image = NDArray[np.float32]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

_CORE = 0.33  # of a sheet's thickness: its corners are rounded by blur and brush
_DEEP = 1.5  # pitches below the cathodes' ends: there even an anode that ends too early still stands
_MAX_SPREAD_VOXELS = 1.5
_DOUBT = 0.25  # probability of overhang that forbids to say that there is none
_ABOVE_VOXELS = (1.0, 4.0)  # the cathodes' ends: where an overhang must stand
_LOOK = 0.2  # of a pitch: how far aside it is looked for
_APART = 0.3  # of a pitch: tips closer than this are one
_FEWEST = 0.05  # of the faces of an end must show an overhang: else nobody labelled it
# Standard uncertainty of one end: a label says to half a voxel where it lies, a model to the spread of its probability.
# Calibrated on generated cells (random_cell, seeds 100 to 103) with true, and with blurred and noisy labels.
_QUANTUM = 0.29
_SPREAD = 0.6


@dataclass(frozen=True)
class _Cathodes:
    """Ends of the n turns: outward height, its spread and radius in mm, and whether it can be read, shape (n,) each."""

    height: Floats
    spread: Floats
    radius: Floats
    readable: Mask


@dataclass(frozen=True)
class _Anodes:
    """Sheets between the turns, m in all.

    Args:
        sheet: Which one stands on the (outer, inner) face of each turn, shape (n, 2).
        paths: Their midlines.
        tips: Their ends.
        flag: "ok", or why there is none, shape (m,).
    """

    sheet: Indices
    paths: Paths
    tips: Falls
    flag: NDArray[Any]


def measure_label_planes(planes: LabelPlanes, cell: Cell, windings: Windings | None) -> EndRows:
    """Read the ends of every cathode turn and of the anodes on its faces.

    Args:
        planes: Half-planes around one end.
        cell: Where the cell stands.
        windings: Number the turns as these do; None counts them.

    Raises:
        InputError: if no cathode shows.
    """
    turns = find_turns(planes, cell, windings)
    cathodes = _find_cathodes(planes, turns)
    return _rows(planes.planes, turns, cathodes, _find_anodes(planes, turns, cathodes))


def _find_cathodes(planes: LabelPlanes, turns: Turns) -> _Cathodes:
    grid, bar = planes.planes, _bar(planes.cathode, planes.planes, turns.width_mm)
    radius = np.nan_to_num(turns.radius, nan=float(grid.radii[0]))
    start = np.full(len(radius), turns.row)
    line = np.repeat(radius[:, None], len(grid.heights), axis=1)
    rough = find_falls(grid.heights, sample_along(bar, grid, turns.angle, line), start, grid.voxel_axial_mm).height
    place = radius, np.where(np.isfinite(rough), rough, np.nanmedian(rough))
    paths = straight_paths(grid, planes.cathode, turns.angle, place, turns.pitch_mm)
    share = sample_along(bar, grid, turns.angle, paths.at(grid.heights))
    falls = find_falls(grid.heights, share, start, grid.voxel_axial_mm)
    readable = np.isfinite(turns.radius) & falls.clear & (falls.spread < _MAX_SPREAD_VOXELS * grid.voxel_axial_mm)
    return _Cathodes(falls.height, falls.spread, paths.at(falls.height[:, None])[:, 0], readable)


def _bar(image: Image, planes: EndPlanes, width_mm: float) -> Image:
    """An image averaged over the core of a sheet."""
    size = max(1, round(_CORE * width_mm / planes.radius_step))
    return np.asarray(ndimage.uniform_filter1d(image, size, axis=2), np.float32)


def _find_anodes(planes: LabelPlanes, turns: Turns, cathodes: _Cathodes) -> _Anodes:
    grid, pitch = planes.planes, turns.pitch_mm
    sheet, angle = _gaps(turns)
    height, radius = (np.where(cathodes.readable, part, np.nan) for part in (cathodes.height, cathodes.radius))
    level = _face_mean(height, sheet, len(angle))
    between = _face_mean(height * 0, sheet, len(angle), least=2) == 0
    middle = _face_mean(np.column_stack([radius + pitch / 2, radius - pitch / 2]), sheet, len(angle))
    known = np.isfinite(level)
    level = np.where(known, level, np.nanmedian(level))
    middle = np.nan_to_num(middle, nan=float(grid.radii[0]))
    image = planes.overhang if planes.anode is None else planes.anode
    start = level if planes.anode is None else level - _DEEP * pitch
    paths, stands = leaning_paths(grid, image, angle, (middle, start, level), pitch)
    bar = _bar(image, grid, turns.width_mm)
    share = sample_along(bar, grid, angle, paths.at(grid.heights))
    tips = find_falls(grid.heights, share, np.searchsorted(grid.heights, start), grid.voxel_axial_mm)
    absent = _absent(planes, (angle, middle, level), between, pitch)
    flag = np.where(tips.present & stands & known, "ok", absent).astype("U16")
    flag[(flag == "ok") & ~(_certain(grid, paths, tips) & _alone(paths, tips, flag, pitch, grid.voxel_axial_mm))] = (
        "anode-unclear"
    )
    if (flag == "ok").mean() < _FEWEST:
        flag[:] = "anode-unclear"
    return _Anodes(sheet, paths, tips, flag)


def _gaps(turns: Turns) -> tuple[Indices, Indices]:
    """The anodes' gaps: which lies on the (outer, inner) face of each turn (n, 2), and each one's angle index (m,)."""
    rank = np.cumsum(np.diff(turns.angle, prepend=-1) != 0) - 1
    outer = np.arange(len(rank)) + rank
    sheet = np.column_stack([outer, outer + 1])
    angle = np.zeros(sheet.max() + 1, np.int64)
    angle[sheet] = turns.angle[:, None]
    return sheet, angle


def _face_mean(values: Floats, sheet: Indices, count: int, least: int = 1) -> Floats:
    """Mean over the cathodes beside each sheet of values (n,) or, by face, (n, 2); NaN where fewer than least know."""
    both = np.broadcast_to(values[:, None] if values.ndim == 1 else values, sheet.shape)
    known = np.isfinite(both)
    total = np.bincount(sheet[known], both[known], count)
    number = np.bincount(sheet[known], minlength=count)
    return np.asarray(np.where(number >= least, total / np.maximum(number, 1), np.nan))


def _absent(planes: LabelPlanes, place: tuple[Indices, Floats, Floats], between: Mask, pitch: float) -> NDArray[Any]:
    """What is to be said of sheets that do not show, (m,).

    Where the anode has no class, one that must stand between two cathodes and does not rise above them is short, unless
    the model is in doubt about it.
    """
    if planes.anode is not None:
        return np.full(len(between), "no-anode", "U16")
    grid, (angle, radius, level) = planes.planes, place
    strips = cut_strips(planes.overhang, grid, angle, radius, _LOOK * pitch)
    above = (grid.heights - level[:, None]) / grid.voxel_axial_mm
    rows = ((above > _ABOVE_VOXELS[0]) & (above < _ABOVE_VOXELS[1])).astype(np.float32)
    most = np.einsum("mh,mhw->mw", rows, strips.values).max(axis=1) / np.maximum(rows.sum(axis=1), 1)
    return np.where(~between, "no-anode", np.where(most < _DOUBT, "negative-unclear", "anode-unclear"))


def _certain(grid: EndPlanes, paths: Paths, tips: Falls) -> Mask:
    """Which tips can be read: a whole fall that is not too wide, where the labels reach, (m,)."""
    row = np.clip(np.searchsorted(grid.heights, np.nan_to_num(tips.height) + grid.voxel_axial_mm / 2), 0,
                  len(grid.heights) - 1)  # fmt: skip
    radius = np.nan_to_num(paths.at(tips.height[:, None])[:, 0])
    column = np.clip(np.round((radius - grid.radii[0]) / grid.radius_step).astype(int), 0, len(grid.radii) - 1)
    known = grid.known[paths.angle, row, column]
    return np.asarray(tips.clear & known & (tips.spread < _MAX_SPREAD_VOXELS * grid.voxel_axial_mm))


def _alone(paths: Paths, tips: Falls, flag: NDArray[Any], pitch: float, voxel: float) -> Mask:
    """Which tips are nobody else's: sheets that touch are followed to the same one, (m,)."""
    radius, height = paths.at(tips.height[:, None])[:, 0], np.where(flag == "ok", tips.height, np.nan)
    next_to = (paths.angle[1:] == paths.angle[:-1]) & (np.abs(np.diff(height)) < 2 * voxel)
    same = next_to & (np.abs(np.diff(radius)) < _APART * pitch)
    return np.asarray(~(np.append(same, False) | np.insert(same, 0, False)))


def _rows(grid: EndPlanes, turns: Turns, cathodes: _Cathodes, anodes: _Anodes) -> EndRows:
    which = anodes.sheet.ravel()
    paths, tip = anodes.paths.chosen(which), anodes.tips.height[which]
    level = np.repeat(cathodes.height, 2)
    arc, axial = paths.length(level, tip), tip - level
    stretch = np.where(np.abs(axial) > 1e-6, arc / axial, 1.0)
    voxel = grid.voxel_axial_mm
    ends = [np.hypot(_QUANTUM * voxel, _SPREAD * s) for s in (np.repeat(cathodes.spread, 2), anodes.tips.spread[which])]
    flag = np.where((anodes.flag[which] == "ok") & (arc < 0), "negative", anodes.flag[which]).astype("U16")
    flag[~np.repeat(cathodes.readable, 2)] = "cathode-unclear"
    radius = paths.at(tip[:, None])[:, 0]
    parts = (arc, axial, np.hypot(*ends) * stretch, paths.lean_deg(level, tip), flag, radius, tip)
    arc, axial, u, lean, flag, radius, tip = (part.reshape(-1, 2) for part in parts)
    return EndRows(grid.end, grid.angles[turns.angle], turns.winding, (arc, axial, u), lean, flag,
                   (cathodes.radius, cathodes.height), (radius, tip))  # fmt: skip
