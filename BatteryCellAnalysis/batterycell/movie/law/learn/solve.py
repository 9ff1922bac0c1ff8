"""Gauss-Newton steps and conjugate gradients, without ever holding a matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Tensor = Any
Operator = Callable[[Tensor], Tensor]


def conjugate_gradients(
    apply: Operator, right: Tensor, precondition: Operator, limits: tuple[int, Tensor], start: Tensor
) -> tuple[Tensor, int]:
    """Solve for many right hand sides at once; those that are solved are left alone.

    Args:
        apply: A symmetric positive definite operator on rows.
        right: One a row, shape (rows, unknowns).
        precondition: About its inverse, on rows.
        limits: Most steps, and what is left of the residual in the norm of ``precondition``, relative to the right hand
            side's, of each row.
        start: Where to begin, same shape.

    Returns:
        Solutions, same shape, and the number of steps.
    """
    import torch

    x, live = start.clone(), torch.ones(len(right), dtype=torch.bool, device=right.device)
    residual = right - apply(start) if bool((start != 0).any()) else right.clone()
    way = better = precondition(residual)
    size = (residual * better).sum(1, keepdim=True)
    wanted = limits[1][:, None] ** 2 * (right * precondition(right)).sum(1, keepdim=True)
    for step in range(limits[0]):
        going = (size > wanted)[:, 0]
        if not bool(going.all()):
            live = live.clone()
            live[live.clone()] = going
            residual, way, size, wanted = residual[going], way[going], size[going], wanted[going]
        if not len(way):
            return x, step
        turned = apply(way)
        length = size / (way * turned).sum(1, keepdim=True).clamp_min(1e-300)
        x[live] += length * way
        residual = residual - length * turned
        better = precondition(residual)
        size, before = (residual * better).sum(1, keepdim=True), size
        way = better + size / before.clamp_min(1e-300) * way
    return x, limits[0]


def solve_others(
    apply: Operator, right: Tensor, precondition: Operator, few: int, limits: tuple[int, Tensor], begin: Tensor
) -> tuple[Tensor, int]:
    """`conjugate_gradients` with the first ``few`` unknowns held at zero."""
    import torch

    def others(rows: Tensor) -> Tensor:
        return torch.cat([torch.zeros_like(rows[:, :few]), rows[:, few:]], 1)

    return conjugate_gradients(
        lambda rows: others(apply(rows)), others(right), lambda rows: others(precondition(rows)), limits, begin
    )


@dataclass(frozen=True)
class Bordered:
    """Solutions of A x = b in which a few unknowns, and all that answers to them, are solved exactly.

    Args:
        solution: x, shape (rows, unknowns).
        inverse: The few unknowns' block of the inverse of A, shape (few, few).
        answers: How the others answer to each of the few, shape (few, unknowns).
        steps: Of conjugate gradients.
    """

    solution: Tensor
    inverse: Tensor
    answers: Tensor
    steps: int


def solve_bordered(
    apply: Operator,
    right: Tensor,
    precondition: Operator,
    few: int,
    limits: tuple[int, float, float],
    answers: Tensor | None = None,
) -> Bordered:
    """Solve where the first unknowns are few, act on all others, and may be hardly known.

    Conjugate gradients find how the others answer to each of the few, X, and to the right hand side, y; what is left is
    exact over the span of W = [1, X] with the Schur complement W A Wᵀ, into which errors of X enter with their square.

    Args:
        apply: A symmetric positive definite operator on rows.
        right: b, one a row, shape (rows, unknowns).
        precondition: About its inverse, on rows.
        few: How many of them.
        limits: Most steps of conjugate gradients, and their tolerances for X and for y.
        answers: Those of a similar operator, to begin with.
    """
    import torch

    border = right.new_zeros(few, right.shape[1])
    border.fill_diagonal_(1.0)
    asked = torch.cat([-apply(border), right])
    begin, tolerance = torch.zeros_like(asked), torch.full_like(asked[:, 0], limits[2])
    tolerance[:few] = limits[1]
    if answers is not None:
        begin[:few] = answers
    found, steps = solve_others(apply, asked, precondition, few, (limits[0], tolerance), begin)
    span, start = border + found[:few], found[few:]
    applied = apply(torch.cat([span, start]))
    inverse = torch.linalg.inv(span @ applied[:few].T)
    solution = start + (right - applied[few:]) @ span.T @ inverse.T @ span
    return Bordered(solution, inverse, found[:few], steps)
