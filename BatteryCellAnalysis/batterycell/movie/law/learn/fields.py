"""Smooth random fields: their prior, and the way from independent numbers to pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Tensor = Any
Floats = NDArray[np.float64]
# Matérn fields in two dimensions have the spectrum (1 + ℓ²ω²)^−(ν + 1): rough (ν = 1), smoother, nearly Gaussian.
EXPONENTS = (2.0, 3.0, 5.0)


@dataclass(frozen=True)
class FieldPrior:
    """A normal field with zero mean.

    Args:
        scatter: Standard deviation of a pixel.
        length_um: Length ℓ over which it varies.
        exponent: ν + 1, how smooth it is.
    """

    scatter: float
    length_um: float
    exponent: float = EXPONENTS[0]

    def variances(self, omega2: Floats) -> Floats:
        """Of each cosine's coefficient, at squared wave numbers in 1/µm², shape (..., H, W)."""
        shape = (1 + self.length_um**2 * omega2) ** -self.exponent
        return np.asarray(self.scatter**2 * shape / shape.mean(axis=(-2, -1), keepdims=True))


def squared_wave_numbers(shape: tuple[int, int], pixel_um: Floats) -> Floats:
    """ω² of the cosines of each crop in 1/µm², shape (B, H, W)."""
    rows, columns = (
        np.square(np.pi * np.arange(size) / (size * pixel_um[:, axis, None])) for axis, size in enumerate(shape)
    )
    return rows[:, :, None] + columns[:, None, :]


def cosines(size: int) -> Floats:
    """Orthonormal cosines (DCT-II), one a row, shape (size, size)."""
    modes, places = np.arange(size)[:, None], np.arange(size)[None] + 0.5
    matrix: Floats = np.sqrt(2 / size) * np.cos(np.pi * modes * places / size)
    matrix[0] = np.sqrt(1 / size)
    return matrix


@dataclass(frozen=True)
class Synthesis:
    """From coefficients of cosines to pixels.

    Args:
        down: Cosines over the rows, shape (H, H).
        across: Over the columns, shape (W, W).
    """

    down: Tensor
    across: Tensor

    def __call__(self, coefficients: Tensor) -> Tensor:
        """Pixels of coefficients, shape (..., H, W)."""
        return self.down.T @ coefficients @ self.across
