"""Correlated noise: how far it reaches, and what it does to the uncertainty of a fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Standard deviations, in voxels, of the Gaussian smoothing that the noise may have gone through.
_SMOOTHINGS = (0.0, 0.4, 0.55, 0.7, 0.85, 1.0, 1.25, 1.5, 2.0)
# Keeps the correlation of smooth noise invertible, and stands for the grey values' rounding.
_WHITE_SHARE = 1e-3


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
    """Uncertainty of a least-squares fit under white to smooth noise, averaged by how likely the residuals make each.

    The likelihood is the restricted one (Patterson and Thompson 1971), which allows for what the fit has taken out of
    the residuals.

    Args:
        point: Places of the values in voxels, shape (n, 3).
        fit: The fit.

    Returns:
        The uncertainty; None where the fit is singular.
    """
    from scipy import stats

    distance2 = ((point[:, None] - point) ** 2).sum(axis=-1)
    tries = [_try(_correlation(distance2, smoothing), fit) for smoothing in _SMOOTHINGS]
    found = [one for one in tries if one is not None]
    if not found:
        return None
    likelihood = np.array([one[0] for one in found])
    share = np.exp(likelihood - likelihood.max())
    share /= share.sum()
    sd = np.sqrt(share @ np.array([one[1] for one in found]))
    count = float(share @ np.array([one[2] for one in found]))
    freedom = max(count - fit.jacobian.shape[1], 2.0)
    return Spread(sd, sd * float(stats.t.ppf(0.975, freedom)), count)


def _correlation(distance2: Floats, smoothing: float) -> Floats:
    """White noise smoothed by a Gaussian is correlated as ``exp(−d² / 4s²)``."""
    smooth = np.exp(-distance2 / (4 * smoothing**2)) if smoothing else np.eye(len(distance2))
    return np.asarray((1 - _WHITE_SHARE) * smooth + _WHITE_SHARE * np.eye(len(distance2)))


def _try(correlation: Floats, fit: Fit) -> tuple[float, Floats, float] | None:
    """Restricted log-likelihood, variances of the parameters, and number of independent values."""
    from scipy import linalg

    before = fit.prior.T @ fit.prior
    try:
        lower = np.linalg.cholesky(correlation)
        normal = np.linalg.inv(fit.jacobian.T @ fit.jacobian + before)
    except np.linalg.LinAlgError:
        return None
    white = linalg.solve_triangular(lower, np.column_stack([fit.jacobian, fit.residual]), lower=True)
    gram, rest = white[:, :-1].T @ white[:, :-1] + before, white[:, -1]
    away = rest - white[:, :-1] @ np.linalg.lstsq(gram, white[:, :-1].T @ rest, rcond=None)[0]
    spare = len(rest) - gram.shape[0]
    variance = float(away @ away) / spare + 1e-12
    likelihood = -np.log(np.diag(lower)).sum() - 0.5 * np.linalg.slogdet(gram)[1] - 0.5 * spare * np.log(variance)
    # The noise's part, and the part of what was known beforehand but may be otherwise.
    middle = fit.jacobian.T @ correlation @ fit.jacobian * variance + before * fit.noise**2
    count = len(rest) ** 2 / float((correlation**2).sum())
    return float(likelihood), np.maximum(np.diag(normal @ middle @ normal), 0.0), count
