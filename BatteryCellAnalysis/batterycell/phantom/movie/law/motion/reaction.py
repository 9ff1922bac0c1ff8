"""The law as functions of the lithium fraction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from batterycell.phantom.movie.law.settings import Reaction

Floats = NDArray[np.float64]
# Logarithms end here; nothing comes closer to empty or full.
_NEAREST = 1e-9


def exchange_current(reaction: Reaction, fraction: Floats) -> Floats:
    """j0(c) in 1/h, shape as ``fraction``."""
    p, q = reaction.powers
    c = np.clip(fraction, _NEAREST, 1 - _NEAREST)
    return np.asarray(reaction.j0_per_h * c**p * (1 - c) ** q)


def chemical_potential(reaction: Reaction, fraction: Floats) -> Floats:
    """μ(c) in kT, 0 at c = ½, shape as ``fraction``."""
    c = np.clip(fraction, _NEAREST, 1 - _NEAREST)
    return np.asarray(np.log(c / (1 - c)) + reaction.omega_kt * (1 - 2 * c))


def find_reservoir(forward: Floats, backward: Floats, weights: Floats, rate_per_h: float) -> float:
    """μ_res in kT at which the mean rate is ``rate_per_h``.

    Σ w (x f − b / x) = r Σ w with x = exp(μ_res / 2) is a quadratic equation in x.

    Args:
        forward: f = k j0 exp(−h / 2) with h = μ − κ∇²c, in 1/h, shape (cells,).
        backward: b = k j0 exp(h / 2), shape (cells,).
        weights: What each cell counts in the mean, shape (cells,).
        rate_per_h: The mean rate.
    """
    # Sums, as a product of vectors this long would wake the threads of BLAS in every step.
    a, b = float((weights * forward).sum()), float((weights * backward).sum())
    half = rate_per_h * float(weights.sum()) / 2
    root = np.sqrt(half * half + a * b)
    # Of the two ways to write the same root, the one that does not take off like from like.
    return float(2 * np.log((half + root) / a if half >= 0 else b / (root - half)))
