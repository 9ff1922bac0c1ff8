"""The chemical potential of the lithium around the particles, and how well it is known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from batterycell.movie.law.learn.problem import Problem

from .curves import constant

Tensor = Any
Floats = NDArray[np.float64]


def reservoirs(problem: Problem, z: Tensor, draws: Tensor | None, visited: NDArray[np.bool_]) -> Floats:
    """μ_res of each particle in kT on the scale of μ(c), of a turning point after it.

    Args:
        problem: What was looked for.
        z: The most probable unknowns.
        draws: Unknowns of the posterior minus these, shape (draws, unknowns); None without.
        visited: Compositions over which the mean of μ(c) is zero, shape (grid,).

    Returns:
        That of the most probable law first, then that of each draw, shape (1 + draws, B, T).
    """
    laws = [z, *(() if draws is None else z + draws)]
    return np.stack([_reservoir(problem, one, visited)[problem.unknowns.batch.reservoir] for one in laws])


def _reservoir(problem: Problem, z: Tensor, visited: NDArray[np.bool_]) -> Floats:
    """At the points in time, shape (G, T)."""
    meaning, fraction = problem.meaning(z), problem.predict(z)
    reaction, found = problem.reaction, []
    for point in range(fraction.shape[1]):
        c = fraction[:, point]
        rate = meaning.rates[:, min(point, meaning.rates.shape[1] - 1)]
        found.append(reaction.reservoir(meaning.pieces, c, reaction.geometry.laplacian(c), rate).cpu().numpy())
    unknowns = problem.unknowns
    theta = unknowns.theta_mean + unknowns.theta_scatter * z[unknowns.parts.theta]
    return np.stack(found, axis=1) - constant(theta.cpu().numpy(), visited)
