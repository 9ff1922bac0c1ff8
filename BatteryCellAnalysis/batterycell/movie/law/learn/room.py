"""How much room a law leaves to the fields.

The most probable law and fields together are not the most probable law: one under which fields act strongly needs
little of them and looks probable, but few of all possible fields fit what was seen. Summed over all fields, a law is as
probable as with its best fields, divided by the root of the determinant of their curvature H (Tierney & Kadane, J. Am.
Stat. Assoc. 81 (1986) 82). Of its logarithm's half the change is ½ tr(H⁻¹ dH) = ½ d⟨|J u|²⟩ over draws u from H⁻¹.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .evidence import perturbed
from .problem import Linearised
from .solve import solve_others

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

    span, inverse = _law(linearised, answers)
    variances, ways = torch.linalg.eigh((inverse + inverse.T) / 2)
    draws = _draws(linearised, len(answers), seed)
    here, before = _heard(linearised, draws), torch.zeros_like(variances) if before is None else before
    push = torch.zeros_like(variances)
    for variance, way in zip(variances, ways.T, strict=True):
        sd = float(variance.clamp_min(1e-12).sqrt())
        step = min(STEP_SD * sd, MOST_STEP)
        moved = Linearised(linearised.problem, linearised.z + step * (way @ span), finer=False)
        change = (_heard(moved, draws) - here) / (2 * step) - float(before @ way)
        push += float(np.clip(change, -MOST_SHIFT_SD / sd, MOST_SHIFT_SD / sd)) * way
    return before + push * _trust(linearised, span, inverse, push)


def room_way(linearised: Linearised, answers: Tensor, room: Tensor) -> Tensor:
    """How far the slope ``room`` has moved all unknowns, shape (unknowns,).

    Args:
        linearised: The problem about its most probable unknowns.
        answers: How all others answer to the law's coefficients, shape (coefficients, unknowns).
        room: As of `room_slope`.
    """
    span, inverse = _law(linearised, answers)
    return -(inverse @ room) @ span


def _law(linearised: Linearised, answers: Tensor) -> tuple[Tensor, Tensor]:
    """Ways of the law that all others follow, shape (coefficients, unknowns), and the inverse of their curvature."""
    import torch

    span, few = answers.clone(), len(answers)
    span[:, :few] = torch.eye(few).to(answers)
    return span, torch.linalg.inv(span @ linearised.curvature(span).T)


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

    right = perturbed(linearised, DRAWS, torch.Generator().manual_seed(seed))
    limits = CG_STEPS, torch.full_like(right[:, 0], CG_TOLERANCE)
    precondition = linearised.preconditioner.at(0.0)
    return solve_others(linearised.curvature, right, precondition, few, limits, torch.zeros_like(right))[0]


def _heard(linearised: Linearised, draws: Tensor) -> float:
    """Mean of |J u|², of draws that leave the law as it is."""
    problem = linearised.problem
    heard = linearised.tangent.forward(*problem.unknowns.linear(draws, problem.scales)) * problem.weight
    return float((heard**2).sum() / len(draws))
