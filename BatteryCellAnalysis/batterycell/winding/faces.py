"""The two faces of the cathode, turn by turn, at many heights: what its shape, gaps and thickness are read from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from batterycell.orient import Cell
from batterycell.progress import Progress
from batterycell.reslice import CylinderSampler, voxel_sizes
from batterycell.reslice.sampling import in_threads
from batterycell.volume import Volume

from .path import Windings
from .profiles import Profiler, ladder

Floats = NDArray[np.float64]

_APART_MM = 0.4  # heights of the maps; a tall roll has _MOST of them
_MOST = 48


@dataclass(frozen=True)
class Faces:
    """Where each cathode turn begins and ends across the sheet.

    Args:
        windings: The windings that were followed; samples along the sheet are theirs.
        heights_mm: Heights, rising, evenly spaced, shape (h,).
        inner_mm: Radius of the face towards the axis; NaN where it cannot be read, shape (h, n).
        outer_mm: Radius of the face towards the can, likewise.
        grey: Grey value in the middle of the sheet, shape (h, n).
        valley: Least grey value beside the (inner, outer) face, shape (2, h, n).
        voxel_mm: Voxel size across the axis.
    """

    windings: Windings
    heights_mm: Floats
    inner_mm: Floats
    outer_mm: Floats
    grey: Floats
    valley: Floats
    voxel_mm: float

    @cached_property
    def middle_mm(self) -> Floats:
        """Radius of the cathode's middle, shape (h, n)."""
        return np.asarray(0.5 * (self.inner_mm + self.outer_mm), np.float64)

    @property
    def thickness_mm(self) -> Floats:
        """Thickness of the cathode, shape (h, n)."""
        return np.asarray(self.outer_mm - self.inner_mm, np.float64)

    @property
    def step_height_mm(self) -> float:
        """Distance of the heights; 0 for a single one."""
        return float(self.heights_mm[1] - self.heights_mm[0]) if len(self.heights_mm) > 1 else 0.0

    @property
    def turn(self) -> Floats:
        """Turns of the spiral up to each sample, from 0 at the cathode's outer end, shape (n,)."""
        return np.asarray(np.arange(self.inner_mm.shape[1]) / self.windings.per_turn, np.float64)

    @property
    def angle_deg(self) -> Floats:
        """Angle of each sample, 0..360, shape (n,)."""
        return np.asarray((self.windings.start_deg + self.windings.sense * 360.0 * self.turn) % 360.0, np.float64)


def fold(values: Floats, per_turn: int) -> Floats:
    """Values (h, m) at samples along the sheet as turns one below the other, shape (h, turns, per_turn); NaN beyond."""
    turns = -(-values.shape[1] // per_turn)
    padded = np.pad(values, ((0, 0), (0, turns * per_turn - values.shape[1])), constant_values=np.nan)
    return padded.reshape(len(values), turns, per_turn)


def face_heights(windings: Windings) -> Floats:
    """Heights for maps, evenly spaced over those at which the windings were traced."""
    low, high = float(windings.heights_mm[0]), float(windings.heights_mm[-1])
    return np.linspace(low, high, int(np.clip(round((high - low) / _APART_MM) + 1, 1, _MOST)))


def find_faces(
    volume: Volume, cell: Cell, windings: Windings, heights: Floats | None = None, progress: Progress | None = None
) -> Faces:
    """Find the faces of every cathode turn where the grey value has fallen halfway to the dark beside it.

    Args:
        volume: The cell.
        cell: Where it stands.
        windings: Its windings, as traced.
        heights: Heights in mm; None is `face_heights`.
        progress: Told how far it is.

    Raises:
        Cancelled: if the user asked to stop.
    """
    heights = face_heights(windings) if heights is None else heights
    axial, across = voxel_sizes(volume, cell.frame)
    profiler = Profiler(CylinderSampler(volume, cell.frame, float("nan")), windings, across / 2, _rows(cell, axial))
    ways = _ways(windings.heights_mm, heights)
    read = np.full((5, len(heights), windings.radii_mm.shape[1]), np.nan)

    def work(number: int) -> None:
        start, rows = ways[number]
        rungs = ladder(heights[rows], start)
        read[:, rows] = profiler.follow(rungs)[:, np.argmin(np.abs(rungs[:, None] - heights[rows]), axis=0)]

    in_threads(work, len(ways), progress or Progress(), "finding the cathode's faces")
    inner, outer, grey, *valley = read
    unseen = _unseen(windings, heights)
    inner, outer = (np.where(unseen, np.nan, face) for face in (inner, outer))
    return Faces(windings, heights, inner, outer, grey, np.array(valley), across)


def _ways(traced: Floats, heights: Floats) -> list[tuple[float, NDArray[np.int64]]]:
    """Heights (their indices) that are reached upward and downward from each traced height, each from the nearest."""
    nearest, ways = _nearest(traced, heights), []
    for band, start in enumerate(traced.tolist()):
        for side in (heights >= start, heights < start):
            rows = np.flatnonzero((nearest == band) & side)
            if len(rows):
                ways.append((start, rows))
    return ways


def _unseen(windings: Windings, heights: Floats) -> NDArray[np.bool_]:
    """Where the trace saw no cathode at the heights above and below, shape (h, n): one of them may have lost it."""
    blind, last = np.isnan(windings.radii_mm), len(windings.heights_mm) - 1
    below = np.clip(np.searchsorted(windings.heights_mm, heights, side="right") - 1, 0, last)
    return np.asarray(blind[below] & blind[np.minimum(below + 1, last)], bool)


def _nearest(traced: Floats, heights: Floats) -> NDArray[np.int64]:
    return np.asarray(np.argmin(np.abs(heights[:, None] - traced), axis=1), np.int64)


def _rows(cell: Cell, axial: float) -> Floats:
    """Heights of the rows that are averaged, about a map's height; a single slice has one."""
    low, high = cell.heights_mm
    return np.array([-1.0, 0.0, 1.0]) * axial if high - low > 4 * axial else np.zeros(1)
