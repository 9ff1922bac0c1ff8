"""Overhang of every winding at both ends and every angle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import Cell
from batterycell.progress import Progress
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM, Volume
from batterycell.winding import EndPlanes, RollEnd, Sheets, count_samples, find_roll_ends, find_sheets, sample_end

from .anodes import AnodeEnds, find_anode_ends
from .cathodes import CathodeEnds, find_cathode_ends
from .columns import OVERHANG_COLUMNS, READABLE_FLAGS

Floats = NDArray[np.float64]

_REACH_MM = (2.5, 2.5)  # inward and outward of the roll's end: deeper than the deepest cathode, beyond the longest tip
_BLOCK = 16_000_000  # samples of half-planes measured together: what follows them takes about 1 GB
_FEWEST = 6  # angles in a block: blur and usual contrast are pooled over it
_SIDES = ("outer", "inner")
# What the fits cannot know, calibrated on generated cells (random_cell, seeds 100 to 111) and tested on others: their
# residuals understate correlated noise, part of which they absorb; real edges are not quite Gaussian.
_NOISE_FACTOR = 1.2
_MODEL_VOXELS = 0.065
_K95 = 1.96  # half width of a normal distribution's 95 % interval


def measure_overhang(volume: Volume, cell: Cell, angles: int = 72, progress: Progress | None = None) -> Table:
    """Measure the anode overhang on both faces of every cathode turn.

    A cathode ends where its grey value has fallen halfway to what lies beyond it; an anode ends where its contrast
    against its two sides has fallen to half. The overhang is the length along the anode sheet from the level (height
    along the cell's axis) at which the cathode ends to the anode's end.

    Args:
        volume: The cell.
        cell: Where it stands.
        angles: Number of half-planes, evenly spaced from 0°.
        progress: Told how far it is.

    Returns:
        A table with `OVERHANG_COLUMNS`; rows that cannot be read carry a flag and no overhang.

    Raises:
        InputError: if there is no jelly roll, or neither of its ends lies in the volume.
    """
    progress = progress or Progress()
    ends = find_roll_ends(volume, cell)
    degrees = np.arange(angles) * 360.0 / angles
    inside = [end for end in ends if end.in_volume]
    measured = {
        end.name: _measure_end(volume, cell, end, degrees, progress.part(n / len(inside), (n + 1) / len(inside)))
        for n, end in enumerate(inside)
    }
    turns = next(iter(measured.values()))
    rows = [part for end in ends for part in measured.get(end.name) or [_outside(part, end) for part in turns]]
    progress.report(1.0, "measured the overhang")
    return _table(volume, cell, rows)


@dataclass(frozen=True)
class _EndRows:
    """Rows of one end: turns (n,) by sides (n, 2)."""

    end: RollEnd
    angle_deg: Floats
    winding: NDArray[np.int64]
    overhang: Floats
    axial: Floats
    u: Floats
    flag: NDArray[Any]
    cathode: tuple[Floats, Floats]
    anode: tuple[Floats, Floats]


def _measure_end(volume: Volume, cell: Cell, end: RollEnd, degrees: Floats, progress: Progress) -> list[_EndRows]:
    """Measure one end in as many blocks of angles, each from all around, as the memory asks for."""
    samples = len(degrees) * count_samples(volume, cell, end, _REACH_MM)
    blocks = max(1, min(-(-samples // _BLOCK), len(degrees) // _FEWEST))
    return [
        _measure_block(volume, cell, end, degrees[n::blocks], progress.part(n / blocks, (n + 1) / blocks))
        for n in range(blocks)
    ]


def _measure_block(volume: Volume, cell: Cell, end: RollEnd, degrees: Floats, progress: Progress) -> _EndRows:
    planes = sample_end(volume, cell, end, degrees, _REACH_MM, progress.part(0.0, 0.6))
    sheets = find_sheets(planes)
    progress.report(0.65, f"reading cathode ends, {end.name}")
    cathodes = find_cathode_ends(planes, sheets)
    progress.report(0.75, f"following anodes, {end.name}")
    anodes = find_anode_ends(planes, sheets, cathodes)
    return _end_rows(planes, sheets, cathodes, anodes)


def _end_rows(planes: EndPlanes, sheets: Sheets, cathodes: CathodeEnds, anodes: AnodeEnds) -> _EndRows:
    tip = anodes.height[anodes.sheet]
    level = np.repeat(cathodes.height[:, None], 2, axis=1)
    start, end = (_arc_at(planes, anodes, height) for height in (level, tip))
    with np.errstate(invalid="ignore", divide="ignore"):
        stretch = np.where(np.abs(tip - level) > 1e-6, (end - start) / (tip - level), 1.0)
    noise = np.hypot(cathodes.u_height[:, None], anodes.u_height[anodes.sheet])
    u = np.hypot(_NOISE_FACTOR * noise, _MODEL_VOXELS * planes.voxel_axial_mm) * stretch
    flag = _flags(cathodes, anodes, end - start)
    return _EndRows(planes.end, planes.angles[sheets.angle], sheets.winding, end - start, tip - level, u, flag,
                    (cathodes.radius, cathodes.height), (anodes.radius[anodes.sheet], tip))  # fmt: skip


def _arc_at(planes: EndPlanes, anodes: AnodeEnds, height: Floats) -> Floats:
    """Length along each face's anode up to given heights, shape (n, 2)."""
    flat, which = height.ravel(), anodes.sheet.ravel()
    position = np.clip((flat - planes.heights[0]) / planes.height_step, 0, len(planes.heights) - 1.001)
    low = np.nan_to_num(position).astype(int)
    left, right = anodes.arc[which, low], anodes.arc[which, low + 1]
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


def _outside(like: _EndRows, end: RollEnd) -> _EndRows:
    """Flagged rows for an end that the volume does not show: the turns of the end that it shows."""
    empty = np.full(like.overhang.shape, np.nan)
    flag = np.full(empty.shape, "outside-volume")
    line = empty[:, 0]
    return _EndRows(end, like.angle_deg, like.winding, empty, empty, empty, flag, (line, line), (empty, empty))


def _table(volume: Volume, cell: Cell, ends: list[_EndRows]) -> Table:
    parts = [_columns(volume, cell, rows) for rows in ends]
    data = {c.name: np.concatenate([part[c.name] for part in parts]) for c in OVERHANG_COLUMNS}
    order = np.lexsort((data["angle_deg"], data["end"] == "bottom"))
    return Table(OVERHANG_COLUMNS, {name: values[order] for name, values in data.items()})


def _columns(volume: Volume, cell: Cell, rows: _EndRows) -> dict[str, NDArray[Any]]:
    count = len(rows.angle_deg)
    angle = np.repeat(rows.angle_deg, 2)
    read = np.isin(rows.flag.ravel(), READABLE_FLAGS)
    lengths = {"overhang_um": rows.overhang, "overhang_axial_um": rows.axial, "uncertainty_um": _K95 * rows.u}
    flags = rows.flag.ravel()
    cathode = [np.where(flags == "cathode-unclear", np.nan, np.repeat(value, 2)) for value in rows.cathode]
    anode = [
        np.where(np.isin(flags, ("no-anode", "anode-unclear", "negative-unclear")), np.nan, value.ravel())
        for value in rows.anode
    ]
    return {
        "end": np.full(2 * count, rows.end.name),
        "angle_deg": angle,
        "winding": np.repeat(rows.winding, 2),
        "side": np.tile(_SIDES, count),
        **{name: np.where(read, UM_PER_MM * value.ravel(), np.nan) for name, value in lengths.items()},
        "flag": flags,
        **_places(volume, cell, "cathode", (angle, cathode[0], rows.end.sign * cathode[1])),
        **_places(volume, cell, "anode", (angle, anode[0], rows.end.sign * anode[1])),
    }


def _places(volume: Volume, cell: Cell, part: str, cylindrical: tuple[Floats, Floats, Floats]) -> dict[str, Floats]:
    """Columns of one end's place, in voxels of the input and in RAS."""
    ras = cell.frame.from_cylindrical(*cylindrical)
    ijk = volume.to_ijk(ras)
    places = {f"{part}_{axis}": ijk[:, n] for n, axis in enumerate("ijk")}
    return places | {f"{part}_{axis}_mm": ras[:, n] for n, axis in enumerate("ras")}
