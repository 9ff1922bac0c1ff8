"""What a window of an image looks like, in some fifty numbers: greys, sharpness by scale, edges, stripes.

The statistics are those by which noise, photographs and scans differ: how contrast is spread over scales (Field 1987,
J. Opt. Soc. Am. A), how heavy its tails are, how edges line up, whether there are stripes of one pitch everywhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .pyramid import block_means, correlate, halve, smooth
from .stripes import STRIPE_NUMBERS, describe_stripes

Floats = NDArray[np.float64]
Image2D = NDArray[np.float32]
# Fewer pixels than this along an edge tell nothing.
LEAST_EDGE = 48
_LEVELS, _LEAST_COARSE, _BLOCK = 5, 6, 8
_RANGE, _BINS = 1.25, 10  # of grey values, levels applied
_TINY = 1e-4  # of the range from -1 to 1: less contrast than this is none
_PARTS, _FLAT = 6, 4
_FINE_BINS = 24
NUMBERS = _BINS + 2 * STRIPE_NUMBERS + _LEVELS * _PARTS + 2 * _FLAT


def describe_window(window: Image2D) -> Floats:
    """What a window looks like.

    Args:
        window: Shape (rows, columns), levels applied, no edge shorter than `LEAST_EDGE`.

    Returns:
        `NUMBERS` of order 1.
    """
    grey = np.clip(np.asarray(window, np.float32), -2.0 * _RANGE, 2.0 * _RANGE)
    total = max(float(grey.std()), _TINY)
    parts = [_histogram(grey), describe_stripes(grey), describe_stripes(halve(grey))]
    parts += [_flat_parts(halve(grey)), _flat_parts(halve(halve(grey)))]
    finer: Image2D | None = None
    for _ in range(_LEVELS):
        smoothed = smooth(grey)
        is_known = min(grey.shape) >= _LEAST_COARSE
        parts.append(_of_scale(grey - smoothed, smoothed, total, finer) if is_known else np.zeros(_PARTS))
        grey, finer = smoothed[::2, ::2], np.abs(grey - smoothed)
    return np.concatenate(parts)


def _histogram(grey: Image2D) -> Floats:
    """Square roots of the parts in each step of grey: what is rare counts, too."""
    counts, _ = np.histogram(np.clip(grey, -_RANGE, _RANGE), _BINS, (-_RANGE, _RANGE))
    return np.asarray(np.sqrt(counts / grey.size), np.float64)


def _flat_parts(grey: Image2D) -> Floats:
    """How few greys the flat half of an image has, and how much flatter it is than the rest: phases are of one grey."""
    steep = np.hypot(*np.gradient(smooth(grey)))
    middle = float(np.median(steep))
    flat = np.clip(grey[steep <= middle], -_RANGE, _RANGE)
    shares = np.sort(np.histogram(flat, _FINE_BINS, (-_RANGE, _RANGE))[0] / max(1, flat.size))[::-1]
    entropy = -float((shares * np.log(shares + 1e-12)).sum()) / np.log(_FINE_BINS)
    steps = np.log((middle + _TINY) / (float(steep.mean()) + _TINY))
    return np.array([2.0 * entropy, 2.0 * shares[0], 2.0 * float(shares[:4].sum()), steps])


def _of_scale(band: Image2D, smoothed: Image2D, total: float, finer: Image2D | None) -> Floats:
    """Of one scale: contrast, tails, skewness, alignment of edges, unevenness, and whether finer detail lies there."""
    spread = float(band.std()) + _TINY
    scaled = band / spread
    tails = np.log(float(np.abs(scaled).mean()) + _TINY)
    skew = np.arcsinh(float((scaled**3).mean()))
    uneven = float(np.log(block_means(band**2, _BLOCK) + _TINY**2).std()) if min(band.shape) >= 2 * _BLOCK else 0.0
    together = 0.0 if finer is None else correlate(halve(finer), np.abs(band))
    return np.array([np.log(spread / total), 3.0 * tails, skew, 3.0 * _alignment(smoothed), uneven / 2.0, together])


def _alignment(smoothed: Image2D) -> float:
    """How far edges within a block run one way, 0 to 1.

    Coherence of the structure tensor (Bigün & Granlund 1987, ICCV), blocks weighted by its trace.
    """
    down, right = np.gradient(smoothed)
    size = min(_BLOCK, *smoothed.shape)
    a, b, c = (block_means(one, size) for one in (down**2, right**2, down * right))
    return float(np.sqrt((a - b) ** 2 + 4 * c**2).sum() / ((a + b).sum() + _TINY**2))
