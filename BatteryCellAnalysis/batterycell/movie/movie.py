"""A movie or a spectral stack: frames with the time and the photon energy of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from batterycell.errors import InputError
from batterycell.slabs import SlabSource

from .index import FrameIndex, Points, check_index, find_points

Quantity = Literal["intensity", "optical density"]


@dataclass(frozen=True)
class Movie:
    """Frames that are read when they are needed.

    Args:
        frames: Shape (n, rows, columns), read a few at a time.
        index: Time and energy of each.
        pixel_um: Height and width of a pixel in µm; None where nobody says it.
        pixel_source: Where the size came from, for provenance.
        name: Short name for pictures and reports.
        quantity: What the values are.
        counts_per_unit: Photons of a value of 1, where the file says it; None where it does not.
        notes: What must be told about reading it.
    """

    frames: SlabSource
    index: FrameIndex
    pixel_um: tuple[float, float] | None
    pixel_source: str = "not stated"
    name: str = "movie"
    quantity: Quantity = "intensity"
    counts_per_unit: float | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_index(self.index, self.count, self.name)

    @property
    def count(self) -> int:
        """Number of frames."""
        return self.frames.shape[0]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.frames.shape[1:]

    @property
    def saturation(self) -> float:
        """The value at which a pixel is saturated; infinity where the type has none."""
        kind = self.frames.dtype
        return float(np.iinfo(kind).max) if kind.kind in "ui" else np.inf

    def points(self) -> Points:
        """Its frames as points in time.

        Raises:
            InputError: if its points have different energies.
        """
        return find_points(self.index, self.count, self.name)

    def stated_pixel_um(self) -> tuple[float, float]:
        """Its pixel size.

        Raises:
            InputError: if nobody says it.
        """
        if self.pixel_um is None:
            hint = "Pass it in µm, e.g. --pixel-size 0.08."
            raise InputError("pixel-size-unknown", f"The pixel size of {self.name} is not stated.", hint)
        return self.pixel_um
