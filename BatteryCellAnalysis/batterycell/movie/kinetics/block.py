"""Some pixels of a particle: their values, when the front passes them, what is typical of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.lithium import LithiumMovie

from .fronts import Stretch, find_crossings
from .halves import HalfCycle
from .rates.course import Course, Passed, find_course
from .rates.frames import Frames
from .rates.typical import Typical
from .settings import KineticsSettings

Floats = NDArray[np.float64]
Place = tuple[NDArray[np.int64], NDArray[np.int64]]
# Order of the differences in time that show noise, and sum of the squares of their factors.
_ORDER, _SQUARES = 4, 70.0


@dataclass(frozen=True)
class PixelBlock:
    """Some pixels of a particle."""

    movie: LithiumMovie
    place: Place
    frames: Frames

    @property
    def everywhen(self) -> tuple[Any, ...]:
        """Where they lie in maps over time."""
        return (slice(None), *self.place)

    @cached_property
    def values(self) -> Floats:
        """Lithium fractions, shape (points, pixels)."""
        return np.asarray(self.movie.fraction[self.everywhen], float)

    @cached_property
    def variances(self) -> Floats:
        """Of the noise, same shape."""
        return np.asarray(self.movie.sigma[self.everywhen], float) ** 2

    def passed(self, half: HalfCycle, settings: KineticsSettings) -> Passed:
        """A half cycle of the pixels, and when each passes the level of the front."""
        turn = 1.0 if half.direction == "insertion" else -1.0
        values, variances = self.values[half.points], self.variances[half.points]
        known = np.isfinite(values) & np.isfinite(variances)
        weights = np.where(known, self.frames.weights[half.points, None], 0.0)
        times = self.frames.times_h[half.points]
        stretch = Stretch(np.where(known, turn * values, 0.0), np.where(known, variances, 0.0), weights, times)
        return Passed(half, values, variances, *find_crossings(stretch, turn * settings.level, settings.window))

    def noise(self, typical: Typical) -> Floats:
        """What no smooth course explains, in its σ, shape (points, pixels): fourth differences in time.

        NaN near the ends of half cycles and in rests.
        """
        found = np.full(self.values.shape, np.nan)
        for half in self.frames.moving:
            rest = self.values[half.points] - typical.share[half.points, 0].mean() * typical.value[half.points]
            if len(rest) > _ORDER:
                inner = slice(half.first + _ORDER // 2, half.last + 1 - _ORDER // 2)
                found[inner] = np.diff(rest, _ORDER, axis=0) / np.sqrt(_SQUARES * self.variances[inner])
        return found

    def courses(self, settings: KineticsSettings) -> list[Course | None]:
        """What is typical of the pixels in each half cycle that is no rest."""
        window = settings.window, settings.order
        return [find_course(self.passed(half, settings), self.frames, window) for half in self.frames.moving]
