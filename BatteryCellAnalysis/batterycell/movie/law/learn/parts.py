"""What a vector of unknowns consists of, what it means, and under which priors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from batterycell.movie.law.physics.reaction import Pieces

from .fields import FieldPrior

Tensor = Any


@dataclass(frozen=True)
class Hyper:
    """What the priors and the noise are like.

    Args:
        ln_k: Of ln k.
        first: Of the first composition about its mean.
        noise: What the stated noise is multiplied with.
    """

    ln_k: FieldPrior
    first: FieldPrior
    noise: float = 1.0

    def as_dict(self) -> dict[str, float]:
        """By name, with units."""
        return {
            "ln_k_scatter": self.ln_k.scatter,
            "ln_k_length_um": self.ln_k.length_um,
            "first_scatter": self.first.scatter,
            "first_length_um": self.first.length_um,
            "noise_scale": self.noise,
        }


@dataclass(frozen=True)
class Parts:
    """Slices of the vector of unknowns."""

    theta: slice
    means: slice
    ln_k: slice
    first: slice

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return int(self.first.stop)


@dataclass(frozen=True)
class Meaning:
    """What unknowns mean, as tensors.

    Args:
        pieces: Functions and fields of the law.
        ln_k: ln k with the mean zero over all pixels, shape (B, H, W).
        first: First composition, shape (B, H, W).
        rates: Mean rates in 1/h, shape (G, T − 1).
    """

    pieces: Pieces
    ln_k: Tensor
    first: Tensor
    rates: Tensor
