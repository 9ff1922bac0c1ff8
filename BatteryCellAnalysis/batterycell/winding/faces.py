"""The two faces of the cathode, turn by turn, at many heights: what its shape, gaps and thickness are read from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from batterycell.orient import Cell
from batterycell.progress import Progress
from batterycell.reslice import CylinderSampler, voxel_sizes
from batterycell.reslice.curve import bilinear
from batterycell.reslice.sampling import in_threads
from batterycell.volume import Volume

from .path import Windings

Floats = NDArray[np.float64]

_APART_MM = 0.4  # heights of the maps; a tall roll has _MOST of them
_MOST = 48
_MIDDLE = 0.1  # of the pitch: so near to a cathode's middle lies cathode, however the sheets are proportioned
_VALLEY = (0.15, 0.6)  # of the pitch: between them lies the darkest place beside a cathode
_REACH = 0.7  # of the pitch: how far a profile reaches to either side
_FAINT = 0.3  # of the typical contrast: what shows less has no face that could be read
_THICKNESS = (0.4, 1.7)  # of the typical one
_ALONG = 1.0  # samples: smoothing along the sheet


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
    profiler = _Profiler(CylinderSampler(volume, cell.frame, float("nan")), windings, across / 2, _rows(cell, axial))
    read = np.full((6, len(heights), windings.radii_mm.shape[1]), np.nan)

    def work(row: int) -> None:
        read[:, row] = _read(*profiler(float(heights[row])), windings.pitch_mm)

    in_threads(work, len(heights), progress or Progress(), "finding the cathode's faces")
    radius = _at_heights(windings.filled_mm, windings, heights)
    inner, outer, grey, *valley = _credible(read)
    unseen = np.isnan(_at_heights(windings.radii_mm, windings, heights))
    inner, outer = (np.where(unseen, np.nan, radius + face) for face in (-inner, outer))
    return Faces(windings, heights, inner, outer, grey, np.array(valley), across)


@dataclass(frozen=True)
class _Profiler:
    """Samples grey values across the sheets along the whole spiral."""

    sampler: CylinderSampler
    windings: Windings
    step_mm: float
    rows_mm: Floats

    def __call__(self, height: float) -> tuple[Floats, float]:
        """Profiles at a height, shape (d, n), d odd, the cathode amid them, outward; and the distance of samples."""
        radius = _at_heights(self.windings.filled_mm, self.windings, np.array([height]))[0]
        reach = int(np.ceil(_REACH * self.windings.pitch_mm / self.step_mm))
        offsets = np.arange(-reach, reach + 1)[:, None] * self.step_mm
        turn = np.arange(len(radius)) * 360.0 / self.windings.per_turn
        angle = self.windings.start_deg + self.windings.sense * turn
        rows = np.mean(
            [self.sampler(angle, radius + offsets, height + row, np.float32) for row in self.rows_mm], axis=0
        )
        return ndimage.gaussian_filter1d(rows, _ALONG, axis=1, mode="nearest"), self.step_mm


def _rows(cell: Cell, axial: float) -> Floats:
    """Heights of the rows that are averaged, about a map's height; a single slice has one."""
    low, high = cell.heights_mm
    return np.array([-1.0, 0.0, 1.0]) * axial if high - low > 4 * axial else np.zeros(1)


def _at_heights(values: Floats, windings: Windings, heights: Floats) -> Floats:
    """Values (h', n) of the traced heights at others, shape (h, n)."""
    row = np.interp(heights, windings.heights_mm, np.arange(len(windings.heights_mm)))
    rows, columns = np.broadcast_arrays(row[:, None], np.arange(values.shape[1], dtype=float))
    return bilinear(values, rows, columns)


def _read(profiles: Floats, step: float, pitch: float) -> Floats:
    """Distance (inner, outer) of the faces, middle grey, (inner, outer) valley, contrast; shape (6, n)."""
    amid = len(profiles) // 2
    near = max(1, round(_MIDDLE * pitch / step))
    grey = profiles[amid - near : amid + near + 1].mean(axis=0)
    sides = [_side(side, grey, (step, pitch)) for side in (profiles[amid::-1], profiles[amid:])]
    (inner, low), (outer, high) = sides
    return np.array([inner, outer, grey, low, high, grey - np.maximum(low, high)])


def _side(values: Floats, grey: Floats, scale: tuple[float, float]) -> tuple[Floats, Floats]:
    """Distance of one face and the valley beyond it, from values outward of the middle, shape (k, n)."""
    step, pitch = scale
    first, last = (round(share * pitch / step) for share in _VALLEY)
    valley = values[first : last + 1].min(axis=0)
    level = 0.5 * (grey + valley)
    index = np.maximum(np.argmax(values < level, axis=0), 1)
    before, after = (np.take_along_axis(values, index[None] - back, 0)[0] for back in (1, 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        return (index - 1 + np.clip((before - level) / (before - after), 0, 1)) * step, valley


def _credible(read: Floats) -> Floats:
    """What was read, NaN where the sheet hardly shows or is as thick as no cathode."""
    thickness, contrast = read[0] + read[1], read[5]
    low, high = (share * float(np.nanmedian(thickness)) for share in _THICKNESS)
    good = (contrast > _FAINT * np.nanmedian(contrast)) & (thickness > low) & (thickness < high)
    return np.asarray(np.where(good, read[:5], np.nan))
