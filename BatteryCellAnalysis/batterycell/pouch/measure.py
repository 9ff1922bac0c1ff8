"""Measure a stack of flat sheets: overhang on its four sides, layers, misalignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.measured import K95, Stage
from batterycell.overhang.columns import READABLE_FLAGS
from batterycell.progress import Progress
from batterycell.reslice.sampling import voxel_along
from batterycell.tables import Table
from batterycell.volume import UM_PER_MM, Volume

from .columns import FACES, POUCH_OVERHANG_COLUMNS
from .ends import SheetEnds, SideEnds, end_places, read_side
from .find import Pouch
from .layers import measure_layers
from .maps import overhang_maps
from .outline import Side
from .planes import side_frame
from .quantities import stack_quantities

Floats = NDArray[np.float64]

POSITIONS = 48
_CORNER_VOXELS, _CORNER_MM = 6.0, 0.3  # kept from corners: sheets lie a little beside each other
_THERE = 0.3  # of an outermost anode's ends must be read: the case shows, but has no end there


def measure_pouch(volume: Volume, pouch: Pouch, progress: Progress | None = None, positions: int = POSITIONS) -> Stage:
    """Measure the overhang of every layer on all sides, count the layers, and compare how they lie.

    A cathode ends where its grey value has fallen halfway to what lies beyond it; an anode ends where its contrast
    against its two sides has fallen to half. The overhang is the length along the anode sheet between these levels,
    across the edge.

    Args:
        volume: The cell.
        pouch: Where its stack lies.
        progress: Told how far it is.
        positions: Number of places along each side.

    Returns:
        The stage "pouch": tables ``overhang`` (`POUCH_OVERHANG_COLUMNS`) and ``layers`` (`LAYER_COLUMNS`), a map of
        the overhang for each side, and quantities.

    Raises:
        InputError: if no end can be read on any side.
    """
    progress = progress or Progress()
    volume = replace(volume, array=np.ascontiguousarray(volume.array))
    seen = [side for side in pouch.sides if side.in_volume]
    sides = [
        read_side(
            volume,
            pouch,
            side,
            places(volume, pouch, side, positions),
            progress.part(n / len(seen), (n + 1) / len(seen)),
        )
        for n, side in enumerate(seen)
    ]
    anodes = _anodes_there(sides)
    sides = [_without_absent(side, anodes) for side in sides]
    _refuse_unreadable(sides)
    overhang = _table(volume, pouch, sides)
    layers = measure_layers(pouch, sides, anodes)
    progress.report(1.0, "measured the stack")
    tables = {"overhang": overhang, "layers": layers}
    quantities = stack_quantities(pouch, overhang, layers, sides)
    return Stage("pouch", "Stack of sheets", quantities, tables, overhang_maps(pouch, sides),
                 _notes(pouch, overhang, sides))  # fmt: skip


def places(volume: Volume, pouch: Pouch, side: Side, count: int) -> Floats:
    """Evenly spaced places in mm along the part of a side that the volume shows, without its corners."""
    corner = max(_CORNER_MM, _CORNER_VOXELS * voxel_along(volume, side_frame(pouch, side).toward_j))
    low, high = side.along_mm[0] + corner, side.along_mm[1] - corner
    return np.linspace(low, high, count) if low < high else np.full(1, 0.5 * (low + high))


def _anodes_there(sides: Sequence[SideEnds]) -> NDArray[np.int64]:
    """Which of the possible anodes are there: those that show between cathodes or end somewhere."""
    shown = [np.isfinite(side.anodes.outward) for side in sides if not (side.flag == "outside-volume").all()]
    read = np.max([ends.mean(axis=0) for ends in shown], axis=0)
    seen = np.concatenate([side.anodes.seen for side in sides]).mean(axis=0)
    seen[[0, -1]] = 0.0
    return np.flatnonzero((read > _THERE) | (seen > 0.5))


def _without_absent(side: SideEnds, anodes: NDArray[np.int64]) -> SideEnds:
    """The same without what was read of anodes that are not there."""
    absent = np.setdiff1d(np.arange(side.anodes.outward.shape[1]), anodes)
    faces = np.zeros(side.flag.shape[1:], bool)
    faces[absent[absent < len(faces)], 0] = faces[absent[absent > 0] - 1, 1] = True
    hidden = np.zeros(side.anodes.outward.shape, bool)
    hidden[:, absent] = True
    flag = np.where(faces & (side.flag != "outside-volume"), "no-anode", side.flag)
    overhang, u = (np.where(faces, np.nan, values) for values in (side.overhang, side.u))
    return replace(side, anodes=side.anodes.without(hidden), flag=flag, overhang=overhang, u=u)


def _refuse_unreadable(sides: Sequence[SideEnds]) -> None:
    if not any(np.isin(side.flag, READABLE_FLAGS).any() for side in sides):
        raise InputError("no-edge-readable", "No end of a sheet can be read on any side of the stack",
                         "Scan with less noise or smaller voxels, or with more room around the sheets.")  # fmt: skip


def _table(volume: Volume, pouch: Pouch, sides: Sequence[SideEnds]) -> Table:
    """One row for each side, cathode, face and position."""
    parts = [_side_rows(volume, pouch, side) for side in sides]
    data = {c.name: np.concatenate([part[c.name] for part in parts]) for c in POUCH_OVERHANG_COLUMNS}
    return Table(POUCH_OVERHANG_COLUMNS, data)


def _side_rows(volume: Volume, pouch: Pouch, side: SideEnds) -> dict[str, NDArray[Any]]:
    """Columns of one side, ordered by layer, face, position."""
    shape = side.flag.shape
    places = np.meshgrid(np.arange(shape[1]), np.arange(2), np.arange(shape[0]), indexing="ij")
    layer, face, position = (place.ravel() for place in places)
    pick = position, layer, face
    flag = side.flag[pick]
    unclear = np.isin(flag, ("no-anode", "anode-unclear", "negative-unclear", "tab"))
    return {
        "layer": layer + 1,
        "face": np.array(FACES)[face],
        "edge": np.full(len(layer), side.side.name),
        "position_mm": side.positions[position],
        "overhang_um": UM_PER_MM * side.overhang[pick],
        "uncertainty_um": UM_PER_MM * K95 * side.u[pick],
        "flag": flag,
        **_ends(volume, pouch, side, "cathode", (side.cathodes, position, layer, np.zeros(len(layer), bool))),
        **_ends(volume, pouch, side, "anode", (side.anodes, position, layer + face, unclear)),
    }


def _ends(
    volume: Volume, pouch: Pouch, side: SideEnds, part: str,
    which: tuple[SheetEnds, NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]],
) -> dict[str, Floats]:  # fmt: skip
    """Columns of one kind's ends, in voxels of the input and in RAS."""
    ends, position, sheet, unclear = which
    outward = np.where(unclear, np.nan, ends.outward[position, sheet])
    ras = end_places(pouch, side.side, outward, side.positions[position], ends.height[position, sheet])
    ijk = volume.to_ijk(ras)
    indices = {f"{part}_{axis}": ijk[:, n] for n, axis in enumerate("ijk")}
    return indices | {f"{part}_{axis}_mm": ras[:, n] for n, axis in enumerate("ras")}


def _notes(pouch: Pouch, overhang: Table, sides: Sequence[SideEnds]) -> tuple[str, ...]:
    notes = []
    hidden = [side.name for side in pouch.sides if not side.in_volume]
    if hidden:
        notes.append(f"The volume does not show the sides {', '.join(hidden)}; misalignment across them is that of the "
                     "opposite edges, for sheets of equal size.")  # fmt: skip
    read = np.isin(overhang["flag"], (*READABLE_FLAGS, "tab", "outside-volume", "no-anode"))
    if read.mean() < 0.8:
        notes.append(f"{100 * (1 - read.mean()):.0f} % of the overhangs cannot be read: the image is noisy or coarse.")
    return tuple(notes)
