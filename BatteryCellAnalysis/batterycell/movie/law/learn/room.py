"""How much room a law leaves to the fields.

The most probable law and fields together are not the most probable law: one under which fields act strongly needs
little of them and looks probable, but few of all possible fields fit what was seen. Summed over all fields, a law is as
probable as with its best fields, divided by the root of the determinant of their curvature H (Tierney & Kadane, J. Am.
Stat. Assoc. 81 (1986) 82). Of its logarithm's half the change is ½ tr(H⁻¹ dH) = ½ d⟨|J u|²⟩ over draws u from H⁻¹.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .problem import Linearised
from .solve import conjugate_gradients

Tensor = Any
DRAWS, CG_STEPS, CG_TOLERANCE = 8, 80, 0.05
# How far the law is moved to see the change, in standard deviations and at most; and how far it may follow at once.
STEP_SD, MOST_STEP, MOST_SHIFT_SD = 0.2, 0.05, 2.0
TRUSTED, LEAST_RISE = (1.0, 0.5, 0.25, 0.125), 0.6


def room_slope(linearised: Linearised, answers: Tensor, seed: int, before: Tensor | None) -> Tensor:
    """Slope of half the logarithm of the determinant by the law's whitened coefficients, all fields following.

    Args:
        linearised: The problem about its most probable unknowns.
        answers: How all others answer to the law's coefficients, shape (coefficients, unknowns).
        seed: Of the draws.
        before: The slope under which these unknowns were found; the law is not moved too far at once from there.
    """
    import torch

    few = len(answers)
    span = answers.clone()
    span[:, :few] = torch.eye(few).to(answers)
    inverse = torch.linalg.inv(span @ linearised.curvature(span).T)
    variances, ways = torch.linalg.eigh((inverse + inverse.T) / 2)
    draws = _draws(linearised, few, seed)
    here, before = _heard(linearised, draws), torch.zeros_like(variances) if before is None else before
    push = torch.zeros_like(variances)
    for variance, way in zip(variances, ways.T, strict=True):
        sd = float(variance.clamp_min(1e-12).sqrt())
        step = min(STEP_SD * sd, MOST_STEP)
        moved = Linearised(linearised.problem, linearised.z + step * (way @ span), finer=False)
        change = (_heard(moved, draws) - here) / (2 * step) - float(before @ way)
        push += float(np.clip(change, -MOST_SHIFT_SD / sd, MOST_SHIFT_SD / sd)) * way
    return before + push * _trust(linearised, span, inverse, push)


def _trust(linearised: Linearised, span: Tensor, inverse: Tensor, push: Tensor) -> float:
    """The share of a push along which the cost rises as its curvature says: beyond, a law would run away."""
    for share in TRUSTED:
        shift = -share * (inverse @ push)
        rise = linearised.problem.cost(linearised.z + shift @ span) - linearised.cost
        if LEAST_RISE < rise / max(-0.5 * share * float(push @ shift), 1e-12) < 1 / LEAST_RISE:
            return share
    return 0.0


def _draws(linearised: Linearised, few: int, seed: int) -> Tensor:
    """Fields from their posterior under the law as it is, shape (draws, unknowns); as of `evidence.posterior`."""
    import torch

    def others(rows: Tensor) -> Tensor:
        return torch.cat([torch.zeros_like(rows[:, :few]), rows[:, few:]], 1)

    weight, generator = linearised.problem.weight, torch.Generator().manual_seed(seed)
    noise, prior = (
        torch.randn(DRAWS, *shape, generator=generator, dtype=weight.dtype).to(weight.device)
        for shape in (weight.shape, linearised.z.shape)
    )
    right = others(linearised.backward(noise * (weight > 0)) + prior)
    tolerance, precondition = torch.full_like(right[:, 0], CG_TOLERANCE), linearised.preconditioner.at(0.0)
    found, _ = conjugate_gradients(
        lambda rows: others(linearised.curvature(rows)),
        right,
        lambda rows: others(precondition(rows)),
        (CG_STEPS, tolerance),
        torch.zeros_like(right),
    )
    return found


def _heard(linearised: Linearised, draws: Tensor) -> float:
    """Mean of |J u|²."""
    return float((linearised.forward(draws) ** 2).sum() / len(draws))
