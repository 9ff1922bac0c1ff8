"""The ends of all sheets on one side of a stack, and the overhang between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.overhang.columns import READABLE_FLAGS
from batterycell.overhang.edges import AnodeEnds, CathodeEnds, find_anode_ends, find_cathode_ends
from batterycell.progress import Progress
from batterycell.volume import Volume
from batterycell.winding import EndPlanes

from .edge_lines import judge_ends
from .find import Pouch
from .outline import Side
from .planes import find_side_sheets, lift_at, sample_side, side_frame

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# What the fits cannot know, calibrated on generated stacks (random_pouch, seeds 100 to 121) and tested on others.
_NOISE_FACTOR = 1.15
_MODEL_VOXELS = 0.08
_AROUND_VOXELS = 3.0  # on either side of an end must lie in the volume
_MOST_U_VOXELS = 0.8  # standard uncertainty: more is no end


@dataclass(frozen=True)
class SheetEnds:
    """Ends of one kind of sheet; p positions along the side, n sheets from the base up.

    Args:
        outward: Distance outward in mm, shape (p, n); NaN where the end cannot be read.
        u: Standard uncertainty in mm, shape (p, n).
        height: Height of the sheet's middle at its end along the direction of stacking, shape (p, n).
        seen: Whether the sheet shows well inside the cathodes' ends, shape (p, n).
    """

    outward: Floats
    u: Floats
    height: Floats
    seen: Mask

    def without(self, hidden: Mask) -> SheetEnds:
        """The same without the ends at some places (p, n)."""
        return replace(self, outward=np.where(hidden, np.nan, self.outward))


@dataclass(frozen=True)
class SideEnds:
    """What was read on one side; p positions, n cathodes, faces (lower, upper).

    Args:
        side: Which.
        positions: Places along the side in mm, shape (p,).
        cathodes: Their ends, n sheets.
        anodes: Their ends, n + 1 sheets: anode m lies below cathode m.
        overhang: Length along the anode, mm, shape (p, n, 2); NaN where not read.
        u: Standard uncertainty in mm, shape (p, n, 2).
        flag: Shape (p, n, 2).
        voxel_mm: Voxel size outward.
    """

    side: Side
    positions: Floats
    cathodes: SheetEnds
    anodes: SheetEnds
    overhang: Floats
    u: Floats
    flag: NDArray[Any]
    voxel_mm: float


def end_places(pouch: Pouch, side: Side, outward: Floats, along: Floats, height: Floats) -> Floats:
    """RAS mm (..., 3) of places given outward of a side, along it and along the direction of stacking, in mm."""
    frame = side_frame(pouch, side)
    return np.asarray(np.stack([outward, along, height], axis=-1) @ frame.basis.T + frame.origin)


def read_side(volume: Volume, pouch: Pouch, side: Side, positions: Floats, progress: Progress) -> SideEnds:
    """Read the ends of all sheets on one side at some positions along it in mm."""
    planes = sample_side(volume, pouch, side, positions, progress.part(0.0, 0.6))
    sheets = find_side_sheets(planes, pouch)
    progress.report(0.6, f"reading cathode ends, {side.name}")
    cathodes = find_cathode_ends(planes, sheets)
    shown = is_shown(planes, sheets.angle, cathodes.height, cathodes.radius)
    cathodes = replace(cathodes, readable=cathodes.readable & shown)
    progress.report(0.7, f"following anodes, {side.name}")
    anodes = find_anode_ends(planes, sheets, cathodes)
    return _collect(planes, pouch, side, cathodes, anodes)


def _collect(planes: EndPlanes, pouch: Pouch, side: Side, cathodes: CathodeEnds, anodes: AnodeEnds) -> SideEnds:
    shape, voxel = (len(planes.angles), len(pouch.cathode_mm)), planes.voxel_axial_mm
    which = _anodes_from_base(anodes, shape)
    tab, anodes = _judged(planes, anodes, which)
    overhang = _along_sheet(planes, cathodes, anodes)
    noise = np.hypot(cathodes.u_height[:, None], anodes.u_height[anodes.sheet])
    u = _stacked(np.hypot(_NOISE_FACTOR * noise, _MODEL_VOXELS * voxel), shape)
    flag = _stacked(_flags(cathodes, anodes, overhang), shape)
    ends, tips = _cathode_ends(cathodes, shape), _anode_ends(anodes, which)
    flag[np.stack([tab[:, :-1], tab[:, 1:]], axis=-1) & np.isin(flag, ("ok", "anode-unclear"))] = "tab"
    flag[_hidden(planes, pouch) & ~np.isin(flag, READABLE_FLAGS)] = "outside-volume"
    read = np.isin(flag, READABLE_FLAGS)
    ends, tips = (_lifted(pouch, side, planes.angles, these) for these in (ends, tips.without(tab)))
    length, u = np.where(read, _stacked(overhang, shape), np.nan), np.where(read, u, np.nan)
    return SideEnds(side, planes.angles, ends, tips, length, u, flag, voxel)


def _lifted(pouch: Pouch, side: Side, positions: Floats, ends: SheetEnds) -> SheetEnds:
    """The same with the sheets' bow in their heights."""
    return replace(ends, height=ends.height + lift_at(pouch, side, ends.outward, positions[:, None]))


def _stacked(values: NDArray[Any], shape: tuple[int, int]) -> NDArray[Any]:
    """Values (turns, [upper, lower]), highest first, as (positions, cathodes from the base, [lower, upper])."""
    return np.asarray(values.reshape(*shape, *values.shape[1:])[:, ::-1, ::-1].copy())


def _along_sheet(planes: EndPlanes, cathodes: CathodeEnds, anodes: AnodeEnds) -> Floats:
    """Length along each face's anode from the level of the cathode's end to its own end, mm, shape (turns, 2)."""
    start = np.nan_to_num(np.repeat(cathodes.height[:, None], 2, axis=1)).ravel()
    which, flat = anodes.sheet.ravel(), anodes.sheet.shape
    from_to = np.column_stack([start, np.nan_to_num(anodes.height[which])])
    arcs = [np.interp(ends, planes.heights, anodes.arc[sheet]) for sheet, ends in zip(which, from_to, strict=True)]
    return np.diff(arcs, axis=1).reshape(flat)


def _flags(cathodes: CathodeEnds, anodes: AnodeEnds, overhang: Floats) -> NDArray[Any]:
    seen, present, readable, short, hidden = (
        values[anodes.sheet] for values in (anodes.seen, anodes.present, anodes.readable, anodes.short, anodes.hidden)
    )
    there = present & (seen | (overhang > 0))
    flag = np.full(overhang.shape, "anode-unclear", "U16")
    flag[~there & ~seen & ~hidden] = "no-anode"
    flag[there & readable] = np.where(overhang < 0, "negative", "ok")[there & readable]
    flag[np.isin(flag, ("no-anode", "anode-unclear")) & short] = "negative-unclear"
    flag[~cathodes.readable] = "cathode-unclear"
    return flag


def _cathode_ends(cathodes: CathodeEnds, shape: tuple[int, int]) -> SheetEnds:
    outward = np.where(cathodes.readable, cathodes.height, np.nan)
    values = (outward, cathodes.u_height, cathodes.radius)
    outward, u, height = (value.reshape(shape)[:, ::-1] for value in values)
    return SheetEnds(outward, u, height, cathodes.readable.reshape(shape)[:, ::-1])


def _anodes_from_base(anodes: AnodeEnds, shape: tuple[int, int]) -> NDArray[np.int64]:
    """Sheets (p, n + 1) from the base up: those on the lower face of each cathode, and the upper one of the highest."""
    sheet = anodes.sheet.reshape(*shape, 2)[:, ::-1]
    return np.asarray(np.concatenate([sheet[:, :, 1], sheet[:, -1:, 0]], axis=1))


def _anode_ends(anodes: AnodeEnds, which: NDArray[np.int64]) -> SheetEnds:
    outward = np.where(anodes.readable[which], anodes.height[which], np.nan)
    return SheetEnds(outward, anodes.u_height[which], anodes.radius[which], anodes.seen[which])


def _judged(planes: EndPlanes, anodes: AnodeEnds, which: NDArray[np.int64]) -> tuple[Mask, AnodeEnds]:
    """Where a tab hides the anodes' ends, shape (p, n + 1), and the anodes with what can be read of the others."""
    angle = np.zeros(len(anodes.height), np.int64)
    angle[which] = np.arange(len(which))[:, None]
    shown = is_shown(planes, angle, anodes.height, anodes.radius)
    found = anodes.present & shown & (anodes.u_height < _MOST_U_VOXELS * planes.voxel_axial_mm)
    ends = np.where(found, anodes.height, np.nan)[which]
    readable = np.zeros(len(shown), bool)
    readable[which], tab = judge_ends(planes.angles, ends, (anodes.readable & shown)[which], planes.voxel_axial_mm)
    return tab, replace(anodes, readable=readable)


def is_shown(planes: EndPlanes, angle: NDArray[np.int64], outward: Floats, height: Floats) -> Mask:
    """Whether the volume shows what lies on either side of ends, shape (m,)."""
    shown = np.isfinite(outward) & np.isfinite(height)
    column = np.searchsorted(planes.radii, np.nan_to_num(height)).clip(0, len(planes.radii) - 1)
    for away in (-_AROUND_VOXELS, _AROUND_VOXELS):
        row = np.searchsorted(planes.heights, np.nan_to_num(outward) + away * planes.voxel_axial_mm)
        inside = (row > 0) & (row < len(planes.heights))
        shown &= inside & planes.known[angle, row.clip(0, len(planes.heights) - 1), column]
    return np.asarray(shown)


def _hidden(planes: EndPlanes, pouch: Pouch) -> NDArray[np.bool_]:
    """Where the volume does not show all of a cathode's end and of the room above it, shape (p, n, 1)."""
    out = np.abs(planes.heights - planes.end.level_mm - 0.3) < 0.8
    columns = np.searchsorted(planes.radii, pouch.cathode_mm).clip(0, len(planes.radii) - 1)
    return np.asarray(~planes.known[:, out][:, :, columns].all(axis=1))[..., None]
