"""Windows as another detector, magnification or crop would show them: the familiar is not to be taken too narrowly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .descriptor import LEAST_EDGE
from .pyramid import smooth

Image2D = NDArray[np.float32]
# Logarithms of gamma and contrast; brightness; noise. Of grey values from -1 to 1.
_GAMMA, _CONTRAST, _BRIGHTNESS, _NOISE = 0.35, 0.15, 0.15, (0.0, 0.0, 0.03, 0.1)
_GLARE = (0.7, 0.97)  # quantiles at which a detector saturates


def vary(window: Image2D, rng: np.random.Generator) -> Image2D:
    """One variant of a window, levels applied; of another shape perhaps, no edge shorter than `LEAST_EDGE`."""
    if rng.random() < 0.5:
        window = _cropped(window, rng)
    if rng.random() < 0.25:
        window = _magnified(window)
    if rng.random() < 0.5:
        window = window.T
    grey = _graded(window, rng)
    if rng.random() < 0.25:
        grey = _glaring(grey, float(rng.uniform(*_GLARE)))
    return np.asarray(grey + rng.choice(_NOISE) * rng.normal(size=grey.shape), np.float32)


def _cropped(window: Image2D, rng: np.random.Generator) -> Image2D:
    size = [max(LEAST_EDGE, int(rng.uniform(0.6, 1.0) * length)) for length in window.shape]
    row, column = (int(rng.integers(0, a - b + 1)) for a, b in zip(window.shape, size, strict=True))
    return window[row : row + size[0], column : column + size[1]]


def _magnified(window: Image2D) -> Image2D:
    """The middle, twice as large."""
    rows, columns = (length // 4 for length in window.shape)
    middle = window[rows : window.shape[0] - rows, columns : window.shape[1] - columns]
    return smooth(middle.repeat(2, 0).repeat(2, 1))


def _graded(window: Image2D, rng: np.random.Generator) -> Image2D:
    unit = window / 2 + 0.5
    bent = np.sign(unit) * np.abs(unit) ** np.exp(rng.uniform(-_GAMMA, _GAMMA))
    grey = (2 * bent - 1) * np.exp(rng.uniform(-_CONTRAST, _CONTRAST)) + rng.uniform(-_BRIGHTNESS, _BRIGHTNESS)
    return np.asarray(grey, np.float32)


def _glaring(grey: Image2D, quantile: float) -> Image2D:
    """What is brighter than a quantile is white."""
    top = max(float(np.quantile(grey, quantile)), -0.9)
    return np.asarray((np.minimum(grey, top) + 1) * (2 / (top + 1)) - 1, np.float32)
