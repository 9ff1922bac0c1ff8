"""Whether a model that says 90 % is right nine times of ten."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from batterycell.segment.classes import UNKNOWN

BINS = 10


def _zeros() -> NDArray[np.float64]:
    return np.zeros((3, BINS))


@dataclass(frozen=True)
class Reliability:
    """Pixels by the probability of the class that they were given, in ten bins of equal width.

    Args:
        sums: Shape (3, 10): pixels, sum of their probabilities, how many of them are right.
    """

    sums: NDArray[np.float64] = field(default_factory=_zeros)

    def __add__(self, other: Reliability) -> Reliability:
        return Reliability(self.sums + other.sums)

    @property
    def share(self) -> NDArray[np.float64]:
        """Part of all pixels that lies in each bin, shape (10,)."""
        return np.asarray(self.sums[0] / max(1.0, self.sums[0].sum()))

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Mean probability in each bin, shape (10,); NaN where it is empty."""
        return self._mean(1)

    @property
    def accuracy(self) -> NDArray[np.float64]:
        """Part of the pixels of each bin that is right, shape (10,); NaN where it is empty."""
        return self._mean(2)

    @property
    def error(self) -> float:
        """Expected calibration error: the mean over pixels of |confidence − accuracy| of their bins.

        Source: Guo, Pleiss, Sun and Weinberger, On calibration of modern neural networks, ICML 2017, equation 3.
        """
        return float(np.nansum(self.share * np.abs(self.confidence - self.accuracy)))

    def _mean(self, row: int) -> NDArray[np.float64]:
        count = self.sums[0]
        return np.asarray(np.divide(self.sums[row], count, out=np.full(BINS, np.nan), where=count > 0))


def count_reliability(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> Reliability:
    """Count the labelled pixels of an image.

    Args:
        probabilities: Shape (classes, rows, columns).
        labels: Shape (rows, columns): 0 unknown, n + 1 for class n.
    """
    known = labels != UNKNOWN
    confidence = probabilities.max(0)[known].astype(np.float64)
    right = probabilities.argmax(0)[known] + 1 == labels[known]
    bins = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    weights = (None, confidence, right)
    return Reliability(np.stack([np.bincount(bins, one, BINS) for one in weights]))
