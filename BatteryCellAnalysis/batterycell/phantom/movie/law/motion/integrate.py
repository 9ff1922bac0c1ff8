"""Integrate the law over time on the cells of one particle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from batterycell.phantom.movie.law.settings import Reaction

from .reaction import chemical_potential, exchange_current, find_reservoir

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]
# Fractions that a trial step may reach; the law itself never empties or fills a cell.
_LEAST = 1e-7


@dataclass(frozen=True)
class Cells:
    """The cells of one particle.

    Args:
        reaction: The law.
        k: Heterogeneity, shape (cells,).
        weights: Amount of metal, shape (cells,).
        laplacian: In 1/µm², without flux through the outline, shape (cells, cells).
    """

    reaction: Reaction
    k: Floats
    weights: Floats
    laplacian: csr_matrix

    def halves(self, fraction: Floats) -> tuple[Floats, Floats]:
        """Both of k j0 exp(∓h / 2) in 1/h, with h = μ − κ∇²c, each shape (cells,)."""
        c = np.clip(fraction, _LEAST, 1 - _LEAST)
        bent = self.reaction.gradient_kt_um2 * (self.laplacian @ c)
        up = np.exp((chemical_potential(self.reaction, c) - bent) / 2)
        speed = self.k * exchange_current(self.reaction, c)
        return speed / up, speed * up


@dataclass(frozen=True)
class Stretch:
    """A stretch of time in which one thing is held.

    Args:
        start_h: When it begins.
        end_h: When it ends.
        rate_per_h: The mean rate that is held; None for a potential.
        potential_kt: The potential that is held where no rate is.
    """

    start_h: float
    end_h: float
    rate_per_h: float | None
    potential_kt: float = 0.0


def five_points(mask: NDArray[np.bool_], step_um: float) -> csr_matrix:
    """The five-point Laplacian of a mask's cells without flux through its outline, shape (cells, cells)."""
    from scipy.sparse import coo_matrix, diags

    number = np.full(np.add(mask.shape, 1), -1)
    number[:-1, :-1][mask] = np.arange(mask.sum())
    here, down, right = number[:-1, :-1], number[1:, :-1], number[:-1, 1:]
    pairs = np.concatenate([np.column_stack([here.ravel(), other.ravel()]) for other in (down, right)])
    one, other = pairs[(pairs >= 0).all(axis=1)].T
    both = np.concatenate([one, other]), np.concatenate([other, one])
    links = coo_matrix((np.ones(len(both[0])), both), shape=(mask.sum(),) * 2).tocsr()
    return (links - diags(np.asarray(links.sum(axis=1)).ravel())).tocsr() / step_um**2


def integrate(
    cells: Cells, first: Floats, stretches: list[Stretch], times_h: Floats, tolerance: float
) -> tuple[Floats, Floats]:
    """Lithium at points in time.

    Explicit Runge-Kutta steps of order 5(4) under error control (Dormand & Prince 1980), each stretch for itself, so
    that no step leads across a turning point.

    Args:
        cells: The particle.
        first: Fractions at the first point, shape (cells,).
        stretches: One after the other, together as long as the points.
        times_h: The points, rising, the first where the first stretch begins, shape (points,).
        tolerance: Of the fractions, of each step.

    Returns:
        Fractions, shape (points, cells), and μ_res in kT, shape (points,); of a turning point, that before it.
    """
    found, reservoir = [first], [_reservoir(cells, first, stretches[0])]
    now = first
    for stretch in stretches:
        points = times_h[(times_h > stretch.start_h + 1e-9) & (times_h <= stretch.end_h + 1e-9)]
        seen, now = _run(cells, now, stretch, points, tolerance)
        found += list(seen)
        reservoir += [_reservoir(cells, one, stretch) for one in seen]
    return np.array(found), np.array(reservoir)


def _run(cells: Cells, first: Floats, stretch: Stretch, points: Floats, tolerance: float) -> tuple[Floats, Floats]:
    """Fractions at the points, and at the end."""
    from scipy.integrate import solve_ivp

    def rate(_: float, fraction: Floats) -> Floats:
        forward, backward = cells.halves(fraction)
        half = np.exp(_held(forward, backward, cells, stretch) / 2)
        return np.asarray(half * forward - backward / half)

    asked = np.append(np.minimum(points, stretch.end_h), stretch.end_h)
    asked, back = np.unique(asked, return_inverse=True)
    way = (stretch.start_h, stretch.end_h)
    done = solve_ivp(rate, way, first, "RK45", asked, rtol=tolerance, atol=tolerance)
    values = done.y.T[back]
    return values[:-1], values[-1]


def _reservoir(cells: Cells, fraction: Floats, stretch: Stretch) -> float:
    return _held(*cells.halves(fraction), cells, stretch)


def _held(forward: Floats, backward: Floats, cells: Cells, stretch: Stretch) -> float:
    if stretch.rate_per_h is None:
        return stretch.potential_kt
    return find_reservoir(forward, backward, cells.weights, stretch.rate_per_h)
