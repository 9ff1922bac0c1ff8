"""Gauss-Newton steps and conjugate gradients, without ever holding a matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Tensor = Any
Operator = Callable[[Tensor], Tensor]


def conjugate_gradients(
    apply: Operator, right: Tensor, precondition: Operator, most: int, tolerance: float
) -> tuple[Tensor, int]:
    """Solve for many right hand sides at once.

    Args:
        apply: A symmetric positive definite operator on rows.
        right: One a row, shape (rows, unknowns).
        precondition: About its inverse, on rows.
        most: Most steps.
        tolerance: Of the residual in the norm of ``precondition``, relative to the right hand side's.

    Returns:
        Solutions, same shape, and the number of steps.
    """
    import torch

    x, residual = torch.zeros_like(right), right.clone()
    way = better = precondition(residual)
    size = (residual * better).sum(1, keepdim=True)
    wanted = tolerance**2 * size
    for step in range(most):
        if bool((size <= wanted).all()):
            return x, step
        turned = apply(way)
        length = size / (way * turned).sum(1, keepdim=True).clamp_min(1e-300)
        x, residual = x + length * way, residual - length * turned
        better = precondition(residual)
        size, before = (residual * better).sum(1, keepdim=True), size
        way = better + size / before.clamp_min(1e-300) * way
    return x, most


@dataclass(frozen=True)
class Bordered:
    """Solutions of A x = b in which a few unknowns, and all that answers to them, are solved exactly.

    Args:
        solution: x, shape (rows, unknowns).
        inverse: The few unknowns' block of the inverse of A, shape (few, few).
        steps: Of conjugate gradients.
    """

    solution: Tensor
    inverse: Tensor
    steps: int


def solve_bordered(
    apply: Operator, right: Tensor, precondition: Operator, few: int, limits: tuple[int, float]
) -> Bordered:
    """Solve where the first unknowns are few, act on all others, and may be hardly known.

    Conjugate gradients find how the others answer to each of the few, X, and to the right hand side, y; what is left is
    exact over the span of W = [1, X] with the Schur complement W A Wᵀ, into which errors of X enter with their square.

    Args:
        apply: A symmetric positive definite operator on rows.
        right: b, one a row, shape (rows, unknowns).
        precondition: About its inverse, on rows.
        few: How many of them.
        limits: Most steps and tolerance, as of `conjugate_gradients`.
    """
    import torch

    def others(rows: Tensor) -> Tensor:
        return torch.cat([torch.zeros_like(rows[:, :few]), rows[:, few:]], 1)

    border = right.new_zeros(few, right.shape[1])
    border.fill_diagonal_(1.0)
    asked = torch.cat([-apply(border), right])
    found, steps = conjugate_gradients(
        lambda rows: others(apply(rows)), others(asked), lambda rows: others(precondition(rows)), *limits
    )
    span, start = border + found[:few], found[few:]
    applied = apply(torch.cat([span, start]))
    inverse = torch.linalg.inv(span @ applied[:few].T)
    return Bordered(start + (right - applied[few:]) @ span.T @ inverse.T @ span, inverse, steps)
