"""Random functions of place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_WAVES = 256


@dataclass(frozen=True)
class Field:
    """A Gaussian field of mean 0 and variance 1 with the covariance exp(−r² / 2ℓ²), as a sum of waves.

    Random Fourier features: wave vectors drawn from the covariance's own spectrum (Rahimi & Recht, NIPS 2007).

    Args:
        waves: Wave vectors in 1/µm and phases, shape (n, 3).
    """

    waves: Floats

    def at(self, y_um: Floats, x_um: Floats) -> Floats:
        """Values at places in µm, shape (...)."""
        total = np.zeros(np.broadcast(y_um, x_um).shape)
        for u, v, phase in self.waves:
            total += np.cos(u * y_um + v * x_um + phase)
        return np.asarray(total * np.sqrt(2 / len(self.waves)))


def draw_field(length_um: float, rng: np.random.Generator, waves: int = _WAVES) -> Field:
    """A field that varies over ``length_um``; few waves do where nobody asks for its distribution."""
    vectors = rng.normal(0, 1 / length_um, (waves, 2))
    return Field(np.column_stack([vectors, rng.uniform(0, 2 * np.pi, waves)]))
