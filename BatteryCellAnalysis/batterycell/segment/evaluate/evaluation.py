"""Evaluating predictions: every image and class, streamed image by image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from batterycell.errors import InputError
from batterycell.progress import Progress
from batterycell.segment.classes import SegmentClass

from .confusion import Counts, count_agreement, count_confusion
from .interval import Interval, mean_interval
from .keys import CommonKey, Reading, find_common_key
from .labels import Compared, read_pair
from .pairs import Pair
from .scores import ImageScores, Measure, Scores, known_mean

_SILENT = Progress()


@dataclass(frozen=True)
class EvaluateSettings:
    """What is measured.

    Args:
        reading: How labels are read.
        tolerance_px: Distance in pixels within which edges agree, for the tolerant Dice; 0 for none.
    """

    reading: Reading = field(default_factory=Reading)
    tolerance_px: float = 0.0


@dataclass(frozen=True)
class Evaluation:
    """What was counted in all images.

    Args:
        classes: The classes, of all images alike.
        images: One an image.
        settings: What was asked for.
        key: What the values of the files stand for, where there were files.
    """

    classes: tuple[SegmentClass, ...]
    images: tuple[ImageScores, ...]
    settings: EvaluateSettings = field(default_factory=EvaluateSettings)
    key: CommonKey | None = None

    @property
    def matrix(self) -> Counts:
        """The confusion matrix of all images together, shape (classes, classes + 1)."""
        return np.asarray(sum(image.matrix for image in self.images))

    @property
    def are_neighbours(self) -> bool:
        """Whether slices of one volume count as images, which are not independent of each other."""
        return any(image.slice is not None for image in self.images)

    def scores(self, measure: Measure) -> Scores:
        """A measure, shape (images, classes); NaN where it says nothing."""
        return np.stack([image.score(measure) for image in self.images])

    def means(self, measure: Measure) -> list[Interval]:
        """The mean over images of each class."""
        return [mean_interval(column) for column in self.scores(measure).T]

    def image_means(self, measure: Measure) -> Scores:
        """The mean over classes of each image, shape (images,)."""
        return np.array([known_mean(row) for row in self.scores(measure)])

    def mean(self, measure: Measure) -> Interval:
        """The mean over images of the images' means."""
        return mean_interval(self.image_means(measure))


def evaluate_pairs(
    pairs: Sequence[Pair], settings: EvaluateSettings | None = None, progress: Progress = _SILENT
) -> Evaluation:
    """Evaluate predictions, one image after the other in memory.

    Args:
        pairs: Predictions and truths.
        settings: What is measured.
        progress: Told how far it is.

    Raises:
        InputError: if there are none, a file cannot be read, or two do not belong together.
    """
    settings = settings or EvaluateSettings()
    if not pairs:
        raise InputError("no-labels", "There is nothing to evaluate.", "Give a prediction and its truth.")
    progress.report(0.0, "reading the labels")
    key = find_common_key(pairs, settings.reading)
    images: list[ImageScores] = []
    for number, pair in enumerate(pairs):
        part = progress.part(number / len(pairs), (number + 1) / len(pairs))
        part.report(0.0, f"evaluating {pair.name}")
        compared = read_pair(pair, key, settings.reading.full)
        images += list(_score_pair(pair, compared, settings.tolerance_px, part))
    if not any(image.matrix.any() for image in images):
        raise InputError("no-labels", "No voxel of any truth is labelled.", "Where 0 is a class, say so: --full.")
    return Evaluation(key.classes, tuple(images), settings, key)


def _score_pair(pair: Pair, compared: Compared, tolerance_px: float, progress: Progress) -> Iterator[ImageScores]:
    """The image, or each of its slices of which a truth is known."""
    if not pair.by_slice:
        yield replace(score_labels(pair.name, compared, tolerance_px, progress), source=pair.name)
        return
    for k, (truth, prediction) in enumerate(zip(compared.truth, compared.prediction, strict=True)):
        progress.report(k / len(compared.truth))
        if truth.any():
            name = pair.slice_names[k] if pair.slice_names else f"{pair.name}, slice {k + 1}"
            one = Compared(compared.classes, truth[None], prediction[None])
            yield replace(score_labels(name, one, tolerance_px), source=pair.name, slice=k)


def score_labels(name: str, compared: Compared, tolerance_px: float = 0.0, progress: Progress = _SILENT) -> ImageScores:
    """Count one image, of arrays that are in memory."""
    count = len(compared.classes)
    matrix = count_confusion(compared.truth, compared.prediction, count, progress)
    if tolerance_px <= 0:
        return ImageScores(name, matrix)
    return ImageScores(name, matrix, count_agreement(compared.truth, compared.prediction, count, tolerance_px))
