"""Dice, IoU, precision and recall, of what was counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from .confusion import Counts

Measure = Literal["dice", "iou", "precision", "recall", "tolerant_dice"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
Scores = NDArray[np.float64]


@dataclass(frozen=True)
class ImageScores:
    """What was counted in one image.

    Args:
        name: The image's name.
        matrix: Of `count_confusion`, shape (classes, classes + 1).
        agreement: Of `count_agreement`, shape (classes, 2); None where no tolerance was asked for.
        source: Name of the pair of files that it is of.
        slice: The slice that it is of, from 0; None for all of them.
    """

    name: str
    matrix: Counts
    agreement: Counts | None = None
    source: str = ""
    slice: int | None = None

    @property
    def right(self) -> Counts:
        """Voxels of each class that were predicted as such (true positives), shape (classes,)."""
        return np.diagonal(self.matrix)

    @property
    def truth(self) -> Counts:
        """Voxels of each class in the truth, shape (classes,)."""
        return np.asarray(self.matrix.sum(1))

    @property
    def predicted(self) -> Counts:
        """Voxels predicted as each class where the truth is known, shape (classes,)."""
        return np.asarray(self.matrix.sum(0)[:-1])

    def score(self, measure: Measure) -> Scores:
        """A measure of each class, shape (classes,); NaN where it says nothing.

        Dice is 2 TP / (truth + predicted) and IoU TP / (truth + predicted − TP): NaN for a class that is in neither,
        as nothing was there to be found, and 0 for one that is only predicted. Precision is TP / predicted, recall
        TP / truth: NaN where there is nothing to divide by.
        """
        if measure == "tolerant_dice":
            return self._tolerant()
        both = self.truth + self.predicted
        parts = {
            "dice": (2 * self.right, both),
            "iou": (self.right, both - self.right),
            "precision": (self.right, self.predicted),
            "recall": (self.right, self.truth),
        }
        return _quotient(*parts[measure])

    def notes(self) -> list[str]:
        """Why a class has no number, or zero, in a few words; empty for the others."""
        return [_note(*counts) for counts in zip(self.truth.tolist(), self.predicted.tolist(), strict=True)]

    def _tolerant(self) -> Scores:
        if self.agreement is None:
            return np.full(len(self.matrix), np.nan)
        return _quotient(self.agreement[:, 0], self.agreement[:, 1])


def known_mean(values: Scores) -> float:
    """The mean of what is a number; NaN where nothing is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _quotient(part: Counts, whole: Counts) -> Scores:
    return np.asarray(np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0))


def _note(truth: int, predicted: int) -> str:
    if truth and predicted:
        return ""
    if truth:
        return "never predicted"
    return "predicted, but not in the truth" if predicted else "in neither truth nor prediction"
