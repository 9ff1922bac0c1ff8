"""Lithium from amounts of end members: c = Σ lₖ aₖ / Σ aₖ over those that hold the metal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fraction:
    """Lithium per metal.

    Args:
        value: Shape (pixels,).
        sigma: Standard uncertainty, shape (pixels,).
        total: Amount of metal, shape (pixels,).
        total_sigma: Standard uncertainty of the amount, shape (pixels,).
    """

    value: Floats
    sigma: Floats
    total: Floats
    total_sigma: Floats


def fraction_of(amounts: Floats, covariance: Floats, lithium: Floats, unbiased: bool) -> Fraction:
    """Lithium per metal of pixels.

    Args:
        amounts: Of the end members with metal, shape (members, pixels).
        covariance: Shape (members, members, pixels).
        lithium: Of each, shape (members,).
        unbiased: Whether the mean shift of a ratio of scattering amounts, −cov(N, S) / S² + c var(S) / S² to second
            order (Kendall and Stuart, The Advanced Theory of Statistics 1, 10.6), is taken off.
    """
    total = amounts.sum(axis=0)
    var_total = covariance.sum(axis=(0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = lithium @ amounts / total
        slopes = (lithium[:, None] - value) / total
        variance = np.einsum("ap,abp,bp->p", slopes, covariance, slopes, optimize=True)
        if unbiased:
            together = np.einsum("a,abp->p", lithium, covariance)
            value = value + (together - value * var_total) / total**2
    return Fraction(value, np.sqrt(np.maximum(variance, 0.0)), total, np.sqrt(np.maximum(var_total, 0.0)))


def mean_fraction(amounts: Floats, covariance: Floats, shared: Floats, lithium: Floats) -> tuple[float, float]:
    """Lithium per metal of a whole particle and its standard uncertainty: Σ lₖ aₖ / Σ aₖ over all its pixels.

    Args:
        amounts: Shape (members, pixels); NaN is left out.
        covariance: Of each pixel by itself, shape (members, members, pixels).
        shared: Covariance by what all pixels share, shape (members, members).
        lithium: Shape (members,).
    """
    known = np.isfinite(amounts).all(axis=0)
    sums, count = amounts[:, known].sum(axis=1), int(known.sum())
    total = float(sums.sum())
    if not count or total <= 0:
        return np.nan, np.nan
    value = float(lithium @ sums) / total
    slopes = (lithium - value) / total
    common = np.nan_to_num(shared) * count**2
    return value, float(np.sqrt(max(slopes @ (covariance[..., known].sum(axis=-1) + common) @ slopes, 0.0)))
