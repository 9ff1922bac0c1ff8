"""What a model knows the look of: learnt from the windows that it was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .descriptor import Image2D, describe_window

Floats = NDArray[np.float64]
# Spreads from the middle beyond which a number is only "far".
_FAR = 6.0
_TINY = 1e-6


@dataclass(frozen=True)
class Judge:
    """A network of one hidden layer: log odds that a window is familiar.

    Args:
        weights: Shape (numbers, units).
        offsets: Shape (units,).
        rule: Shape (units,): what each unit counts.
        offset: Of the odds.
    """

    weights: Floats
    offsets: Floats
    rule: Floats
    offset: float

    def __call__(self, numbers: Floats) -> Floats:
        """Log odds of windows, shape (windows,), from their scaled descriptors (windows, numbers)."""
        return np.asarray(np.tanh(numbers @ self.weights + self.offsets) @ self.rule + self.offset)


@dataclass(frozen=True)
class Statistics:
    """What familiar windows look like.

    Args:
        middle: Mean of the descriptors of familiar windows, shape (numbers,).
        spread: Their standard deviation, likewise.
        judges: The mean of what they say is the score.
        limit: The least score of an image that is familiar.
    """

    middle: Floats
    spread: Floats
    judges: tuple[Judge, ...]
    limit: float

    def score(self, descriptors: Floats) -> Floats:
        """How familiar windows look, shape (windows,), as log odds; 0 is as familiar as foreign.

        Args:
            descriptors: Shape (windows, numbers), of `describe_window`.
        """
        numbers = scaled(descriptors, self.middle, self.spread)
        return np.asarray(np.mean([judge(numbers) for judge in self.judges], axis=0))

    def score_image(self, windows: list[Image2D]) -> float:
        """How familiar an image looks: the mean over the more familiar half of its windows.

        Parts of what is familiar may look like anything, such as the inside of one large grain. Windows with more
        contrast count more: air around a cell is in every scan, and tells nothing.
        """
        contrast = np.array([min(float(np.std(window)), 1.0) for window in windows]) + _TINY
        scores = self.score(np.stack([describe_window(window) for window in windows]))
        half = np.argsort(-scores)[: -(-len(scores) // 2)]
        return float((scores * contrast)[half].sum() / contrast[half].sum())


def scaled(descriptors: Floats, middle: Floats, spread: Floats) -> Floats:
    """Descriptors in spreads from the middle, same shape."""
    return np.clip((descriptors - middle) / spread, -_FAR, _FAR)
