"""The rate law of a pixel and of all pixels of a reservoir."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from batterycell.movie.law.settings import LawSettings

from .geometry import Geometry

Tensor = Any
# Fractions between which logarithms are taken, where the law needs them.
LEAST = 1e-4
# Polynomials stay constant a little beyond the compositions there are.
MOST_X = 1.1
NEWTON_STEPS, NEWTON_MOST_KT = 6, 3.0


@dataclass(frozen=True)
class Pieces:
    """Of the law, for a whole run.

    Args:
        exchange: Coefficients of ln j0 without its ideal part in powers of 2c − 1, shape (degree + 1,).
        potential: Those of μ without its ideal part, shape (degree + 1,).
        kappa: κ in kT µm².
        k: Reactivity, 0 outside, shape (B, H, W).
    """

    exchange: Tensor
    potential: Tensor
    kappa: Tensor
    k: Tensor


class Reaction:
    """∂c/∂t = k j0(c) f(μ_res − μ(c) + κ∇²c), with μ_res from the mean rate.

    j0 = √(c(1 − c)) e^l(c) and μ = ln(c / (1 − c)) + m(c) make Butler-Volmer's two directions k e^(l − q/2) (1 − c) and
    k e^(l + q/2) c with q = m − κ∇²c: smooth in c, no logarithm, and pointing inwards at 0 and 1. With e^(μ_res/2) = E
    the mean rate r = ⟨a⟩E − ⟨b⟩/E has one solution, μ_res = ln(⟨b⟩/⟨a⟩) + 2 asinh(r / 2√(⟨a⟩⟨b⟩)). Other laws are the
    same times an even function of η, their μ_res found by Newton steps from there.

    Args:
        settings: Which f.
        geometry: Of the particles.
    """

    def __init__(self, settings: LawSettings, geometry: Geometry) -> None:
        self.kind, self.energy, self.geometry = settings.reaction, settings.reorganisation_kt, geometry

    def rate(self, pieces: Pieces, c: Tensor, laplacian: Tensor, potential: Tensor) -> Tensor:
        """∂c/∂t in 1/h at each pixel alone, at reservoir potentials in kT; all of the shape (B, H, W)."""
        gain, loss, q = self._directions(pieces, c, laplacian, potential)
        return (gain - loss) * self._even(c, potential - q)

    def _directions(
        self, pieces: Pieces, c: Tensor, laplacian: Tensor, potential: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        import torch

        x = (2 * c - 1).clamp(-MOST_X, MOST_X)
        q = polynomial(pieces.potential, x) - pieces.kappa * laplacian
        level = pieces.k * torch.exp(polynomial(pieces.exchange, x))
        push = torch.exp((potential - q) / 2)
        return level * push * (1 - c), level / push * c, q

    def reservoir(self, pieces: Pieces, c: Tensor, laplacian: Tensor, rate: Tensor) -> Tensor:
        """μ_res in kT at which the reservoirs' mean rates are these, shape (G,)."""
        import torch

        gain, loss, _ = self._directions(pieces, c, laplacian, torch.zeros_like(c))
        a, b = self.geometry.mean(gain).clamp_min(1e-12), self.geometry.mean(loss).clamp_min(1e-12)
        potential = torch.log(b / a) + 2 * torch.asinh(rate / (2 * torch.sqrt(a * b)))
        if self.kind == "butler-volmer":
            return potential
        return self._by_newton(pieces, (c, laplacian), rate, potential)

    def _by_newton(self, pieces: Pieces, state: tuple[Tensor, Tensor], rate: Tensor, potential: Tensor) -> Tensor:
        step = 1e-4
        for _ in range(NEWTON_STEPS):
            now, more = (self._mean_rate(pieces, state, potential + s) for s in (0.0, step))
            slope = ((more - now) / step).clamp_min(1e-9)
            potential = potential - ((now - rate) / slope).clamp(-NEWTON_MOST_KT, NEWTON_MOST_KT)
        return potential

    def _mean_rate(self, pieces: Pieces, state: tuple[Tensor, Tensor], potential: Tensor) -> Tensor:
        return self.geometry.mean(self.rate(pieces, *state, self.geometry.spread(potential)))

    def _even(self, c: Tensor, affinity: Tensor) -> Tensor | float:
        """f(η) / 2 sinh(η/2), 1 at 0."""
        import torch

        if self.kind == "butler-volmer":
            return 1.0
        half = (affinity - torch.log(c.clamp(LEAST, 1 - LEAST) / (1 - c).clamp(LEAST, 1 - LEAST))) / 2
        if self.kind == "linear":
            near = half.abs() < 1e-3
            return torch.where(near, 1 - half**2 / 6, half / torch.sinh(torch.where(near, 1.0, half)))
        return self._marcus(2 * half) / self._marcus(torch.zeros_like(half)) / torch.cosh(half)

    def _marcus(self, eta: Tensor) -> Tensor:
        """Marcus-Hush-Chidsey without its tanh; Zeng, Smith, Bai, Bazant, J. Electroanal. Chem. 735 (2014) 77."""
        import torch

        root = math.sqrt(self.energy)
        return torch.erfc((self.energy - torch.sqrt(1 + root + eta**2)) / (2 * root))


def polynomial(coefficients: Tensor, x: Tensor) -> Tensor:
    """Σ coefficients_n xⁿ by Horner's scheme."""
    import torch

    total = coefficients[-1]
    for coefficient in reversed(coefficients[:-1].unbind()):
        total = torch.addcmul(coefficient, total, x)
    return total
