"""Overhang of every winding from a segmentation of the whole cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from batterycell.errors import InputError
from batterycell.orient import Cell
from batterycell.overhang.rows import EndRows, table_of, unread_rows
from batterycell.progress import Progress
from batterycell.reslice import voxel_sizes
from batterycell.tables import Table
from batterycell.volume import Volume
from batterycell.winding import RollEnd, Windings

from .cell import LabelledCell
from .one_end import measure_label_planes
from .planes import LabelPlanes, cut_label_planes

Floats = NDArray[np.float64]
Cut = Callable[[RollEnd, Floats, Progress], LabelPlanes]

REACH_MM = (1.8, 2.5)  # inward and outward of an end's level
_ANGLES = 24  # at which the ends' levels are looked for
_ROOM = 2  # rows without cathodes beyond an end that lies in the volume
_BLOCK = 8_000_000  # samples of half-planes measured together


def measure_overhang_labels(
    labelled: LabelledCell,
    cell: Cell,
    angles: int = 360,
    progress: Progress | None = None,
    windings: Windings | None = None,
) -> Table:
    """Measure the anode overhang on both faces of every cathode turn in a segmentation.

    A sheet ends where the probability of its class, read along its midline, has fallen: at the mean of its fall.
    The overhang is the length along the anode from the level at which the cathode ends to the anode's end.

    Args:
        labelled: Labels of the whole cell or of one end of it, and what they mean.
        cell: Where it stands, found on its grey values.
        angles: Number of half-planes, evenly spaced from 0°.
        progress: Told how far it is.
        windings: The cell's traced windings: they number the turns. None counts those labelled at each angle.

    Returns:
        A table with `OVERHANG_COLUMNS`, source "labels". Its uncertainties hold what a voxel's label leaves open and,
        where the labels' uncertainty is known, the width over which the probability falls.

    Raises:
        InputError: if no cathode is labelled, or neither of its ends lies in the volume.
        Cancelled: if the user asked to stop.
    """
    progress = progress or Progress()
    ends = find_label_ends(labelled, cell)

    def cut(end: RollEnd, degrees: Floats, part: Progress) -> LabelPlanes:
        return cut_label_planes(cell, labelled, end, degrees, REACH_MM, part)

    rows = measure_ends(ends, (labelled.labels, cell, windings), np.arange(angles) * 360.0 / angles, cut, progress)
    progress.report(1.0, "measured the overhang")
    return labelled_table(labelled.labels, cell, rows, windings, "labels")


def find_label_ends(labelled: LabelledCell, cell: Cell) -> tuple[RollEnd, RollEnd]:
    """Top and bottom end of the labelled cathodes: where half as much of them shows as in the windings.

    Raises:
        InputError: if no cathode is labelled, or neither end lies in the volume.
    """
    step = voxel_sizes(labelled.labels, cell.frame)[0]
    heights = np.arange(*cell.heights_mm, step)
    shown, known = _cathode_shown(labelled, cell, heights)
    if not len(heights) or shown.max() < 0.01:
        raise InputError(
            "labels-no-cathode", "No cathode is labelled inside the can", "Check what the labels mean, and their place."
        )
    rows = np.flatnonzero(shown > 0.5 * np.percentile(shown[shown > 0], 90))
    beyond = known & (shown < 0.05 * shown.max())
    top = RollEnd("top", 1, float(heights[rows[-1]]) + step / 2, bool(beyond[rows[-1] :].sum() >= _ROOM))
    bottom = RollEnd("bottom", -1, float(-heights[rows[0]]) + step / 2, bool(beyond[: rows[0]].sum() >= _ROOM))
    if not (top.in_volume or bottom.in_volume):
        raise InputError("no-end", "The labels show neither end of the cathodes", "Label at least one end.")
    return top, bottom


def _cathode_shown(labelled: LabelledCell, cell: Cell, heights: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Share of cathode inside the can at each height, and whether the labels reach there, shape (h,) each."""
    volume = labelled.labels
    radii = np.arange(0.2, 0.98, 0.004) * cell.can.outer_radius_mm
    angles = np.arange(_ANGLES)[:, None] * 360.0 / _ANGLES
    last = np.array(volume.array.shape) - 1
    shown, known = np.zeros(len(heights)), np.zeros(len(heights), bool)
    for n, height in enumerate(heights):
        index = np.rint(volume.to_ijk(cell.frame.from_cylindrical(angles, radii, height))[..., ::-1]).astype(int)
        inside = ((index >= 0) & (index <= last)).all(axis=-1)
        values = volume.array[tuple(np.moveaxis(np.clip(index, 0, last), -1, 0))]
        shown[n], known[n] = (np.isin(values, labelled.classes.cathode) & inside).mean(), inside.mean() > 0.5
    return shown, known


def measure_ends(
    ends: Sequence[RollEnd],
    where: tuple[Volume, Cell, Windings | None],
    degrees: Floats,
    cut: Cut,
    progress: Progress,
) -> list[EndRows]:
    """Read every end that lies in the volume, in as many blocks of angles, each from all around, as memory asks for.

    An end that shows nothing to measure does not stop the other.

    Args:
        ends: The roll's ends.
        where: The volume, the cell in it, and its windings, if they were traced.
        degrees: Angles, shape (a,).
        cut: Gives the half-planes of an end at some angles.
        progress: Told how far it is.

    Raises:
        InputError: if no end can be measured: why the first cannot.
    """
    volume, cell, windings = where
    inside = [end for end in ends if end.in_volume]
    blocks = _blocks(volume, cell, degrees)
    measured: dict[str, list[EndRows]] = {}
    errors: list[InputError] = []
    for n, end in enumerate(inside):
        part = progress.part(n / len(inside), (n + 1) / len(inside))
        try:
            measured[end.name] = _measure_end(end, windings, blocks, cut, part)
        except InputError as error:
            errors.append(error)
    if not measured:
        raise errors[0]
    turns = next(iter(measured.values()))
    return [part for end in ends for part in measured.get(end.name) or [unread_rows(part, end) for part in turns]]


def _blocks(volume: Volume, cell: Cell, degrees: Floats) -> list[Floats]:
    axial, across = voxel_sizes(volume, cell.frame)
    samples = len(degrees) * 2 * sum(REACH_MM) / axial * cell.can.outer_radius_mm / across
    count = max(1, int(np.ceil(samples / _BLOCK)))
    return [degrees[n::count] for n in range(count)]


def _measure_end(
    end: RollEnd, windings: Windings | None, blocks: Sequence[Floats], cut: Cut, progress: Progress
) -> list[EndRows]:
    rows = []
    for n, degrees in enumerate(blocks):
        part = progress.part(n / len(blocks), (n + 1) / len(blocks))
        rows.append(measure_label_planes(cut(end, degrees, part), windings))
    return rows


def labelled_table(
    volume: Volume, cell: Cell, rows: Sequence[EndRows], windings: Windings | None, source: str
) -> Table:
    """The overhang table, and what it was read from."""
    table = table_of(volume, cell, rows, windings)
    return Table(table.columns, table.data | {"source": np.full(len(table), source)})
