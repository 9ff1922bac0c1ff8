"""The cathode's windings as one spiral that is known at every angle and height."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.errors import InputError
from batterycell.orient import CellFrame
from batterycell.reslice import Curve
from batterycell.reslice.curve import bilinear
from batterycell.tables import Column, Table
from batterycell.volume import UM_PER_MM

from .linking import fill_gaps
from .numbering import Turns

Floats = NDArray[np.float64]

WINDING_COLUMNS = (
    Column("winding", "Winding", "", "Cathode turn, 1 is the outermost at its angle."),
    Column("angle_deg", "Angle", "deg", "Angle about the cell's axis from +i towards +j of the input array."),
    Column("height_mm", "Height", "mm", "Height along the cell's axis, 0 in the middle of what the volume shows."),
    Column("radius_mm", "Radius", "mm", "Distance of the cathode's middle from the axis; empty where it is not seen."),
)  # fmt: skip


class WindingPlace(NamedTuple):
    """Where points lie in the roll.

    Args:
        winding: Nearest cathode turn, NaN outside the roll.
        angle_deg: Angle about the axis.
        distance_um: Distance outward from that cathode's middle, NaN outside the roll.
    """

    winding: Floats
    angle_deg: Floats
    distance_um: Floats


@dataclass(frozen=True)
class Windings:
    """The middle of every cathode turn over angle and height.

    The spiral is one curve: its samples follow each other inward, a whole number of them a turn. A winding's number
    changes at the angle at which the cathode begins, as in the table of overhangs.

    Args:
        frame: Where the cell stands.
        sense: +1 where the spiral runs inward with rising angles, -1 with falling.
        start_deg: Angle at which the cathode begins outside.
        per_turn: Samples a turn.
        pitch_mm: Radial distance from turn to turn.
        heights_mm: Heights at which it was traced, rising, shape (h,).
        radii_mm: Radius of each sample, shape (h, n), n more than per_turn; NaN where unseen.
    """

    frame: CellFrame
    sense: int
    start_deg: float
    per_turn: int
    pitch_mm: float
    heights_mm: Floats
    radii_mm: Floats

    @property
    def turns(self) -> float:
        """Length of the cathode in turns."""
        return float(self.radii_mm.shape[1] - 1) / self.per_turn

    @property
    def count(self) -> int:
        """How many windings there are where there are most of them."""
        return int(np.ceil(self.turns))

    @cached_property
    def filled_mm(self) -> Floats:
        """Radii with the gaps closed: as at other heights, else amid the turns beside the gap, shape (h, n)."""
        seen = np.isfinite(self.radii_mm).sum(axis=0)
        mean = np.where(seen > 0, np.nansum(self.radii_mm, axis=0) / np.maximum(seen, 1), np.nan)
        usual = _closed(mean, self.per_turn)
        return np.asarray(usual + np.array([fill_gaps(row - usual) for row in self.radii_mm]))

    def radius(self, winding: ArrayLike, angle_deg: ArrayLike, height_mm: ArrayLike) -> Floats:
        """Radius in mm of a cathode turn; NaN where it is not seen, or there is no such turn; all three broadcast."""
        column, row = np.broadcast_arrays(self.turn(winding, angle_deg) * self.per_turn, self._row(height_mm))
        return bilinear(self.radii_mm, row, column)

    def turn(self, winding: ArrayLike, angle_deg: ArrayLike) -> Floats:
        """Continuous place along the cathode, in turns from its outer end; both broadcast."""
        return np.asarray(np.asarray(winding, float) - 1 + self._fraction(angle_deg))

    def turns_at(self, angle_deg: float, height_mm: float) -> Turns:
        """The cathode turns at one angle, gaps closed."""
        number = np.arange(1, self.count + 1)
        sample = self.turn(number, angle_deg) * self.per_turn
        inside = sample <= self.radii_mm.shape[1] - 1 + 1e-6
        number, sample = number[inside], np.minimum(sample[inside], self.radii_mm.shape[1] - 1)
        row = np.full(len(number), float(self._row(height_mm)))
        seen = np.isfinite(self.radius(number, angle_deg, height_mm))
        return Turns(number, bilinear(self.filled_mm, row, sample), seen)

    def arc_mm(self, turn: ArrayLike, height_mm: float) -> Floats:
        """Length along the cathode's middle from its outer end, by straight pieces between samples; NaN beyond it."""
        row = np.full(self.filled_mm.shape[1], float(self._row(height_mm)))
        radius = bilinear(self.filled_mm, row, np.arange(len(row), dtype=float))
        around = 0.5 * (radius[1:] + radius[:-1]) * (2 * np.pi / self.per_turn)
        length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(radius), around))])
        sample = np.asarray(turn, float) * self.per_turn
        return np.asarray(np.interp(sample, np.arange(len(length)), length, left=np.nan, right=np.nan))

    def winding_at(self, ras: ArrayLike) -> WindingPlace:
        """The cathode turn nearest to points in RAS mm, shape (..., 3)."""
        angle, radius, height = self.frame.to_cylindrical(ras)
        turn = self._fraction(angle)[..., None] + np.arange(self.count)
        row = np.broadcast_to(np.asarray(self._row(height))[..., None], turn.shape)
        distance = radius[..., None] - bilinear(self.filled_mm, row, turn * self.per_turn)
        size = np.where(np.isfinite(distance), np.abs(distance), np.inf)
        nearest = np.argmin(size, axis=-1)[..., None]
        inside = np.take_along_axis(size, nearest, -1)[..., 0] <= self.pitch_mm
        signed = np.take_along_axis(distance, nearest, -1)[..., 0]
        return WindingPlace(np.where(inside, nearest[..., 0] + 1.0, np.nan), angle,
                            np.where(inside, UM_PER_MM * signed, np.nan))  # fmt: skip

    def curve(self, first: int = 1, last: int | None = None) -> Curve:
        """The spiral from the beginning of one winding to the end of another, gaps closed, to be unrolled along.

        Raises:
            InputError: if there are no such windings.
        """
        last = self.count if last is None else last
        if not 1 <= first <= last <= self.count:
            raise InputError(
                "no-such-winding",
                f"There is no winding {first}{'' if first == last else f' to {last}'}.",
                f"Choose from 1 to {self.count}; 1 is the outermost.",
            )
        start, stop = (first - 1) * self.per_turn, min(last * self.per_turn + 1, self.radii_mm.shape[1])
        angles = self.start_deg + self.sense * np.arange(start, stop) * 360.0 / self.per_turn
        return Curve(angles, self.heights_mm, self.filled_mm[:, start:stop])

    def to_table(self) -> Table:
        """One row a height and sample."""
        heights, samples = self.radii_mm.shape
        turn = np.arange(samples)
        angle = (self.start_deg + self.sense * turn * 360.0 / self.per_turn) % 360.0
        return Table(WINDING_COLUMNS, {
            "winding": np.tile(turn // self.per_turn + 1, heights),
            "angle_deg": np.tile(angle, heights),
            "height_mm": np.repeat(self.heights_mm, samples),
            "radius_mm": self.radii_mm.ravel(),
        })  # fmt: skip

    def to_json(self) -> str:
        """The windings as text."""
        frame = {name: value.tolist() for name, value in vars(self.frame).items()}
        radii = [[None if np.isnan(value) else value for value in row] for row in self.radii_mm.tolist()]
        values = {name: getattr(self, name) for name in ("sense", "start_deg", "per_turn", "pitch_mm")}
        lists = {"heights_mm": self.heights_mm.tolist(), "radii_mm": radii}
        return json.dumps({"batterycell": "windings", "version": 1, "frame": frame, **values, **lists})

    @classmethod
    def from_json(cls, text: str) -> Windings:
        """The windings written by `to_json`.

        Raises:
            InputError: if the text holds none.
        """
        try:
            return cls._from_values(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError("windings-text", "The windings cannot be read.", "Trace them again.") from error

    @classmethod
    def _from_values(cls, values: dict[str, Any]) -> Windings:
        frame = CellFrame(**{name: np.array(value, float) for name, value in values["frame"].items()})
        heights, radii = np.array(values["heights_mm"], float), np.array(values["radii_mm"], float)
        if radii.shape[0] != len(heights):
            raise ValueError("one row of radii a height")
        return cls(frame, int(values["sense"]), float(values["start_deg"]), int(values["per_turn"]),
                   float(values["pitch_mm"]), heights, radii)  # fmt: skip

    def _fraction(self, angle_deg: ArrayLike) -> Floats:
        """Part of a turn (0..1) that the cathode has run from its beginning to an angle."""
        part = self.sense * (np.asarray(angle_deg, float) - self.start_deg) / 360.0 % 1.0
        # A rounding error before the beginning must not come out as a whole turn.
        return np.asarray(np.where(part > 1 - 1e-9, 0.0, part))

    def _row(self, height_mm: ArrayLike) -> Floats:
        return np.asarray(np.interp(np.asarray(height_mm, float), self.heights_mm, np.arange(len(self.heights_mm))))


def _closed(row: Floats, per_turn: int) -> Floats:
    """A spiral without gaps: across a gap it keeps its place between the turns outside and inside of it."""
    outer, inner = np.roll(row, per_turn), np.roll(row, -per_turn)
    outer[:per_turn], inner[-per_turn:] = np.nan, np.nan
    middle = fill_gaps(0.5 * (outer + inner)) if np.isfinite(outer + inner).any() else np.zeros_like(row)
    return np.where(np.isfinite(row), row, middle + fill_gaps(row - middle))
