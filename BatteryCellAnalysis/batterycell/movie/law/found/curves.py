"""j0(c) and μ(c) with their uncertainty, and where the movies tell them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.polynomial.legendre import legvander
from numpy.typing import NDArray

from batterycell.movie.law.law import LawFunction

Floats = NDArray[np.float64]
GRID = np.linspace(0.01, 0.99, 99)
# A value is told where its standard uncertainty is below this (of ln j0; of μ in kT), and this share of the prior's.
EXCHANGE_KNOWN, POTENTIAL_KNOWN_KT, PRIOR_SHARE = 0.1, 0.25, 0.5


@dataclass(frozen=True)
class Coefficients:
    """Of ln j0 (0 … degree), of μ (1 … degree), and ln κ, in Legendre polynomials of 2c − 1.

    Args:
        mean: Most probable values, shape (2 degree + 2,).
        covariance: Of the posterior, shape (2 degree + 2, 2 degree + 2).
        prior: Standard deviations of the prior, shape (2 degree + 2,).
    """

    mean: Floats
    covariance: Floats
    prior: Floats

    @property
    def degree(self) -> int:
        """Highest polynomial."""
        return len(self.mean) // 2 - 1

    def exchange_rows(self) -> Floats:
        """What the coefficients are multiplied with for ln j0 over `GRID`, shape (grid, 2 degree + 2)."""
        rows = np.zeros((len(GRID), len(self.mean)))
        rows[:, : self.degree + 1] = legvander(2 * GRID - 1, self.degree)
        return rows

    def potential_rows(self, visited: NDArray[np.bool_]) -> Floats:
        """The same for μ with the mean zero over what was visited."""
        rows = np.zeros((len(GRID), len(self.mean)))
        rows[:, self.degree + 1 : -1] = legvander(2 * GRID - 1, self.degree)[:, 1:]
        return np.asarray(rows - rows[visited].mean(axis=0))

    def deviations(self, rows: Floats) -> tuple[Floats, Floats]:
        """Standard deviations of functions, of the posterior and of the prior."""
        posterior = np.einsum("ij,jk,ik->i", rows, self.covariance, rows)
        return np.sqrt(np.maximum(posterior, 0.0)), np.sqrt(rows**2 @ self.prior**2)

    def draws(self, count: int, visited: NDArray[np.bool_], seed: int) -> Floats:
        """Draws of (ln j0, μ) over `GRID`, shape (count, 2, grid)."""
        rng = np.random.default_rng(seed)
        drawn = rng.multivariate_normal(self.mean, self.covariance, count, method="eigh")
        exchange = 0.5 * np.log(GRID * (1 - GRID)) + drawn @ self.exchange_rows().T
        potential = _centred(np.log(GRID / (1 - GRID)), visited) + drawn @ self.potential_rows(visited).T
        return np.stack([exchange, potential], axis=1)


def exchange_function(found: Coefficients, visited: NDArray[np.bool_], seen: str) -> LawFunction:
    """j0(c) in 1/h; ``seen`` says which ways the particles went."""
    rows = found.exchange_rows()
    value = np.exp(0.5 * np.log(GRID * (1 - GRID)) + rows @ found.mean)
    sigma, prior = found.deviations(rows)
    known = visited & (sigma < EXCHANGE_KNOWN) & (sigma < PRIOR_SHARE * prior)
    return LawFunction(GRID, value, sigma, prior, known, _sentence("j0(c)", known, visited, seen))


def potential_function(found: Coefficients, visited: NDArray[np.bool_], seen: str) -> LawFunction:
    """μ(c) in kT, with the mean zero over what was visited."""
    rows = found.potential_rows(visited)
    value = _centred(np.log(GRID / (1 - GRID)), visited) + rows @ found.mean
    sigma, prior = found.deviations(rows)
    known = visited & (sigma < POTENTIAL_KNOWN_KT) & (sigma < PRIOR_SHARE * prior)
    return LawFunction(GRID, value, sigma, prior, known, _sentence("μ(c)", known, visited, seen))


def untold(found: LawFunction, name: str, why: str) -> LawFunction:
    """The function where nothing says how well it is known, and why."""
    return replace(
        found, identifiable=np.zeros_like(found.identifiable), sentence=f"How well {name} is known is not told: {why}."
    )


def constant(theta: Floats, visited: NDArray[np.bool_]) -> float:
    """Mean of μ over what was visited in kT, of coefficients as `Coefficients` has them, shape (2 degree + 2,)."""
    c, degree = GRID[visited], len(theta) // 2 - 1
    ideal = np.log(c / (1 - c))
    return float(np.mean(ideal + legvander(2 * c - 1, degree)[:, 1:] @ theta[degree + 1 : -1]))


def _centred(values: Floats, visited: NDArray[np.bool_]) -> Floats:
    return np.asarray(values - values[visited].mean())


def _sentence(name: str, known: NDArray[np.bool_], visited: NDArray[np.bool_], seen: str) -> str:
    if not known.any():
        return f"{name} cannot be told from these movies ({seen})."
    if known[visited].all():
        return f"{name} is told over the whole visited range ({seen})."
    low, high = GRID[known][[0, -1]]
    return (
        f"{name} is told in {known.sum() / visited.sum():.0%} of the visited range, {low:.2f} to {high:.2f} ({seen})."
    )
