"""Particles as functions of place and time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .settings import MovieSpec

Floats = NDArray[np.float64]
# Widths in pixels: of the blurred outline, and of the front between rich and poor.
_EDGE_PX, _FRONT_PX = 1.5, 2.5
_LEAST, _MOST = 0.05, 0.95


@dataclass(frozen=True)
class Particle:
    """A platelet of elliptic outline whose lithium fraction rises from one end to the other.

    Args:
        centre: Row and column in pixels.
        axes: Half axes in pixels, the longer one first.
        turn: Angle of the longer one in radians.
        density: Optical density where an end member absorbs 1.
        waves: Direction and length in pixels, and phase of the unevenness of its thickness, shape (n, 3).
        separating: Whether lithium comes with a front.
    """

    centre: tuple[float, float]
    axes: tuple[float, float]
    turn: float
    density: float
    waves: Floats
    separating: bool

    def at(self, rows: Floats, columns: Floats, share: float) -> tuple[Floats, Floats]:
        """Amount and lithium fraction at places in pixels, each shape (...), when ``share`` of the time has passed."""
        along, across = self._own(rows, columns)
        radius = np.hypot(along / self.axes[0], across / self.axes[1])
        edge = (1 - radius) * self.axes[1]
        uneven = 1 + 0.08 * np.sum([np.sin(along * u + across * v + p) for u, v, p in self.waves], axis=0)
        amount = self.density * uneven / (1 + np.exp(-2 * edge / _EDGE_PX))
        return amount, self._fraction(along, across, share)

    def window(self, shape: tuple[int, int], _: Floats) -> tuple[slice, slice]:
        """The whole image."""
        return slice(0, shape[0]), slice(0, shape[1])

    def _own(self, rows: Floats, columns: Floats) -> tuple[Floats, Floats]:
        y, x = rows - self.centre[0], columns - self.centre[1]
        return x * np.cos(self.turn) + y * np.sin(self.turn), y * np.cos(self.turn) - x * np.sin(self.turn)

    def _fraction(self, along: Floats, across: Floats, share: float) -> Floats:
        if self.separating:
            front = (2.4 * share - 1.2) * self.axes[0] + 0.15 * across
            level = 1 / (1 + np.exp((along - front) * 2 / _FRONT_PX))
        else:
            level = np.clip(share * (1 + 0.2 * np.sin(along / 5)), 0.0, 1.0)
        return np.asarray(_LEAST + (_MOST - _LEAST) * level)


def draw_particles(spec: MovieSpec, rng: np.random.Generator) -> list[Particle]:
    """Particles side by side, each in a field of its own, with room for drift at the border."""
    height, width = spec.shape
    room = spec.drift_px + 4
    field = (height - 2 * room) / spec.particles
    particles = []
    for number in range(spec.particles):
        centre = (room + (number + 0.5) * field + rng.uniform(-1, 1), width / 2 + rng.uniform(-2, 2))
        short = 0.34 * field
        long = min(rng.uniform(1.4, 2.2) * short, 0.42 * (width - 2 * room))
        waves = np.column_stack([rng.uniform(0.15, 0.5, (4, 2)), rng.uniform(0, 6.28, 4)])
        density = spec.density * rng.uniform(0.8, 1.2)
        particles.append(
            Particle(centre, (long, short), float(rng.uniform(-0.3, 0.3)), density, waves, spec.separating)
        )
    return particles
