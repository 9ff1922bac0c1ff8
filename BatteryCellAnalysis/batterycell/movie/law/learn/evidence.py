"""Draws from the posterior about its maximum, and the priors and the noise under which the movies are most probable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from .fields import EXPONENTS, FieldPrior
from .parts import Hyper
from .problem import Linearised
from .solve import solve_bordered

Tensor = Any
Floats = NDArray[np.float64]
# Conjugate gradients: most steps, tolerance of the answers to the law, and of draws.
SOLVE = (80, 0.002, 0.03)
AT_ONCE = 32
# Of ln k and of the first fraction, and of both.
LEAST_SCATTER, MOST_SCATTER = (0.02, 0.002), 5.0
USUAL_SCATTER, USUAL_LENGTH_PX = (0.5, 0.05), 3.0
MOST_WAVES, SEARCH = 400, {"xatol": 0.02, "fatol": 0.02, "maxfev": 60}
NOISE_BOUNDS = (0.3, 30.0)


@dataclass(frozen=True)
class Posterior:
    """The posterior as a normal distribution about its maximum, with the covariance H⁻¹ = (1 + JᵀJ)⁻¹.

    Args:
        draws: Unknowns minus their most probable values, shape (draws, unknowns).
        theta: Covariance of the law's whitened coefficients, all fields being free.
    """

    draws: Tensor
    theta: Tensor

    def moved(self, way: Tensor, seed: int) -> Posterior:
        """The same with one more uncertainty that moves all unknowns along a way, shape (unknowns,)."""
        import torch

        share = torch.randn(len(self.draws), generator=torch.Generator().manual_seed(seed + 1), dtype=way.dtype)
        theta = way[: len(self.theta)]
        return Posterior(self.draws + share.to(way.device)[:, None] * way, self.theta + theta[:, None] * theta)


def posterior(linearised: Linearised, count: int, seed: int, answers: Tensor | None = None) -> Posterior:
    """Draw from it: with independent normal numbers ε, H⁻¹(Jᵀε₁ + ε₂) has its covariance.

    Papandreou & Yuille, NIPS 2010. Coefficients of the law are solved exactly with all that answers to them: what is
    hardly known is what conjugate gradients find last.
    """
    import torch

    few, precondition = linearised.problem.unknowns.parts.theta.stop, linearised.preconditioner.at(0.0)
    generator = torch.Generator().manual_seed(seed)
    found = []
    for start in range(0, count, AT_ONCE):
        right = perturbed(linearised, min(AT_ONCE, count - start), generator)
        solved = solve_bordered(linearised.curvature, right, precondition, few, SOLVE, answers)
        answers = solved.answers
        found.append(solved.solution)
    return Posterior(torch.cat(found), solved.inverse)


def perturbed(linearised: Linearised, ways: int, generator: Any) -> Tensor:
    """Jᵀε₁ + ε₂ of independent normal numbers, shape (ways, unknowns)."""
    import torch

    weight = linearised.problem.weight

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=weight.dtype).to(weight.device)

    heard = normal(ways, *weight.shape) * (weight > 0)
    return linearised.backward(heard) + normal(ways, len(linearised.z))


def better_hyper(linearised: Linearised) -> Hyper:
    """Priors under which the movies are most probable, and the noise that they scatter.

    About the most probable unknowns the movies say of a field what sight of every pixel with the same uncertainty
    would; the probability of that sight under a prior has a closed form (MacKay, Neural Computation 4 (1992) 415).
    """
    hyper = linearised.problem.hyper
    seen = zip(_sights(linearised), (hyper.ln_k, hyper.first), LEAST_SCATTER, strict=True)
    ln_k, first = (_prior(*one) for one in seen)
    return Hyper(ln_k, first, _noise(linearised))


@dataclass(frozen=True)
class _Sight:
    """What is seen of a kind of field.

    Args:
        omega2: Squared wave numbers of the longest waves in 1/µm², shape (fields, waves).
        all_omega2: Of all waves, shape (fields, H, W).
        products: Of the waves over a particle times what is told of a pixel, shape (fields, waves, waves).
        heard: Sum over the pixels of what is seen of them times the waves, same weight, shape (fields, waves).
        usual: Scatter that is expected.
    """

    omega2: Floats
    all_omega2: Floats
    products: Tensor
    heard: Tensor
    usual: float

    def surprise(self, prior: FieldPrior) -> float:
        """Minus the logarithm of its probability, up to a constant."""
        import torch

        shape = (1 + prior.length_um**2 * self.all_omega2) ** -prior.exponent
        own = (1 + prior.length_um**2 * self.omega2) ** -prior.exponent
        variances = prior.scatter**2 * own / shape.mean(axis=(1, 2))[:, None]
        scale = torch.as_tensor(np.sqrt(variances)).to(self.products)
        block = scale[:, :, None] * self.products * scale[:, None, :]
        root = torch.linalg.cholesky(block + torch.eye(block.shape[1]).to(block))
        answer = torch.linalg.solve_triangular(root, (scale * self.heard)[..., None], upper=False)
        logarithm = root.diagonal(dim1=1, dim2=2).log().sum()
        return float(logarithm - 0.5 * (answer**2).sum()) + self._strange(prior)

    def _strange(self, prior: FieldPrior) -> float:
        """Of scatter and length themselves, which few waves do not tell: within a factor of e from what is usual."""
        pixel = np.pi / np.sqrt(self.all_omega2[:, -1, -1].max() / 2)
        logs = np.log([prior.scatter / self.usual, prior.length_um / (USUAL_LENGTH_PX * pixel)])
        return float(0.5 * np.square(logs).sum())


def _sights(linearised: Linearised) -> list[_Sight]:
    unknowns, z = linearised.problem.unknowns, linearised.z
    kinds = ((unknowns.parts.ln_k, unknowns.k_omega2), (unknowns.parts.first, unknowns.omega2))
    found = []
    fields = zip(linearised.preconditioner.fields, kinds, USUAL_SCATTER, strict=True)
    for (told, scales, waves), (part, omega2), usual in fields:
        index = waves.index[:, :MOST_WAVES]
        # What is left of the movies by the waves as they are: of short ones more exact than z over its small scale.
        left = (z - linearised.gradient)[part]
        scale, value, rest, root = (
            v.reshape(len(index), -1).gather(1, index) for v in (scales, z[part], left, told.sqrt())
        )
        products = root[:, :, None] * waves.products[:, :MOST_WAVES, :MOST_WAVES] * root[:, None, :]
        heard = rest / scale + (products @ (scale * value)[..., None])[..., 0]
        own = np.take_along_axis(omega2.reshape(len(omega2), -1), index.cpu().numpy(), axis=1)
        found.append(_Sight(own, omega2, products, heard, usual))
    return found


def _prior(sight: _Sight, old: FieldPrior, least: float) -> FieldPrior:
    pixel = np.pi / np.sqrt(sight.all_omega2[:, -1, -1].max() / 2)
    longest = pixel * max(sight.all_omega2.shape[1:]) / 2
    bounds = [(np.log(least), np.log(MOST_SCATTER)), (np.log(0.3 * pixel), np.log(longest))]

    def best(exponent: float) -> tuple[float, FieldPrior]:
        def of(logs: Floats) -> FieldPrior:
            return FieldPrior(float(np.exp(logs[0])), float(np.exp(logs[1])), exponent)

        begin = np.clip(np.log([old.scatter, old.length_um]), *np.transpose(bounds))
        found = minimize(lambda v: sight.surprise(of(v)), begin, method="Nelder-Mead", bounds=bounds, options=SEARCH)
        return float(found.fun), of(found.x)

    return min((best(exponent) for exponent in EXPONENTS), key=lambda one: one[0])[1]


def _noise(linearised: Linearised) -> float:
    known = float((linearised.problem.weight > 0).sum())
    determined = linearised.preconditioner.determined()
    scale = float((linearised.misfit**2).sum()) / max(known - determined, 0.1 * known)
    return float(np.clip(linearised.problem.hyper.noise * np.sqrt(scale), *NOISE_BOUNDS))
