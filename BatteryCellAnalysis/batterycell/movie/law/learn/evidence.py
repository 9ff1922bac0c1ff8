"""Draws from the posterior about its maximum, and the priors and the noise under which the movies are most probable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from .fields import EXPONENTS, FieldPrior
from .problem import Linearised
from .solve import solve_bordered
from .unknowns import Hyper

Tensor = Any
Floats = NDArray[np.float64]
CG_STEPS, CG_TOLERANCE = 40, 0.03
AT_ONCE = 32
LEAST_SCATTER = {"ln_k": 0.05, "first": 0.003}
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


def posterior(linearised: Linearised, count: int, seed: int) -> Posterior:
    """Draw from it: with independent normal numbers ε, H⁻¹(Jᵀε₁ + ε₂) has its covariance.

    Papandreou & Yuille, NIPS 2010. Coefficients of the law are solved exactly with all that answers to them: what is
    hardly known is what conjugate gradients find last.
    """
    import torch

    few, precondition = linearised.problem.unknowns.parts.theta.stop, linearised.precondition(0.0)
    generator = torch.Generator().manual_seed(seed)
    found = []
    for start in range(0, count, AT_ONCE):
        right = _right(linearised, min(AT_ONCE, count - start), generator)
        limits = (CG_STEPS, CG_TOLERANCE)
        solved = solve_bordered(linearised.curvature, right, precondition, few, limits)
        found.append(solved.solution)
    return Posterior(torch.cat(found), solved.inverse)


def _right(linearised: Linearised, ways: int, generator: Any) -> Tensor:
    import torch

    weight = linearised.problem.weight

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=weight.dtype).to(weight.device)

    heard = normal(ways, *weight.shape) * (weight > 0)
    return linearised.backward(heard) + normal(ways, len(linearised.z))


def better_hyper(linearised: Linearised, draws: Tensor) -> Hyper:
    """One step of expectation maximisation (Dempster, Laird, Rubin 1977).

    Priors become those under which the coefficients' second moments, as the posterior has them, are most probable;
    the noise becomes what the movies scatter, with as many numbers taken off as they determine.
    """
    unknowns, hyper = linearised.problem.unknowns, linearised.problem.hyper
    moments = (linearised.z**2 + (draws**2).mean(0)).cpu().numpy()
    parts = unknowns.parts
    ln_k = _prior(hyper.ln_k, moments[parts.ln_k], unknowns.k_omega2, LEAST_SCATTER["ln_k"])
    first = _prior(hyper.first, moments[parts.first], unknowns.omega2, LEAST_SCATTER["first"])
    return Hyper(ln_k, first, _noise(linearised, draws))


def _prior(old: FieldPrior, moments: Floats, omega2: Floats, least: float) -> FieldPrior:
    second = moments.reshape(omega2.shape) * old.variances(omega2)
    pixel = np.pi / np.sqrt(omega2[:, -1, -1].max() / 2)
    bounds = np.log(0.3 * pixel), np.log(pixel * max(omega2.shape[1:]) / 2)
    found = [_best_length(second, omega2, exponent, bounds) for exponent in EXPONENTS]
    _, best = min(found, key=lambda one: one[0])
    scatter = np.sqrt((second / best.variances(omega2)).mean())
    return replace(best, scatter=max(float(scatter), least))


def _best_length(
    second: Floats, omega2: Floats, exponent: float, bounds: tuple[float, float]
) -> tuple[float, FieldPrior]:
    """The length under which second moments are most probable, at the scatter that suits it; and how improbable."""

    def surprise(log_length: float) -> float:
        variances = FieldPrior(1.0, float(np.exp(log_length)), exponent).variances(omega2)
        return float(np.log((second / variances).mean()) + np.log(variances).mean())

    best = minimize_scalar(surprise, bounds=bounds, method="bounded")
    return float(best.fun), FieldPrior(1.0, float(np.exp(best.x)), exponent)


def _noise(linearised: Linearised, draws: Tensor) -> float:
    known = float((linearised.problem.weight > 0).sum())
    determined = len(linearised.z) - float((draws**2).sum(1).mean())
    scale = float((linearised.misfit**2).sum()) / max(known - max(determined, 0.0), 0.1 * known)
    return float(np.clip(linearised.problem.hyper.noise * np.sqrt(scale), *NOISE_BOUNDS))
