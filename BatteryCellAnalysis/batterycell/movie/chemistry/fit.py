"""Least squares of many spectra at once, with the noise of each pixel propagated.

All pixels of a point in time share one weight for each energy, so that the estimate is a fixed linear combination
x = H y of measured densities: weights that follow each pixel's own noise would favour its dark moments and bias it.
The covariance H diag(v) Hᵀ holds each pixel's own variances v and is exact whatever the weights (JCGM 102:2011, 6.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """Amounts of some spectra.

    Args:
        amounts: Of every column, shape (columns, pixels); NaN where too few energies are known.
        covariance: Of the amounts, shape (columns, columns, pixels).
        shared: Covariance by an error that all pixels share, at the energies that most of them have, shape
            (columns, columns).
        residual: Root mean square of what is left, shape (pixels,).
        chi_square: Weighted by the noise, per degree of freedom, shape (pixels,); NaN where there is none.
    """

    amounts: Floats
    covariance: Floats
    shared: Floats
    residual: Floats
    chi_square: Floats


def fit_spectra(columns: Floats, spectra: Floats, variances: Floats, shared: Floats, bounded: int = 0) -> Fit:
    """Fit every spectrum.

    Args:
        columns: Shape (energies, columns).
        spectra: Shape (energies, pixels); NaN where unknown.
        variances: Of each value, shape (energies, pixels).
        shared: Variance that all pixels of an energy share, shape (energies,).
        bounded: How many of the first columns cannot be negative; the covariance is that of the free fit.
    """
    pixels, parts = spectra.shape[1], columns.shape[1]
    weights = _weights(spectra, variances)
    amounts, covariance = np.full((parts, pixels), np.nan), np.full((parts, parts, pixels), np.nan)
    common, most = np.full((parts, parts), np.nan), 0
    for known, chosen in _patterns(np.isfinite(spectra)):
        used = columns[known]
        if np.linalg.matrix_rank(used) < parts:
            continue
        estimate = _estimator(used, weights[known])
        values, own = spectra[np.ix_(known, chosen)], variances[np.ix_(known, chosen)]
        found = estimate @ values
        amounts[:, chosen] = _bounded(found, used, values, weights[known], bounded) if bounded else found
        covariance[:, :, chosen] = np.einsum("ae,be,ep->abp", estimate, estimate, own, optimize=True)
        if len(chosen) > most:
            common, most = (estimate * shared[known]) @ estimate.T, len(chosen)
    return Fit(amounts, covariance, common, *_left(columns, spectra, variances, amounts))


def _weights(spectra: Floats, variances: Floats) -> Floats:
    """One weight for each energy: the mean of what its known pixels deserve, 0 where none is known."""
    known = np.isfinite(spectra)
    total = np.where(known, 1.0 / np.where(known, variances, 1.0), 0.0).sum(axis=1)
    return np.asarray(total / np.maximum(known.sum(axis=1), 1))


def _estimator(columns: Floats, weights: Floats) -> Floats:
    root = np.sqrt(weights)
    inverse = np.asarray(np.linalg.pinv(columns * root[:, None]), np.float64)
    return inverse * root


def _patterns(known: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.int64]]]:
    """Which energies are known, and the pixels of which just these are known."""
    packed = np.packbits(known, axis=0)
    patterns, belongs = np.unique(packed, axis=1, return_inverse=True)
    for n in range(patterns.shape[1]):
        chosen = np.flatnonzero(belongs.ravel() == n)
        yield known[:, chosen[0]], chosen


def _bounded(free: Floats, columns: Floats, values: Floats, weights: Floats, bounded: int) -> Floats:
    """The best fit without negative amounts: of few columns, every choice of those that are zero is tried."""
    wrong = np.flatnonzero((free[:bounded] < 0).any(axis=0))
    if not len(wrong):
        return free
    best: Floats = free.copy()
    least = np.full(len(wrong), np.inf)
    for count in range(1, bounded + 1):
        for zero in combinations(range(bounded), count):
            kept = [n for n in range(columns.shape[1]) if n not in zero]
            found = np.zeros((columns.shape[1], len(wrong)))
            if kept:
                found[kept] = _estimator(columns[:, kept], weights) @ values[:, wrong]
            cost = np.einsum("e,ep->p", weights, (values[:, wrong] - columns @ found) ** 2)
            better = (cost < least) & (found[:bounded] >= 0).all(axis=0)
            best[:, wrong[better]], least[better] = found[:, better], cost[better]
    return best


def _left(columns: Floats, spectra: Floats, variances: Floats, amounts: Floats) -> tuple[Floats, Floats]:
    rest = spectra - columns @ amounts
    known = np.isfinite(rest)
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        residual = np.sqrt(np.where(known, rest**2, 0.0).sum(axis=0) / count)
        freedom = np.where(count > columns.shape[1], count - columns.shape[1], np.nan)
        chi_square = np.where(known, rest**2 / variances, 0.0).sum(axis=0) / freedom
    return np.where(count > 0, residual, np.nan), chi_square
