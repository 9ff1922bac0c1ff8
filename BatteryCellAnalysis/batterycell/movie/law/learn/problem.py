"""What the movies say of a vector of unknowns: misfit, its derivatives, about the inverse of their square."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from math import ceil, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.law.physics.chebyshev import LEAST_STAGES
from batterycell.movie.law.physics.reaction import Reaction
from batterycell.movie.law.physics.simulate import Steps, simulate
from batterycell.movie.law.physics.tangent import Tangent

from .parts import Hyper, Meaning
from .precondition import Preconditioner
from .unknowns import Unknowns

Tensor = Any
Floats = NDArray[np.float64]
FINER = 2
# More noises than this, no coefficient of a law changes a fraction by.
MOST_COLUMN = 1e6


def refined(steps: Steps) -> Steps:
    """Steps so much finer."""
    stages = tuple(max(LEAST_STAGES, ceil(count / sqrt(FINER)) + 1) for count in steps.stages)
    return replace(steps, counts=tuple(FINER * count for count in steps.counts), stages=stages)


class Problem:
    """Misfit of movies, whitened: ½|misfit(z)|² + ½|z|² is minus the logarithm of the posterior.

    Args:
        unknowns: What is looked for.
        hyper: Priors and noise.
        counts: Number of time steps of each interval, and evaluations of the rate in each step.
        room: Slope of what is added to the cost by the law's whitened coefficients; None adds nothing.
    """

    def __init__(
        self,
        unknowns: Unknowns,
        hyper: Hyper,
        counts: tuple[tuple[int, ...], tuple[int, ...]],
        room: Tensor | None = None,
    ) -> None:
        batch = unknowns.batch
        self.unknowns, self.hyper = unknowns, hyper
        self.steps = Steps(unknowns.hours, *counts)
        self.fine = refined(self.steps)
        self.correction: Tensor = 0.0
        self.room = unknowns.nothing()
        if room is not None:
            self.room[unknowns.parts.theta] = room
        self.reaction = Reaction(unknowns.settings, unknowns.geometry)
        self.scales = unknowns.scales(hyper)
        weight = batch.weight * batch.used[:, :, None, None] / hyper.noise
        self.weight, self.seen = unknowns.tensor(weight), unknowns.tensor(batch.seen)

    def meaning(self, z: Tensor) -> Meaning:
        """What unknowns mean."""
        return self.unknowns.meaning(z, self.scales)

    def predict(self, z: Tensor) -> Tensor:
        """Fractions, shape (B, T, H, W), with what finer steps changed where the problem was linearised last."""
        return self.run(z, self.steps) + self.correction

    def run(self, z: Tensor, steps: Steps) -> Tensor:
        """Fractions by these time steps, shape (B, T, H, W)."""
        found = self.meaning(z)
        return simulate(self.reaction, found.pieces, (found.first, found.rates), steps)

    def cost(self, z: Tensor) -> float:
        """Minus the logarithm of the posterior; infinite where the law runs away."""
        misfit = (self.predict(z) - self.seen) * self.weight
        value = 0.5 * float((misfit**2).sum() + (z**2).sum()) + float(self.room @ z)
        return value if np.isfinite(value) else np.inf


class Linearised:
    """A problem about a vector of unknowns.

    Args:
        problem: It.
        z: The unknowns.
        finer: Whether errors of the time steps are taken off.
    """

    def __init__(self, problem: Problem, z: Tensor, finer: bool = True) -> None:
        self.problem, self.z = problem, z
        unknowns, found = problem.unknowns, problem.meaning(z)
        self.tangent = Tangent(
            problem.reaction, found.pieces, (found.first, found.rates), problem.steps, unknowns.powers
        )
        # Errors of the steps would pull the law; what takes them off is a constant and leaves the derivative right.
        # They are of second order (Richardson 1911).
        if finer:
            problem.correction = (problem.run(z, problem.fine) - self.tangent.found) * FINER**2 / (FINER**2 - 1)
        self.misfit = (self.tangent.found + problem.correction - problem.seen) * problem.weight
        self.cost = 0.5 * float((self.misfit**2).sum() + (z**2).sum()) + float(problem.room @ z)

    @cached_property
    def columns(self) -> Tensor:
        """Change of the misfit by each of the law's whitened coefficients, shape (coefficients, values)."""
        scatter = self.problem.unknowns.theta_scatter[:, None, None, None, None]
        return (self.tangent.theta() * scatter * self.problem.weight).flatten(1)

    @cached_property
    def gradient(self) -> Tensor:
        """Of the cost, shape (unknowns,)."""
        return self.backward(self.misfit[None])[0] + self.z + self.problem.room

    @cached_property
    def preconditioner(self) -> Preconditioner:
        """About the inverse of the curvature."""
        return Preconditioner(self)

    @property
    def sound(self) -> bool:
        """Whether the time steps are stable, for what is changed by little, too."""
        return bool(np.isfinite(self.cost) and self.columns.abs().max() < MOST_COLUMN)

    def step_errors(self) -> Floats:
        """Root mean square of what finer time steps correct at each point in time, shape (T,)."""
        squares = (self.problem.correction**2).sum((0, 2, 3)) / self.problem.unknowns.geometry.mask.sum()
        return np.asarray(np.nan_to_num(squares.sqrt().cpu().numpy(), nan=np.inf))

    def forward(self, ways: Tensor) -> Tensor:
        """Change of the misfit along ways of the shape (ways, unknowns), shape (ways, B, T, H, W)."""
        import torch

        problem = self.problem
        found = self.tangent.forward(*problem.unknowns.linear(ways, problem.scales))
        by_theta = ways[:, problem.unknowns.parts.theta] @ self.columns
        return torch.addcmul(by_theta.view_as(found), found, problem.weight)

    def backward(self, changes: Tensor) -> Tensor:
        """Its transpose, shape (ways, unknowns)."""
        import torch

        problem, parts = self.problem, self.problem.unknowns.parts
        pulled = self.tangent.backward(changes * problem.weight)
        ways = torch.zeros(len(changes), parts.size, requires_grad=True, **self._kind())
        (found,) = torch.autograd.grad(problem.unknowns.linear(ways, problem.scales), ways, pulled)
        found[:, parts.theta] = changes.flatten(1) @ self.columns.T
        return found

    def curvature(self, ways: Tensor) -> Tensor:
        """(1 + JᵀJ) times ways."""
        return ways + self.backward(self.forward(ways))

    def _kind(self) -> dict[str, Any]:
        return {"dtype": self.z.dtype, "device": self.z.device}
