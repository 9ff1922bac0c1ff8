"""The jelly roll as a flat sheet: maps over length and height of one layer, each place mapped back into the cell."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import Axis, Map
from batterycell.reslice import Curve

from .faces import Faces

Floats = NDArray[np.float64]

_MOST_COLUMNS = 480  # as wide as a picture of the sheet is drawn
_LEAST_SAMPLES = 1.5  # in a column


@dataclass(frozen=True)
class About:
    """What a map shows: machine name, title, unit and definition."""

    name: str
    title: str
    units: str
    description: str


@dataclass(frozen=True)
class FlatSheet:
    """The grid of maps over the unrolled cathode.

    Lengths run along the middle of the cathode from its outer end, as in `Windings.curve` and `unroll_winding`.

    Args:
        faces: The windings' faces; a map has their heights.
    """

    faces: Faces

    @cached_property
    def curve(self) -> Curve:
        """The cathode's middle."""
        return self.faces.windings.curve()

    @cached_property
    def lengths_mm(self) -> Floats:
        """Middles of the columns, evenly spaced, shape (c,)."""
        widest = float(np.diff(self.curve.arc_mm).max())
        count = int(np.clip(self.curve.length_mm / (_LEAST_SAMPLES * widest), 1, _MOST_COLUMNS))
        return np.asarray((np.arange(count) + 0.5) * self.curve.length_mm / count, np.float64)

    def map(self, about: About, values: Floats, inward_mm: float = 0.0, by: Literal["mean", "most"] = "mean") -> Map:
        """A map of values at the samples of the windings.

        Args:
            about: What it shows.
            values: Shape (h, m), m at most the number of samples.
            inward_mm: How far inward of the cathode's middle they were measured.
            by: Whether a column holds the mean of its samples, or the greatest.
        """
        rows = Axis("height_mm", "Height", "mm", self.faces.heights_mm)
        columns = Axis("length_mm", "Length along the cathode", "mm", self.lengths_mm)
        places = self.places(inward_mm)
        return Map(about.name, about.title, about.units, about.description, rows, columns,
                   self._binned(values, by), places)  # fmt: skip

    def places(self, inward_mm: float = 0.0) -> Floats:
        """RAS in mm of every place of a map, shape (h, c, 3)."""
        angle, height = self.curve.angle_at(self.lengths_mm), self.faces.heights_mm[:, None]
        radius = self.curve.radius_at(angle, height) - inward_mm
        return self.faces.windings.frame.from_cylindrical(angle, radius, height)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """First sample of each column."""
        edges = np.arange(len(self.lengths_mm)) * self.curve.length_mm / len(self.lengths_mm)
        return np.asarray(np.searchsorted(self.curve.arc_mm, edges - 1e-9), np.int64)

    def _binned(self, values: Floats, by: str) -> Floats:
        samples = len(self.curve.arc_mm)
        padded = np.pad(values, ((0, 0), (0, samples - values.shape[1])), constant_values=np.nan)
        if by == "most":
            return np.fmax.reduceat(padded, self._starts, axis=1)
        seen = np.isfinite(padded)
        total = np.add.reduceat(np.where(seen, padded, 0.0), self._starts, axis=1)
        count = np.add.reduceat(seen, self._starts, axis=1, dtype=float)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)
