"""Gauss-Newton steps and conjugate gradients, without ever holding a matrix."""

from __future__ import annotations

from collections.abc import Callable
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
