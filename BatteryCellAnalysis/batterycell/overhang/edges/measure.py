"""Overhang of every winding at both ends and every angle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.orient import Cell
from batterycell.overhang.rows import EndRows, table_of, unread_rows
from batterycell.overhang.uncertainty import standard_uncertainty
from batterycell.progress import Progress
from batterycell.reslice.sampling import kept_in_threads
from batterycell.tables import Table
from batterycell.volume import Volume
from batterycell.winding import (
    EndPlanes,
    RollEnd,
    Sheets,
    Windings,
    count_samples,
    find_sheets,
    kept_roll_ends,
    sample_end,
)

from .anodes import AnodeEnds, find_anode_ends
from .cathodes import CathodeEnds, find_cathode_ends

Floats = NDArray[np.float64]

_REACH_MM = (2.5, 2.5)  # inward and outward of the roll's end: deeper than the deepest cathode, beyond the longest tip
_BLOCK = 4_000_000  # samples of half-planes measured together: what follows them takes about 0.25 GB
_TOGETHER = 16_000_000  # samples in work at the same time
_BODY_MM = 1.5  # so far below an end the windings show
_FEWEST = 6  # angles in a block: blur and usual contrast are pooled over it
_LEAN_VOXELS = 2.0


def measure_overhang(
    volume: Volume, cell: Cell, angles: int = 360, progress: Progress | None = None, windings: Windings | None = None
) -> Table:
    """Measure the anode overhang on both faces of every cathode turn.

    A cathode ends where its grey value has fallen halfway to what lies beyond it; an anode ends where its contrast
    against its two sides has fallen to half. The overhang is the length along the anode sheet from the level (height
    along the cell's axis) at which the cathode ends to the anode's end.

    Args:
        volume: The cell.
        cell: Where it stands.
        angles: Number of half-planes, evenly spaced from 0°.
        progress: Told how far it is.
        windings: The cell's traced windings: they number the turns. None counts those seen at each angle.

    Returns:
        A table with `OVERHANG_COLUMNS`; rows that cannot be read carry a flag and no overhang.

    Raises:
        InputError: if there is no jelly roll, or neither of its ends lies in the volume.
    """
    progress = progress or Progress()
    ends = kept_roll_ends(volume, cell, progress)
    degrees = _degrees(angles)
    scene = _Scene(volume, cell, windings)
    measured = _measure_ends(scene, [end for end in ends if end.in_volume], degrees, progress)
    turns = next(iter(measured.values()))
    rows = [part for end in ends for part in measured.get(end.name) or [unread_rows(part, end) for part in turns]]
    progress.report(1.0, "measured the overhang")
    return table_of(volume, cell, rows, windings)


def overhang_pieces(
    volume: Volume, cell: Cell, angles: int, progress: Progress, windings: Windings | None = None
) -> dict[str, Callable[[], EndRows]]:
    """What `measure_overhang` does piece by piece, each with half-planes of one end, by the names they are kept under.

    Args:
        volume: As of `measure_overhang`.
        cell: Likewise.
        angles: Likewise.
        progress: Keeps what all pieces need.
        windings: As of `measure_overhang`.

    Raises:
        InputError: likewise.
    """
    scene, ends = _Scene(volume, cell, windings), kept_roll_ends(volume, cell, progress)
    parts = [_pieces(scene, end, _degrees(angles)) for end in ends if end.in_volume]
    return {name: piece for part in parts for name, piece in part.items()}


@dataclass(frozen=True)
class _Scene:
    """What is measured, and what is known of it."""

    volume: Volume
    cell: Cell
    windings: Windings | None

    def find_sheets(self, planes: EndPlanes) -> Sheets:
        """The sheets below one end, numbered as the windings are where they were traced."""
        if self.windings is None:
            return find_sheets(planes)
        height = planes.end.sign * (planes.end.level_mm - _BODY_MM)
        return find_sheets(planes, [self.windings.turns_at(angle, height) for angle in planes.angles.tolist()])


def _measure_ends(scene: _Scene, ends: list[RollEnd], degrees: Floats, progress: Progress) -> dict[str, list[EndRows]]:
    """Measure what can be measured; if none can, say why the first cannot."""
    measured, errors = {}, []
    for n, end in enumerate(ends):
        part = progress.part(n / len(ends), (n + 1) / len(ends))
        try:
            measured[end.name] = _measure_end(scene, end, degrees, part)
        except InputError as error:
            errors.append(error)
    if not measured:
        raise errors[0]
    return measured


def _measure_end(scene: _Scene, end: RollEnd, degrees: Floats, progress: Progress) -> list[EndRows]:
    pieces = _pieces(scene, end, degrees)
    threads = max(1, _TOGETHER * len(pieces) // _samples(scene, end, degrees))
    return kept_in_threads(pieces, progress, f"measuring the overhang, {end.name}", threads)


def _pieces(scene: _Scene, end: RollEnd, degrees: Floats) -> dict[str, Callable[[], EndRows]]:
    """One end in as many blocks of angles, each from all around, as the memory asks for."""
    blocks = max(1, min(-(-_samples(scene, end, degrees) // _BLOCK), len(degrees) // _FEWEST))
    return {f"overhang-{end.name}-{n}": partial(_measure_block, scene, end, degrees[n::blocks]) for n in range(blocks)}


def _samples(scene: _Scene, end: RollEnd, degrees: Floats) -> int:
    return len(degrees) * count_samples(scene.volume, scene.cell, end, _REACH_MM)


def _degrees(angles: int) -> Floats:
    return np.asarray(np.arange(angles) * 360.0 / angles, np.float64)


def _measure_block(scene: _Scene, end: RollEnd, degrees: Floats) -> EndRows:
    planes = sample_end(scene.volume, scene.cell, end, degrees, _REACH_MM)
    sheets = scene.find_sheets(planes)
    cathodes = find_cathode_ends(planes, sheets)
    return _end_rows(planes, sheets, cathodes, find_anode_ends(planes, sheets, cathodes))


def _end_rows(planes: EndPlanes, sheets: Sheets, cathodes: CathodeEnds, anodes: AnodeEnds) -> EndRows:
    tip = anodes.height[anodes.sheet]
    level = np.repeat(cathodes.height[:, None], 2, axis=1)
    start, end = (_along(planes, anodes, anodes.arc, height) for height in (level, tip))
    with np.errstate(invalid="ignore", divide="ignore"):
        stretch = np.where(np.abs(tip - level) > 1e-6, (end - start) / (tip - level), 1.0)
    noise = np.hypot(cathodes.u_height[:, None], anodes.u_height[anodes.sheet])
    u = standard_uncertainty(noise, planes.voxel_axial_mm, tip < level) * stretch
    flag = _flags(cathodes, anodes, end - start)
    lengths = end - start, tip - level, u
    return EndRows(planes.end, planes.angles[sheets.angle], sheets.winding, lengths, _tilt(planes, anodes, level, tip),
                   flag, (cathodes.radius, cathodes.height), (anodes.radius[anodes.sheet], tip))  # fmt: skip


def _tilt(planes: EndPlanes, anodes: AnodeEnds, level: Floats, tip: Floats) -> Floats:
    """Lean in degrees of each face's anode from the cathode's level to its end, shape (n, 2).

    Over less than two voxels the sheet's own line around its end says more than its two ends.
    """
    short = np.abs(tip - level) < _LEAN_VOXELS * planes.voxel_axial_mm
    low, high = np.where(short, tip - _LEAN_VOXELS * planes.voxel_axial_mm, level), tip
    across = _along(planes, anodes, anodes.path, high) - _along(planes, anodes, anodes.path, low)
    return np.asarray(np.degrees(np.arctan2(across * np.sign(high - low), np.abs(high - low))))


def _along(planes: EndPlanes, anodes: AnodeEnds, values: Floats, height: Floats) -> Floats:
    """Values along the m sheets, shape (m, h), on each face at given heights (n, 2), shape (n, 2)."""
    flat, which = height.ravel(), anodes.sheet.ravel()
    position = np.clip((flat - planes.heights[0]) / planes.height_step, 0, len(planes.heights) - 1.001)
    low = np.nan_to_num(position).astype(int)
    left, right = values[which, low], values[which, low + 1]
    return np.asarray(left + (position - low) * (right - left)).reshape(height.shape)


def _flags(cathodes: CathodeEnds, anodes: AnodeEnds, overhang: Floats) -> NDArray[Any]:
    seen, hidden = anodes.seen[anodes.sheet], anodes.hidden[anodes.sheet]
    # A sheet that shows neither in the windings nor above them is absent, not short.
    present = anodes.present[anodes.sheet] & (seen | (overhang > 0))
    flag = np.where(overhang < 0, "negative", "ok").astype("U16")
    flag[~(present & anodes.readable[anodes.sheet])] = "anode-unclear"
    flag[~present & ~seen & ~hidden] = "no-anode"
    flag[np.isin(flag, ("no-anode", "anode-unclear")) & anodes.short[anodes.sheet]] = "negative-unclear"
    flag[~cathodes.readable] = "cathode-unclear"
    return flag
