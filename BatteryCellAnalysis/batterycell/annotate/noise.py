"""Correlated noise: how far it reaches, and what it does to the uncertainty of a fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Standard deviations, in voxels, of the Gaussian smoothing that the noise may have gone through.
_SMOOTHINGS = (0.0, 0.4, 0.6, 0.8, 1.0, 1.3, 1.7)
# The noise is learnt from the few voxels of the fit itself. By so much wider do the intervals have to be for 95 % of
# them to hold the truth: found on seeds 0 to 79 of Testing/Benchmarks/ruler_accuracy.py, and held on others.
_LEARNT = 1.05
# Pairs of voxels farther apart than this, in voxels, tell nothing on the noise's correlation.
_NEAR = 2.5
# Of the scaled normal equations; half of the digits of a number are lost beyond.
_WORST_CONDITION = 1e8


@dataclass(frozen=True)
class Fit:
    """A least-squares fit at its solution.

    Args:
        jacobian: Shape (n, p).
        residual: Shape (n,).
        prior: Rows of what was known beforehand, scaled by `noise`, shape (m, p).
        noise: Standard deviation that the prior was scaled by.
    """

    jacobian: Floats
    residual: Floats
    prior: Floats
    noise: float


@dataclass(frozen=True)
class Spread:
    """Uncertainty of a fit.

    Args:
        sd: Standard uncertainty of each parameter, shape (p,).
        u95: Half widths of the 95 % intervals, shape (p,).
        count: Number of independent values that the residuals are worth.
    """

    sd: Floats
    u95: Floats
    count: float


def fit_spread(point: Floats, fit: Fit) -> Spread | None:
    """Uncertainty of a least-squares fit under the smooth noise that explains its residuals best.

    Products of residuals of neighbouring voxels are compared with what each smoothing leads one to expect, after the
    fit has taken its part out of the noise (method of moments, as Rao's MINQUE 1971).

    Args:
        point: Places of the values in voxels, shape (n, 3).
        fit: The fit.

    Returns:
        The uncertainty; None where the fit is singular.
    """
    from scipy import stats

    before = fit.prior.T @ fit.prior
    normal = _inverse(fit.jacobian.T @ fit.jacobian + before)
    if normal is None:
        return None
    correlation, variance = _noise(point, fit, normal)
    # The noise's part, and the part of what was known beforehand but may be otherwise.
    middle = fit.jacobian.T @ correlation @ fit.jacobian * variance + before * fit.noise**2
    sd = _LEARNT * np.sqrt(np.maximum(np.diag(normal @ middle @ normal), 0.0))
    count = len(point) ** 2 / float((correlation**2).sum())
    freedom = max(count - fit.jacobian.shape[1], 2.0)
    return Spread(sd, sd * float(stats.t.ppf(0.975, freedom)), count)


def _inverse(matrix: Floats) -> Floats | None:
    """The inverse; None where rounding would decide on it, as of edges that were fitted to one and the same place."""
    scale = np.sqrt(np.diag(matrix))
    if not (scale > 0).all() or np.linalg.cond(matrix / np.outer(scale, scale)) > _WORST_CONDITION:
        return None
    return np.asarray(np.linalg.inv(matrix))


def _noise(point: Floats, fit: Fit, normal: Floats) -> tuple[Floats, float]:
    """Correlation (n, n) and variance of the noise that explain the products of the residuals best."""
    distance2 = ((point[:, None] - point) ** 2).sum(axis=-1)
    near = distance2 < _NEAR**2
    products = np.outer(fit.residual, fit.residual)[near]
    best, least = (np.eye(len(point)), 0.0), np.inf
    for smoothing in _SMOOTHINGS:
        correlation = np.exp(-distance2 / (4 * smoothing**2)) if smoothing else np.eye(len(point))
        expected = _left_by_fit(correlation, fit.jacobian, normal)[near]
        variance = float(products @ expected / (expected @ expected))
        misfit = float(((products - variance * expected) ** 2).sum())
        if misfit < least:
            best, least = (correlation, max(variance, 1e-12)), misfit
    return best


def _left_by_fit(correlation: Floats, jacobian: Floats, normal: Floats) -> Floats:
    """What a fit leaves of a noise's covariance: ``M·C·M`` with M = 1 − J·N·Jᵀ."""
    taken = jacobian @ (normal @ (jacobian.T @ correlation))
    twice = jacobian @ (normal @ (jacobian.T @ taken.T))
    return np.asarray(correlation - taken - taken.T + twice)
