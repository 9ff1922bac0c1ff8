"""A movie that is ready for its chemistry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.index import Points
from batterycell.movie.movie import Movie

from .noise import NoiseModel

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Prepared:
    """Optical density without drift.

    Args:
        movie: What it was made from.
        points: Its frames as points in time.
        density: Optical density, float32, shape (frames, rows, columns); NaN where a pixel was dark, saturated, no
            number, or came from outside the image.
        beam: Intensity without sample of each frame, shape (frames,); 1 where densities were given.
        beam_variance: Relative variance of these, which all pixels of a frame share, shape (frames,).
        noise: What one pixel of one frame scatters.
        shifts_px: How far each frame had drifted, rows and columns, shape (frames, 2).
        shift_u_px: Standard uncertainty of these, shape (frames, 2); NaN where a frame was not registered itself.
        narrowing: Standard deviation that interpolating left of the noise, as a share, shape (frames,).
        labels: Number of the particle of each pixel, shape (rows, columns); 0 outside.
        notes: What must be told.
        flat: Flat fields relative to ``beam``, shape (frames or 1, rows, columns); None where the beam is even.
    """

    movie: Movie
    points: Points
    density: NDArray[np.float32]
    beam: Floats
    beam_variance: Floats
    noise: NoiseModel
    shifts_px: Floats
    shift_u_px: Floats
    narrowing: Floats
    labels: NDArray[np.int32]
    notes: tuple[str, ...] = ()
    flat: Floats | None = None

    @property
    def pixel_um(self) -> tuple[float, float]:
        """Height and width of a pixel in µm."""
        return self.movie.stated_pixel_um()

    @property
    def particles(self) -> int:
        """Number of particles."""
        return int(self.labels.max())

    def variance(self, frame: int, density: NDArray[Any] | None = None) -> Floats:
        """Variance of one pixel's optical density before interpolating, shape (rows, columns).

        A flat field counted photons as well, once: its own noise is added.
        """
        values = np.asarray(self.density[frame] if density is None else density, float)
        beam: float | Floats = float(self.beam[frame])
        if self.flat is None or self.noise.kind == "constant":
            return self.noise.variance(values, beam)
        beam = beam * self.flat[min(frame, len(self.flat) - 1)]
        return self.noise.variance(values, beam) + self.noise.variance(np.zeros_like(values), beam)
