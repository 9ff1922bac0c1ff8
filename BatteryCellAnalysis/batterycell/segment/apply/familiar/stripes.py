"""Stripes: whether blocks of an image hold one wave, how long it is, and whether it is the same everywhere."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Image2D = NDArray[np.float32]
_BLOCK = 32
_BANDS = (2.0, 3.5, 6.0, 10.0, 16.0)  # cycles a block
_TINY = 1e-4
_SHOWN = 0.01  # of the range from -1 to 1: contrast above which a block shows something
STRIPE_NUMBERS = len(_BANDS) + 5


def describe_stripes(grey: Image2D) -> Floats:
    """Of an image's blocks: the part of their power that one wave holds, how power is spread, how steady the pitch is.

    Args:
        grey: Shape (rows, columns), levels applied.

    Returns:
        `STRIPE_NUMBERS`; zeros for images smaller than a block.
    """
    if min(grey.shape) < _BLOCK:
        return np.zeros(STRIPE_NUMBERS)
    power, cycles = _power(grey)
    whole = power.sum((1, 2)) + (_TINY * _BLOCK**2) ** 2
    contrast = np.sqrt(whole) / _BLOCK**2
    peak, wave = _peaks(power, whole, cycles)
    bands = [(cycles >= low) & (cycles < high) for low, high in pairwise(_BANDS)]
    spread = [2.0 * _mean(power[:, band].sum(1) / whole, contrast) for band in bands]
    return np.array([3.0 * _mean(peak, contrast), *spread, *_steadiness(peak, wave, (contrast > _SHOWN) * 1.0)])


def _steadiness(peak: Floats, wave: Floats, shown: Floats) -> list[float]:
    """Windings keep their pitch over the whole of an image, and are everywhere in it, however faint."""
    weights = peak**2 * shown
    middle = _mean(wave, weights)
    striped = float((peak > 0.5).mean())
    apart = float(np.sqrt(_mean((wave - middle) ** 2, weights)))
    return [3.0 * _mean(peak, shown), 2.0 * striped, float(shown.mean()), middle, 3.0 * apart]


def _power(grey: Image2D) -> tuple[Floats, Floats]:
    """Power spectra of all blocks (blocks, 32, 32) without what is longer than half a block; cycles a block."""
    rows, columns = (length // _BLOCK for length in grey.shape)
    cut = grey[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK)
    blocks = cut.swapaxes(1, 2).reshape(-1, _BLOCK, _BLOCK)
    taper = np.hanning(_BLOCK)
    power = np.abs(np.fft.fft2((blocks - blocks.mean((1, 2), keepdims=True)) * np.outer(taper, taper))) ** 2
    cycles = np.hypot(*np.meshgrid(*[np.fft.fftfreq(_BLOCK, 1 / _BLOCK)] * 2, indexing="ij"))
    power[:, cycles < _BANDS[0]] = 0.0
    return np.asarray(power, np.float64), np.asarray(cycles, np.float64)


def _peaks(power: Floats, whole: Floats, cycles: Floats) -> tuple[Floats, Floats]:
    """The part of each block's power that its strongest wave holds, and the logarithm of that wave's cycles."""
    # A tapered wave fills its frequency and those beside it, twice.
    for axis in (1, 2):
        power = power + np.roll(power, 1, axis) + np.roll(power, -1, axis)
    around = power.reshape(len(power), -1)
    best = around.argmax(1)
    part = 2.0 * around[np.arange(len(best)), best] / whole
    return np.asarray(part), np.log(np.maximum(cycles.ravel()[best], 1.0))


def _mean(values: Floats, weights: Floats) -> float:
    return float((values * weights).sum() / (weights.sum() + 1e-9))
