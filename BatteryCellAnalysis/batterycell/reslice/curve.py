"""Curves around a cell along which it is unrolled, and the exact way from the cell to its unrolled picture and back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batterycell.errors import InputError
from batterycell.orient import CellFrame

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """A curve around the axis, followed over height: a circle, or the spiral of a winding.

    Args:
        angles_deg: Angles along the curve, evenly spaced, rising or falling past 360° and 0°, shape (n,).
        heights_mm: Heights at which the radii are known, increasing, shape (h,).
        radii_mm: Radius at each height and angle, shape (h, n).
    """

    angles_deg: Floats
    heights_mm: Floats
    radii_mm: Floats

    @cached_property
    def arc_mm(self) -> Floats:
        """Length along the curve up to each angle, of its mean over height, shape (n,); starts at 0."""
        radius = self.radii_mm.mean(axis=0)
        along = 0.5 * (radius[1:] + radius[:-1]) * np.radians(np.abs(np.diff(self.angles_deg)))
        return np.concatenate([[0.0], np.cumsum(np.hypot(along, np.diff(radius)))])

    @property
    def length_mm(self) -> float:
        """Length of the whole curve."""
        return float(self.arc_mm[-1])

    @property
    def step_deg(self) -> float:
        """Angle from sample to sample, negative where angles fall along the curve."""
        return float(self.angles_deg[1] - self.angles_deg[0])

    def angle_at(self, arc_mm: ArrayLike) -> Floats:
        """Angle (unwrapped, degrees) after a length along the curve; NaN beyond its ends."""
        return np.asarray(np.interp(np.asarray(arc_mm, float), self.arc_mm, self.angles_deg, np.nan, np.nan))

    def arc_at(self, angle_deg: ArrayLike) -> Floats:
        """Length along the curve up to an unwrapped angle; NaN beyond its ends."""
        position = (np.asarray(angle_deg, float) - self.angles_deg[0]) / self.step_deg
        return np.asarray(np.interp(position, np.arange(len(self.angles_deg)), self.arc_mm, np.nan, np.nan))

    def radius_at(self, angle_deg: ArrayLike, height_mm: ArrayLike) -> Floats:
        """Radius at unwrapped angles and heights (both broadcast); beyond the known heights, that of the nearest."""
        angle, height = np.broadcast_arrays(np.asarray(angle_deg, float), np.asarray(height_mm, float))
        column = (angle - self.angles_deg[0]) / self.step_deg
        row = np.interp(height, self.heights_mm, np.arange(len(self.heights_mm)))
        return bilinear(self.radii_mm, row, column)


@dataclass(frozen=True)
class UnrolledMap:
    """The way between a cell and its unrolled picture, exact in both directions.

    In the unrolled picture R is the length along the curve (its sign such that one looks at the cell from outside,
    not at its mirror image), A the distance outward from the curve, S the height along the cell's axis, all in mm.

    Args:
        frame: Where the cell stands.
        curve: What was unrolled.
        depth_mm: Least and greatest distance outward from the curve.
        heights_mm: Least and greatest height.
    """

    frame: CellFrame
    curve: Curve
    depth_mm: tuple[float, float]
    heights_mm: tuple[float, float]

    @property
    def side(self) -> int:
        """Sign of R along the curve: -1 where the curve runs to the right as seen from outside."""
        return side_of(self.frame, self.curve)

    def to_cell(self, ras_unrolled: ArrayLike) -> Floats:
        """Places in the cell, RAS mm, of places in the unrolled picture; both (..., 3); NaN outside it."""
        right, depth, height = np.moveaxis(np.asarray(ras_unrolled, float), -1, 0)
        angle = self.curve.angle_at(self.side * right)
        radius = self.curve.radius_at(angle, height) + depth
        inside = self._inside(depth, height) & (radius >= 0)
        return self.frame.from_cylindrical(angle, np.where(inside, radius, np.nan), np.where(inside, height, np.nan))

    def to_unrolled(self, ras_cell: ArrayLike) -> Floats:
        """Places in the unrolled picture of places in the cell, RAS mm; both (..., 3); NaN outside it.

        A place that the picture shows several times (between two turns) goes to the turn that it lies nearest to.
        """
        angle, radius, height = self.frame.to_cylindrical(ras_cell)
        turns = self._turns(angle)
        depth = radius[..., None] - self.curve.radius_at(turns, height[..., None])
        nearest = np.argmin(np.where(np.isfinite(depth), np.abs(depth), np.inf), axis=-1)[..., None]
        depth, turn = (np.take_along_axis(values, nearest, -1)[..., 0] for values in (depth, turns))
        arc = np.where(self._inside(depth, height), self.curve.arc_at(turn), np.nan)
        known = np.where(np.isfinite(arc), 1.0, np.nan)
        return np.stack([self.side * arc, depth * known, height * known], axis=-1)

    def to_json(self) -> str:
        """The map as text, to be kept beside the picture; numbers are kept to the last digit."""
        frame = {name: value.tolist() for name, value in vars(self.frame).items()}
        curve = {name: getattr(self.curve, name).tolist() for name in Curve.__dataclass_fields__}
        values = {"frame": frame, "curve": curve, "depth_mm": self.depth_mm, "heights_mm": self.heights_mm}
        return json.dumps({"batterycell": "unrolled", "version": 1, **values})

    @classmethod
    def from_json(cls, text: str) -> UnrolledMap:
        """The map written by `to_json`.

        Raises:
            InputError: if the text is none.
        """
        try:
            return cls._from_values(json.loads(text))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(
                "unrolled-map", "The way back from the unrolled picture cannot be read.", "Unroll the cell again."
            ) from error

    @classmethod
    def _from_values(cls, values: dict[str, Any]) -> UnrolledMap:
        frame, curve = ({k: np.array(v, float) for k, v in values[part].items()} for part in ("frame", "curve"))
        (near, far), (low, high) = values["depth_mm"], values["heights_mm"]
        return cls(CellFrame(**frame), Curve(**curve), (float(near), float(far)), (float(low), float(high)))

    def _inside(self, depth: Floats, height: Floats) -> NDArray[np.bool_]:
        within = [(values >= low - 1e-9) & (values <= high + 1e-9)
                  for values, (low, high) in ((depth, self.depth_mm), (height, self.heights_mm))]  # fmt: skip
        return within[0] & within[1]

    def _turns(self, angle_deg: Floats) -> Floats:
        """All unwrapped angles of the curve at angles of shape (...), shape (..., turns); NaN beyond its ends."""
        low, high = sorted((self.curve.angles_deg[0], self.curve.angles_deg[-1]))
        first = angle_deg + 360.0 * np.ceil((low - angle_deg) / 360.0 - 1e-12)
        turns = first[..., None] + 360.0 * np.arange(int((high - low) // 360.0) + 1)
        return np.where(turns <= high + 1e-9, np.clip(turns, low, high), np.nan)


def side_of(frame: CellFrame, curve: Curve) -> int:
    """Sign of R along a curve in its unrolled picture, see `UnrolledMap.side`."""
    return -int(np.sign(np.linalg.det(frame.basis)) * np.sign(curve.step_deg))


def bilinear(table: Floats, row: Floats, column: Floats) -> Floats:
    """Values of a table (h, n) between its samples; NaN for columns outside it, rows that are NaN, or beside a NaN."""
    rows, columns = table.shape
    outside = ~((column >= -1e-9) & (column <= columns - 1 + 1e-9) & np.isfinite(row))
    place, row = np.clip(np.where(outside, 0.0, column), 0, columns - 1), np.where(outside, 0.0, row)
    left, top = np.minimum(place.astype(int), max(columns - 2, 0)), np.minimum(row.astype(int), max(rows - 2, 0))
    right, bottom = np.minimum(left + 1, columns - 1), np.minimum(top + 1, rows - 1)
    x, y = place - left, row - top
    upper = _between(table[top, left], table[top, right], x)
    lower = _between(table[bottom, left], table[bottom, right], x)
    return np.asarray(np.where(outside, np.nan, _between(upper, lower, y)))


def _between(first: Floats, second: Floats, share: Floats) -> Floats:
    # Where the share is 0 or 1 the other value does not count, not even if it is NaN.
    mixed = first + share * (second - first)
    return np.where(share == 0, first, np.where(share == 1, second, mixed))
