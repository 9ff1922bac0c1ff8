"""Both directions at equal composition: how evenly lithium lies, and how fast it moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from batterycell.measured import K95

from .curves import Curves
from .particle import ParticleRate

Floats = NDArray[np.float64]
DIRECTIONS = ("insertion", "extraction")
# From this many particles on their scatter says how well the mean of all is known.
_ENOUGH = 3


@dataclass(frozen=True)
class AtComposition:
    """A quantity of particles at equal compositions.

    Args:
        value: Shape (particles, compositions); NaN where a particle was not seen there.
        rows: What takes what was measured at each point in time to the value, shape (particles, compositions, points).
        variances: Of what was measured, shape (particles, points).
    """

    value: Floats
    rows: Floats
    variances: Floats

    @property
    def variance(self) -> Floats:
        """Of the values by the noise, shape (particles, compositions)."""
        return np.asarray(np.einsum("pcn,pn->pc", self.rows**2, self.variances))

    def minus(self, other: AtComposition) -> AtComposition:
        """Difference of what other points in time of the same particles showed."""
        return AtComposition(self.value - other.value, self.rows - other.rows, self.variances)

    def mean(self) -> AtComposition:
        """Mean over the compositions at which a particle was seen, shape (particles, 1)."""
        known = np.isfinite(self.value)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = known / known.sum(axis=1, keepdims=True)
        value = np.where(known.any(axis=1), (shares * np.where(known, self.value, 0.0)).sum(axis=1), np.nan)
        rows = np.einsum("pc,pcn->pn", np.nan_to_num(shares), np.nan_to_num(self.rows))
        return AtComposition(value[:, None], rows[:, None], self.variances)


def compositions(bins: int) -> Floats:
    """Where directions are compared, evenly between 0 and 1, shape (bins,)."""
    return np.arange(1, bins + 1) / (bins + 1.0)


def uniformity_at(particles: Sequence[ParticleRate], curves: Curves, places: Floats, direction: str) -> AtComposition:
    """Uniformity coefficient of particles at compositions, in one direction."""
    raw, variances = curves.uniformity.T, curves.uniformity_variance.T
    rows = np.stack([_rows(one, raw[n], places, direction) for n, one in enumerate(particles)])
    return _of_rows(rows, raw, variances)


def rate_at(particles: Sequence[ParticleRate], places: Floats, direction: str) -> AtComposition:
    """Absolute C-rate of particles in 1/h at compositions, in one direction."""
    turn = 1.0 if direction == "insertion" else -1.0
    raw, sigma = (np.stack([getattr(one, name) for one in particles]) for name in ("rate", "sigma"))
    rows = np.stack([turn * _rows(one, one.rate, places, direction) for one in particles])
    of_means = np.stack([own @ np.nan_to_num(one.matrix) for own, one in zip(rows, particles, strict=True)])
    return AtComposition(_of_rows(rows, raw, sigma).value, of_means, np.nan_to_num(sigma**2))


def _of_rows(rows: Floats, raw: Floats, variances: Floats) -> AtComposition:
    value = np.einsum("pcn,pn->pc", rows, np.nan_to_num(raw))
    return AtComposition(value, rows, np.nan_to_num(variances))


def _rows(particle: ParticleRate, values: Floats, places: Floats, direction: str) -> Floats:
    """What takes values over time to those at compositions, the mean of the half cycles that passed there."""
    halves = [half for half in particle.moving if half.direction == direction]
    known = np.isfinite(values) & np.isfinite(particle.mean)
    rows = np.full((len(halves), len(places), len(values)), np.nan)
    for row, half in zip(rows, halves, strict=True):
        own = np.flatnonzero(known[half.points]) + half.first
        for place, target in zip(places, row, strict=True):
            shares = _line(particle.mean[own], place, 0.5 / (len(places) + 1))
            if shares is not None:
                target[:] = 0.0
                target[own] = shares
    seen = np.isfinite(rows[..., 0]).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.nan_to_num(rows).sum(axis=0) / np.where(seen, seen, np.nan)[:, None])


def _line(means: Floats, place: float, reach: float) -> Floats | None:
    """What takes values to that of a line at a composition, from all points near to it; None outside of them."""
    apart = means - place
    below, above = np.flatnonzero(apart <= 0), np.flatnonzero(apart > 0)
    if not (len(below) and len(above)):
        return None
    near = np.abs(apart) <= reach
    near[below[np.argmax(apart[below])]] = near[above[np.argmin(apart[above])]] = True
    columns = np.stack([np.ones(near.sum()), apart[near]], axis=1)
    shares = np.zeros(len(means))
    shares[near] = np.linalg.pinv(columns)[0]
    return shares


def mean_of_particles(found: AtComposition) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Mean of all particles seen, half width of its 95 % interval, and their number, each shape (compositions,).

    From three particles on, the interval also says how far they differ (Student's t); of fewer, it holds the noise.
    """
    from scipy.special import stdtrit

    known = np.isfinite(found.value)
    count = known.sum(axis=0)
    some = np.where(count, count, np.nan)
    mean = np.where(known, found.value, 0.0).sum(axis=0) / some
    noise = np.sqrt(np.where(known, found.variance, 0.0).sum(axis=0)) / some
    enough = count >= _ENOUGH
    squares = np.where(known, (found.value - mean) ** 2, 0.0).sum(axis=0)
    spread = np.sqrt(squares / np.maximum(count - 1, 1) / some) * stdtrit(np.maximum(count - 1, 1), 0.975)
    return mean, np.where(enough, np.maximum(spread, K95 * noise), K95 * noise), count
