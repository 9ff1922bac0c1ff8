"""The jelly roll in the coordinates of its own winding, turn by piece."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.errors import InputError
from batterycell.orient import Cell
from batterycell.progress import Progress
from batterycell.reslice import CylinderSampler, voxel_sizes
from batterycell.reslice.curve import bilinear
from batterycell.reslice.sampling import MOST_THREADS
from batterycell.volume import Volume
from batterycell.winding import RollEnd, Windings, kept_roll_ends

Floats = NDArray[np.float64]

_STEP_VOXELS = 1.5
_SLAB_MM = 32.0  # heights worked on together, of a whole turn
_SAMPLES = 20_000_000  # and as many samples: some 600 MB a thread; fine scans are cut into smaller parts
_ROWS = 32  # heights sampled together
_LEAST_MM = 4.0  # what is usual is told in tiles of this size
_BEYOND_MM = 0.25  # how far beyond the cathodes' mean end is looked: anodes stand there, tabs and caps do not


class Part(NamedTuple):
    """What of the roll is worked on together, without its margins.

    Args:
        number: The turn; -1 is what lies outside the outermost one.
        slab: The heights.
        span: From and to which share of the turn.
    """

    number: int
    slab: slice
    span: tuple[float, float] = (0.0, 1.0)


class Piece(NamedTuple):
    """Where one turn of the roll was sampled, at some heights.

    Args:
        turns: Turns from the cathode's outer end, of the samples along the sheets, shape (n,).
        own: Which samples are this piece's own; the others are shared with its neighbours, shape (h, n).
        depths: Shares of the way from this turn's cathode inward to the next one's, shape (d,).
        heights: Heights in mm, shape (h,).
        radii: Radii in mm of this turn's and of the next turn's cathode, shape (2, h, n).
        steps_mm: Distance of samples along the axis and along the sheets.
    """

    turns: Floats
    own: NDArray[np.bool_]
    depths: Floats
    heights: Floats
    radii: Floats
    steps_mm: tuple[float, float]

    def radius(self, depth: int, rows: slice) -> Floats:
        """Radii of one depth at some heights, shape (h, n)."""
        share = self.depths[depth]
        return np.asarray((1 - share) * self.radii[0, rows] + share * self.radii[1, rows])


@dataclass(frozen=True)
class RollGrid:
    """Samples a jelly roll along its winding.

    Between one turn of the cathode and the next lie the same sheets everywhere: at the same share of the way from one
    to the other, a place is surrounded by its own material, along the sheet and along the axis.

    Args:
        volume: The cell.
        cell: Where it stands.
        windings: Its windings.
        progress: Keeps what other stages ask for, too.
    """

    volume: Volume
    cell: Cell
    windings: Windings
    progress: Progress = field(default_factory=Progress)

    @cached_property
    def steps_mm(self) -> tuple[float, float]:
        """Distance of samples along the axis, and across it."""
        axial, across = voxel_sizes(self.volume, self.cell.frame)
        step = _STEP_VOXELS * across
        return max(step, axial), step

    @cached_property
    def ends(self) -> tuple[RollEnd, ...]:
        """The roll's top and bottom; none where the volume shows neither, and so only windings."""
        try:
            return kept_roll_ends(self.volume, self.cell, self.progress)
        except InputError as error:
            if error.code != "no-end":
                raise
            return ()

    @cached_property
    def heights(self) -> Floats:
        """Heights of the samples in mm, shape (h,)."""
        low, high = self.cell.heights_mm
        if self.ends:
            top, bottom = self.ends
            low = -bottom.level_mm - _BEYOND_MM * bottom.in_volume
            high = top.level_mm + _BEYOND_MM * top.in_volume
        return np.arange(max(low, self.cell.heights_mm[0]), min(high, self.cell.heights_mm[1]), self.steps_mm[0])

    @cached_property
    def depths(self) -> Floats:
        """Shares of the way from turn to turn, shape (d,)."""
        count = max(4, round(1.2 * self.windings.pitch_mm / self.steps_mm[1]))
        return np.asarray((np.arange(count) + 0.5) / count)

    def parts(self, margin_mm: float) -> list[Part]:
        """What is to be sampled piece by piece, each with a margin around it."""
        size, count = self._part_size(margin_mm)
        slabs = [slice(start, start + size) for start in range(0, len(self.heights), size)]
        spans = [(n / count, (n + 1) / count) for n in range(count)]
        return [Part(number, *part) for number in range(-1, self.windings.count) for part in product(slabs, spans)]

    def threads(self, margin_mm: float) -> int:
        """How many parts may be worked on at a time, so that they take no more than two of the largest."""
        size, count = self._part_size(margin_mm)
        axial, across = self.steps_mm
        rows = min(size, len(self.heights)) + 2 * margin_mm / axial
        columns = (2 * np.pi * float(np.nanmax(self._extended)) / count + 2 * margin_mm) / across
        return max(1, min(MOST_THREADS, int(2 * _SAMPLES / (rows * columns * len(self.depths)))))

    def _part_size(self, margin_mm: float) -> tuple[int, int]:
        """Heights of a part, and parts of a turn, so that a part has not too many samples."""
        axial, across = self.steps_mm
        rows, least = max(1, round(_SLAB_MM / axial)), max(1, round(_LEAST_MM / axial))
        turn = 2 * np.pi * float(np.nanmax(self._extended))
        margins, layer = 2 * margin_mm, across / len(self.depths) * axial
        room = _SAMPLES * layer  # mm² of sheet
        if (min(rows, len(self.heights)) * axial + margins) * (turn + margins) <= room:
            return rows, 1
        rows = min(rows, max(least, int((room / (turn + margins) - margins) / axial)))
        span = max(_LEAST_MM, room / (rows * axial + margins) - margins)
        return rows, max(1, int(np.ceil(turn / span)) if span < turn else 1)

    @cached_property
    def sampler(self) -> CylinderSampler:
        """Samples the volume; NaN outside it."""
        return CylinderSampler(self.volume, self.cell.frame, float("nan"))

    def prepare(self) -> None:
        """Work out what all threads share, once."""
        _ = self.heights, self.depths, self._extended, self.sampler(0.0, 0.0, 0.0, np.float32)

    def piece(self, part: Part, margin_mm: float) -> Piece:
        """The places of a part, with a margin of what lies before and after, above and below."""
        number, slab, span = part
        extra = int(margin_mm / self.steps_mm[0]) + 1
        heights = self.heights[max(slab.start - extra, 0) : slab.stop + extra]
        middle = float(np.mean(self.radius(min(number + 0.5, self.windings.turns), heights)))
        around = 2 * np.pi * middle
        count = max(8, round(around / self.steps_mm[1]))
        margin = min(int(margin_mm / self.steps_mm[1]) + 1, count)
        first, last = (round(share * count) for share in span)
        turns = number + (np.arange(first - margin, last + margin) + 0.5) / count
        turns = turns[(turns >= -1) & (turns < self.windings.turns)]
        radii = np.stack([self.radius(turns + one, heights[:, None]) for one in (0, 1)])
        inside = self.heights[slab]
        level = (heights >= inside[0]) & (heights <= inside[-1])
        own = level[:, None] & ((turns >= number + first / count) & (turns < number + last / count))
        return Piece(turns, own, self.depths, heights, radii, (self.steps_mm[0], around / count))

    def sample(self, piece: Piece) -> NDArray[np.float32]:
        """Grey values of a piece, shape (d, h, n); NaN outside the volume and where the roll has no sheets."""
        angle = self.angle(piece.turns)
        grey = np.empty((len(piece.depths), *piece.radii.shape[1:]), np.float32)
        # A few heights after another: what of a large volume is fetched for one depth serves the next ones, too.
        for start, depth in product(range(0, len(piece.heights), _ROWS), range(len(piece.depths))):
            rows = slice(start, start + _ROWS)
            grey[depth, rows] = self.sampler(angle, piece.radius(depth, rows), piece.heights[rows, None], np.float32)
        return self._only_sheets(piece, grey)

    def _only_sheets(self, piece: Piece, grey: NDArray[np.float32]) -> NDArray[np.float32]:
        """Outside the outermost turn and inside the innermost one, only the anode that lies on it."""
        outer, inner = piece.turns < 0, piece.turns > self.windings.turns - 1
        grey[np.ix_(piece.depths < 0.5, np.full(len(piece.heights), True), outer)] = np.nan
        grey[np.ix_(piece.depths > 0.5, np.full(len(piece.heights), True), inner)] = np.nan
        return grey

    def angle(self, turns: ArrayLike) -> Floats:
        """Angle in degrees, unwrapped, after some turns."""
        return np.asarray(self.windings.start_deg + self.windings.sense * 360.0 * np.asarray(turns, float))

    def radius(self, turns: ArrayLike, height_mm: ArrayLike) -> Floats:
        """Radius of the cathode in mm after some turns; a turn beyond its ends lies a pitch farther."""
        sample = (np.asarray(turns, float) + 1) * self.windings.per_turn
        row = np.interp(np.asarray(height_mm, float), self.windings.heights_mm, np.arange(len(self._extended)))
        column, row = np.broadcast_arrays(np.clip(sample, 0, self._extended.shape[1] - 1), row)
        return bilinear(self._extended, row, column)

    def to_winding(self, ras: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Turns, share of the way to the next turn, and height in mm, of places in RAS mm, shape (..., 3)."""
        angle, radius, height = self.cell.frame.to_cylindrical(ras)
        part = self.windings.sense * (angle - self.windings.start_deg) / 360.0 % 1.0
        every = part[..., None] + np.arange(-1, self.windings.count)
        beyond = self.radius(every, height[..., None]) >= radius[..., None]
        turns = part + np.maximum(beyond.sum(axis=-1), 1) - 2
        outer, inner = self.radius(turns, height), self.radius(turns + 1, height)
        return turns, (outer - radius) / np.maximum(outer - inner, 1e-6), height

    def place(self, turns: ArrayLike, depth: ArrayLike, height_mm: ArrayLike) -> Floats:
        """RAS in mm, shape (..., 3), of places in the winding; all three broadcast."""
        turns, depth = np.asarray(turns, float), np.asarray(depth, float)
        radius = (1 - depth) * self.radius(turns, height_mm) + depth * self.radius(turns + 1, height_mm)
        return self.cell.frame.from_cylindrical(self.angle(turns), radius, height_mm)

    @cached_property
    def _extended(self) -> Floats:
        """Radii with one more turn outside and inside, shape (h, n)."""
        radii, count, pitch = self.windings.filled_mm, self.windings.per_turn, self.windings.pitch_mm
        return np.concatenate([radii[:, :count] + pitch, radii, radii[:, -count:] - pitch], axis=1)
