"""Noise that neighbouring pixels share, as what moves frames back or focuses them leaves it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# Down and right; each step has its opposite. Cubic interpolation makes neighbours alike, their neighbours unlike and
# so on: the outermost count half, which ends the series near its limit.
_STEPS = ((0, 1), (0, 2), *((down, right) for down in (1, 2) for right in range(-2, 3)))
_SHARES = 0.5 ** (np.abs(_STEPS) == 2).sum(axis=1)


def widening(residuals: Iterable[NDArray[Any]], mask: NDArray[Any]) -> float:
    """How much further a mean over pixels scatters than independent noise of its pixels would let it.

    The variance of a mean of stationary noise is that of independent pixels times 1 + Σ ρ over all distances (Bayley
    and Hammersley, J. R. Stat. Soc. Suppl. 8, 1946, 184), here those of up to two pixels down and along (the
    last by half). The mean of each image is taken off before: what all pixels share (beam) shows in time, not here.

    Args:
        residuals: What is left of each pixel, in its σ; images of shape (rows, columns), NaN where it is not known.
        mask: True inside, or numbers of particles, between which no pairs are counted, shape (rows, columns).

    Returns:
        A factor for standard uncertainties of sums over many pixels, at least 1; 1 where nothing tells.
    """
    products, pairs, squares, known = np.zeros(len(_STEPS)), np.zeros(len(_STEPS)), 0.0, 0
    for image in residuals:
        centred = _centred(image, mask)
        squares, known = squares + float(np.nansum(centred**2)), known + int(np.isfinite(centred).sum())
        for n, step in enumerate(_STEPS):
            both = _product(centred, mask, step)
            products[n] += both.sum()
            pairs[n] += both.size
    if squares == 0.0:
        return 1.0
    correlations = products / np.maximum(pairs, 1) / (squares / known)
    return float(np.sqrt(max(1.0, 1.0 + 2.0 * float(_SHARES @ correlations))))


def _centred(image: NDArray[Any], mask: NDArray[Any]) -> Floats:
    """NaN outside of the mask, mean of each particle zero."""
    known = np.isfinite(image) & (mask > 0)
    numbers = mask[known].astype(int)
    count = np.maximum(np.bincount(numbers), 1)
    centred = np.full(image.shape, np.nan)
    centred[known] = image[known] - (np.bincount(numbers, image[known]) / count)[numbers]
    return centred


def _product(image: Floats, mask: NDArray[Any], step: tuple[int, int]) -> Floats:
    """Products of all known pairs of one particle that lie a step apart."""
    down, right = step
    rows, columns = image.shape
    here = slice(0, rows - down), slice(max(-right, 0), columns - max(right, 0))
    there = slice(down, rows), slice(max(right, 0), columns + min(right, 0))
    product = image[here] * image[there]
    return np.asarray(product[np.isfinite(product) & (mask[here] == mask[there])])
